import CRDT
import Wire

/// What of a scope is held at a moment: the O(1) check that nothing comes before what it names.
///
/// - Source: CHG-17.
struct Horizon {
    private let connection: Connection
    private let scope: Int64
    /// Replicas of which the sender holds a branch that is not held here.
    private let doubted: Set<ID>
    private var reached: [ID: HybridTime] = [:]
    private var branched: [ID: Set<Name>] = [:]

    init(connection: Connection, scope: Int64, doubting doubted: Set<ID> = []) {
        self.connection = connection
        self.scope = scope
        self.doubted = doubted
    }

    /// Whether every write that a body names is held.
    mutating func holds(namesOf body: Body) throws(StorageError) -> Bool {
        let operations = body.operations.span
        for place in operations.indices {
            for name in operations[place].after where try !holds(name) { return false }
            let edits = operations[place].edits.span
            for index in edits.indices {
                for name in edits[index].action.names where try !holds(name) { return false }
            }
        }
        return true
    }

    /// Notes that a change is about to be stored, so that later ones of the chunk may name it.
    mutating func note(_ change: VerifiedChange) throws(StorageError) {
        guard let body = change.body else { return }
        let replica = change.change.feed.replica
        if reached[replica] == nil, branched[replica] == nil { try load(replica) }
        if branched[replica] == nil {
            reached[replica] = max(reached[replica] ?? .zero, body.time)
        } else {
            let name = Name(Stamp(body.time, replica), hash: change.change.hash.prefix)
            branched[replica]?.insert(name)
        }
    }

    /// Forgets a replica: it has a new branch.
    mutating func forget(_ replica: ID) {
        reached[replica] = nil
        branched[replica] = nil
    }

    private mutating func holds(_ name: Name) throws(StorageError) -> Bool {
        let replica = name.stamp.replica
        if reached[replica] == nil, branched[replica] == nil { try load(replica) }
        if let names = branched[replica] { return names.contains(name) }
        guard let last = reached[replica] else { return false }
        return name.stamp.time <= last
    }

    /// Notes where the feeds of a replica stand, which were read for another reason.
    mutating func expect(_ replica: ID, at feeds: [Feed]) {
        guard reached[replica] == nil, isLine(replica, feeds) else { return }
        reached[replica] = feeds.first?.tip.time
    }

    private func isLine(_ replica: ID, _ feeds: [Feed]) -> Bool {
        !doubted.contains(replica) && feeds.allSatisfy { $0.branch == .zero }
    }

    private mutating func load(_ replica: ID) throws(StorageError) {
        guard let number = try connection.replica(replica)?.number else { return }
        let feeds = try connection.feeds(number, in: scope)
        guard !isLine(replica, feeds) else {
            reached[replica] = feeds.first?.tip.time
            return
        }
        var names: Set<Name> = []
        for change in try connection.changes(of: number, in: scope) {
            guard let body = try change.body() else { continue }
            names.insert(Name(Stamp(body.time, replica), hash: change.hash.prefix))
        }
        branched[replica] = names
    }
}

extension FieldEdit.Action {
    /// The writes that the edit names.
    var names: [Name] {
        switch self {
        case .write(_, let names), .add(_, let names), .remove(_, let names),
            .put(_, _, let names):
            names
        case .increment, .unknown: []
        }
    }
}
