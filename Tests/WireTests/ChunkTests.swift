import Bytes
import CRDT
import Testing
import Wire

@Suite("Chunks")
struct ChunkTests {
    @Test("what is packed in either form is unpacked as it was (SYNC-12 to 14)", arguments: 0...1)
    func reversible(encoding: Int) throws {
        for seed in 0..<60 {
            let chunk = try chunk(seed: UInt64(seed))
            let packed = try EncodedChunk(chunk, encoding: UInt8(encoding))

            #expect(packed.scope == chunk.scope)
            #expect(try packed.expanded() == chunk, "SEED=\(seed)")
        }
    }

    @Test("a chunk has one plain encoding")
    func onePlainEncoding() throws {
        var arbitrary = Arbitrary(seed: 3)
        let small = Run(
            replica: arbitrary.id(),
            sequence: 9,
            previous: arbitrary.hash(),
            bodies: [[], [1, 2], arbitrary.body().encoded()],
            signature: arbitrary.bytes(64)
        )
        let chunk = Chunk(scope: .tenant, items: [.run(small)])
        let packed = try EncodedChunk(chunk, encoding: 0)

        expectOneEncoding(packed.content) { bytes in
            let chunk = try EncodedChunk(encoding: 0, scope: .tenant, content: bytes).expanded()
            if chunk.items.contains(where: isIgnored) { return bytes }
            return try EncodedChunk(chunk, encoding: 0).content
        }
    }

    private func isIgnored(_ item: Chunk.Item) -> Bool {
        if case .ignored = item { return true }
        return false
    }

    @Test("the transfer form of rows alike is a fraction of the plain form")
    func size() throws {
        let bodies = (0..<100).map { row($0).encoded() }
        let chunk = Chunk(scope: .tenant, items: [.run(run(bodies))])

        let plain = try EncodedChunk(chunk, encoding: 0)
        let packed = try EncodedChunk(chunk, encoding: 1)

        #expect(packed.content.count * 4 < plain.content.count)
        #expect(try packed.expanded() == chunk)
    }

    @Test("the shorter encoding is sent: plain for a lone change, unless the peer reads no other")
    func shorter() throws {
        let lone = Chunk(scope: .tenant, items: [.run(run([row(0).encoded()]))])
        let many = Chunk(scope: .tenant, items: [.run(run((0..<100).map { row($0).encoded() }))])
        for chunk in [lone, many] {
            let sizes = try (0...1).map { try EncodedChunk(chunk, encoding: $0).content.count }
            #expect(try EncodedChunk(chunk, upTo: 1).content.count == sizes.min())
            #expect(try EncodedChunk(chunk, upTo: 1).expanded() == chunk)
            #expect(try EncodedChunk(chunk, upTo: 0).encoding == 0)
        }
        #expect(try EncodedChunk(many, upTo: 1).encoding == 1)
    }

    @Test("a flipped bit in a compressed chunk never traps")
    func flipped() throws {
        let packed = try EncodedChunk(try chunk(seed: 7), encoding: 1)
        var arbitrary = Arbitrary(seed: 7)
        for _ in 0..<400 {
            var content = packed.content
            content[arbitrary.below(content.count)] ^= 1 << UInt8(arbitrary.below(8))
            let chunk = EncodedChunk(encoding: 1, scope: packed.scope, content: content)
            _ = try? chunk.expanded()
        }
        for count in packed.content.indices {
            let cut = Array(packed.content[..<count])
            let chunk = EncodedChunk(encoding: 1, scope: packed.scope, content: cut)
            #expect(throws: Malformed.self) { try chunk.expanded() }
        }
    }

