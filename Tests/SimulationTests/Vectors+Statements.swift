import Bytes
import CRDT
import Identity
@testable import Wire

/// Signed structures one by one (ID-1 to 11, TCP-6); ``AuthorityVectors`` judges them together.
enum StatementVectors {
    static func file() throws -> VectorFile {
        let tenant = try VectorTenant()
        let vectors =
            try roots(tenant) + statements(tenant) + certificates(tenant) + replicas(tenant)
            + credentials(tenant) + AuthorityVectors.all(tenant)
        return VectorFile(
            name: "statements",
            about: "Signed structures, and who is believed: protocol/identity.md.",
            vectors: vectors
        )
    }

    /// Bytes with some of them exchanged, from an offset on; a negative one counts from the end.
    static func patched(_ bytes: [UInt8], _ offset: Int, _ patch: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let start = offset < 0 ? bytes.count + offset : offset
        bytes.replaceSubrange(start..<start + patch.count, with: patch)
        return bytes
    }

    /// Points that no honest key is: the neutral one, one of order 2, one of order 8 and a
    /// coordinate above the field.
    static let weakKeys: [(String, [UInt8])] = [
        ("the neutral point", [1] + EncodingVectors.filled(0, 31)),
        ("zeros", EncodingVectors.filled(0, 32)),
        ("order 2", [0xec] + EncodingVectors.filled(0xff, 30) + [0x7f]),
        ("not canonical", [0xee] + EncodingVectors.filled(0xff, 30) + [0x7f]),
        ("no point", [2] + EncodingVectors.filled(0, 31)),
    ]

    private static func signature(
        _ name: String,
        _ structure: String,
        _ bytes: [UInt8],
        _ key: VerifyingKey,
        _ holds: Bool
    ) -> Vector {
        Vector(name, structure, bytes, "ok", ["key": key.json, "isSigned": .bool(holds)])
    }

    // MARK: - Roots

    private static func roots(_ tenant: VectorTenant) throws -> [Vector] {
        let root = tenant.root.structure
        let bytes = root.encoded
        let keysAt = 18
        var vectors: [Vector] = []
        vectors.add(
            "a root statement",
            "root",
            bytes,
            [
                "hash": root.hash.json, "tenantOf": tenant.id.json,
                "realmOf": .hex(ID.realm(of: tenant.id)),
            ]
        )
        vectors.add("a root statement with two signatures", "signedRoot", tenant.root.encoded)
        let swapped = root.keys.reversed().flatMap(\.bytes)
        let twice = root.keys[0].bytes + root.keys[0].bytes + root.keys[1].bytes
        vectors += [
            Vector("the second root", "signedRoot", try tenant.nextRoot().encoded),
            Vector("another tag", "root", patched(bytes, 0, Array("gemba/robt/1".utf8)), "invalid"),
            Vector("number 0", "root", patched(bytes, 13, [0, 0, 0, 0]), "invalid"),
            Vector("threshold 0", "root", patched(bytes, 17, [0]), "invalid"),
            Vector("a threshold above the keys", "root", patched(bytes, 17, [4]), "invalid"),
            Vector("17 keys", "root", patched(bytes, keysAt, [0, 17]), "overLimit"),
            Vector(
                "keys out of order",
                "root",
                patched(bytes, keysAt + 2, swapped),
                "notCanonical"
            ),
            Vector("a key twice", "root", patched(bytes, keysAt + 2, twice), "notCanonical"),
            Vector("a first with a previous", "root", patched(bytes, -38, [1]), "invalid"),
        ]
        vectors += weakKeys.map {
            Vector("a root key: \($0.0)", "root", patched(bytes, keysAt + 2, $0.1), "invalid")
        }
        let entries = tenant.root.signatures.entries
        let reversed = Cosigned(root, signatures: SignatureSet(entries.reversed()))
        let none = Cosigned(root, signatures: SignatureSet([]))
        vectors += [
            Vector("signers out of order", "signedRoot", reversed.encoded, "notCanonical"),
            Vector("no signatures", "signedRoot", none.encoded),
        ]
        return vectors
    }

    // MARK: - Statements

