import Bytes
import CRDT
import Identity
import Testing
import Wire

@Suite("Electronic signatures")
struct ElectronicSignatureTests {
    private let key: SigningKey
    private let signature: ElectronicSignature

    init() throws {
        key = try #require(SigningKey(seed: [UInt8](repeating: 9, count: 32)))
        signature = ElectronicSignature(
            tenant: ID(high: 1, low: 1),
            scope: .subject(ID(high: 2, low: 2)),
            record: ID(high: 3, low: 3),
            revision: Hash(of: [1]),
            shown: ElectronicSignature.hash(shown: Array("form".utf8)),
            meaning: .approved,
            reason: ElectronicSignature.hash(reason: "as drawn"),
            user: ID(high: 4, low: 4),
            time: 1_795_262_400_000,
            clock: .synchronized,
            method: .personalKey
        )
    }

    @Test("FP-105: a signature has one encoding of 184 bytes, 248 when signed (SIG-1, SIG-2)")
    func encoding() throws {
        let signed = Signed(signing: signature, with: key)

        #expect(signature.encoded.count == 184)
        #expect(signed.encoded.count == ElectronicSignature.signedBytes)
        #expect(signature.encoded.starts(with: Array("gemba/esign/1\0".utf8)))
        #expect(try Signed(decoding: signed.encoded) == signed)
        #expect(throws: Malformed.self) {
            try ElectronicSignature(decoding: signature.encoded + [0])
        }
        expectOneEncoding(signed.encoded) { try Signed<ElectronicSignature>(decoding: $0).encoded }
    }

    @Test("P13: no bit of a signature can be changed and the signature still hold (SIG-6)")
    func notTransferable() throws {
        let signed = Signed(signing: signature, with: key)

        #expect(signed.isSigned(by: key.publicKey))
        for index in signed.encoded.indices {
            for bit in 0..<8 {
                var bytes = signed.encoded
                bytes[index] ^= 1 << UInt8(bit)
                let read = try? Signed<ElectronicSignature>(decoding: bytes)
                #expect(read?.isSigned(by: key.publicKey) != true, "byte \(index)")
            }
        }
    }

    @Test("P13: a signature cannot be moved to another revision, record, reason, meaning or time")
    func bound() {
        let signed = Signed(signing: signature, with: key)
        let changes: [(inout ElectronicSignature) -> Void] = [
            { $0.revision = Hash(of: [2]) }, { $0.record = ID(high: 3, low: 4) },
            { $0.reason = ElectronicSignature.hash(reason: "as drawn ") },
            { $0.shown = ElectronicSignature.hash(shown: Array("Form".utf8)) },
            { $0.meaning = .rejected }, { $0.time += 1 }, { $0.user = ID(high: 4, low: 5) },
            { $0.tenant = ID(high: 1, low: 2) }, { $0.scope = .tenant },
            { $0.clock = .unconfirmed }, { $0.method = .secretForAct },
        ]

        for change in changes {
            var other = signature
            change(&other)
            #expect(other != signature)
            #expect(!Signed(other, signature: signed.signature).isSigned(by: key.publicKey))
        }
    }

    @Test("a revision is of all its records in their order, tenant and scope (SIG-3)")
    func revisions() {
        let (tenant, other) = (ID(high: 1, low: 1), ID(high: 1, low: 2))
        let scope = Scope.subject(ID(high: 2, low: 2))
        let hashes = [
            ElectronicSignature.revision(of: [[1, 2], [3]], in: scope, tenant: tenant),
            ElectronicSignature.revision(of: [[1], [2, 3]], in: scope, tenant: tenant),
            ElectronicSignature.revision(of: [[3], [1, 2]], in: scope, tenant: tenant),
            ElectronicSignature.revision(of: [[1, 2, 3]], in: scope, tenant: tenant),
            ElectronicSignature.revision(of: [[1, 2], [3]], in: .tenant, tenant: tenant),
            ElectronicSignature.revision(of: [[1, 2], [3]], in: scope, tenant: other),
        ]

        #expect(Set(hashes).count == hashes.count)
        #expect(ElectronicSignature.hash(reason: nil) == .zero)
        #expect(ElectronicSignature.hash(reason: "") == .zero)
        // The tags keep a form and a reason of the same bytes apart (SIG-4).
        #expect(
            ElectronicSignature.hash(reason: "a")
                != ElectronicSignature.hash(shown: Array("a".utf8))
        )
    }

    @Test("a personal key is claimed by itself alone (SIG-8)")
    func claims() throws {
        let claim = PersonalKeyClaim(
            tenant: ID(high: 1, low: 1),
            user: ID(high: 4, low: 4),
            device: ID(high: 5, low: 5),
            key: key.publicKey
        )
        let thief = try #require(SigningKey(seed: [UInt8](repeating: 8, count: 32)))

        #expect(claim.encoded.count == 99)
        #expect(Signed(signing: claim, with: key).isByItsOwnKey)
        #expect(!Signed(signing: claim, with: thief).isByItsOwnKey)
        let signed = Signed(signing: claim, with: key)
        expectOneEncoding(signed.encoded) { try Signed<PersonalKeyClaim>(decoding: $0).encoded }
    }
}