    @Test("a kind of item of a newer version is ignored, an encoding is refused")
    func unknown() throws {
        let items = EncodedChunk(encoding: 0, scope: .tenant, content: [1, 9, 2, 0xff, 0xff])

        #expect(try items.expanded().items == [.ignored(kind: 9)])
        #expect(throws: Malformed.self) {
            try EncodedChunk(encoding: 2, scope: .tenant, content: [0]).expanded()
        }
        #expect(throws: Malformed.self) {
            try EncodedChunk(Chunk(scope: .tenant, items: []), encoding: 2)
        }
    }

    @Test("a zstd bomb is refused before it is expanded")
    func bomb() throws {
        let zeros = [UInt8](repeating: 0, count: Limits.bodyBytesMax)
        let honest = try EncodedChunk(
            Chunk(scope: .tenant, items: [.run(run([[2] + zeros.dropFirst()]))]),
            encoding: 1
        )
        let frame = Array(honest.content.dropFirst(4))
        let claims: [[UInt8]] = [
            [0, 0, 0, 1], [0, 0, 16, 0], [0, 64, 0, 1], [0xff, 0xff, 0xff, 0xff],
        ]

        #expect(frame.count < 1_000)
        #expect(try honest.expanded().items.count == 1)
        for claim in claims {
            let chunk = EncodedChunk(encoding: 1, scope: .tenant, content: claim + frame)
            #expect(throws: Malformed.self) { try chunk.expanded() }
        }
        let length = Array(honest.content.prefix(4))
        let twice = EncodedChunk(encoding: 1, scope: .tenant, content: length + frame + frame)
        #expect(throws: Malformed.self) { try twice.expanded() }
    }

    @Test("more than 256 items, 128 changes or 2 MiB of bodies are refused (ENC-9)")
    func limits() throws {
        let small = Chunk.Item.run(run([[2]]))
        let long = Chunk.Item.run(run([[UInt8](repeating: 2, count: Limits.bodyBytesMax)]))
        let cases: [([Chunk.Item], Bool)] = [
            ([Chunk.Item](repeating: small, count: 256), true),
            ([Chunk.Item](repeating: small, count: 257), false),
            ([.run(run([[UInt8]](repeating: [2], count: 128)))], true),
            ([.run(run([[UInt8]](repeating: [2], count: 129)))], false),
            ([.run(run([]))], false),
            ([long, long], true),
            ([long, long, small], false),
        ]

        for (items, fits) in cases {
            for encoding: UInt8 in 0...1 {
                let chunk = Chunk(scope: .tenant, items: items)
                let read = try? EncodedChunk(chunk, encoding: encoding).expanded()
                #expect(read == (fits ? chunk : nil))
            }
        }
    }

    @Test("a receiver holds a sender to the limits of bodies in a chunk")
    func receiverLimits() {
        var writer = Writer()
        writer.varint(3)
        for _ in 0..<3 {
            var item = Writer()
            item.id(.zero)
            item.varint(1)
            item.u8(0)
            item.varint(1)
            item.prefixed([UInt8](repeating: 2, count: Limits.bodyBytesMax))
            item.raw([UInt8](repeating: 0, count: 64))
            writer.u8(2)
            writer.prefixed(item.bytes)
        }
        let chunk = EncodedChunk(encoding: 0, scope: .tenant, content: writer.bytes)

        let fault = #expect(throws: Malformed.self) { try chunk.expanded() }
        #expect(fault?.code == .overLimit)
    }

    @Test("a body that cannot be read has no transfer form")
    func unreadable() {
        for body: [UInt8] in [[], [1, 2, 3]] {
            #expect(throws: Malformed.self) {
                try EncodedChunk(Chunk(scope: .tenant, items: [.run(run([body]))]), encoding: 1)
            }
        }
    }
}

extension ChunkTests {
    private func run(_ bodies: [[UInt8]]) -> Run {
        Run(
            replica: ID(high: 1, low: 1),
            sequence: 1,
            previous: nil,
            bodies: bodies,
            signature: [UInt8](repeating: 3, count: 64)
        )
    }

    /// A row as an import writes it.
    private func row(_ index: Int) -> Body {
        let seen = Name(Stamp(HybridTime(raw: 1 << 50), ID(high: 4, low: 4)), hash: 7)
        return Body(
            time: HybridTime(raw: 1 << 50 + UInt64(index) * 70_000),
            authority: 3,
            user: ID(high: 2, low: 2),
            login: 1,
            method: .badge,
            schema: 1,
            operations: [
                Operation(
                    7,
                    .existing(ID(high: 3, low: 3)),
                    edits: [
                        FieldEdit(1, .write(.text("row \(index)"), replacing: [seen])),
                        FieldEdit(2, .write(.id(ID(high: 5, low: 5)), replacing: [])),
                    ]
                )
            ]
        )
    }

    /// A chunk of a binding and a few runs, with bodies of other formats among them.
    private func chunk(seed: UInt64) throws -> Chunk {
        var arbitrary = Arbitrary(seed: seed)
        var items: [Chunk.Item] = []
        if arbitrary.below(3) == 0 {
            let tenant = try Tenant()
            let binding = try tenant.binding(try tenant.certificate(.station, key: 1), key: 1)
            items.append(.binding(binding))
        }
        for _ in 0..<1 + arbitrary.below(3) {
            let bodies = (0..<1 + arbitrary.below(5)).map { _ in
                arbitrary.below(5) == 0
                    ? [2] + arbitrary.bytes(arbitrary.below(9)) : arbitrary.body().encoded()
            }
            items.append(
                .run(
                    Run(
                        replica: arbitrary.id(),
                        sequence: arbitrary.word(),
                        previous: arbitrary.below(2) == 0 ? arbitrary.hash() : nil,
                        bodies: bodies,
                        signature: arbitrary.bytes(64)
                    )
                )
            )
        }
        return Chunk(scope: arbitrary.scope(), items: items)
    }
}
