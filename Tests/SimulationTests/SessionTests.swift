import CRDT
import Simulation
import Storage
import Sync
import Testing
import Wire

/// A session as a value: what it answers to a peer that keeps to the rules, and to one that does
/// not (SYNC-6 to SYNC-17).
@Suite("Session")
struct SessionTests {
    private static let key = [UInt8](repeating: 3, count: 64)

    private func session(
        _ role: Session.Role = .responder,
        endsWhenEqual: Bool = false
    ) -> Session {
        Session(
            Session.Configuration(
                role: role,
                channelHash: Self.key,
                replica: ID(high: 1, low: 1),
                schema: 1,
                software: "test",
                endsWhenEqual: endsWhenEqual
            )
        )
    }

    private func survey(_ scopes: [Scope] = [.tenant], position: Int64 = 1) -> Session.Survey {
        Session.Survey(
            scopes: SharedScopes(
                scopes.map { SharedScopes.Entry(scope: $0, mark: Hash(Self.key.prefix(32))) }
            ),
            position: position,
            rootNumber: 1,
            authorityNumber: 1,
            authorityHash: .zero,
            clock: 5
        )
    }

    private func hello(summary: [UInt8] = [UInt8](repeating: 0, count: 16)) -> Frame.Hello {
        Frame.Hello(version: 1, encodings: 1, schema: 1, clock: 7, summary: summary)
    }

    private let details = Frame.Details(
        replica: ID(high: 2, low: 2),
        software: "peer",
        rootNumber: 1,
        authorityNumber: 1,
        authorityHash: .zero
    )

    /// A responder that has greeted and been told details: it waits for the first round.
    private func running() -> Session {
        var session = session()
        _ = session.start()
        _ = session.take(.surveyed(survey()))
        _ = session.take(.frame(.hello(hello())))
        _ = session.take(.frame(.details(details)))
        return session
    }

    private func ending(_ effects: [Session.Effect]) -> Frame.Bye? {
        for case .end(let code, _) in effects { return code }
        return nil
    }

    private func frames(_ effects: [Session.Effect]) -> [Frame] {
        effects.compactMap { if case .send(let frame) = $0 { frame } else { nil } }
    }

    @Test("an echoed summary is no agreement: the role is part of it (SYNC-4)")
    func echo() throws {
        var session = session()
        _ = session.start()
        let sent = frames(session.take(.surveyed(survey())))
        guard case .hello(let own)? = sent.first else {
            Issue.record("no hello")
            return
        }
        let effects = session.take(.frame(.hello(hello(summary: own.summary))))
        #expect(frames(effects).contains { if case .details = $0 { true } else { false } })
    }

    @Test("equal summaries end the greeting, and the initiator that wants no more says bye")
    func equal() throws {
        var (one, other) = (session(.initiator, endsWhenEqual: true), session())
        _ = one.start()
        _ = other.start()
        let first = frames(one.take(.surveyed(survey())))
        let second = frames(other.take(.surveyed(survey())))
        #expect(ending(other.take(.frame(first[0]))) == nil)
        #expect(ending(one.take(.frame(second[0]))) == .done)
    }

    @Test(
        "frames out of their time end the session as malformed (SYNC-16)",
        arguments: [
            Frame.chunk(EncodedChunk(encoding: 0, scope: .tenant, content: [0])),
            .frontiers(round: 1, isAnswer: false, []),
        ]
    )
    func tooEarly(frame: Frame) {
        var session = session()
        _ = session.start()
        _ = session.take(.surveyed(survey()))
        #expect(ending(session.take(.frame(frame))) == .malformed)
        #expect(session.take(.frame(.ping(1))).isEmpty, "after the end nothing follows")
    }

    @Test("a second hello, other details, joining late, an answer to nothing: each has its code")
    func outOfOrder() {
        let cases: [(Frame, Frame.Bye)] = [
            (.hello(hello()), .malformed),
            (.details(details), .malformed),
            (.join(request: [], label: ""), .notAllowed),
            (.frontiers(round: 0, isAnswer: true, []), .malformed),
            (.again, .malformed),
            (.stored(1), .malformed),
        ]
        for (frame, code) in cases {
            var session = running()
            #expect(ending(session.take(.frame(frame))) == code, "\(frame)")
        }
    }

