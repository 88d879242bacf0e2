import CRDT
import Identity
import Testing
import Wire

@Suite("Authority log")
struct AuthorityLogTests {
    private let tenant: Tenant
    private let log: AuthorityLog

    init() throws {
        tenant = try Tenant()
        log = try tenant.log()
    }

    @Test("a log begins with its root and says who is in force")
    func beginning() throws {
        let empty = try AuthorityLog(roots: [tenant.root])

        #expect(empty.tenant == tenant.id)
        #expect(empty.rootNumber == 1 && empty.number == 0 && empty.lastHash == .zero)
        #expect(empty.operatorKey == nil && empty.signedTime == 1_000)
        #expect(log.number == 1 && log.lastHash == tenant.operatorStatement.structure.hash)
        #expect(log.operatorKey == tenant.operatorKey.publicKey && log.signedTime == 2_000)
        #expect(log.operatorHash == tenant.operatorStatement.structure.hash)
    }

    @Test("a second root carries the thresholds of the first and of itself (ID-3)")
    func secondRoot() throws {
        let newKeys = try [key(0x61), key(0x62)]
        let second = root(2, keys: newKeys, by: Array(tenant.rootKeys.prefix(2)) + newKeys)
        var grown = log

        try grown.append(roots: [tenant.root, second], statements: [])

        #expect(grown.rootNumber == 2 && grown.tenant == tenant.id)
        #expect(grown.roots == [tenant.root, second])
        #expect(try AuthorityLog(roots: [tenant.root, second]).rootNumber == 2)
        #expect(code { try AuthorityLog(roots: [second]) } == .discontinuous)
        #expect(code { try AuthorityLog(roots: []) } == .discontinuous)
        let signers = [newKeys, tenant.rootKeys, [tenant.rootKeys[0]] + newKeys]
        for keys in signers {
            let weak = root(2, keys: newKeys, by: keys)
            #expect(appending(roots: [weak]) == .notAuthorized)
        }
    }

    @Test("another first root, a gap in roots and a broken link are refused")
    func strangeRoots() throws {
        let other = try Tenant(seed: 2)
        let third = root(3, keys: tenant.rootKeys, by: tenant.rootKeys)
        var unlinked = root(2, keys: tenant.rootKeys, by: []).structure
        unlinked.previous = Hash(of: [1])

        #expect(appending(roots: [other.root]) == .forked)
        #expect(appending(roots: [third]) == .discontinuous)
        let signed = Cosigned(signing: unlinked, with: tenant.rootKeys)
        #expect(appending(roots: [signed]) == .forked)
    }

    @Test("too few root keys, or keys of strangers, make no root and no operator")
    func thresholds() throws {
        let few = [tenant.rootKeys[0]]
        let strangers = try [tenant.rootKeys[0], key(0x71), key(0x72)]
        let alone = Cosigned(signing: tenant.root.structure, with: few)
        let payload = tenant.operatorStatement.structure.payload

        #expect(code { try AuthorityLog(roots: [alone]) } == .notAuthorized)
        for keys in [few, strangers, [tenant.operatorKey]] {
            let statement = tenant.statement(payload, after: log, by: keys)
            #expect(appending([statement]) == .notAuthorized)
        }
        #expect(appending([tenant.statement(payload, after: log, by: tenant.rootKeys)]) == nil)
    }

    @Test("of a holder's certificates the one that ends last is in force (ID-20)")
    func inForce() throws {
        let first = try tenant.certificate(.station, key: 0x20)
        let otherKey = try channelKey(0x77).publicKey
        var grown = log
        func add(_ change: (inout Certificate) -> Void) throws {
            var certificate = first
            certificate.notAfter = 9_000
            change(&certificate)
            let signed = Signed(signing: certificate, with: tenant.operatorKey)
            let statement = tenant.statement(.certificate(signed), after: grown)
            try grown.append(roots: [], statements: [statement])
        }
        #expect(log.inForce(first) == first)
        try add { $0.notAfter = first.notAfter - 1 }
        try add { $0.channelKey = otherKey }
        try add { $0.device = ID(high: 1, low: 1) }
        #expect(grown.inForce(first) == first)
        try add { $0.notAfter = 9_002 }
        try add { $0.notAfter = 9_001 }
        #expect(grown.inForce(first).notAfter == 9_002)
        #expect(first.renewalDue == 1_333 && !first.hasEnded(at: 2_000))
        #expect(first.hasEnded(at: 2_001))
    }