    private static func payloads(_ tenant: VectorTenant) throws -> [(String, Statement.Payload)] {
        let certificate = try tenant.certificate(.station)
        let device = certificate.device
        return [
            ("an operator", tenant.operatorPayload),
            ("a certificate", .certificate(Signed(signing: certificate, with: tenant.operatorKey))),
            ("a revocation", .revocation(device: device, serial: 0, reason: 2, effectiveAt: 3)),
            ("a suspension", .suspend(device: device, serial: 1, isOn: true)),
            ("the end of a suspension", .suspend(device: device, serial: 1, isOn: false)),
            ("a log epoch", .logEpoch(2, checkpoint: Hash(of: [1]))),
            ("a minimum version", .minimumVersion(2)),
            ("an invitation", .invitation(Hash(of: [2]))),
            ("kind 99", .unknown(kind: 99, bytes: [1, 2, 3])),
            ("kind 0", .unknown(kind: 0, bytes: [])),
        ]
    }

    private static func statements(_ tenant: VectorTenant) throws -> [Vector] {
        var vectors: [Vector] = []
        for (name, payload) in try payloads(tenant) {
            let statement = tenant.statement(2, after: Hash(of: [0]), payload)
            vectors.append(Vector(name, "statement", statement.encoded))
            if case .unknown = payload { continue }
            let long = statement.encoded
            // The length of the payload stands after 85 bytes; one byte more belongs to it then.
            let length = UInt16(long.count - 87) + 1
            let patched = patched(long, 85, [UInt8(length >> 8), UInt8(length & 255)]) + [0]
            vectors.append(Vector("\(name) and a byte", "statement", patched, "trailing"))
        }
        let statement = tenant.statement(2, after: Hash(of: [0]), .minimumVersion(2))
        let bytes = statement.encoded
        vectors.add("a statement", "statement", bytes, ["hash": statement.hash.json])
        let signed = Cosigned(signing: statement, with: [tenant.operatorKey])
        vectors.add("a signed statement", "signedStatement", signed.encoded)
        let on = tenant.statement(2, after: .zero, .suspend(device: .zero, serial: 0, isOn: true))
        let long = tenant.statement(
            2,
            after: .zero,
            .unknown(kind: 99, bytes: EncodingVectors.filled(1, 8_193))
        )
        vectors += [
            Vector(
                "number 0",
                "statement",
                patched(bytes, 34, EncodingVectors.filled(0, 8)),
                "invalid"
            ),
            Vector("another tag", "statement", patched(bytes, 16, Array("2".utf8)), "invalid"),
            Vector("on is 2", "statement", patched(on.encoded, -1, [2]), "invalid"),
            Vector("a payload of 8,193", "statement", long.encoded, "overLimit"),
        ]
        return vectors
    }

    // MARK: - Certificates

    private static func certificates(_ tenant: VectorTenant) throws -> [Vector] {
        let users = [ID(high: 1, low: 1), ID(high: 1, low: 2), ID(high: 2, low: 0)]
        let named = try tenant.certificate(.technician, users: .named(users))
        let bytes = named.encoded
        let signed = Signed(signing: named, with: tenant.operatorKey)
        let usersAt = 142
        var vectors: [Vector] = []
        vectors.add("a technician's certificate", "certificate", bytes, ["hash": named.hash.json])
        vectors.add("a signed certificate", "signedCertificate", signed.encoded)
        for kind in [.hub, .station, .siteIssuer] as [Certificate.Kind] {
            let certificate = try tenant.certificate(kind)
            vectors.append(Vector("of kind \(kind)", "certificate", certificate.encoded))
        }
        let nobody = try tenant.certificate(.station, users: .named([]))
        let swapped = (users[1].bytes + users[0].bytes)
        let site = try tenant.certificate(.hub).encoded
        vectors += [
            Vector("for nobody but the machine", "certificate", nobody.encoded),
            Vector("kind 0", "certificate", patched(bytes, 60, [0]), "invalid"),
            Vector("kind 5", "certificate", patched(bytes, 60, [5]), "invalid"),
            Vector("a hub with a site", "certificate", patched(site, 76, [1]), "invalid"),
            Vector("rule 2", "certificate", patched(bytes, usersAt - 1, [2]), "invalid"),
            Vector("rule 0 with users", "certificate", patched(bytes, usersAt - 1, [0]), "invalid"),
            Vector("257 users", "certificate", patched(bytes, usersAt, [1, 1]), "overLimit"),
            Vector(
                "users out of order",
                "certificate",
                patched(bytes, usersAt + 2, swapped),
                "notCanonical"
            ),
            Vector(
                "the tag of a replica",
                "certificate",
                try retagged(named, "gemba/replica/1"),
                "invalid"
            ),
            Vector(
                "a channel key of zeros",
                "certificate",
                patched(bytes, usersAt - 33, EncodingVectors.filled(0, 32)),
                "invalid"
            ),
        ]
        vectors += weakKeys.map {
            Vector("a sign key: \($0.0)", "certificate", patched(bytes, 77, $0.1), "invalid")
        }
        return vectors + (try signatures(tenant, named))
    }