    @Test("another version is refused by its code")
    func version() {
        var session = session()
        _ = session.start()
        _ = session.take(.surveyed(survey()))
        var other = hello()
        other.version = 9
        #expect(ending(session.take(.frame(.hello(other)))) == .version)
    }

    @Test("two authority logs of one tenant end the session with code 5")
    func authorityDiffers() {
        var session = session()
        _ = session.start()
        _ = session.take(.surveyed(survey()))
        _ = session.take(.frame(.hello(hello())))
        var other = details
        other.authorityHash = Hash(Self.key.prefix(32)) ?? .zero
        #expect(ending(session.take(.frame(.details(other)))) == .authorityDiffers)
    }

    @Test("a ninth chunk before one is stored is over the limit (SYNC-15)")
    func tooManyChunks() {
        var session = running()
        _ = session.take(.frame(.ranges(round: 1, [])))
        _ = session.take(.surveyed(survey()))
        let chunk = Frame.chunk(EncodedChunk(encoding: 0, scope: .tenant, content: [0]))
        for number in 1...Limits.unacknowledgedChunksMax {
            #expect(ending(session.take(.frame(chunk))) == nil, "chunk \(number)")
        }
        #expect(ending(session.take(.frame(chunk))) == .overLimit)
    }

    @Test("an order broken once asks for another round, broken in that too ends it (CHG-17)")
    func brokenOrder() {
        let chunk = Frame.chunk(EncodedChunk(encoding: 0, scope: .tenant, content: [0]))
        let broken = Session.Stored(refused: [], isOrderBroken: true, changesShares: false)
        var session = running()
        _ = session.take(.frame(.ranges(round: 1, [])))
        _ = session.take(.surveyed(survey()))
        _ = session.take(.frame(chunk))
        #expect(frames(session.take(.stored(broken))) == [.again, .stored(1)])
        let effects = session.take(.frame(chunk))
        guard case .store(let rest)? = effects.first else {
            Issue.record("\(effects)")
            return
        }
        #expect(rest.items.isEmpty, "no more of the scope is taken in this round")
        let well = Session.Stored(refused: [], isOrderBroken: false, changesShares: false)
        #expect(frames(session.take(.stored(well))) == [.stored(2)])
        _ = session.take(.frame(.ranges(round: 2, [])))
        _ = session.take(.surveyed(survey()))
        _ = session.take(.frame(chunk))
        #expect(ending(session.take(.stored(broken))) == .brokenOrder)
    }

    @Test("a chunk that is dropped moves its stream on: the next one is read (SYNC-11, SYNC-21)")
    func droppedChunks() throws {
        var session = running()
        _ = session.take(.frame(.ranges(round: 1, [])))
        _ = session.take(.surveyed(survey()))
        var streams = ChunkStreams()
        var stored: [Scope] = []
        for scope in [Scope.site(.zero), .tenant, .site(.zero), .tenant] {
            let items = [Chunk.Item.ignored(kind: 9)]
            let encoded = try streams.pack(Chunk(scope: scope, items: items), upTo: 2)
            for case .store(let chunk) in session.take(.frame(.chunk(encoded))) {
                stored.append(chunk.scope)
                #expect(chunk.items.isEmpty == (scope != .tenant))
            }
        }
        #expect(stored == [.site(.zero), .tenant, .site(.zero), .tenant])
        let unknown = EncodedChunk(encoding: 2, scope: nil, content: [3, 2, 0])
        #expect(ending(session.take(.frame(.chunk(unknown)))) == .malformed)
    }

    @Test("openings that come one by one ask for one more round, not for one each (SYNC-8)")
    func asksOnce() {
        var session = running()
        _ = session.take(.frame(.ranges(round: 1, [])))
        _ = session.take(.surveyed(survey()))
        let asking = (0..<5).map { _ in
            frames(session.take(.grew(to: 9, changesShares: true))).filter { $0 == .again }.count
        }
        #expect(asking == [1, 0, 0, 0, 0])
        _ = session.take(.frame(.ranges(round: 2, [])))
        _ = session.take(.surveyed(survey()))
        #expect(frames(session.take(.grew(to: 9, changesShares: true))).contains(.again))
    }

