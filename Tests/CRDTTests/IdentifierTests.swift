import CRDT
import SeededRandom
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    @Test("an id is its sixteen bytes, as bytes and as text")
    func id() {
        let bytes = (0..<16).map { UInt8($0 * 17) }
        let id = ID(bytes)

        #expect(id?.bytes == bytes)
        #expect(id?.description == "00112233445566778899aabbccddeeff")
        #expect(ID(text: "00112233445566778899AABBCCDDEEFF") == id)
        #expect(ID(Array(bytes.dropLast())) == nil)
        #expect(ID(text: "0") == nil)
        #expect(ID(text: "+0112233445566778899aabbccddeeff") == nil)
        #expect(ID(text: "0011223344556677 899aabbccddeeff") == nil)
    }

    @Test("ids, hashes and scopes are ordered as their bytes are")
    func ordered() {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<300 {
            let pair = (0..<2).map { _ in (0..<32).map { _ in UInt8(generator.below(3) * 127) } }
            let ids = pair.compactMap { ID($0.prefix(16)) }
            let hashes = pair.compactMap { Hash($0) }

            #expect(
                (ids[0] < ids[1])
                    == pair[0].prefix(16).lexicographicallyPrecedes(pair[1].prefix(16))
            )
            #expect((hashes[0] < hashes[1]) == pair[0].lexicographicallyPrecedes(pair[1]))
            #expect((hashes[0] == hashes[1]) == (pair[0] == pair[1]))
        }
        #expect(Scope.tenant < .site(.zero))
        #expect(Scope.site(ID(high: .max, low: 0)) < .subject(.zero))
    }

    @Test("a hash is its thirty-two bytes, and its prefix the first eight of them")
    func hash() {
        let bytes = (0..<32).map { UInt8($0) }

        #expect(Hash(bytes)?.bytes == bytes)
        #expect(Hash(bytes)?.prefix == 0x0001_0203_0405_0607)
        #expect(Hash(bytes)?.description.hasPrefix("000102030405060708") == true)
        #expect(Hash(Array(bytes.dropLast())) == nil)
    }

    @Test("ENC-5 a scope is a known kind and a key; the tenant's key is zero")
    func scope() {
        let key = ID(high: 1, low: 2)

        #expect(Scope(kind: 2, key: key) == .site(key))
        #expect(Scope(kind: 2, key: key)?.bytes == [2] + key.bytes)
        #expect(Scope(kind: 1, key: .zero) == .tenant)
        #expect(Scope(kind: 1, key: key) == nil)
        #expect(Scope(kind: 0, key: key) == nil)
        #expect(Scope(kind: 5, key: key) == nil)
    }

    @Test("ENC-5 the text of a scope reads back, and no other text is one")
    func scopeText() {
        let key = ID(high: 1, low: 2)
        let scopes: [Scope] = [.tenant, .site(key), .subject(key), .restricted(key)]

        for scope in scopes {
            #expect(Scope(text: scope.description) == scope)
        }
        for text in ["", "site", "site:", "tenant:\(key)", "site:\(key):", "other:\(key)"] {
            #expect(Scope(text: text) == nil)
        }
    }

    @Test("CHG-7 a derived id is the stamp, the operation's index, and the replica's first bytes")
    func derivedID() {
        let replica = ID(high: 0x0102_0304_0506_0708, low: 9)
        let stamp = Stamp(HybridTime(milliseconds: 3, counter: 4), replica)
        let id = ID(createdAt: stamp, index: 0xabcd)

        #expect(id.description == "0000000000030004" + "abcd010203040506")
    }

    @Test("a stamp orders by time, then replica; a name by stamp, then hash")
    func nameOrder() {
        let names = [name(1, 2), name(2, 1), name(2, 1, hash: 1), name(2, 2)]

        #expect(names.reversed().sorted() == names)
    }
}

@Suite("Frontier")
struct FrontierTests {
    private func tip(_ replica: UInt64, branch: UInt8 = 0, _ sequence: UInt64) -> Frontier.Tip {
        Frontier.Tip(
            replica: ID(high: replica, low: 0),
            branch: hash(branch),
            sequence: sequence,
            hash: hash(UInt8(truncatingIfNeeded: sequence))
        )
    }

    private func hash(_ byte: UInt8) -> Hash {
        Hash([UInt8](repeating: byte, count: 32)) ?? .zero
    }

    @Test("SYNC-5 tips are sorted and unique by replica and branch; the greater stands")
    func canonical() {
        let tips = [tip(2, 1), tip(1, 7), tip(1, 3), tip(1, branch: 4, 2), tip(2, 5)]
        let expected = [tip(1, 7), tip(1, branch: 4, 2), tip(2, 5)]

        for order in tips.orders {
            #expect(Frontier(order).tips == expected)
        }
        #expect(Frontier(tips).tips(of: ID(high: 1, low: 0)) == [tip(1, 7), tip(1, branch: 4, 2)])
        #expect(Frontier().isEmpty)
    }
}
