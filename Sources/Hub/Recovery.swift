import CRDT
public import Domain
import Identity
public import Node
public import Storage
import Transports
import Wire

/// Makes a new operator with the root key of a recovery file: for a hub whose operator ended, or a
/// new hub in the place of one that is lost.
///
/// - Source: ID-21.
public struct Recovery: Sendable {
    private let content: RecoveryFile.Content
    let schema: Schema
    let wall: @Sendable () -> UInt64
    let chance: Chance

    public init(
        _ content: RecoveryFile.Content,
        schema: Schema,
        wall: @escaping @Sendable () -> UInt64,
        chance: Chance
    ) {
        self.content = content
        self.schema = schema
        self.wall = wall
        self.chance = chance
    }
}

// MARK: - The hub that is here

extension Recovery {
    /// Gives the hub of a place a new operator; its device, feeds and invitations go on.
    ///
    /// - Parameters:
    ///   - place: Where its store lies; nobody has it open.
    ///   - peers: Addresses of nodes whose log may be longer: a restored store lacks its end.
    /// - Returns: The hub's open node.
    /// - Throws: `.refused` if it is no hub's, or revoked; `.badInput` for another tenant's file.
    public func renew(at place: Store.Place, peers: [String]) async throws -> LocalNode {
        let old = try open(place)
        let kept: [Invitation]
        let device = old.store.device
        let keys: DeviceKeys
        let fetched: AuthorityLog
        let ahead: SignedCheckpoint?
        do {
            try check(old)
            kept = try Enrolment(old) { _ in }.invitations()
            keys = try newKeys(sign: old.store.keys.sign, channel: old.store.keys.channel)
            fetched = try await longest(
                of: peers,
                over: old.store.authority,
                as: device,
                keys: keys
            )
            let seen = try await largest(of: peers, under: fetched, as: device, keys: keys)
            ahead = try Self.contradicts(old, seen) ? seen : nil
        } catch {
            old.store.close()
            throw error
        }
        old.store.close()
        // The keys first: a crash in between leaves an operator that is not the log's, which
        // certifies nobody, and this can be done again.
        try Store.replaceKeys(of: device, with: keys, at: place)
        let node = try open(place)
        do {
            try adopt(fetched, keys, at: node, beyond: ahead)
            let enrolment = try Enrolment(node) { _ in }
            for invitation in kept { try enrolment.save(invitation) }
            return node
        } catch {
            node.store.close()
            throw error
        }
    }

    private func open(_ place: Store.Place) throws -> LocalNode {
        let store = try Store.open(
            at: place,
            schema: schema,
            wallMilliseconds: wall(),
            chance: chance
        )
        return LocalNode(store, wall: wall, chance: chance)
    }

    private func check(_ node: LocalNode) throws {
        guard node.store.tenant == content.tenant else {
            throw CommandFault(.badInput, "the recovery file is of another tenant")
        }
        let own = node.store.certificate
        guard own.kind == .hub else {
            throw CommandFault(.refused, "this is no hub", reason: "hub-only")
        }
        guard !node.store.authority.isBarred(own.device, serial: own.serial) else {
            throw CommandFault(
                .refused,
                "this hub is revoked: make a new one, in an empty directory",
                reason: "revoked"
            )
        }
    }

    /// Appends operator and certificate behind the longest log.
    private func adopt(
        _ fetched: AuthorityLog,
        _ keys: DeviceKeys,
        at node: LocalNode,
        beyond ahead: SignedCheckpoint?
    ) throws {
        var log = fetched
        _ = try log.install(
            keys,
            of: node.store.device,
            by: content.root,
            wallMilliseconds: wall()
        )
        if let ahead {
            try log.openAuditEpoch(citing: ahead, by: content.root, wallMilliseconds: wall())
            try node.store.keepCited(ahead)
        }
        let fault = try node.store.adopt(
            roots: log.roots,
            statements: log.statements,
            wallMilliseconds: wall()
        )
        if let fault { throw fault }
    }
}

// MARK: - A new hub

