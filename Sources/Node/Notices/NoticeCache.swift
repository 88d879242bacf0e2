import CRDT
import Domain
import Storage
import Synchronization

/// What a node has derived for its people, by scope, until that scope grows.
///
/// Never on disk and never the truth: whatever is here follows from the log. A scope that grew is
/// derived again, but for marks, of which only the new ones are read. The first look of a process
/// costs all scopes.
final class NoticeCache: Sendable {
    /// What was found in one scope.
    struct Found {
        /// The position of the last change of the scope that was looked at.
        var position: Int64 = 0
        /// What statements set aside then: if it changes, marks are read anew.
        var exclusions: [Int64: Exclusion] = [:]
        /// The conflicts of fields that were there.
        var conflicts: [Conflict] = []
        /// From when on it was looked at, milliseconds since 1970.
        var since: UInt64 = 0
        var notices: [Notice] = []
        var handovers: [StoredEvent] = []
        var marks: [(mark: SeenMark, person: ID, milliseconds: UInt64)] = []
    }

    private let scopes = Mutex<[Scope: Found]>([:])

    /// The most notices of a scope that are kept, the newest.
    private static let noticesMax = 2_000

    /// What is to be found in every scope at one moment.
    ///
    /// - Parameters:
    ///   - view: The rows of that moment, all of them: what is found is kept for everybody.
    ///   - tenant: Of the store.
    ///   - since: Milliseconds since 1970: what was caused earlier is not looked at.
    /// - Returns: What was found, by scope.
    /// - Throws: What the store says.
    func found(on view: View, tenant: ID, since: UInt64) throws -> [Scope: Found] {
        let conflicts = Dictionary(grouping: try view.conflicts(), by: \.scope)
        let search = NoticeSearch(view: view, tenant: tenant, since: since)
        let known = scopes.withLock { $0 }
        var all: [Scope: Found] = [:]
        for (scope, position) in try view.positions() where scope.kind != .restricted {
            let exclusions = try view.exclusions(in: scope)
            let own = conflicts[scope] ?? []
            let isSettled = known[scope].map { found in
                found.exclusions == exclusions && found.conflicts == own && found.since <= since
            }
            if let held = known[scope], isSettled == true, held.position == position {
                all[scope] = held
                continue
            }
            var found = isSettled == true ? known[scope] ?? Found() : Found()
            if scope.kind != .subject {
                found.marks += try Self.marks(
                    in: scope,
                    since: since,
                    after: found.position,
                    on: view
                )
            }
            found.notices = try search.notices(in: scope, conflicts: own)
                .sorted { $0.milliseconds > $1.milliseconds }
            found.notices.removeLast(max(0, found.notices.count - Self.noticesMax))
            found.handovers = try Self.handovers(in: scope, since: since, on: view)
            (found.position, found.exclusions, found.conflicts) = (position, exclusions, own)
            found.since = since
            all[scope] = found
        }
        scopes.withLock { [all] in $0 = all }
        return all
    }

    static func marks(
        in scope: Scope,
        since: UInt64,
        after position: Int64,
        on view: View
    ) throws -> [(mark: SeenMark, person: ID, milliseconds: UInt64)] {
        try view.events(of: SeenMark.entity, in: scope, since: since, after: position)
            .filter { $0.exclusion == nil }
            .map { (SeenMark($0.fields), $0.origin.user, $0.origin.time.milliseconds) }
    }

    static func handovers(
        in scope: Scope,
        since: UInt64,
        on view: View
    ) throws -> [StoredEvent] {
        guard scope.kind == .site else { return [] }
        return try view.events(of: HandoverNote.entity, in: scope, since: since)
            .filter { $0.exclusion == nil }
    }
}