    @Test("a signature that is not valid refuses its statement, whoever else signed")
    func invalidSignature() throws {
        let entries = tenant.statement(.minimumVersion(1), after: log, by: tenant.rootKeys)
        let other = tenant.statement(.minimumVersion(2), after: log, by: tenant.rootKeys)
        let mixed = Cosigned(other.structure, signatures: entries.signatures)

        #expect(appending([mixed]) == .badSignature)
    }

    @Test("a statement that does not continue the log is refused, and nothing changes (ID-6)")
    func continuity() throws {
        let first = tenant.statement(.minimumVersion(1), after: log)
        var held = log
        try held.append(roots: [], statements: [first])
        let second = tenant.statement(.minimumVersion(2), after: held)
        let fork = tenant.statement(.minimumVersion(9), after: log)
        var unlinked = second.structure
        unlinked.previous = Hash(of: [1])
        let before = held

        #expect(code { try held.append(roots: [], statements: [fork]) } == .forked)
        #expect(appending([second]) == .discontinuous)
        #expect(code { try held.append(roots: [], statements: [second, fork]) } == .forked)
        let signed = Cosigned(signing: unlinked, with: [tenant.operatorKey])
        #expect(code { try held.append(roots: [], statements: [signed]) } == .forked)
        #expect(held == before)
        try held.append(roots: [], statements: [tenant.operatorStatement, first, second])
        #expect(held.number == 3 && held.lastHash == second.structure.hash)
    }

    @Test("a statement of another tenant or of an epoch that is not held is refused")
    func strangers() throws {
        var foreign = tenant.statement(.minimumVersion(1), after: log).structure
        foreign.tenant = .zero
        var early = foreign
        early.tenant = tenant.id
        early.authorityEpoch = 2
        let keys = [tenant.operatorKey]

        #expect(appending([Cosigned(signing: foreign, with: keys)]) == .wrongTenant)
        #expect(appending([Cosigned(signing: early, with: keys)]) == .discontinuous)
    }

    @Test("the authority epoch never falls along the log (ID-5)")
    func epochs() throws {
        let second = root(2, keys: tenant.rootKeys, by: tenant.rootKeys)
        var held = log
        try held.append(roots: [second], statements: [])
        var later = tenant.statement(.minimumVersion(1), after: held).structure
        later.authorityEpoch = 2
        let signed = Cosigned(signing: later, with: [tenant.operatorKey])
        try held.append(roots: [], statements: [signed])
        let earlier = tenant.statement(.minimumVersion(2), after: held)

        #expect(code { try held.append(roots: [], statements: [earlier]) } == .discontinuous)
    }

    @Test("an operator that was learned issues certificates, and holds its place in the log")
    func learned() throws {
        var short = try AuthorityLog(roots: [tenant.root])
        let certificate = try tenant.certificate(.station, key: 1)
        let signed = Signed(signing: certificate, with: tenant.operatorKey)
        #expect(code { try short.verify(signed) } == .unknownIssuer)

        try short.learn(operator: tenant.operatorStatement)

        let payload = tenant.operatorStatement.structure.payload
        let other = tenant.statement(
            payload,
            after: try AuthorityLog(roots: [tenant.root]),
            by: tenant.rootKeys
        )
        #expect(code { try short.verify(signed) } == nil)
        #expect(short.number == 0 && short.operatorKey == tenant.operatorKey.publicKey)
        #expect(code { try short.append(roots: [], statements: [other]) } == .forked)
        try short.append(roots: [], statements: [tenant.operatorStatement])
        #expect(short == log)
    }

