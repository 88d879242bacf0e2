import Bytes
import CRDT
import Identity
import Testing

@testable import Wire

@Suite("Chunks that continue a stream")
struct ChunkStreamsTests {
    @Test("what is packed is unpacked as it was, over many scopes and encodings (SYNC-21)")
    func reversible() throws {
        for seed in 0..<1_000 {
            var making = ChunkMaking(seed: UInt64(seed))
            var (sent, received) = (ChunkStreams(), ChunkStreams())
            for number in 0..<1 + making.arbitrary.below(30) {
                let chunk = try making.chunk()
                let greatest = UInt8(making.arbitrary.below(9) == 0 ? making.arbitrary.below(2) : 2)
                let frame = Frame.chunk(try sent.pack(chunk, upTo: greatest)).encoded()
                guard case .chunk(let encoded) = try Frame(decoding: frame) else {
                    Issue.record("no chunk")
                    return
                }
                #expect(encoded.encoding == 2 || greatest < 2)
                let read = try received.unpack(encoded)
                #expect(read == chunk, "SEED=\(seed), chunk \(number)")
            }
        }
    }

    @Test("a lone change after others of its scope is told in a few bytes beside its signature")
    func lone() throws {
        var streams = ChunkStreams()
        var making = ChunkMaking(seed: 1)
        for number in 0..<100 {
            _ = try streams.pack(making.rows(from: UInt64(number), count: 1), upTo: 2)
        }
        let last = try streams.pack(making.rows(from: 100, count: 1), upTo: 2)

        #expect(last.content.count < 64 + 24)
    }

    @Test("what one scope holds does not show in the length of what another is sent")
    func apart() throws {
        var making = ChunkMaking(seed: 2)
        let (here, there) = (Scope.subject(ID(high: 1, low: 1)), Scope.subject(ID(high: 2, low: 2)))
        let (same, other) = (making.rows(from: 0, count: 3), making.rows(from: 900, count: 3))
        var lengths: [Int] = []
        for neighbour in [same, other] {
            var streams = ChunkStreams()
            _ = try streams.pack(Chunk(scope: there, items: neighbour.items), upTo: 2)
            lengths.append(
                try streams.pack(Chunk(scope: here, items: same.items), upTo: 2).content.count
            )
        }
        #expect(lengths[0] == lengths[1])
    }

    @Test("the scope used longest ago is forgotten: 16 are kept")
    func eviction() throws {
        var making = ChunkMaking(seed: 3)
        let scopes = (1...17).map { Scope.subject(ID(high: 9, low: UInt64($0))) }
        let items = making.rows(from: 0, count: 1).items
        var (sent, received) = (ChunkStreams(), ChunkStreams())
        func first(_ scope: Scope) throws -> UInt8 {
            let encoded = try sent.pack(Chunk(scope: scope, items: items), upTo: 2)
            let read = try received.unpack(encoded)
            #expect(read.scope == scope)
            return encoded.content[0]
        }
        for scope in scopes.prefix(16) { #expect(try first(scope) == 0) }
        #expect(try first(scopes[0]) == 16, "the first is now the one used last")
        #expect(try first(scopes[16]) == 0)
        #expect(try first(scopes[0]) == 2)
        #expect(try first(scopes[1]) == 0, "the second had to go for the seventeenth")
        #expect(try first(scopes[2]) == 0, "and the third for the second")
    }

    @Test("a table of a stream holds 1,024 ids; the newest replaces the oldest")
    func turns() {
        var references = References(isStream: true)
        for number in 1...1_024 { references.mention(ID(high: 0, low: UInt64(number))) }
        references.expect(7, of: ID(high: 0, low: 1))
        let (late, later) = (ID(high: 1, low: 1), ID(high: 1, low: 2))
        #expect(references.sequence(of: ID(high: 0, low: 1)) == 7)

        let isNew = [references.mention(late), references.mention(late)]
        references.mention(later)

        #expect(isNew == [true, false])
        #expect(references.number(of: late) == 1)
        #expect(references.id(at: 2) == later)
        #expect(references.number(of: ID(high: 0, low: 1)) == nil)
        #expect(references.sequence(of: late) == 1, "a sequence goes with its id")
        #expect(references.id(at: 1_025) == nil)
        references.mention(ID(high: 0, low: 1))
        #expect(references.number(of: ID(high: 0, low: 1)) == 3)
    }

    @Test("a chunk of any size goes through: one block, many, and none that compress")
    func sizes() throws {
        var making = ChunkMaking(seed: 4)
        var (sent, received) = (ChunkStreams(), ChunkStreams())
        for count in [1, 2, 100, 4_000, 4_096, 70_000, 131_072, 200_000, 1_000_000] {
            for isNoise in [true, false] {
                let noise = making.arbitrary.bytes(count)
                let body: [UInt8] = [2] + (isNoise ? noise : [UInt8](repeating: 7, count: count))
                let chunk = making.chunk(of: [body, body], scope: .tenant)
                let read = try received.unpack(try sent.pack(chunk, upTo: 2))
                #expect(read == chunk)
            }
        }
    }

    @Test("a chunk that was changed on the way is refused or read, never trapped on")
    func mutated() throws {
        var making = ChunkMaking(seed: 5)
        var (sent, received) = (ChunkStreams(), ChunkStreams())
        for _ in 0..<40 {
            let encoded = try sent.pack(try making.chunk(), upTo: 2)
            for _ in 0..<200 {
                var content = encoded.content
                for _ in 0...making.arbitrary.below(3) {
                    content[making.arbitrary.below(content.count)] = making.arbitrary.bytes(1)[0]
                }
                var copy = received
                _ = try? copy.unpack(EncodedChunk(encoding: 2, scope: nil, content: content))
            }
            for count in encoded.content.indices.prefix(300) {
                var copy = received
                let cut = Array(encoded.content[..<count])
                #expect(throws: Malformed.self) {
                    try copy.unpack(EncodedChunk(encoding: 2, scope: nil, content: cut))
                }
            }
            _ = try received.unpack(encoded)
        }
    }

