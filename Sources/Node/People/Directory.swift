import CRDT
public import Domain
import Storage
import Synchronization
import Wire

/// Who may do what, and what day it is where: read once for as long as the directory stays.
struct Directory: Sendable {
    let policy: Policy
    let trustsLocal: Bool
    let loginRules: LoginRules
    private let clocks: [ID: SiteClock]

    /// Reads all of it.
    ///
    /// - Throws: What reading the store does.
    init(_ view: View) throws {
        func fields(_ entity: Entity) throws -> [Fields] {
            try view.records(of: entity, in: .tenant).filter { !$0.isDeleted }.map(\.fields)
        }
        policy = Policy(
            users: try fields(User.entity),
            roles: try fields(Role.entity),
            memberships: try fields(Membership.entity),
            delegations: try fields(Delegation.entity),
            permissions: try fields(RolePermission.entity)
        )
        let tenant = try view.tenantRecord()?.fields ?? Fields([:])
        trustsLocal = tenant.bool(Tenant.trustsLocal) ?? false
        loginRules = LoginRules(tenant)
        var clocks: [ID: SiteClock] = [:]
        for site in try fields(Site.entity) {
            guard let id = site.id(Site.site) else { continue }
            clocks[id] = SiteClock(zone: site.text(Site.timezone))
        }
        self.clocks = clocks
    }

    /// When and where something is done.
    ///
    /// - Parameters:
    ///   - site: Where the node stands; zero for a hub.
    ///   - milliseconds: Since 1970.
    /// - Returns: With the day as people there count it.
    func occasion(at site: ID, milliseconds: UInt64) -> Occasion {
        let time = Int64(clamping: milliseconds)
        let clock = clocks[site] ?? SiteClock(zone: nil)
        return Occasion(
            day: clock.day(milliseconds: time),
            milliseconds: time,
            site: site == .zero ? nil : site
        )
    }
}

/// The directory as it was read last.
///
/// - Invariant: What is kept was read from what is committed, and is used only while the tenant
///   scope has neither grown nor been judged otherwise since.
final class DirectoryCache: Sendable {
    private let kept = Mutex<(mark: ScopeMark, directory: Directory)?>(nil)

    /// The directory as a view shows it.
    ///
    /// - Parameters:
    ///   - view: Of what is committed, or of an action in the making.
    ///   - isCommitted: Whether what is read may be kept.
    /// - Returns: The one that was kept, if it still holds.
    /// - Throws: What reading the store does.
    func directory(on view: View, isCommitted: Bool) throws -> Directory {
        let mark = try view.mark(of: .tenant)
        if let known = kept.withLock({ $0 }), known.mark == mark { return known.directory }
        let directory = try Directory(view)
        // What one person sees of the directory is not for the others.
        if isCommitted, !view.isOfPerson { kept.withLock { $0 = (mark, directory) } }
        return directory
    }
}

extension LocalNode {
    /// The directory as it is committed now.
    func currentDirectory() throws -> Directory {
        try readWhole { view in try directories.directory(on: view, isCommitted: true) }
    }

    /// Who may do what in the tenant, as this node holds the directory.
    public func policy() throws -> Policy { try currentDirectory().policy }

    /// Now, here, as rules ask for it.
    public func occasion() throws -> Occasion {
        try currentDirectory().occasion(at: site, milliseconds: wallMilliseconds)
    }
}