    private static func retagged(_ structure: some Signable, _ tag: StaticString) throws -> [UInt8]
    {
        var writer = Writer()
        writer.tag(tag)
        let end = try required(structure.encoded.firstIndex(of: 0))
        return writer.bytes + structure.encoded[(end + 1)...]
    }

    /// The signature of a structure is over its tag too.
    private static func signatures(
        _ tenant: VectorTenant,
        _ named: Certificate
    ) throws -> [Vector] {
        let good = Signed(signing: named, with: tenant.operatorKey)
        let retagged = tenant.operatorKey.sign(try retagged(named, "gemba/request/1"))
        let untagged = tenant.operatorKey.sign(Array(named.encoded.dropFirst(20)))
        var other = named
        other.serial += 1
        let key = tenant.operatorKey.publicKey
        let structure = "signedCertificate"
        func vector(_ name: String, _ certificate: Certificate, _ signature: [UInt8]) -> Vector {
            let bytes = Signed(certificate, signature: signature).encoded
            return self.signature(name, structure, bytes, key, false)
        }
        let malleable = patched(good.signature, 63, [good.signature[63] | 0x20])
        return [
            signature("a signature", structure, good.encoded, key, true),
            signature("of another key", structure, good.encoded, tenant.issuerKey.publicKey, false),
            vector("the same fields under another tag", named, retagged),
            vector("the same fields under no tag", named, untagged),
            vector("the signature of another certificate", other, good.signature),
            vector("a scalar above the order", named, malleable),
            vector("zeros", named, EncodingVectors.filled(0, 64)),
        ]
    }

    // MARK: - Replicas, credentials

    private static func replicas(_ tenant: VectorTenant) throws -> [Vector] {
        let certificate = Signed(
            signing: try tenant.certificate(.station),
            with: tenant.operatorKey
        )
        let statement = tenant.replica(certificate.structure)
        let bytes = statement.encoded
        let binding = tenant.binding(certificate)
        var vectors: [Vector] = []
        vectors.add("a replica", "replica", bytes, ["hash": statement.hash.json])
        vectors.add("a signed replica", "signedReplica", binding.statement.encoded)
        vectors.add("a binding", "binding", binding.encoded)
        for reason in 2...5 as ClosedRange<UInt8> {
            vectors.append(Vector("reason \(reason)", "replica", patched(bytes, -7, [reason])))
        }
        var swapped = Writer()
        swapped.sized(binding.certificate.encoded)
        swapped.sized(binding.statement.encoded)
        vectors += [
            Vector(
                "incarnation 0",
                "replica",
                patched(bytes, 64, EncodingVectors.filled(0, 4)),
                "invalid"
            ),
            Vector("reason 0", "replica", patched(bytes, -7, [0]), "invalid"),
            Vector("reason 6", "replica", patched(bytes, -7, [6]), "invalid"),
            Vector(
                "the tag of a request",
                "replica",
                try retagged(statement, "gemba/request/1"),
                "invalid"
            ),
            Vector("a binding the wrong way round", "binding", swapped.bytes, "invalid"),
        ]
        let key = tenant.deviceKey.publicKey
        vectors.append(
            signature("by the device", "signedReplica", binding.statement.encoded, key, true)
        )
        return vectors
    }

    private static func credentials(_ tenant: VectorTenant) throws -> [Vector] {
        let station = Signed(signing: try tenant.certificate(.station), with: tenant.operatorKey)
        let issuer = try tenant.siteIssuer()
        var vectors: [Vector] = []
        vectors.add("credentials", "credentials", tenant.credentials(station).encoded)
        var two = tenant.credentials(station, issuer: issuer)
        vectors.append(Vector("with a site issuer", "credentials", two.encoded))
        two.roots.append(try tenant.nextRoot())
        let bytes = tenant.credentials(station).encoded
        let countAt = bytes.count - 2 - station.encoded.count - 1
        vectors += [
            Vector("with two roots", "credentials", two.encoded),
            Vector("no roots", "credentials", patched(bytes, 0, [0]), "overLimit"),
            Vector("nine roots", "credentials", patched(bytes, 0, [9]), "overLimit"),
            Vector("two site issuers", "credentials", patched(bytes, countAt, [2]), "overLimit"),
        ]
        return vectors
    }
}