    @Test("claims that do not hold are refused by their code")
    func claims() throws {
        let scope = Scope.tenant.bytes
        let spelled = [0] + scope
        let cases: [(content: [UInt8], code: Malformed.Code)] = [
            ([], .truncated),
            ([1], .overLimit),
            ([0, 9] + [UInt8](repeating: 0, count: 16), .invalid),
            (spelled, .truncated),
            (spelled + [0, 1], .truncated),
            (spelled + form(0, runs: 257), .overLimit),
            (spelled + form(4_194_305, runs: 0), .overLimit),
            (spelled + form(1 << 61, runs: 0), .overLimit),
            // A block of more than 131,072, one longer than it says, and one of nonsense.
            (spelled + form(131_073, runs: 0) + [1], .invalid),
            (spelled + form(1, runs: 0) + [9, 0], .invalid),
            (spelled + form(4, runs: 0) + [0xff, 0xff], .invalid),
            // A frame that is cut, and none.
            (spelled + form(4, runs: 0, isFrame: true) + [0x20, 4, 1], .invalid),
            (spelled + form(4, runs: 0, isFrame: true), .invalid),
            // A run whose signature is missing, and a signature without a run.
            (spelled + form(1, runs: 0) + [2], .truncated),
            (spelled + [0] + [UInt8](repeating: 0, count: 64), .trailing),
        ]
        for (content, code) in cases {
            var streams = ChunkStreams()
            let fault = #expect(throws: Malformed.self, "\(content)") {
                try streams.unpack(EncodedChunk(encoding: 2, scope: nil, content: content))
            }
            #expect(fault?.code == code, "\(content)")
        }
    }

    /// The length of items, and the count of their runs.
    private func form(_ length: UInt64, runs: UInt64, isFrame: Bool = false) -> [UInt8] {
        var writer = Writer()
        writer.varint(length << 2 | 2 | (isFrame ? 1 : 0))
        writer.varint(runs)
        return writer.bytes
    }

    @Test("a scope that has a stream is not spelled out again")
    func oneName() throws {
        var streams = ChunkStreams()
        let content = [0] + Scope.tenant.bytes + [2, 0]
        let empty = EncodedChunk(encoding: 2, scope: nil, content: content)
        let first = try streams.unpack(empty)
        #expect(first.items == [])
        let fault = #expect(throws: Malformed.self) { try streams.unpack(empty) }
        #expect(fault?.code == .notCanonical)
    }

    @Test("integers at any distance from the stamp, and values of newer kinds, come as they were")
    func values() throws {
        let stamp = Int64(1_763_700_000_000)
        var integers: [Int64] = [.min, -1, 0, 1, .max]
        for bits in 0..<63 { integers += [stamp + 1 << Int64(bits), stamp - 1 << Int64(bits)] }
        let values =
            integers.map { Value.integer($0) }
            + [10, 11, 254, 255].map {
                Value.unknown(kind: $0, bytes: [1, 2])
            }
        var making = ChunkMaking(seed: 8)
        var (sent, received) = (ChunkStreams(), ChunkStreams())
        for time: UInt64 in [0, UInt64(stamp), 1 << 48 - 1] {
            let edits = values.enumerated().map { index, value in
                FieldEdit(UInt32(index), .write(value, replacing: []))
            }
            let body = Body(
                time: HybridTime(milliseconds: time),
                authority: 1,
                user: .zero,
                login: 0,
                method: .machine,
                schema: 1,
                operations: [Operation(7, .new, edits: edits)]
            )
            let chunk = making.chunk(of: [body.encoded()], scope: .tenant)
            let read = try received.unpack(try sent.pack(chunk, upTo: 2))
            #expect(read == chunk)
        }
    }

    @Test("the prefix is the last 4,096 bytes of items, whatever the chunks were like")
    func prefix() throws {
        // The body that the second chunk repeats begins just inside of the prefix, or outside.
        var making = ChunkMaking(seed: 6)
        let body = [2] + making.arbitrary.bytes(60)
        var lengths: [Int] = []
        for distance in [3_900, 4_200] {
            var streams = ChunkStreams()
            let far = [2] + making.arbitrary.bytes(distance)
            _ = try streams.pack(making.chunk(of: [body, far], scope: .tenant), upTo: 2)
            let again = making.chunk(of: [body], scope: .tenant)
            lengths.append(try streams.pack(again, upTo: 2).content.count)
        }
        #expect(lengths[0] + 40 < lengths[1])
    }

    @Test("the limits of items, changes and bodies hold in a stream (ENC-9)")
    func limits() throws {
        var making = ChunkMaking(seed: 7)
        let small = making.chunk(of: [[2]], scope: .tenant).items
        let body = [UInt8](repeating: 2, count: Limits.bodyBytesMax)
        let long = making.chunk(of: [body], scope: .tenant).items
        let cases: [([Chunk.Item], Bool)] = [
            ([[Chunk.Item]](repeating: small, count: 256).flatMap { $0 }, true),
            ([[Chunk.Item]](repeating: small, count: 257).flatMap { $0 }, false),
            (long + long, true),
            (long + long + small, false),
        ]
        for (items, fits) in cases {
            var (sent, received) = (ChunkStreams(), ChunkStreams())
            let chunk = Chunk(scope: .tenant, items: items)
            let encoded = try? sent.pack(chunk, upTo: 2)
            #expect((encoded != nil) == fits)
            let read = try encoded.map { try received.unpack($0) }
            #expect(read == (fits ? chunk : nil))
        }
    }
}