extension Recovery {
    /// Makes a new hub of the tenant in an empty place; its data comes from the peers it meets.
    ///
    /// - Parameters:
    ///   - place: Where its store will lie.
    ///   - peers: Addresses of nodes of the tenant; the longest of their logs is continued.
    ///   - name: What the hub calls itself.
    /// - Returns: The hub's open node.
    /// - Throws: `.usage` without peers, `.badInput` for a file without its root statement,
    ///   `.refused` if two peers hold logs that contradict each other.
    public func found(
        at place: Store.Place,
        peers: [String],
        name: String
    ) async throws -> LocalNode {
        guard !peers.isEmpty else {
            throw CommandFault(.usage, "a new hub needs a node that holds the log: --peer")
        }
        guard let statement = content.statement else {
            throw CommandFault(.badInput, "the recovery file lacks the root statement")
        }
        guard let fresh = DeviceKeys(chance) else { throw Self.unfit }
        let keys = try newKeys(sign: fresh.sign, channel: fresh.channel)
        let device = chance.id
        let roots = try AuthorityLog(roots: [statement])
        var log = try await longest(of: peers, over: roots, as: device, keys: keys)
        let cited = try await largest(of: peers, under: log, as: device, keys: keys)
        let certificate = try log.install(
            keys,
            of: device,
            by: content.root,
            wallMilliseconds: wall()
        )
        try log.openAuditEpoch(citing: cited, by: content.root, wallMilliseconds: wall())
        let store = try Store.create(
            Founding(device: device, authority: log, certificate: certificate, keys: keys),
            at: place,
            schema: schema,
            wallMilliseconds: wall(),
            chance: chance
        )
        let node = LocalNode(store, wall: wall, chance: chance)
        if let cited { try store.keepCited(cited) }
        try enter(node, as: name)
        return node
    }

    private func enter(_ node: LocalNode, as name: String) throws {
        var values = FieldValues()
        values.set(Device.device, node.store.device)
        values.set(Device.kind, "hub")
        values.set(Device.name, name)
        values.set(Device.status, "active")
        let tenant = node.store.tenant
        let operation = Operation(creating: Device.entity, values, in: .tenant, tenant: tenant)
        var draft = Draft()
        draft.add(operation, in: .tenant)
        let named = draft
        _ = try node.act(.machine) { _ in named }
    }
}

// MARK: - Keys and logs

extension Recovery {
    private static let unfit = CommandFault(
        .damaged,
        "keys cannot be made of these random bytes"
    )

    private func newKeys(sign: SigningKey, channel: ChannelKey) throws -> DeviceKeys {
        guard let operatorKey = SigningKey(seed: chance.bytes(32)),
            let log = SigningKey(seed: chance.bytes(32))
        else { throw Self.unfit }
        return DeviceKeys(sign: sign, channel: channel, operator: operatorKey, log: log)
    }

    /// The longest of a log and those of peers, which must all be one.
    private func longest(
        of peers: [String],
        over held: AuthorityLog,
        as device: ID,
        keys: DeviceKeys
    ) async throws -> AuthorityLog {
        guard held.roots.last?.structure.keys.contains(content.root.publicKey) ?? false else {
            throw CommandFault(.badInput, "the recovery file's key is no longer a root key")
        }
        var longest = held
        let identity = try visitor(held, device, keys)
        for peer in peers {
            let fetched = try await AuthorityFetch.log(
                at: peer,
                as: identity,
                from: try AuthorityLog(roots: Array(held.roots.prefix(1))),
                schema: schema,
                wallMilliseconds: wall(),
                chance: chance
            )
            try longest.append(roots: fetched.roots, statements: fetched.statements)
        }
        return longest
    }

    /// Who asks for the log: an operator that comes into none.
    func visitor(
        _ held: AuthorityLog,
        _ device: ID,
        _ keys: DeviceKeys
    ) throws -> LocalIdentity {
        let (statement, certificate) = try held.installing(
            keys,
            of: device,
            by: content.root,
            number: .max,
            wallMilliseconds: wall()
        )
        let shown = Credentials(
            roots: held.roots,
            operatorStatement: statement,
            siteIssuer: nil,
            certificate: certificate
        )
        return LocalIdentity(
            tenant: held.tenant,
            channelKey: keys.channel,
            isHub: true,
            credentials: { shown },
            authority: { held }
        )
    }
}
