import Bytes
import CRDT
import Identity
import SeededRandom
import Testing
import Wire

@Suite("Entries of the audit")
struct AuditLeafTests {
    private let keys = AuditKeys(Array(0..<32))

    @Test("a leaf is 101 bytes under a tag, and its hash is that of RFC 6962 (AUD-2, AUD-3)")
    func leaf() throws {
        let leaf = AuditLeaf(
            kind: AuditKind.change.rawValue,
            time: 0x0102_0304_0506,
            actor: ID(high: 7, low: 8),
            subject: Hash(of: [1]),
            detail: Hash(of: [2])
        )
        let bytes =
            Array("gemba/audit/1\0".utf8) + [1, 1, 2, 3, 4, 5, 6] + leaf.actor.bytes
            + leaf.subject.bytes + leaf.detail.bytes
        #expect(leaf.encoded == bytes)
        #expect(leaf.encoded.count == 101)
        #expect(leaf.hash.bytes == SHA256.hash([0] + bytes))
        expectOneEncoding(bytes) { try AuditLeaf(decoding: $0).encoded }
    }

    @Test("a private part is hashed under sixteen random bytes, without which nothing is told")
    func commitments() throws {
        let keys = try #require(keys)
        let subject = AuditSubject(user: ID(high: 1, low: 2))
        let commitment = AuditKeys.commitment(to: subject.encoded, key: keys.subject)
        #expect(keys.subject == Array(0..<16))
        #expect(keys.detail == Array(16..<32))
        #expect(
            commitment.bytes
                == Blake2b.hash(subject.encoded, length: 32, key: Array(0..<16))
        )
        // AUD-4: whoever guesses the part, and not the key, finds nothing to compare it with.
        #expect(commitment != AuditKeys.commitment(to: subject.encoded, key: keys.detail))
        #expect(commitment != Hash(of: subject.encoded))
        #expect(AuditKeys([UInt8](repeating: 0, count: 31)) == nil)
    }

    @Test("parts have one encoding, and no bytes trap the reader (AUD-6, AUD-7)")
    func parts() throws {
        let subject = AuditSubject(
            user: ID(high: 1, low: 2),
            scope: .subject(ID(high: 3, low: 4)),
            entity: 30,
            record: ID(high: 5, low: 6)
        )
        #expect(subject.encoded.count == 53)
        expectOneEncoding(subject.encoded) { try AuditSubject(decoding: $0).encoded }
        let fields = AuditFields(["outcome": "done", "command": "tables export", "rows": "12"])
        let details: [(AuditKind, AuditDetail)] = [
            (.change, .change(Hash(of: [1]))),
            (.ruling, .change(Hash(of: [2]))),
            (.authority, .statement(kind: 3, number: 9, hash: Hash(of: [3]))),
            (.export, .act(fields)), (.login, .act(AuditFields())),
        ]
        for (kind, detail) in details {
            let read = try AuditDetail(decoding: detail.encoded, of: kind.rawValue)
            #expect(read == detail)
            expectOneEncoding(detail.encoded) {
                try AuditDetail(decoding: $0, of: kind.rawValue).encoded
            }
        }
        var random = SplitMix64(seed: 71)
        for _ in 0..<5_000 {
            let bytes = random.bytes(random.below(40))
            guard let read = try? AuditDetail(decoding: bytes, of: 200) else { continue }
            #expect(read.encoded == bytes)
        }
    }

    @Test("fields keep to their limits, and to one order (AUD-7)")
    func fields() throws {
        let long = String(repeating: "é", count: 4_096)
        let fields = AuditFields(["a": long, "": "no name", "b": "x"])
        #expect(fields.names == ["a", "b"])
        #expect(fields["a"]?.utf8.count == 4_096)
        let many = AuditFields(
            Dictionary(uniqueKeysWithValues: (0..<40).map { ("n\($0)", "") })
        )
        #expect(many.names.count == AuditFields.countMax)
        // Two names that are one text, and names out of order.
        let twice: [UInt8] = [2, 3] + Array("e\u{301}".utf8) + [0, 2] + Array("\u{e9}".utf8) + [0]
        #expect(throws: Malformed.self) { try AuditDetail(decoding: twice, of: 10) }
        let unsorted: [UInt8] = [2, 1, 98, 0, 1, 97, 0]
        #expect(throws: Malformed.self) { try AuditDetail(decoding: unsorted, of: 10) }
    }

    @Test("kinds have names and numbers of their own (AUD-5)")
    func kinds() {
        #expect(Set(AuditKind.allCases.map(\.name)).count == AuditKind.allCases.count)
        for kind in AuditKind.allCases { #expect(AuditKind(name: kind.name) == kind) }
        #expect(AuditKind.allCases.map(\.rawValue) == Array(1...18))
        #expect(AuditKind(name: "nothing") == nil)
    }
}
