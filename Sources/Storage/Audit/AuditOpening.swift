import CRDT
import Wire

extension StoreWriter {
    /// Goes on with the audit of a hub; one that is younger than its store records all that is
    /// held, in order of arrival (AUD-8).
    ///
    /// An audit that contradicts itself is not gone on with: then nothing is written (AUD-1).
    func openAudit(wallMilliseconds: UInt64) throws(StorageError) {
        guard state.own.isHub else { return }
        try connection.execute(AuditTables.definition)
        let held: AuditTrail?
        do throws(StorageError) {
            held = try connection.auditTrail()
        } catch {
            guard error.code == .damaged else { throw error }
            state.audit = AuditTrail(tree: GrowingTree(), fault: error)
            return
        }
        if let held {
            state.audit = held
            return
        }
        state.audit = AuditTrail(tree: GrowingTree())
        try audit(state.authority, beyond: nil, at: 0, wallMilliseconds: wallMilliseconds)
        try auditAll(wallMilliseconds: wallMilliseconds)
        if let head = state.audit?.head { try connection.setAuditHead(head) }
    }

    /// Records every change that is held.
    private func auditAll(wallMilliseconds: UInt64) throws(StorageError) {
        var first: Int64 = 1
        while first <= state.position {
            let last = min(state.position, first + Self.window - 1)
            let changes = try connection.audited(from: first, to: last)
            for (position, found) in changes.sorted(by: { $0.key < $1.key }) {
                try audit(
                    found.change,
                    at: position,
                    in: found.scope,
                    found.number,
                    wallMilliseconds
                )
            }
            first = last + 1
        }
    }

    /// Positions whose changes are in memory at once.
    private static let window: Int64 = 16_384
}

extension Connection {
    /// A change, and where it lies.
    struct FoundChange {
        let change: AuditedChange
        let scope: Scope
        let number: Int64
    }

    /// The changes of all scopes between two positions.
    func audited(from first: Int64, to last: Int64) throws(StorageError) -> [Int64: FoundChange] {
        var found: [Int64: FoundChange] = [:]
        for (scope, number, position) in try heldScopes() where position >= first {
            try forEachChange(in: number, after: first - 1, upTo: last) {
                change throws(StorageError) in
                let audited = AuditedChange(change.hash, try change.body(), change.replica)
                found[change.position] = FoundChange(change: audited, scope: scope, number: number)
                return true
            }
        }
        return found
    }

    /// The tree as the last commit left it; nil for a store that has no audit yet.
    ///
    /// - Throws: `.damaged` if what is held of its edge has another root.
    fileprivate func auditTrail() throws(StorageError) -> AuditTrail? {
        guard let head = try auditHead() else {
            let traces = try prepare(
                "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM audit_checkpoint)"
            ).first { $0.integer(0) }
            guard traces == 0 else { throw StorageError(.damaged, "the audit has lost its root") }
            return nil
        }
        let tree = try GrowingTree(size: head.size) { place throws(StorageError) in
            let first = place.number * UInt64(Tile.width)
            if place.level == 0 {
                return try auditEntries(from: first, upTo: head.size).map(\.leaf.hash)
            }
            let below = Tile.Place(level: place.level - 1, number: first)
            return try prepare(
                "SELECT root FROM audit_tile WHERE place >= ? AND place < ? ORDER BY place"
            )
            .bind(below.row).bind(below.row + Int64(Tile.width))
            .all { $0.hash(0) ?? .zero }
        }
        guard let tree, tree.root == head.root else {
            throw StorageError(.damaged, "the audit's last entries are not those of its root")
        }
        let last = try prepare("SELECT position, time FROM audit ORDER BY number DESC LIMIT 1")
            .first { (position: $0.integer(0), time: $0.bits(1)) }
        guard last?.position ?? 0 == (try lastPosition()) else {
            throw StorageError(.damaged, "the last changes have no entry in the audit")
        }
        return AuditTrail(tree: tree, lastTime: last?.time ?? 0)
    }
}
