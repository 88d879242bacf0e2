public import CRDT
import Domain
public import Storage
import Wire

// Who acts, and how the node knows them (CHG-2).

extension LocalNode {
    /// The person in whose name a command acts.
    ///
    /// - Parameters:
    ///   - name: What stood after `--as`; nil: the user that the caller's account is bound to.
    ///   - caller: Who gave the command.
    /// - Returns: The user, and how the node knows them.
    /// - Throws: `.notPermitted` if the account may not speak for that person, `.notFound`.
    public func actor(as name: String?, by caller: Caller) throws -> Actor {
        let bound = try user(boundTo: caller.uid)
        guard let name else {
            guard let bound else {
                throw CommandFault(
                    .notPermitted,
                    "say who acts: --as USER, or bind this account: gemba user bind",
                    reason: "nobody-named"
                )
            }
            return try admitted(Actor(user: bound, method: .account))
        }
        let (user, status, trustsLocal) = try read { view in
            let record = try view.user(named: name)
            return (
                record.fields.id(User.user), record.fields.text(User.status),
                try view.tenantRecord()?.fields.bool(Tenant.trustsLocal) ?? false
            )
        }
        guard let user, status != "suspended", status != "disabled" else {
            throw CommandFault(.notPermitted, "\(name) may not act", reason: "user-disabled")
        }
        if user == bound { return try admitted(Actor(user: user, method: .account)) }
        guard trustsLocal else {
            throw CommandFault(
                .notPermitted,
                "this account is not bound to \(name): gemba user bind --uid \(caller.uid) \(name)",
                reason: "not-bound"
            )
        }
        return try admitted(Actor(user: user, method: .asserted))
    }

    /// A technician's certificate names its people; no other can be claimed there (ID-9).
    private func admitted(_ actor: Actor) throws -> Actor {
        guard store.certificate.covers(user: actor.user, method: actor.method) else {
            throw CommandFault(
                .notPermitted,
                "this device may not speak for that person",
                reason: "user-not-covered"
            )
        }
        return actor
    }
}

// MARK: - Accounts

extension LocalNode {
    private static let accountPrefix = "account/"

    /// The user that an account of this machine is bound to.
    public func user(boundTo uid: UInt32) throws -> ID? {
        try store.localValue("\(Self.accountPrefix)\(uid)").flatMap { ID($0) }
    }

    /// Binds an account of this machine to a user, or to nobody.
    public func bind(uid: UInt32, to user: ID?) throws {
        try store.setLocalValue(user?.bytes, for: "\(Self.accountPrefix)\(uid)")
    }

    /// The accounts that are bound, ascending.
    public func accounts() throws -> [(uid: UInt32, user: ID)] {
        try store.localValues(prefix: Self.accountPrefix)
            .compactMap { key, value in
                guard let uid = UInt32(key.dropFirst(Self.accountPrefix.count)),
                    let user = ID(value)
                else { return nil }
                return (uid, user)
            }
            .sorted { $0.uid < $1.uid }
    }
}
