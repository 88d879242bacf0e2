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
        do {
            return try known(as: name, by: caller)
        } catch let fault as CommandFault {
            if let reason = fault.reason, Self.claims.contains(reason) {
                let user = try name.flatMap { try loginUser(named: $0) }
                let attempt = SecretAttempt(user, named: name, .refusal, .asserted, by: caller)
                noteRefusal(of: attempt, fault)
            }
            throw fault
        }
    }

    /// Why somebody is refused who says they are somebody.
    private static let claims: Set<String> = ["not-bound", "user-disabled", "user-not-covered"]

    private func known(as name: String?, by caller: Caller) throws -> Actor {
        if let pin = caller.secrets.first { return try actor(as: name, pin: pin, by: caller) }
        let bound = try user(boundTo: caller.uid)
        let login = try useLogin(of: caller.uid)
        guard let name else {
            if let login { return try admitted(login) }
            guard let bound else {
                throw CommandFault(
                    .notPermitted,
                    "say who acts: gemba login USER, or --as USER, or bind this account: "
                        + "gemba user bind",
                    reason: "nobody-named"
                )
            }
            return try admitted(Actor(user: bound, method: .account))
        }
        let (user, trustsLocal) = try named(name)
        if let login, login.user == user { return try admitted(login) }
        if user == bound { return try admitted(Actor(user: user, method: .account)) }
        guard trustsLocal else {
            throw CommandFault(
                .notPermitted,
                "\(name) is not logged in here, and this account is not theirs: "
                    + "gemba login \(name), or gemba user bind --uid \(caller.uid) \(name)",
                reason: "not-bound"
            )
        }
        return try admitted(Actor(user: user, method: .asserted))
    }

    /// Through whose eyes a command reads.
    ///
    /// - Parameters:
    ///   - name: What stood after `--as`.
    ///   - caller: Who gave the command.
    /// - Returns: Whoever is named, if the caller may act as them or is nobody yet; else who is
    ///   logged in, or the user that the account is bound to; nil: the account of the machine.
    /// - Throws: What reading the store does.
    public func reader(as name: String?, by caller: Caller) throws -> ID? {
        let own = try desk(of: caller.uid).current?.user ?? user(boundTo: caller.uid)
        guard let name, let (user, trustsLocal) = try? named(name) else { return own }
        return trustsLocal ? user : own ?? user
    }

    /// The person of a name, and whether the tenant takes names alone.
    private func named(_ name: String) throws -> (user: ID, trustsLocal: Bool) {
        let (user, status, trustsLocal) = try readWhole { view in
            let record = try view.user(named: name)
            return (
                record.fields.id(User.user), record.fields.text(User.status),
                try view.tenantRecord()?.fields.bool(Tenant.trustsLocal) ?? false
            )
        }
        guard let user, !(status.map { UserStatus($0).isBarred } ?? false) else {
            throw CommandFault(.notPermitted, "\(name) may not act", reason: "user-disabled")
        }
        return (user, trustsLocal)
    }

    /// Whoever gave their PIN for this act alone.
    private func actor(as name: String?, pin: String, by caller: Caller) throws -> Actor {
        let login = try desk(of: caller.uid).current
        let bound = try user(boundTo: caller.uid)
        guard let user = try name.map({ try named($0).user }) ?? login?.user ?? bound else {
            throw CommandFault(.notPermitted, "say whose PIN: --as USER", reason: "nobody-named")
        }
        let attempt = SecretAttempt(user, named: name, .login, .secretForAct, by: caller)
        try noting(attempt, successToo: false) {
            try verify(pin: pin, of: user)
            try requireOwnPIN(of: user)
        }
        try requireMayAct(user)
        let number = login?.user == user ? login?.number ?? 0 : 0
        return try admitted(Actor(user: user, login: number, method: .secretForAct))
    }

    private func admitted(_ login: Login) throws -> Actor {
        try requireMayAct(login.user)
        return try admitted(Actor(user: login.user, login: login.number, method: login.method))
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
        let key = "\(Self.accountPrefix)\(uid)"
        try configure(user?.bytes, for: key, "account", of: user, ["account": "\(uid)"])
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
