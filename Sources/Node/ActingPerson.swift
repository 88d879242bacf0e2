public import CRDT
import Domain
import Storage
import Wire

/// The person who acts, with what they may do here today: what rules are asked with.
struct ActingPerson: Sendable {
    let standing: Standing
    private let method: Method
    private let trustsLocal: Bool

    /// Reads the directory as the node holds it.
    ///
    /// - Parameters:
    ///   - actor: Who acts.
    ///   - view: The rows as they are when the act is decided.
    ///   - site: Where the node stands; zero for a hub.
    ///   - wallMilliseconds: The wall clock, since 1970: which day it is there.
    /// - Throws: What reading the store does.
    init(_ actor: Actor, on view: View, at site: ID, wallMilliseconds: UInt64) throws {
        let own = LookUp(Membership.byUser, of: Membership.entity, [.id(actor.user)])
        let memberships = try view.records(own, in: .tenant).items
        let roles = try view.records(of: Role.entity, in: .tenant)
        standing = Standing(
            user: actor.user,
            memberships: memberships.map(\.fields),
            roles: roles.filter { !$0.isDeleted }.map(\.fields),
            on: try view.clock(of: site).day(milliseconds: Int64(clamping: wallMilliseconds)),
            at: site == .zero ? nil : site
        )
        method = actor.method
        trustsLocal = try view.tenantRecord()?.fields.bool(Tenant.trustsLocal) ?? false
    }

    var user: ID { standing.user }

    /// Asks for a role and for how well the person is known.
    ///
    /// - Throws: `RuleFault`: `notAllowed`, `methodTooWeak`.
    func check(_ act: Act, responsible: [String] = []) throws(RuleFault) {
        try act.check(standing, responsible: responsible)
        try checkMethod(act)
    }

    /// Asks how well the person is known, where a rule has asked for the role.
    func checkMethod(_ act: Act) throws(RuleFault) {
        try act.check(method: method.rawValue, trustsLocal: trustsLocal)
    }
}

extension LocalNode {
    /// The site of this device; zero for a hub.
    public var site: ID { store.certificate.site }

    public var isHub: Bool { store.certificate.kind == .hub }

    /// Performs an action of a person: `decide` sees one state and who acts.
    func act(
        by actor: Actor,
        _ decide: @escaping @Sendable (borrowing Acting, ActingPerson) throws -> Draft
    ) throws -> Saved {
        let site = site
        let wallMilliseconds = wallMilliseconds
        return try act(actor) { acting in
            let person = try ActingPerson(
                actor,
                on: acting.view,
                at: site,
                wallMilliseconds: wallMilliseconds
            )
            return try decide(acting, person)
        }
    }
}
