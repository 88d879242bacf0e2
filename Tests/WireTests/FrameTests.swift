import Bytes
import CRDT
import Testing
import Wire

@Suite("Frames")
struct FrameTests {
    @Test("a frame of each type has one encoding (SYNC-5 to 9)", arguments: 0..<17)
    func oneEncoding(index: Int) throws {
        let frame = try frames()[index]
        var mayEndEarly = false
        if case .chunk = frame { mayEndEarly = true }
        let step = frame.encoded().count > 500 ? 8 : 1

        #expect(try Frame(decoding: frame.encoded()) == frame)
        expectOneEncoding(frame.encoded(), mayEndEarly: mayEndEarly, step: step) { bytes in
            let frame = try Frame(decoding: bytes)
            if case .ignored = frame { return bytes }
            return frame.encoded()
        }
    }

    private func frames() throws -> [Frame] {
        let tenant = try Tenant()
        let statement = tenant.statement(.minimumVersion(1), after: try tenant.log())
        let hello = Frame.Hello(
            version: 1,
            encodings: 3,
            schema: 300,
            clock: 1 << 40,
            summary: [UInt8](repeating: 7, count: 16)
        )
        let details = Frame.Details(
            replica: ID(high: 1, low: 2),
            software: "gemba 1 é",
            rootNumber: 1,
            authorityNumber: 2,
            authorityHash: Hash(of: [1])
        )
        let refused = Frame.Refused(scope: .tenant, replica: .zero, sequence: 300, code: 5)
        let chunk = EncodedChunk(encoding: 0, scope: .site(.zero), content: [0])
        return [
            .hello(hello), .details(details),
            .authority(roots: [tenant.root], statements: [statement]),
            .authority(roots: [], statements: []), .ranges(round: 1, ranges), .ranges(round: 2, []),
            .frontiers(round: 300, isAnswer: false, frontiers),
            .frontiers(round: 1, isAnswer: true, []), .again, .chunk(chunk), .stored(1 << 60),
            .refused(refused), .done(round: 1), .bye(.brokenOrder, "é"), .ping(1), .pong(.max),
            .join(request: [1, 2, 3], label: "press 4"),
        ]
    }

    private var ranges: [Frame.ScopeRange] {
        let scopes = [Scope.tenant, .site(.zero), .subject(ID(high: 1, low: 1))]
        return [
            Frame.ScopeRange(upperBound: [2, 1], content: .nothing),
            Frame.ScopeRange(
                upperBound: [3],
                content: .fingerprint([UInt8](repeating: 1, count: 16))
            ),
            Frame.ScopeRange(
                upperBound: [],
                content: .list(scopes.map { Frame.ScopeRange.Item(scope: $0, mark: .zero) })
            ),
        ]
    }

    private var frontiers: [Frame.ScopeFrontier] {
        let tips = [
            Frontier.Tip(replica: .zero, branch: .zero, sequence: 1, hash: Hash(of: [1])),
            Frontier.Tip(replica: .zero, branch: Hash(of: [2]), sequence: 300, hash: Hash(of: [3])),
            Frontier.Tip(replica: ID(high: 1, low: 1), sequence: 2, hash: Hash(of: [4])),
        ]
        return [
            Frame.ScopeFrontier(scope: .tenant, frontier: Frontier(tips)),
            Frame.ScopeFrontier(scope: .site(.zero), frontier: Frontier()),
        ]
    }

    @Test("a type from 0x40 on is ignored whatever it holds; one below is refused (SYNC-6)")
    func unknownTypes() throws {
        #expect(try Frame(decoding: [0x40, 1, 2, 3]) == .ignored(type: 0x40))
        #expect(try Frame(decoding: [0xff]) == .ignored(type: 0xff))
        #expect(throws: Malformed.self) { try Frame(decoding: [0x3f]) }
        #expect(throws: Malformed.self) { try Frame(decoding: [0]) }
        #expect(throws: Malformed.self) { try Frame(decoding: []) }
    }

