import CRDT
import Sync
import Testing
import Wire

/// What a session bears of a peer that says what nobody asked for (SYNC-18).
@Suite("Patience")
struct PatienceTests {
    private static let key = [UInt8](repeating: 3, count: 64)

    private var survey: Session.Survey {
        Session.Survey(
            scopes: SharedScopes([.init(scope: .tenant, mark: Hash(Self.key.prefix(32)))]),
            position: 1,
            rootNumber: 1,
            authorityNumber: 1,
            authorityHash: .zero,
            clock: 5
        )
    }

    /// A responder in its first round.
    private func running() -> Session {
        var session = Session(
            Session.Configuration(
                role: .responder,
                channelHash: Self.key,
                replica: ID(high: 1, low: 1),
                schema: 1,
                software: "test",
                endsWhenEqual: false
            )
        )
        let hello = Frame.Hello(
            version: 1,
            encodings: 1,
            schema: 1,
            clock: 7,
            summary: [UInt8](repeating: 0, count: 16)
        )
        let details = Frame.Details(
            replica: ID(high: 2, low: 2),
            software: "peer",
            rootNumber: 1,
            authorityNumber: 1,
            authorityHash: .zero
        )
        _ = session.start()
        _ = session.take(.surveyed(survey))
        _ = session.take(.frame(.hello(hello)))
        _ = session.take(.frame(.details(details)))
        _ = session.take(.tick(0))
        let nothing = Frame.ScopeRange(upperBound: [], content: .list([]))
        _ = session.take(.frame(.ranges(round: 1, [nothing])))
        _ = session.take(.surveyed(survey))
        return session
    }

    private func ending(_ effects: [Session.Effect]) -> Frame.Bye? {
        for case .end(let code, _) in effects { return code }
        return nil
    }

    /// How many times a frame is borne before the session ends.
    private func borne(_ frame: (UInt64) -> Frame, by session: inout Session) -> UInt64 {
        for number in 0..<10_000 {
            guard let code = ending(session.take(.frame(frame(UInt64(number))))) else { continue }
            #expect(code == .overLimit)
            return UInt64(number)
        }
        return 10_000
    }

    @Test("pings, pongs, stored without news, and unknown frames end the session in the end")
    func idleFrames() {
        let frames: [Frame] = [
            .ping(1), .pong(1), .stored(0), .ignored(type: 0x7f), .done(round: 9),
        ]
        for frame in frames {
            var session = running()
            let count = borne({ _ in frame }, by: &session)
            #expect((4_000...4_096).contains(count), "\(frame): \(count)")
        }
    }

    @Test("refusals of what was never sent end it; time gives the allowance back")
    func refusals() {
        var session = running()
        let refused = Frame.refused(
            Frame.Refused(scope: .tenant, replica: .zero, sequence: 1, code: 3)
        )
        for round in 0..<8 {
            for _ in 0..<1_000 { #expect(ending(session.take(.frame(refused))) == nil) }
            _ = session.take(.tick(UInt64(round + 1) * 10_000))
        }
        #expect((3_900...4_096).contains(borne({ _ in refused }, by: &session)))
    }

    @Test("rounds without end, and asking about a scope again and again, end it sooner")
    func rounds() {
        var session = running()
        let nothing = Frame.ScopeRange(upperBound: [], content: .list([]))
        let rounds = borne({ .ranges(round: $0 + 2, [nothing]) }, by: &session)
        #expect((400...512).contains(rounds), "\(rounds)")
        session = running()
        let asking = Frame.ScopeFrontier(scope: .tenant, frontier: Frontier())
        let asks = borne(
            { _ in .frontiers(round: 1, isAnswer: false, [asking]) },
            by: &session
        )
        #expect((50...64).contains(asks), "\(asks)")
    }

    @Test("runs that are refused here end it: an honest peer holds none")
    func inadmissible() {
        var session = running()
        let refused = Frame.Refused(scope: .tenant, replica: .zero, sequence: 1, code: 3)
        let stored = Session.Stored(
            refused: [Frame.Refused](repeating: refused, count: 200),
            isOrderBroken: false,
            changesShares: false
        )
        let chunk = Frame.chunk(EncodedChunk(encoding: 0, scope: .tenant, content: [0]))
        let codes = (0..<3).map { _ in
            _ = session.take(.frame(chunk))
            return ending(session.take(.stored(stored)))
        }
        #expect(codes == [nil, nil, .overLimit])
    }

    @Test("chunks without a run end it; runs that are not wanted now do not (SYNC-23)")
    func emptyChunks() {
        var session = running()
        let chunk = Frame.chunk(EncodedChunk(encoding: 0, scope: .tenant, content: [0]))
        func stored(_ refused: [Frame.Refused]) -> Session.Input {
            .stored(
                Session.Stored(refused: refused, isOrderBroken: false, changesShares: false)
            )
        }
        let notNow = Frame.Refused(scope: .tenant, replica: .zero, sequence: 1, code: 256)
        var count = 0
        while count < 10_000, ending(session.take(.frame(chunk))) == nil {
            _ = session.take(stored([Frame.Refused](repeating: notNow, count: 256)))
            count += 1
        }
        #expect((500...512).contains(count), "\(count)")
    }

    @Test("a newer session of the same device ends this one with code 10 (SYNC-19)")
    func replaced() {
        var session = running()
        #expect(ending(session.take(.replaced)) == .replaced)
    }
}