/// Random chunks in a few scopes, by a few replicas whose feeds go on.
private struct ChunkMaking {
    var arbitrary: Arbitrary
    private var sequence: UInt64 = 1

    init(seed: UInt64) {
        arbitrary = Arbitrary(seed: seed)
    }

    mutating func chunk() throws -> Chunk {
        var items: [Chunk.Item] = []
        if arbitrary.below(40) == 0 {
            let tenant = try Tenant()
            let binding = try tenant.binding(try tenant.certificate(.station, key: 1), key: 1)
            items.append(.binding(binding))
        }
        if arbitrary.below(20) == 0 { items.append(.ignored(kind: 9)) }
        for _ in 0..<arbitrary.below(3) {
            let bodies = (0..<1 + arbitrary.below(4)).map { _ in
                arbitrary.below(6) == 0
                    ? [2] + arbitrary.bytes(arbitrary.below(9)) : arbitrary.body().encoded()
            }
            items += chunk(of: bodies, scope: .tenant).items
        }
        return Chunk(scope: arbitrary.scope(), items: items)
    }

    mutating func chunk(of bodies: [[UInt8]], scope: Scope) -> Chunk {
        let isNext = arbitrary.below(4) > 0
        sequence = isNext ? sequence &+ UInt64(bodies.count) : arbitrary.word()
        let run = Run(
            replica: arbitrary.id(),
            sequence: sequence,
            previous: arbitrary.below(4) == 0 ? arbitrary.hash() : nil,
            bodies: bodies,
            signature: arbitrary.bytes(64)
        )
        return Chunk(scope: scope, items: [.run(run)])
    }

    /// Rows as people enter them, a change each.
    mutating func rows(from start: UInt64, count: Int) -> Chunk {
        let bodies = (0..<count).map { row(start + UInt64($0)).encoded() }
        let run = Run(
            replica: ID(high: 1, low: 1),
            sequence: start + 1,
            previous: nil,
            bodies: bodies,
            signature: arbitrary.bytes(64)
        )
        return Chunk(scope: .tenant, items: [.run(run)])
    }

    private func row(_ number: UInt64) -> Body {
        let time = 1_763_700_000_000 + number * 9_000
        return Body(
            time: HybridTime(milliseconds: time),
            authority: 3,
            user: ID(high: 2, low: 2),
            login: 1,
            method: .badge,
            schema: 1,
            operations: [
                Operation(
                    7,
                    .new,
                    edits: [
                        FieldEdit(1, .write(.text("row \(number)"), replacing: [])),
                        FieldEdit(2, .write(.id(ID(high: 5, low: 5)), replacing: [])),
                        FieldEdit(3, .write(.integer(Int64(time) - 60_000), replacing: [])),
                    ]
                )
            ]
        )
    }
}
