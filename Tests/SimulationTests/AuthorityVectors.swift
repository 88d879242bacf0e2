import CRDT
import Identity
import Testing
@testable import Wire

/// Logs, and who is believed under them (ID-3 to 11): what holds is `ok`, all else `untrusted`.
enum AuthorityVectors {
    static func all(_ tenant: VectorTenant) throws -> [Vector] {
        try roots(tenant) + logs(tenant) + signers(tenant) + certificates(tenant)
            + bindings(tenant) + credentials(tenant)
    }

    private typealias Log = [Cosigned<Statement>]

    private static func log(
        _ roots: [Cosigned<RootStatement>],
        _ statements: Log
    ) throws -> AuthorityLog {
        var log = try AuthorityLog(roots: roots.map { try Cosigned(decoding: $0.encoded) })
        let read = try statements.map { try Cosigned<Statement>(decoding: $0.encoded) }
        try log.append(roots: [], statements: read)
        return log
    }

    private static func judged(
        _ name: String,
        _ roots: [Cosigned<RootStatement>],
        _ statements: Log,
        _ outcome: String = "ok"
    ) -> Vector {
        var more = shown(roots, statements)
        if let log = try? log(roots, statements) {
            more["tenantOf"] = log.tenant.json
            more["number"] = .decimal(log.number)
            more["lastHash"] = log.lastHash.json
            more["signedTime"] = .decimal(log.signedTime)
            #expect(outcome == "ok", "\(name)")
        } else {
            #expect(outcome == "untrusted", "\(name)")
        }
        return Vector(name, "authority", outcome, more)
    }

    private static func shown(
        _ roots: [Cosigned<RootStatement>],
        _ statements: Log
    ) -> [String: JSON] {
        [
            "roots": .list(roots.map { .hex($0.encoded) }),
            "statements": .list(statements.map { .hex($0.encoded) }),
        ]
    }

    // MARK: - Logs

    private static func roots(_ tenant: VectorTenant) throws -> [Vector] {
        let root = tenant.root
        let next = try tenant.nextRoot()
        let byOne = Cosigned(signing: root.structure, with: [tenant.rootKeys[0]])
        let byStrangers = Cosigned(signing: root.structure, with: try [key(1), key(2)])
        let byOld = try tenant.nextRoot(signedBy: [tenant.rootKeys[0], tenant.rootKeys[1]])
        let byNew = try tenant.nextRoot(signedBy: [tenant.rootKeys[2], key(0x70)])
        let elsewhere = try tenant.nextRoot(previous: Hash(of: [9]))
        let wrong = SignatureSet.Entry(key: try key(1).publicKey, signature: zeros)
        let entries = (root.signatures.entries + [wrong]).sorted { $0.key < $1.key }
        let spoilt = Cosigned(root.structure, signatures: SignatureSet(entries))
        return [
            judged("a root", [root], []), judged("two roots", [root, next], []),
            judged("no roots", [], [], "untrusted"),
            judged("a second root alone", [next], [], "untrusted"),
            judged("one signature of two", [byOne], [], "untrusted"),
            judged("signatures of others", [byStrangers], [], "untrusted"),
            judged("a wrong signature beside enough", [spoilt], [], "untrusted"),
            judged("without the new threshold", [root, byOld], [], "untrusted"),
            judged("without the old threshold", [root, byNew], [], "untrusted"),
            judged("a root that continues another", [root, elsewhere], [], "untrusted"),
        ]
    }

    private static let zeros = [UInt8](repeating: 0, count: 64)

    private static func logs(_ tenant: VectorTenant) throws -> [Vector] {
        let (root, first) = (tenant.root, tenant.operatorStatement)
        let start = first.structure.hash
        func second(
            _ number: UInt64 = 2,
            after previous: Hash? = nil,
            epoch: UInt32 = 1,
            by key: SigningKey? = nil
        ) -> Cosigned<Statement> {
            let statement = tenant.statement(
                number,
                after: previous ?? start,
                .minimumVersion(1),
                epoch: epoch
            )
            return Cosigned(signing: statement, with: [key ?? tenant.operatorKey])
        }
        let other = try VectorTenant(seed: 0x30)
        let next = try tenant.nextRoot()
        let newEpoch = second(epoch: 2)
        let fallen = second(3, after: newEpoch.structure.hash)
        return [
            judged("an operator", [root], [first]),
            judged("an operator's word", [root], [first, second()]),
            judged("the same again", [root], [first, second(), first, second()]),
            judged("a gap", [root], [first, second(3)], "untrusted"),
            judged("no first statement", [root], [second()], "untrusted"),
            judged("another previous", [root], [first, second(after: Hash(of: [1]))], "untrusted"),
            judged("another statement 2", [root], [first, second(), second(by: tenant.issuerKey)]),
            judged("a fork", [root], [first, second(1, after: root.structure.hash)], "untrusted"),
            judged("of another tenant", [root], [other.operatorStatement], "untrusted"),
            judged("an epoch that is not there", [root], [first, newEpoch], "untrusted"),
            judged("a new epoch", [root, next], [first, newEpoch]),
            judged("an epoch that falls", [root, next], [first, newEpoch, fallen], "untrusted"),
        ]
    }