    @Test("the newest operator speaks, within its validity")
    func operators() throws {
        let newKey = try key(0x81)
        let statement = tenant.statement(
            .operator(
                key: newKey.publicKey,
                logKey: newKey.publicKey,
                notBefore: 3_000,
                notAfter: 4_000
            ),
            after: log,
            by: tenant.rootKeys
        )
        var held = log
        try held.append(roots: [], statements: [statement])
        let verdict = { (time: UInt64, key: SigningKey) in
            let statement = tenant.statement(
                .minimumVersion(1),
                after: held,
                issued: time,
                by: [key]
            )
            var copy = held
            return code { try copy.append(roots: [], statements: [statement]) }
        }

        #expect(held.operatorKey == newKey.publicKey)
        #expect(verdict(3_500, newKey) == nil)
        #expect(verdict(4_001, newKey) == .notAuthorized)
        #expect(verdict(2_999, newKey) == .notAuthorized)
        #expect(verdict(3_500, tenant.operatorKey) == .notAuthorized)
        let old = try tenant.certificate(.station, key: 1)
        #expect(code { try held.verify(Signed(signing: old, with: tenant.operatorKey)) } == nil)
    }

    @Test("a kind of a newer version is kept if an operator or the roots signed it")
    func unknownKinds() throws {
        let payload = Statement.Payload.unknown(kind: 99, bytes: [1])

        #expect(appending([tenant.statement(payload, after: log)]) == nil)
        let byRoots = tenant.statement(payload, after: log, by: tenant.rootKeys)
        #expect(appending([byRoots]) == nil)
        let byStranger = tenant.statement(payload, after: log, by: [try key(0x71)])
        #expect(appending([byStranger]) == .notAuthorized)
    }

    @Test("a certificate is believed if its issuer is in the log (ID-8)")
    func certificates() throws {
        let certificate = try tenant.certificate(.station, key: 1)
        var foreign = certificate
        foreign.issuer = Hash(of: [1])
        var other = certificate
        other.tenant = .zero
        let key = tenant.operatorKey

        #expect(verdict(Signed(signing: certificate, with: key)) == nil)
        #expect(verdict(Signed(signing: foreign, with: key)) == .unknownIssuer)
        #expect(verdict(Signed(signing: other, with: key)) == .wrongTenant)
        #expect(verdict(Signed(signing: certificate, with: tenant.rootKeys[0])) == .badSignature)
    }

    @Test("a site issuer certifies stations and technicians of its own site, nobody else (ID-8)")
    func siteIssuer() throws {
        let issuer = try tenant.certificate(.siteIssuer, key: 0x41)
        let signedIssuer = Signed(signing: issuer, with: tenant.operatorKey)
        var held = log
        try held.append(
            roots: [],
            statements: [tenant.statement(.certificate(signedIssuer), after: log)]
        )
        let verdict = { (kind: Certificate.Kind, site: ID) throws in
            var certificate = try tenant.certificate(kind, key: 1, site: site)
            certificate.issuer = issuer.hash
            let signed = Signed(signing: certificate, with: try key(0x41))
            return code { try held.verify(signed) }
        }

        #expect(held.certificates == [signedIssuer])
        #expect(try verdict(.station, Tenant.site) == nil)
        #expect(try verdict(.technician, Tenant.site) == nil)
        #expect(try verdict(.station, Tenant.otherSite) == .beyondIssuer)
        #expect(try verdict(.siteIssuer, Tenant.site) == .beyondIssuer)
        #expect(try verdict(.hub, Tenant.site) == .beyondIssuer)
    }

    @Test("an issuer's certificates begin in its validity and have serials of its own (ID-22)")
    func siteIssuerLimits() throws {
        var issuer = try tenant.certificate(.siteIssuer, key: 0x41)
        issuer.serial = 3
        issuer.rights = 2
        var held = log
        let payload = Statement.Payload.certificate(
            Signed(signing: issuer, with: tenant.operatorKey)
        )
        try held.append(roots: [], statements: [tenant.statement(payload, after: log)])
        let verdict = { (serial: UInt64, notBefore: UInt64) throws in
            var certificate = try tenant.certificate(.station, key: 1)
            certificate.issuer = issuer.hash
            certificate.serial = serial
            certificate.notBefore = notBefore
            let signed = Signed(signing: certificate, with: try key(0x41))
            return code { try held.verify(signed) }
        }

        #expect(issuer.serial(ofGiven: 1) == 196_609 && issuer.serial(ofGiven: 3) == nil)
        #expect(try verdict(196_609, 1_000) == nil)
        #expect(try verdict(196_610, 2_000) == nil)
        #expect(try verdict(196_611, 1_000) == .beyondIssuer)
        #expect(try verdict(196_608, 1_000) == .beyondIssuer)
        #expect(try verdict(1, 1_000) == .beyondIssuer)
        #expect(try verdict(196_609, 999) == .beyondIssuer)
        #expect(try verdict(196_609, 2_001) == .beyondIssuer)
    }

