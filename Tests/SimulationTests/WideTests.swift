import CRDT
import Domain
import Simulation
import Storage
@testable import Sync
import Testing
import Wire

/// What a session costs where scopes are many (SYNC-4, SYNC-9, SYNC-18).
@Suite("Many scopes")
struct WideTests {
    /// A hub and its copy, which hold the same, and a subject they both have.
    private struct Pair {
        let one: SimulatedNode
        let other: SimulatedNode
        let last: Scope

        /// Opens as many subjects as that at the site.
        init(subjects count: Int) throws {
            one = try SimulatedNode(
                "wide",
                .hub,
                site: .zero,
                kit: try TenantKit(),
                seed: 11
            )
            let subjects = (0..<count).map { Pair.subject($0) }
            last = subjects[count / 2]
            for start in stride(from: 0, to: count, by: 500) {
                let part = subjects[start..<min(start + 500, count)]
                try Pair.open(part, at: one)
            }
            let copy = try one.snapshot(withState: true)
            other = try SimulatedNode(
                "copy",
                cloning: copy,
                machine: "another machine",
                seed: 12,
                now: TenantKit.start
            )
        }

        private static func subject(_ index: Int) -> Scope {
            let number = UInt64(index) &* 0x9e37_79b9_7f4a_7c15
            return .subject(ID(high: number, low: ~number))
        }

        /// Opens subjects and writes a word in each, in one action.
        private static func open(_ subjects: ArraySlice<Scope>, at node: SimulatedNode) throws {
            _ = try node.store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
                var draft = Draft()
                for subject in subjects {
                    let opening = FieldEdit(1, .write(.id(subject.key), replacing: []))
                    draft.add(
                        Operation(Opening.number, .event, edits: [opening]),
                        in: .site(World.siteA)
                    )
                    draft.add(WideTests.thing, in: subject)
                }
                return draft
            }
        }

        func meet() throws -> Meeting.Outcome {
            try Meeting(one, other, now: TenantKit.start + 1, seed: 5).run()
        }
    }

    private static let thing = Operation(
        SimulationSchema.thing.number,
        .new,
        edits: [FieldEdit(1, .write(.text("a word"), replacing: []))]
    )

    @Test("nothing new costs the same in one scope and in 10,000: a trip of at most 128 bytes")
    func nothingNew() throws {
        let few = try Pair(subjects: 1).meet()
        let many = try Pair(subjects: 10_000).meet()
        for outcome in [few, many] {
            #expect(outcome.isEqual)
            #expect(outcome.encryptedBytes <= 128, "\(outcome.encryptedBytes)")
            // Two hellos that cross, and a goodbye that nobody answers.
            #expect(outcome.flights == 2)
        }
        #expect(few.encryptedBytes == many.encryptedBytes)
    }

    @Test("one change in one scope of 10,000 costs at most 4 KiB and five trips, from either side")
    func oneNew() throws {
        let pair = try Pair(subjects: 10_000)
        let last = pair.last
        for node in [pair.one, pair.other] {
            _ = try node.store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
                var draft = Draft()
                draft.add(Self.thing, in: last)
                return draft
            }
            let outcome = try pair.meet()
            #expect(outcome.isEqual)
            #expect(outcome.encryptedBytes <= 4_096, "\(outcome.encryptedBytes)")
            #expect(outcome.flights <= 10, "\(outcome.flights)")
        }
        let counts = try [pair.one, pair.other].map { node in
            try node.store.read { try $0.records(of: SimulationSchema.thing, in: last).count }
        }
        #expect(counts == [3, 3])
        let digests = try [pair.one, pair.other].map { try $0.store.digests().map(\.hash) }
        #expect(digests[0] == digests[1])
    }

    // MARK: - The allowance

    /// A side of a session whose store holds nothing to send.
    private struct Side {
        var session: Session
        let survey: Session.Survey
        var outbox: [Frame] = []
        var isEqual = false
        var ending: Frame.Bye?
        var mostAsking = 0

        mutating func take(_ effects: [Session.Effect]) {
            var pending = Array(effects.reversed())
            while let effect = pending.popLast() {
                switch effect {
                case .send(let frame): outbox.append(frame)
                case .survey: pending += session.take(.surveyed(survey)).reversed()
                case .readFrontiers(let scopes):
                    mostAsking = max(mostAsking, scopes.count)
                    let frontiers = scopes.map {
                        Frame.ScopeFrontier(scope: $0, frontier: Frontier())
                    }
                    pending += session.take(.frontiers(frontiers)).reversed()
                case .read(let request):
                    let nothing = Session.ReadResult(
                        chunk: nil,
                        sent: [:],
                        introduced: [],
                        position: request.upTo,
                        isComplete: true
                    )
                    pending += session.take(.read(nothing)).reversed()
                case .report(.equal): isEqual = true
                case .end(let code, _): ending = code
                default: break
                }
            }
        }
    }

    @Test("10,000 scopes that all differ stay within what a session bears (SYNC-18)")
    func allowance() throws {
        var sides = [Session.Role.initiator, .responder].map { role in
            let scopes = (0..<10_000).map { number in
                let number = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
                return SharedScopes.Entry(
                    scope: .subject(ID(high: number, low: 1)),
                    mark: Hash(of: [role.rawValue])
                )
            }
            return Side(
                session: Session(
                    Session.Configuration(
                        role: role,
                        channelHash: [UInt8](repeating: 1, count: 64),
                        replica: ID(high: 1, low: UInt64(role.rawValue)),
                        schema: 1,
                        software: "test",
                        endsWhenEqual: true
                    )
                ),
                survey: Session.Survey(
                    scopes: SharedScopes(scopes.sorted { $0.scope < $1.scope }),
                    position: 1,
                    rootNumber: 1,
                    authorityNumber: 1,
                    authorityHash: .zero,
                    clock: 1
                )
            )
        }
        for index in 0..<2 { sides[index].take(sides[index].session.start()) }
        while let from = sides.firstIndex(where: { !$0.outbox.isEmpty }) {
            let frame = try Frame(decoding: sides[from].outbox.removeFirst().encoded())
            sides[1 - from].take(sides[1 - from].session.take(.frame(frame)))
        }
        #expect(sides.map(\.ending) == [.done, .done])
        #expect(sides.map(\.isEqual) == [true, true])
        #expect(sides.map(\.mostAsking).max() == 10_000)
        for side in sides {
            #expect(side.session.patience.rest > Session.Patience.most - 100)
        }
    }
}
