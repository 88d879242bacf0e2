import Bytes
import CRDT
import Identity
import Testing
import Wire

@Suite("Signed structures")
struct SigningTests {
    private let tenant: Tenant

    init() throws {
        tenant = try Tenant()
    }

    @Test("a certificate has one encoding, of 196 bytes and 16 a user (ID-7)")
    func certificate() throws {
        let users = [ID(high: 1, low: 1), ID(high: 1, low: 2)]
        let certificate = try tenant.certificate(.station, key: 1, users: .named(users))
        let signed = Signed(signing: certificate, with: tenant.operatorKey)

        #expect(certificate.encoded.count == 196 + 32)
        #expect(certificate.encoded.starts(with: Array("gemba/certificate/1\0".utf8)))
        #expect(signed.encoded == certificate.encoded + signed.signature)
        #expect(try Signed(decoding: signed.encoded) == signed)
        expectOneEncoding(signed.encoded) { try Signed<Certificate>(decoding: $0).encoded }
    }

    @Test("a flipped bit of a signed certificate is found out")
    func tampered() throws {
        let certificate = try tenant.certificate(.station, key: 1)
        let signed = Signed(signing: certificate, with: tenant.operatorKey)

        for index in signed.encoded.indices {
            var bytes = signed.encoded
            bytes[index] ^= 0x10
            let read = try? Signed<Certificate>(decoding: bytes)
            #expect(read?.isSigned(by: tenant.operatorKey.publicKey) != true)
        }
        #expect(signed.isSigned(by: tenant.operatorKey.publicKey))
    }

    @Test("a certificate above a limit, or of keys that are not admitted, is refused (ID-2)")
    func refusedCertificates() throws {
        let users = (0..<257).map { ID(high: 0, low: UInt64($0)) }
        var many = try tenant.certificate(.station, key: 1, users: .named(Array(users.dropLast())))
        #expect(try Certificate(decoding: many.encoded) == many)
        many.users = .named(users)
        var unsorted = many
        unsorted.users = .named([users[1], users[0]])
        var zeroKey = many
        zeroKey.users = .anyOfSite
        zeroKey.channelKey = [UInt8](repeating: 0, count: 32)
        var hub = try tenant.certificate(.hub, key: 1)
        hub.site = Tenant.site

        for certificate in [many, unsorted, zeroKey, hub] {
            #expect(throws: Malformed.self) { try Certificate(decoding: certificate.encoded) }
        }
    }

    @Test("an end before the beginning leaves a validity of one moment")
    func validity() throws {
        var certificate = try tenant.certificate(.hub, key: 1)
        #expect(certificate.validity == 1_000...2_000)
        certificate.notAfter = 5
        #expect(certificate.validity == 1_000...1_000)
    }

    @Test("a replica statement and a binding have one encoding (ID-10, ID-11)")
    func binding() throws {
        let certificate = try tenant.certificate(.station, key: 1)
        let binding = try tenant.binding(certificate, key: 1)

        #expect(try Binding(decoding: binding.encoded) == binding)
        expectOneEncoding(binding.statement.encoded, step: 4) {
            try Signed<ReplicaStatement>(decoding: $0).encoded
        }
        expectOneEncoding(binding.encoded, step: 8) { try Binding(decoding: $0).encoded }
    }

    @Test("a root statement has one encoding and founds a tenant (ID-3, ID-4)")
    func root() throws {
        let root = tenant.root.structure
        let tagged = Array("gemba/tenant/1\0".utf8) + root.encoded
        let realm = Array("gemba/realm/1\0".utf8) + tenant.id.bytes

        #expect(ID(tenantOf: root).bytes == Array(Hash(of: tagged).bytes.prefix(16)))
        #expect(ID.realm(of: tenant.id) == Array(Hash(of: realm).bytes.prefix(8)))
        expectOneEncoding(tenant.root.encoded, step: 4) {
            try Cosigned<RootStatement>(decoding: $0).encoded
        }
    }

    @Test("a root statement that could never carry itself is refused")
    func refusedRoots() throws {
        let root = tenant.root.structure
        var none = root
        none.threshold = 0
        var high = root
        high.threshold = 4
        var zero = root
        zero.number = 0
        var linked = root
        linked.previous = Hash(of: [1])
        var unsorted = root
        unsorted.keys.reverse()
        var many = root
        many.keys = try (1...17).map { try key($0).publicKey }.sorted()

        for statement in [none, high, zero, linked, unsorted, many] {
            #expect(throws: Malformed.self) { try RootStatement(decoding: statement.encoded) }
        }
    }

    @Test("a statement of each kind has one encoding (ID-5)", arguments: 0..<9)
    func statements(index: Int) throws {
        let log = try tenant.log()
        let payload = try payloads()[index]
        let statement = tenant.statement(payload, after: log)

        #expect(try Cosigned(decoding: statement.encoded) == statement)
        expectOneEncoding(statement.encoded, step: 4) {
            try Cosigned<Statement>(decoding: $0).encoded
        }
    }

    private func payloads() throws -> [Statement.Payload] {
        let certificate = try tenant.certificate(.station, key: 1)
        let device = ID(high: 1, low: 2)
        return [
            tenant.operatorStatement.structure.payload,
            .certificate(Signed(signing: certificate, with: tenant.operatorKey)),
            .revocation(device: device, serial: 3, reason: 1, effectiveAt: 2),
            .suspend(device: device, serial: 3, isOn: true),
            .suspend(device: device, serial: 3, isOn: false),
            .logEpoch(2, checkpoint: Hash(of: [1])),
            .minimumVersion(1),
            .invitation(Hash(of: [2])),
            .unknown(kind: 99, bytes: [1, 2, 3]),
        ]
    }

    @Test("a certificate of 256 users fits into a statement; a payload of 8,193 bytes does not")
    func longPayloads() throws {
        let log = try tenant.log()
        let users = (0..<256).map { ID(high: 0, low: UInt64($0)) }
        let certificate = try tenant.certificate(.station, key: 1, users: .named(users))
        let full = Statement.Payload.certificate(
            Signed(signing: certificate, with: tenant.operatorKey)
        )
        let long = Statement.Payload.unknown(kind: 99, bytes: [UInt8](repeating: 0, count: 8_193))

        let fits = tenant.statement(full, after: log)
        let exceeds = tenant.statement(long, after: log)

        #expect(try Cosigned(decoding: fits.encoded) == fits)
        #expect(throws: Malformed.self) { try Cosigned<Statement>(decoding: exceeds.encoded) }
    }

    @Test("a join request has one encoding and fits into its frame (ID-15)")
    func joinRequest() throws {
        let request = JoinRequest(
            handshakeHash: [UInt8](repeating: 1, count: 64),
            tokenID: [UInt8](repeating: 2, count: 16),
            signKey: try key(3).publicKey,
            channelKey: try channelKey(3).publicKey
        )
        let signed = Signed(signing: request, with: try key(3))

        #expect(signed.encoded.count <= Limits.joinRequestBytesMax)
        #expect(signed.isSigned(by: request.signKey))
        expectOneEncoding(signed.encoded, step: 4) { try Signed<JoinRequest>(decoding: $0).encoded }
    }
}