    @Test("each limit of SYNC-6 is the last that passes", arguments: 0..<11)
    func limits(index: Int) throws {
        let (limit, frame) = try limited()[index]

        #expect(try Frame(decoding: frame(limit).encoded()) == frame(limit))
        let fault = #expect(throws: Malformed.self) {
            try Frame(decoding: frame(limit + 1).encoded())
        }
        #expect(fault?.code == .overLimit)
    }

    private func limited() throws -> [(Int, (Int) -> Frame)] {
        let tenant = try Tenant()
        let statement = tenant.operatorStatement
        return [
            (255, { .bye(.done, text($0)) }),
            (64, { .details(details(text($0))) }),
            (512, { .join(request: zeros($0), label: "") }),
            (64, { .join(request: [], label: text($0)) }),
            (8_192, { .joined(certificate: zeros($0)) }),
            (16, { .authority(roots: many(tenant.root, $0), statements: []) }),
            (256, { .authority(roots: [], statements: many(statement, $0)) }),
            (256, { .ranges(round: 1, many(range([1], .nothing), $0)) }),
            (17, { .ranges(round: 1, [range(zeros($0), .nothing)]) }),
            (64, { .ranges(round: 1, [range([], .list(items($0)))]) }),
            (4_096, { .frontiers(round: 1, isAnswer: true, [frontier($0)]) }),
        ]
    }

    @Test("a frame above 4,194,304 bytes is refused unread")
    func longFrame() throws {
        let chunk = { (count: Int) in
            Frame.chunk(EncodedChunk(encoding: 0, scope: .tenant, content: zeros(count)))
        }
        let fits = Limits.frameBytesMax - 19

        #expect(try Frame(decoding: chunk(fits).encoded()) == chunk(fits))
        #expect(throws: Malformed.self) { try Frame(decoding: chunk(fits + 1).encoded()) }
    }

    @Test("a hello without encoding 0, tips or scopes out of order, and a tip 0 are refused")
    func refused() throws {
        var hello = Frame.Hello(version: 1, encodings: 2, schema: 1, clock: 1, summary: zeros(16))
        #expect(throws: Malformed.self) { try Frame(decoding: Frame.hello(hello).encoded()) }
        hello.encodings = 0xff
        #expect(try Frame(decoding: Frame.hello(hello).encoded()) == .hello(hello))
        let scopes = [Scope.site(.zero), .tenant].map {
            Frame.ScopeRange.Item(scope: $0, mark: .zero)
        }
        let unsorted = Frame.ranges(round: 1, [range([], .list(scopes))])
        let tip = Frontier.Tip(replica: .zero, sequence: 0, hash: .zero)
        let empty = Frame.ScopeFrontier(scope: .tenant, frontier: Frontier([tip]))

        #expect(throws: Malformed.self) { try Frame(decoding: unsorted.encoded()) }
        #expect(throws: Malformed.self) {
            try Frame(decoding: Frame.frontiers(round: 1, isAnswer: true, [empty]).encoded())
        }
    }

    @Test("random bytes of every type never trap")
    func noise() {
        var arbitrary = Arbitrary(seed: 9)
        for _ in 0..<4_000 {
            let bytes = [UInt8(arbitrary.below(20))] + arbitrary.bytes(arbitrary.below(80))
            if let frame = try? Frame(decoding: bytes) { #expect(frame.encoded() == bytes) }
        }
    }
}

private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

private func many<Item>(_ item: Item, _ count: Int) -> [Item] {
    [Item](repeating: item, count: count)
}

private func range(
    _ bound: [UInt8],
    _ content: Frame.ScopeRange.Content
) -> Frame.ScopeRange {
    Frame.ScopeRange(upperBound: bound, content: content)
}

private func items(_ count: Int) -> [Frame.ScopeRange.Item] {
    (0..<count).map {
        Frame.ScopeRange.Item(scope: .subject(ID(high: 0, low: UInt64($0))), mark: .zero)
    }
}

private func frontier(_ count: Int) -> Frame.ScopeFrontier {
    let tips = (0..<count).map {
        Frontier.Tip(replica: ID(high: 0, low: UInt64($0)), sequence: 1, hash: .zero)
    }
    return Frame.ScopeFrontier(scope: .tenant, frontier: Frontier(tips))
}

private func details(_ software: String) -> Frame.Details {
    Frame.Details(
        replica: .zero,
        software: software,
        rootNumber: 1,
        authorityNumber: 0,
        authorityHash: .zero
    )
}
