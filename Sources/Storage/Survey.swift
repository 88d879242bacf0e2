public import CRDT
import Synchronization
import Wire

/// The scopes that this node and a peer share, with the marks of what is held, at one moment.
public struct Survey: Sendable {
    /// A scope; without a mark if nothing of it is held.
    public struct Entry: Hashable, Sendable {
        public let scope: Scope
        public let mark: Hash?
    }

    /// Sorted by scope.
    public let scopes: [Entry]
    /// The last position of the log that the marks cover.
    public let position: Int64
}

/// Marks as they were computed last: good while the scope's log has not grown.
final class MarkCache: Sendable {
    private let marks = Mutex<[Int64: (position: Int64, mark: Hash)]>([:])

    func mark(_ scope: Int64, at position: Int64) -> Hash? {
        marks.withLock { $0[scope].flatMap { $0.position == position ? $0.mark : nil } }
    }

    func keep(_ mark: Hash, _ scope: Int64, at position: Int64) {
        marks.withLock { $0[scope] = (position, mark) }
    }
}

/// Which scopes a node shares with a peer.
///
/// - Source: SYNC-1, SYNC-2 in `protocol/sync.md`.
struct Sharing {
    let connection: Connection
    let own: Certificate
    let peer: Certificate

    /// The shared scopes, held or wanted.
    func scopes(held: Set<Scope>) throws(StorageError) -> Set<Scope> {
        var shared: Set<Scope> = [.tenant]
        for scope in held where scope.kind == .site || scope.kind == .restricted {
            shared.insert(scope)
        }
        for site in [own.site, peer.site] where site != .zero {
            shared.insert(.site(site))
        }
        shared = shared.filter { own.mayRead($0) && peer.mayRead($0) }
        return try shared.union(subjects(held: held)).subtracting(connection.purgedScopes())
    }

    /// Whether one scope that is held is among them.
    func shares(_ scope: Scope) throws(StorageError) -> Bool {
        guard own.mayRead(scope), peer.mayRead(scope), try !connection.isPurged(scope) else {
            return false
        }
        guard scope.kind == .subject, peer.kind != .hub else { return true }
        return try connection.prepare("SELECT 1 FROM interest WHERE site = ? AND subject = ?")
            .bind(peer.site).bind(scope.key).first { $0.integer(0) } != nil
    }

    private func subjects(held: Set<Scope>) throws(StorageError) -> Set<Scope> {
        let wanted = own.kind == .hub ? try openings() : try interests(of: own.site, sources: [1])
        let known = held.filter { $0.kind == .subject }.union(wanted)
        guard peer.kind != .hub else { return known }
        let ofPeer = try interests(of: peer.site, sources: [1, 2])
        return known.filter { ofPeer.contains($0) || (!held.contains($0) && wanted.contains($0)) }
    }

    private func openings() throws(StorageError) -> Set<Scope> {
        let sql = "SELECT DISTINCT subject FROM interest WHERE source = 1"
        return Self.scopes(try connection.prepare(sql).all { $0.bytes(0) })
    }

    /// The subjects that concern a site: opened there (1), or naming it themselves (2).
    private func interests(of site: ID, sources: [Int64]) throws(StorageError) -> Set<Scope> {
        var subjects: [[UInt8]] = []
        for source in sources {
            subjects += try connection.prepare(
                "SELECT subject FROM interest WHERE site = ? AND source = ?"
            )
            .bind(site).bind(source).all { $0.bytes(0) }
        }
        return Self.scopes(subjects)
    }

    private static func scopes(_ keys: [[UInt8]]) -> Set<Scope> {
        Set(keys.compactMap { ID($0) }.map { Scope.subject($0) })
    }
}

extension Connection {
    /// The scopes of which something is held, with number and last position.
    func heldScopes() throws(StorageError) -> [(scope: Scope, number: Int64, position: Int64)] {
        let rows = try prepare(
            """
            SELECT kind, key, number, \(Self.scopePosition) FROM scope
            WHERE position > 0 ORDER BY kind, key
            """
        )
        .all { ($0.integer(0), $0.bytes(1), $0.integer(2), $0.integer(3)) }
        var scopes: [(Scope, Int64, Int64)] = []
        for (kind, key, number, position) in rows {
            guard let kind = UInt8(exactly: kind), let key = ID(key),
                let scope = Scope(kind: kind, key: key)
            else { throw StorageError(.damaged, "scope \(number) is not readable") }
            scopes.append((scope, number, position))
        }
        return scopes
    }

    /// What this node shares with a peer.
    func survey(
        own: Certificate,
        peer: Certificate,
        tenant: ID,
        _ cache: MarkCache
    ) throws(StorageError) -> Survey {
        let held = try heldScopes()
        let sharing = Sharing(connection: self, own: own, peer: peer)
        var shared = try sharing.scopes(held: Set(held.map(\.scope)))
        var entries: [Survey.Entry] = []
        for (scope, number, position) in held where shared.remove(scope) != nil {
            var mark = cache.mark(number, at: position)
            if mark == nil {
                let new = try frontier(of: number).mark(of: scope, tenant: tenant)
                cache.keep(new, number, at: position)
                mark = new
            }
            entries.append(Survey.Entry(scope: scope, mark: mark))
        }
        entries += shared.map { Survey.Entry(scope: $0, mark: nil) }
        return Survey(
            scopes: entries.sorted { $0.scope < $1.scope },
            position: held.map(\.position).max() ?? 0
        )
    }
}
