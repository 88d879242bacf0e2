public import CRDT
public import Domain
public import Wire

/// Who does something at this node, and how the node knows.
public struct Actor: Hashable, Sendable {
    public let user: ID
    /// The person's session at this device; 0 if there is none.
    public let login: UInt64
    public let method: Method

    public init(user: ID, login: UInt64 = 0, method: Method) {
        self.user = user
        self.login = login
        self.method = method
    }

    /// The machine itself.
    public static let machine = Actor(user: .zero, method: .machine)
}

/// What an action will write: at most one change in each scope.
public struct Draft: Sendable {
    private(set) var parts: [(scope: Scope, operations: [Operation])] = []

    public init() {}

    public var isEmpty: Bool { parts.isEmpty }

    /// Adds an operation.
    ///
    /// - Returns: Its index among the operations of its scope, from which its id derives.
    @discardableResult
    public mutating func add(_ operation: Operation, in scope: Scope) -> Int {
        guard let place = parts.firstIndex(where: { $0.scope == scope }) else {
            parts.append((scope, [operation]))
            return 0
        }
        parts[place].operations.append(operation)
        return parts[place].operations.count - 1
    }

    /// Adds operations that stand together, as an import does.
    public mutating func add(_ operations: [Operation], in scope: Scope) {
        if let place = parts.firstIndex(where: { $0.scope == scope }) {
            parts[place].operations += operations
        } else if !operations.isEmpty {
            parts.append((scope, operations))
        }
    }
}

/// An action in the making: what its rules may look at before anything is written.
public struct Acting: ~Copyable {
    public let view: View
    /// The stamp that the action will carry.
    public let stamp: Stamp

    /// The same, with the rows that one person may read.
    public borrowing func asRead(by reading: Reading) -> Acting {
        Acting(view: view.asRead(by: reading), stamp: stamp)
    }

    /// The id of what the operation at an index of its scope creates (CHG-7).
    public func id(_ index: Int) -> ID {
        ID(createdAt: stamp, index: UInt16(truncatingIfNeeded: index))
    }
}

/// What an action wrote, once it is on disk.
public struct Saved: Sendable {
    /// A change of the action.
    public struct Part: Hashable, Sendable {
        public let scope: Scope
        public let hash: Hash
        public let sequence: UInt64
    }

    public let stamp: Stamp
    public let changes: [Part]
}

extension StoreWriter {
    /// Decides an action on the rows as they are, and appends what it says.
    func act(
        _ actor: Actor,
        wallMilliseconds: UInt64,
        _ decide: (borrowing Acting) throws -> Draft
    ) throws -> Saved {
        guard let time = clock.tick(wallMilliseconds: wallMilliseconds) else {
            throw StorageError(.inadmissible, "the last stamp there is has been issued")
        }
        let stamp = Stamp(time, state.own.statement.replica)
        let view = View(connection: connection, schema: schema, tenant: tenant)
        let draft = try decide(Acting(view: view, stamp: stamp))
        var parts: [Saved.Part] = []
        var quotas = Quotas(
            connection,
            state.quotas,
            own: .zero,
            isFree: state.own.isHub,
            wallMilliseconds: wallMilliseconds
        )
        for (scope, operations) in draft.parts {
            let body = Body(
                time: time,
                authority: state.authority.number,
                user: actor.user,
                login: actor.login,
                method: actor.method,
                schema: UInt64(schema.version),
                operations: operations
            )
            parts.append(try append(body, in: scope, &quotas, wallMilliseconds))
        }
        try quotas.save()
        state.quotas = quotas.counted
        if !parts.isEmpty { state.lastIssued = time }
        return Saved(stamp: stamp, changes: parts)
    }