    private static func signers(_ tenant: VectorTenant) throws -> [Vector] {
        let (root, first) = (tenant.root, tenant.operatorStatement)
        let start = first.structure.hash
        let station = Signed(signing: try tenant.certificate(.station), with: tenant.operatorKey)
        let issuer = try tenant.siteIssuer()
        let local = try tenant.certificate(.station, serial: 2, issuer: issuer.structure.hash)
        let localSigned = Signed(signing: local, with: tenant.issuerKey)
        let roots = Array(tenant.rootKeys.prefix(2))
        func vector(
            _ name: String,
            _ payload: Statement.Payload,
            _ keys: [SigningKey],
            _ outcome: String = "ok",
            issued: UInt64 = 3_000
        ) -> Vector {
            let statement = tenant.statement(2, after: start, payload, issued: issued)
            return judged(name, [root], [first, Cosigned(signing: statement, with: keys)], outcome)
        }
        let issued = tenant.statement(2, after: start, .certificate(issuer))
        let byIssuer = tenant.statement(3, after: issued.hash, .certificate(localSigned))
        let ours = [tenant.operatorKey]
        return [
            vector("an operator by one root", tenant.operatorPayload, [roots[0]], "untrusted"),
            vector("an operator by the operator", tenant.operatorPayload, ours, "untrusted"),
            vector("another operator by the roots", tenant.operatorPayload, roots),
            vector("an epoch by the operator", .logEpoch(2, checkpoint: .zero), ours, "untrusted"),
            vector("an epoch by the roots", .logEpoch(2, checkpoint: .zero), roots),
            vector("a certificate by its issuer", .certificate(station), ours),
            vector("a certificate by the roots", .certificate(station), roots, "untrusted"),
            vector("a version by the roots alone", .minimumVersion(1), roots, "untrusted"),
            vector("a version by roots and operator", .minimumVersion(1), roots + ours),
            vector(
                "an operator past its end",
                .minimumVersion(1),
                ours,
                "untrusted",
                issued: 2_000_000
            ),
            vector(
                "an operator before its start",
                .minimumVersion(1),
                ours,
                "untrusted",
                issued: 500
            ),
            vector("kind 99 by the operator", .unknown(kind: 99, bytes: [1]), ours),
            vector("kind 99 by the roots", .unknown(kind: 99, bytes: [1]), roots),
            vector("kind 99 by one root", .unknown(kind: 99, bytes: [1]), [roots[0]], "untrusted"),
            vector("nobody", .minimumVersion(1), [], "untrusted"),
            judged(
                "a certificate by a site issuer",
                [root],
                [
                    first, Cosigned(signing: issued, with: ours),
                    Cosigned(signing: byIssuer, with: [tenant.issuerKey]),
                ]
            ),
        ]
    }

    // MARK: - Who is believed

    private static func believed(
        _ name: String,
        _ structure: String,
        _ bytes: [UInt8],
        _ log: AuthorityLog,
        _ outcome: String,
        _ more: [String: JSON] = [:],
        _ verify: () throws -> Void
    ) -> Vector {
        let holds: Bool
        do {
            try verify()
            holds = true
        } catch {
            holds = false
        }
        #expect(holds == (outcome == "ok"), "\(name)")
        let members = shown(log.roots, log.statements).merging(more) { own, _ in own }
        return Vector(name, structure, bytes, outcome, members)
    }

    /// The log with the operator, and a site issuer that it knows.
    private static func log(_ tenant: VectorTenant) throws -> AuthorityLog {
        let start = tenant.operatorStatement
        let issuer = Statement.Payload.certificate(try tenant.siteIssuer())
        let issued = tenant.statement(2, after: start.structure.hash, issuer)
        let second = Cosigned(signing: issued, with: [tenant.operatorKey])
        return try log([tenant.root], [start, second])
    }

    private static func certificates(_ tenant: VectorTenant) throws -> [Vector] {
        let log = try log(tenant)
        let issuer = try tenant.siteIssuer().structure.hash
        let elsewhere = ID(high: 0x52, low: 2)
        var foreign = try tenant.certificate(.station)
        foreign.tenant = ID(high: 1, low: 1)
        func local(_ kind: Certificate.Kind, _ site: ID) throws -> Certificate {
            try tenant.certificate(kind, serial: 3, site: site, issuer: issuer)
        }
        let unknown = try tenant.certificate(.station, issuer: Hash(of: [5]))
        let station = try tenant.certificate(.station)
        let site = VectorTenant.site
        let (us, them) = (tenant.operatorKey, tenant.issuerKey)
        let cases: [(String, Certificate, SigningKey, String)] = [
            ("by the operator", station, us, "ok"), ("by nobody known", unknown, us, "untrusted"),
            ("named another signer", station, them, "untrusted"),
            ("of another tenant", foreign, us, "untrusted"),
            ("a station by the site issuer", try local(.station, site), them, "ok"),
            ("a technician by the site issuer", try local(.technician, site), them, "ok"),
            ("a hub by the site issuer", try local(.hub, site), them, "untrusted"),
            ("an issuer by the site issuer", try local(.siteIssuer, site), them, "untrusted"),
            ("a station of another site", try local(.station, elsewhere), them, "untrusted"),
        ]
        return cases.map { name, certificate, key, outcome in
            let signed = Signed(signing: certificate, with: key)
            return believed(name, "believedCertificate", signed.encoded, log, outcome) {
                try log.verify(signed)
            }
        }
    }

