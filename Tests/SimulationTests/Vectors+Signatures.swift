import CRDT
import Identity
@testable import Wire

/// Electronic signatures, what they hash, and claims of personal keys (SIG-1 to 4, SIG-8).
enum SignatureVectors {
    static func file() throws -> VectorFile {
        VectorFile(
            name: "signatures",
            about: "Electronic signatures and personal keys: protocol/signatures.md.",
            vectors: try signatures() + refused() + moved() + claims() + hashes()
        )
    }

    private static let tenant = ID(high: 0x7e, low: 1)
    private static let scope = Scope.subject(ID(high: 0x5b, low: 1))

    static func signature(
        _ meaning: ElectronicSignature.Meaning = .approved,
        _ method: Wire.Method = .secretForAct
    ) -> ElectronicSignature {
        ElectronicSignature(
            tenant: tenant,
            scope: scope,
            record: ID(high: 0x4e, low: 2),
            revision: ElectronicSignature.revision(of: [[1, 2, 3]], in: scope, tenant: tenant),
            shown: ElectronicSignature.hash(shown: Array("Assembly, attempt 1: passed".utf8)),
            meaning: meaning,
            reason: ElectronicSignature.hash(reason: "within limits"),
            user: ID(high: 0x05, low: 3),
            time: 1_795_262_400_000,
            clock: .synchronized,
            method: method
        )
    }

    private static func signatures() throws -> [Vector] {
        var vectors: [Vector] = []
        let plain = signature()
        vectors.add("a signature", "esign", plain.encoded, ["hash": plain.hash.json])
        vectors.add(
            "a signature by a device",
            "signedEsign",
            Signed(signing: plain, with: try key(0x41)).encoded
        )
        for meaning in [UInt8(1), 2, 4, 5, 6, 7, 8, 200] {
            let other = signature(.init(rawValue: meaning), .personalKey)
            vectors.append(Vector("meaning \(meaning)", "esign", other.encoded))
        }
        var bare = plain
        (bare.reason, bare.time, bare.clock) = (.zero, 0, .implausible)
        bare.scope = .tenant
        vectors.append(Vector("no reason, in the tenant, at time 0", "esign", bare.encoded))
        return vectors
    }

    /// Where the fields begin.
    private enum Offset {
        static let scope = 30
        static let record = 47
        static let revision = 63
        static let shown = 95
        static let meaning = 127
        static let reason = 128
        static let user = 160
        static let time = 176
        static let clock = 182
        static let method = 183
    }

    private static func refused() throws -> [Vector] {
        let bytes = signature().encoded
        func zeros(_ count: Int) -> [UInt8] { EncodingVectors.filled(0, count) }
        let cases: [(String, Int, [UInt8])] = [
            ("of a statement's tag", 0, Array("gemba/esigm/1".utf8)),
            ("of version 2", 12, [0x32]), ("scope kind 5", Offset.scope, [5]),
            ("a tenant scope with a key", Offset.scope, [1]),
            ("no record", Offset.record, zeros(16)),
            ("no revision", Offset.revision, zeros(32)),
            ("no shown form", Offset.shown, zeros(32)), ("no meaning", Offset.meaning, [0]),
            ("no user", Offset.user, zeros(16)), ("clock quality 0", Offset.clock, [0]),
            ("clock quality 4", Offset.clock, [4]), ("by a machine", Offset.method, [0]),
            ("with a badge", Offset.method, [3]),
            ("with a PIN of the login", Offset.method, [4]), ("method 7", Offset.method, [7]),
        ]
        return cases.map { name, offset, patch in
            let patched = StatementVectors.patched(bytes, offset, patch)
            return Vector(name, "esign", patched, "invalid")
        }
    }

    /// The same signature under every field that another one could have.
    private static func moved() throws -> [Vector] {
        let signer = try key(0x42)
        let signed = Signed(signing: signature(.approved, .personalKey), with: signer)
        func proof(_ name: String, _ bytes: [UInt8], _ holds: Bool) -> Vector {
            let more: [String: JSON] = ["key": signer.publicKey.json, "isSigned": .bool(holds)]
            return Vector(name, "signedEsign", bytes, "ok", more)
        }
        let by = Signed(signing: signed.structure, with: try key(0x43))
        let fields: [(String, Int)] = [
            ("tenant", 14), ("scope", Offset.scope + 16), ("record", Offset.record),
            ("revision", Offset.revision), ("shown form", Offset.shown),
            ("meaning", Offset.meaning), ("reason", Offset.reason), ("user", Offset.user),
            ("time", Offset.time + 5), ("clock", Offset.clock), ("method", Offset.method),
        ]
        return [
            proof("by the person", signed.encoded, true),
            proof("by another person", by.encoded, false),
        ]
            + fields.map { name, offset in
                var bytes = signed.encoded
                // What is read is a signature, and not this one: 1 becomes 2, 6 becomes 5.
                bytes[offset] ^= offset == Offset.meaning ? 4 : 3
                return proof("moved to another \(name)", bytes, false)
            }
    }

    private static func claims() throws -> [Vector] {
        let own = try key(0x44)
        let claim = PersonalKeyClaim(
            tenant: tenant,
            user: ID(high: 0x05, low: 3),
            device: ID(high: 0xde, low: 4),
            key: own.publicKey
        )
        let bytes = claim.encoded
        var vectors: [Vector] = []
        vectors.add("a claim", "claim", bytes, ["hash": claim.hash.json])
        for (name, signer) in [("by its key", own), ("by another key", try key(0x45))] {
            let signed = Signed(signing: claim, with: signer)
            let more: [String: JSON] = [
                "key": own.publicKey.json, "isSigned": .bool(signed.isByItsOwnKey),
            ]
            vectors.append(Vector("a claim \(name)", "signedClaim", signed.encoded, "ok", more))
        }
        vectors += StatementVectors.weakKeys.map {
            Vector(
                "a claim of \($0.0)",
                "claim",
                StatementVectors.patched(bytes, -32, $0.1),
                "invalid"
            )
        }
        return vectors
    }

    private static func hashes() -> [Vector] {
        let texts = ["", "within limits", "đạt yêu cầu", "within limits "]
        let reasons = texts.map { text in
            Vector(
                "a reason",
                "reason",
                Array(text.utf8),
                "ok",
                ["hash": ElectronicSignature.hash(reason: text).json]
            )
        }
        let forms = [[], [0], Array("a form".utf8)].map { (form: [UInt8]) in
            Vector(
                "a form",
                "shown",
                form,
                "ok",
                ["hash": ElectronicSignature.hash(shown: form).json]
            )
        }
        let revisions = [[], [[]], [[1]], [[1], [2]], [[1, 2]], [[2], [1]]].map {
            (forms: [[UInt8]]) in
            let hash = ElectronicSignature.revision(of: forms, in: scope, tenant: tenant)
            return Vector(
                "\(forms.count) records",
                "revision",
                "ok",
                [
                    "tenant": tenant.json, "scope": scope.json,
                    "forms": .list(forms.map { .hex($0) }), "hash": hash.json,
                ]
            )
        }
        return reasons + forms + revisions
    }
}
