public import CRDT
import Domain
import Storage
import Wire

/// The person who acts, with what they may do here today: what rules are asked with.
struct ActingPerson: Sendable {
    let standing: Standing
    private let method: Method
    private let trustsLocal: Bool

    /// - Parameters:
    ///   - actor: Who acts.
    ///   - directory: As it is when the act is decided.
    ///   - site: Where the node stands; zero for a hub.
    ///   - wallMilliseconds: The wall clock, since 1970: which day it is there.
    init(_ actor: Actor, in directory: Directory, at site: ID, wallMilliseconds: UInt64) {
        standing = Standing(
            user: actor.user,
            in: directory.policy,
            at: directory.occasion(at: site, milliseconds: wallMilliseconds)
        )
        method = actor.method
        trustsLocal = directory.trustsLocal
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
        let directories = directories
        // Kept for the next one, if the last action or a peer wrote to the directory.
        _ = try currentDirectory()
        do {
            return try act(actor) { acting in
                let directory = try directories.directory(on: acting.view, isCommitted: false)
                let person = ActingPerson(
                    actor,
                    in: directory,
                    at: site,
                    wallMilliseconds: wallMilliseconds
                )
                guard actor.method != .machine else { return try decide(acting, person) }
                // What a person may not read is not there for what they do either.
                let reading = directory.policy.reading(
                    of: actor.user,
                    at: directory.occasion(at: site, milliseconds: wallMilliseconds)
                )
                let draft = try decide(acting.asRead(by: reading.forRules), person)
                guard try acting.view.admits(draft, of: reading) else {
                    throw CommandFault(.notFound, "there is nothing of that name")
                }
                return draft
            }
        } catch let fault as RuleFault {
            noteRefusal(of: actor, fault)
            throw fault
        }
    }
}