    private static func bindings(_ tenant: VectorTenant) throws -> [Vector] {
        let log = try log(tenant)
        let certificate = Signed(
            signing: try tenant.certificate(.station),
            with: tenant.operatorKey
        )
        func vector(
            _ name: String,
            _ outcome: String,
            by key: SigningKey? = nil,
            _ change: (inout ReplicaStatement) -> Void = { _ in }
        ) -> Vector {
            var statement = tenant.replica(certificate.structure)
            change(&statement)
            let binding = Binding(
                statement: Signed(signing: statement, with: key ?? tenant.deviceKey),
                certificate: certificate
            )
            return believed(name, "believedBinding", binding.encoded, log, outcome) {
                _ = try log.verify(binding)
            }
        }
        return [
            vector("a binding", "ok"),
            vector("another key signed", "untrusted", by: tenant.operatorKey),
            vector("another tenant", "untrusted") { $0.tenant = ID(high: 1, low: 1) },
            vector("another device", "untrusted") { $0.device = ID(high: 1, low: 1) },
            vector("another key", "untrusted", by: tenant.issuerKey) {
                $0.signKey = tenant.issuerKey.publicKey
            },
            vector("another certificate", "untrusted") { $0.certificate = Hash(of: [7]) },
        ]
    }

    private static func credentials(_ tenant: VectorTenant) throws -> [Vector] {
        let station = try tenant.certificate(.station)
        let signed = Signed(signing: station, with: tenant.operatorKey)
        let issuer = try tenant.siteIssuer()
        let local = try tenant.certificate(.station, serial: 1, issuer: issuer.structure.hash)
        let localSigned = Signed(signing: local, with: tenant.issuerKey)
        let start = tenant.operatorStatement
        func barring(_ payloads: [Statement.Payload]) throws -> AuthorityLog {
            var log = try log([tenant.root], [start])
            for payload in payloads {
                let statement = tenant.statement(log.number + 1, after: log.lastHash, payload)
                let cosigned = Cosigned(signing: statement, with: [tenant.operatorKey])
                try log.append(roots: [], statements: [cosigned])
            }
            return log
        }
        let key = station.channelKey
        func vector(
            _ name: String,
            _ outcome: String,
            _ shown: Credentials,
            of other: ID? = nil,
            by channelKey: [UInt8]? = nil,
            under log: AuthorityLog? = nil
        ) throws -> Vector {
            let (judge, asked) = (try log ?? barring([]), other ?? tenant.id)
            let presented = channelKey ?? key
            let more: [String: JSON] = ["tenant": asked.json, "channelKey": .hex(presented)]
            let structure = "believedCredentials"
            return believed(name, structure, shown.encoded, judge, outcome, more) {
                _ = try shown.verified(tenant: asked, channelKey: presented, against: judge)
            }
        }
        let own = tenant.credentials(signed)
        let device = station.device
        func revoked(_ serial: UInt64, at number: UInt64 = 0) -> Statement.Payload {
            .revocation(device: device, serial: serial, reason: 0, effectiveAt: number)
        }
        func suspended(_ serial: UInt64, _ isOn: Bool) -> Statement.Payload {
            .suspend(device: device, serial: serial, isOn: isOn)
        }
        let barred: [(String, String, [Statement.Payload])] = [
            ("revoked", "untrusted", [revoked(1)]), ("revoked in all", "untrusted", [revoked(0)]),
            ("another serial revoked", "ok", [revoked(2)]),
            ("revoked at a number to come", "ok", [revoked(1, at: 9)]),
            ("suspended", "untrusted", [suspended(1, true)]),
            ("no longer suspended", "ok", [suspended(1, true), suspended(1, false)]),
            ("still suspended in all", "untrusted", [suspended(0, true), suspended(1, false)]),
        ]
        return try [
            vector("credentials", "ok", own),
            vector("under a site issuer", "ok", tenant.credentials(localSigned, issuer: issuer)),
            vector("without the site issuer", "untrusted", tenant.credentials(localSigned)),
            vector("asked for another tenant", "untrusted", own, of: ID(high: 1, low: 1)),
            vector("another channel key", "untrusted", own, by: channelKey(9).publicKey),
        ] + barred.map { try vector($0.0, $0.1, own, under: barring($0.2)) }
    }
}