    @Test("30 seconds of silence ask, 90 end, and anything heard begins anew (SYNC-17)")
    func silence() {
        var session = running()
        #expect(session.take(.tick(0)).isEmpty)
        #expect(frames(session.take(.tick(30_000))).count == 1)
        #expect(session.take(.tick(60_000)).isEmpty, "asked once")
        _ = session.take(.frame(.pong(30_000)))
        #expect(ending(session.take(.tick(140_000))) == nil)
        #expect(ending(session.take(.tick(150_000))) == .tooSlow)
    }

    @Test("after a day a session ends in a quiet moment, so that certificates are judged (SYNC-17)")
    func day() {
        var session = running()
        #expect(session.take(.tick(1_000)).isEmpty)
        for second in stride(from: 20_000 as UInt64, through: 86_400_000, by: 20_000) {
            _ = session.take(.frame(.pong(second)))
            #expect(ending(session.take(.tick(second))) == nil)
        }
        _ = session.take(.frame(.pong(1)))
        #expect(ending(session.take(.tick(86_401_000))) == .done)
    }

    @Test("ranges that overlap, fall or leave a gap at the end are refused")
    func badRanges() {
        let print = Frame.ScopeRange.Content.fingerprint([UInt8](repeating: 1, count: 16))
        let cases: [[Frame.ScopeRange]] = [
            [Frame.ScopeRange(upperBound: [2], content: print)],
            [
                Frame.ScopeRange(upperBound: [3], content: print),
                Frame.ScopeRange(upperBound: [2], content: print),
                Frame.ScopeRange(upperBound: [], content: print),
            ],
            [
                Frame.ScopeRange(upperBound: [], content: print),
                Frame.ScopeRange(upperBound: [], content: print),
            ],
        ]
        for ranges in cases {
            var session = running()
            var effects = session.take(.frame(.ranges(round: 1, ranges)))
            effects += session.take(.surveyed(survey()))
            #expect(ending(effects) == .malformed)
        }
    }

    @Test("a failing store ends its sessions with code 9, and a stop says shutting down")
    func endings() {
        var session = running()
        #expect(ending(session.take(.storageFailed)) == .storageFailed)
        session = running()
        #expect(ending(session.take(.stop)) == .shuttingDown)
        session = running()
        #expect(ending(session.take(.frame(.bye(.done, "")))) == .done)
    }

    @Test("deleting beside an edit is shown as alive, for a person to settle (MERGE-13)")
    func deletedIsCautious() throws {
        let world = try World(seed: 90)
        let (one, other) = (world.nodes[1], world.nodes[2])
        try #require(try world.settle())
        let scope = Scope.subject(World.subjectP)
        let thing = SimulationSchema.thing
        let saved = try one.store.act(History.actor, wallMilliseconds: world.now) { _ in
            var draft = Draft()
            let edits = [
                FieldEdit(0, .write(.bool(false), replacing: [])),
                FieldEdit(1, .write(.text("a"), replacing: [])),
            ]
            draft.add(Operation(1_001, .new, edits: edits), in: scope)
            return draft
        }
        try world.meet(1, 2)
        let id = ID(createdAt: saved.stamp, index: 0)
        for (node, isDeleted) in [(one, true), (other, false)] {
            _ = try node.store.act(History.actor, wallMilliseconds: world.now) { acting in
                let names = try acting.view.record(id, of: thing, in: scope)?.names(0) ?? []
                var draft = Draft()
                let edit = FieldEdit(0, .write(.bool(isDeleted), replacing: names))
                draft.add(Operation(1_001, .existing(id), edits: [edit]), in: scope)
                return draft
            }
        }
        try world.meet(1, 2)
        for node in [one, other] {
            let record = try node.store.read { try $0.record(id, of: thing, in: scope) }
            #expect(record?.isDeleted == false)
            #expect(record?.isInConflict(0) == true)
        }
    }
}