    private func append(
        _ body: Body,
        in scope: Scope,
        _ quotas: inout Quotas,
        _ wallMilliseconds: UInt64
    ) throws(StorageError) -> Saved.Part {
        let author = state.own.author
        try requireNotPurged(scope)
        let number = try connection.intern(scope)
        let tip = try ownTip(in: scope, number)
        let verified: VerifiedChange
        do throws(AuthoringFault) {
            verified = try author.write(body, in: scope, after: tip)
        } catch {
            throw StorageError(.inadmissible, "\(scope): \(error)")
        }
        var horizon = Horizon(connection: connection, scope: number)
        guard try horizon.holds(namesOf: body) else {
            throw StorageError(.inadmissible, "\(scope): names a write that is not held")
        }
        guard let replica = try connection.replica(state.own.statement.replica) else {
            throw StorageError(.damaged, "the own replica is not in the store")
        }
        let isFirst = verified.change.sequence == 1
        guard try quotas.take([verified], of: replica, in: number, isFirst: isFirst) else {
            throw StorageError(.overQuota, "this device has written enough for today")
        }
        let feed = Feed(branch: .zero, tip: verified.tip)
        try append([verified], to: feed, by: replica, in: scope, number, keepingPrevious: false)
        try audit(
            [verified],
            from: state.position,
            by: replica,
            in: scope,
            number,
            wallMilliseconds: wallMilliseconds
        )
        state.ownTips[number] = verified.tip
        return Saved.Part(
            scope: scope,
            hash: verified.change.hash,
            sequence: verified.change.sequence
        )
    }

    private func ownTip(in scope: Scope, _ number: Int64) throws(StorageError) -> FeedTip {
        if let known = state.ownTips[number] { return known }
        if let held = try connection.feeds(state.own.number, in: number).first { return held.tip }
        return beginning(of: state.own.statement, in: scope)
    }

    /// Where the feed of a replica in a scope begins.
    func beginning(of statement: ReplicaStatement, in scope: Scope) -> FeedTip {
        FeedTip.beginning(
            of: Change.Feed(tenant: tenant, scope: scope, replica: statement.replica),
            statement: statement.hash
        )
    }

    /// Puts verified changes of one feed at the end of the log, and folds them.
    ///
    /// - Parameters:
    ///   - changes: What follows each other.
    ///   - feed: Where the feed stands then; nil: its tips are found anew.
    ///   - replica: Whose it is.
    ///   - scope: Where.
    ///   - number: Of the scope.
    ///   - keepingPrevious: Whether the replica has branches.
    /// - Throws: What the disk says.
    func append(
        _ changes: [VerifiedChange],
        to feed: Feed?,
        by replica: InternedReplica,
        in scope: Scope,
        _ number: Int64,
        keepingPrevious: Bool
    ) throws(StorageError) {
        let packing = Self.packing(changes, inRows: keepingPrevious)
        let first = state.position + 1
        if Self.isAboutPurges(changes, in: scope) { state.arePurgesStale = true }
        for change in changes {
            state.position += 1
            try noteStatements(in: change, by: replica, number)
            guard let body = change.body else { continue }
            let name = Name(Stamp(body.time, replica.id), hash: change.change.hash.prefix)
            let changesShares = try folding.fold(
                body,
                rank: replica.rank(name),
                author: replica,
                at: state.position,
                in: scope,
                number
            )
            if changesShares { state.sharesEpoch += 1 }
        }
        let packed = try packing()
        try connection.insert(
            changes,
            as: packed,
            at: first,
            scope: number,
            by: replica,
            keepingPrevious: keepingPrevious
        )
        try connection.noteStale(scope, number)
        guard let last = changes.last?.change.sequence else { return }
        let before = last - UInt64(changes.count)
        let isSmall = changes.reduce(0) { $0 + $1.change.body.count } <= Self.tailBytesMax
        var isTail = packed.isRows && isSmall && !keepingPrevious && before > 0
        if !keepingPrevious, try connection.seal(replica, from: before, to: last, in: number) {
            isTail = false
        }
        guard !isTail || !changes.allSatisfy({ $0.body != nil }) else { return }
        if let feed { try connection.setFeed(feed, of: replica.number, in: number) }
        try connection.setPosition(state.position, of: number)
    }

    /// What makes changes into rows; begun on another core if there is much to do.
    private static func packing(
        _ changes: [VerifiedChange],
        inRows: Bool
    ) -> () throws(StorageError) -> Packing {
        let bytes = changes.reduce(0) { $0 + $1.change.body.count }
        guard bytes >= besideBytesMin else {
            return { () throws(StorageError) in try Packing(changes, inRows: inRows) }
        }
        let beside = Beside { () throws(StorageError) in try Packing(changes, inRows: inRows) }
        return { () throws(StorageError) in try beside.value() }
    }

    /// What may be read again to learn where a feed stands; more is worth a row of its own.
    private static let tailBytesMax = 4_096
    /// Bodies worth the handing over: some tens of microseconds of packing.
    private static let besideBytesMin = 8_192
}
