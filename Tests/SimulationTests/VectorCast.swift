import CRDT
import Identity
import Simulation
import Storage
@testable import Wire

/// A tenant with the devices that vectors are written by, all from one seed.
struct VectorCast {
    static let site = ID(high: 0x0051_7e00, low: 1)
    static let otherSite = ID(high: 0x0051_7e00, low: 2)
    static let users = [ID(high: 0xa1, low: 1), ID(high: 0xa2, low: 2)]

    let kit: TenantKit
    private let chance: Chance

    init(seed: UInt64 = 20_260) throws {
        kit = try TenantKit(seed: seed)
        chance = Chance(seed: seed &+ 1)
    }

    /// A device with a replica: what it takes to write changes, allowed or not.
    struct Writer {
        let keys: DeviceKeys
        let certificate: Signed<Certificate>
        let binding: Binding

        var replica: ID { binding.statement.structure.replica }
        var isHub: Bool { certificate.structure.kind == .hub }

        func rank(_ name: Name) -> Rank {
            let isPlausible =
                certificate.structure.validity.contains(name.stamp.time.milliseconds)
            return Rank(name, isPlausible: isPlausible)
        }

        func feed(_ scope: Scope) -> Change.Feed {
            let tenant = certificate.structure.tenant
            return Change.Feed(tenant: tenant, scope: scope, replica: replica)
        }

        /// What the first change in a scope links to.
        func beginning(_ scope: Scope) -> Hash {
            Change.beginning(of: feed(scope), statement: binding.statement.structure.hash)
        }
    }

    func writer(
        _ kind: Certificate.Kind,
        site: ID = VectorCast.site,
        users: Certificate.Users = .anyOfSite,
        validity: ClosedRange<UInt64> = TenantKit.validity,
        _ change: (inout Certificate, inout ReplicaStatement) -> Void = { _, _ in }
    ) throws -> Writer {
        let keys = try required(DeviceKeys(chance))
        let signed = kit.certificate(
            kind,
            device: chance.id,
            site: site,
            keys: keys,
            users: users,
            validity: validity
        )
        var certificate = signed.structure
        var statement = ReplicaStatement(
            tenant: kit.tenant,
            device: certificate.device,
            replica: chance.id,
            incarnation: 1,
            signKey: keys.sign.publicKey,
            certificate: certificate.hash,
            previousReplica: .zero,
            reason: .first,
            opened: TenantKit.start
        )
        change(&certificate, &statement)
        let issued = Signed(signing: certificate, with: kit.operatorKey)
        let binding = Binding(
            statement: Signed(signing: statement, with: keys.sign),
            certificate: issued
        )
        return Writer(keys: keys, certificate: issued, binding: binding)
    }

    var authority: JSON {
        .object([
            "roots": .list(kit.authority.roots.map { .hex($0.encoded) }),
            "statements": .list(kit.authority.statements.map { .hex($0.encoded) }),
        ])
    }
}

extension VectorCast.Writer {
    /// Changes that follow each other, signed as a run over the last of them.
    ///
    /// What is signed is what CHG-12 says, unless `signing` says otherwise.
    func run(
        _ bodies: [[UInt8]],
        in scope: Scope,
        at sequence: UInt64 = 1,
        after previous: Hash? = nil,
        linked: Bool = false,
        by key: SigningKey? = nil,
        signing: ((Change) -> [UInt8])? = nil
    ) throws -> Run {
        let previous = previous ?? beginning(scope)
        var run = Run(
            replica: replica,
            sequence: sequence,
            previous: linked ? previous : nil,
            bodies: bodies,
            signature: [UInt8](repeating: 0, count: 64)
        )
        let tenant = certificate.structure.tenant
        let last = try required(run.linked(in: scope, tenant: tenant, after: previous).last)
        let message =
            signing?(last)
            ?? Change.signedBytes(feed: last.feed, sequence: last.sequence, hash: last.hash)
        run.signature = (key ?? keys.sign).sign(message)
        return run
    }
}
