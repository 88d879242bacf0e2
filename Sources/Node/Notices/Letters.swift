import CRDT
import Domain
import Storage
import Wire

/// What is written from one site to somebody of another: a subject scope for each pair of sites,
/// which both hold, and the hub.
///
/// A station may open a subject at its own site alone. So whoever writes first says in the scope
/// that it is open at both, and a hub that meets it opens it at the other.
///
/// - Source: DOM-292.
enum Letters {
    /// The scope of two sites: the same whoever writes first.
    static func scope(between one: ID, and other: ID, tenant: ID) -> Scope {
        let pair = [one, other].sorted().map(Value.id)
        return .subject(
            ID(naturalKey: pair, of: Message.number, in: .tenant, tenant: tenant)
        )
    }

    /// Opens the scope at the site that writes, and asks for it at the other.
    static func open(
        between own: ID,
        and other: ID,
        tenant: ID,
        _ draft: inout Draft,
        on view: View
    ) throws {
        let scope = scope(between: own, and: other, tenant: tenant)
        let opened = try sites(of: scope, on: view)
        if !opened.contains(own) { draft.open(scope.key, at: own) }
        if !opened.contains(other) { draft.add(Opened(at: other).operation(), in: scope) }
    }

    private static func sites(of scope: Scope, on view: View) throws -> Set<ID> {
        // Openings stay in force, set aside or not (CHG-26); they name nothing then.
        try Set(
            view.events(of: Opened.entity, in: scope).compactMap { $0.fields.id(Opened.siteField) }
        )
    }

    /// The openings that a hub owes the sites of such a scope; none for any other.
    static func owed(in scope: Scope, tenant: ID, on view: View) throws -> [(site: ID, Operation)] {
        let pair = try sites(of: scope, on: view).sorted()
        guard pair.count == 2,
            scope == self.scope(between: pair[0], and: pair[1], tenant: tenant)
        else { return [] }
        return try pair.compactMap { site in
            let openings = try view.events(of: Opening.entity, in: .site(site))
            let isOpen = openings.contains { $0.fields.id(Opening.subjectField) == scope.key }
            return isOpen ? nil : (site, Opening(of: scope.key).operation())
        }
    }
}

extension LocalNode {
    /// Opens, as a hub, what was written from site to site at the sites that it is for.
    ///
    /// - Returns: How many openings were written.
    func openLetters(in scopes: [Scope]) throws -> Int {
        let tenant = store.tenant
        let owed = try read { view in
            try scopes.filter { try !Letters.owed(in: $0, tenant: tenant, on: view).isEmpty }
        }
        guard !owed.isEmpty else { return 0 }
        let count = Decided<Int>()
        _ = try act(.machine) { acting in
            var draft = Draft()
            let openings = try owed.flatMap {
                try Letters.owed(in: $0, tenant: tenant, on: acting.view)
            }
            for (site, operation) in openings { draft.add(operation, in: .site(site)) }
            count.set(openings.count)
            return draft
        }
        return count.value ?? 0
    }
}