    @Test("a statement of a certificate is signed by the certificate's issuer (ID-5)")
    func certificateStatements() throws {
        let certificate = try tenant.certificate(.station, key: 1)
        let signed = Signed(signing: certificate, with: tenant.operatorKey)
        let payload = Statement.Payload.certificate(signed)

        #expect(appending([tenant.statement(payload, after: log)]) == nil)
        let byRoots = tenant.statement(payload, after: log, by: tenant.rootKeys)
        #expect(appending([byRoots]) == .notAuthorized)
    }

    @Test("a binding is believed if certificate and statement speak of one device (ID-11)")
    func bindings() throws {
        let certificate = try tenant.certificate(.station, key: 1)
        let binding = try tenant.binding(certificate, key: 1)
        let other = try tenant.binding(try tenant.certificate(.station, key: 2), key: 2)
        let mixed = Binding(statement: other.statement, certificate: binding.certificate)
        var claims = binding.statement.structure
        claims.device = .zero
        let stolen = Binding(
            statement: Signed(signing: claims, with: try key(1)),
            certificate: binding.certificate
        )
        let forged = Binding(
            statement: Signed(binding.statement.structure, signature: other.statement.signature),
            certificate: binding.certificate
        )

        #expect(try log.verify(binding).replica == binding.statement.structure.replica)
        #expect(code { try log.verify(mixed) } == .mismatch)
        #expect(code { try log.verify(stolen) } == .mismatch)
        #expect(code { try log.verify(forged) } == .badSignature)
    }

    @Test("revocation and suspension bar a device from sessions (ID-5)")
    func barred() throws {
        let device = ID(high: 1, low: 2)
        var held = log
        let states: [(Statement.Payload, [Bool])] = [
            (.suspend(device: device, serial: 1, isOn: true), [true, false]),
            (.suspend(device: device, serial: 1, isOn: false), [false, false]),
            (.suspend(device: device, serial: 0, isOn: true), [true, true]),
            (.suspend(device: device, serial: 0, isOn: false), [false, false]),
            (.revocation(device: device, serial: 2, reason: 1, effectiveAt: 7), [false, false]),
            (.minimumVersion(1), [false, true]),
            (.revocation(device: device, serial: 0, reason: 1, effectiveAt: 1), [true, true]),
        ]

        for (payload, expected) in states {
            try held.append(roots: [], statements: [tenant.statement(payload, after: held)])
            #expect([1, 2].map { held.isBarred(device, serial: $0) } == expected)
        }
        #expect(!held.isBarred(.zero, serial: 1))
    }
}

extension AuthorityLogTests {
    private func root(
        _ number: UInt32,
        keys: [SigningKey],
        by signers: [SigningKey]
    ) -> Cosigned<RootStatement> {
        Cosigned(
            signing: RootStatement(
                number: number,
                threshold: 2,
                keys: keys.map(\.publicKey).sorted(),
                previous: tenant.root.structure.hash,
                issued: 2_500
            ),
            with: signers
        )
    }

    private func code<Result>(_ body: () throws -> Result) -> AuthorityFault.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? AuthorityFault)?.code
        }
    }

    private func appending(
        roots: [Cosigned<RootStatement>] = [],
        _ statements: [Cosigned<Statement>] = []
    ) -> AuthorityFault.Code? {
        var copy = log
        return code { try copy.append(roots: roots, statements: statements) }
    }

    private func verdict(_ certificate: Signed<Certificate>) -> AuthorityFault.Code? {
        code { try log.verify(certificate) }
    }
}
