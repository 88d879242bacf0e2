public import CRDT
import Domain
import Storage
import Wire

// Who is logged in from which account of this machine.

extension LocalNode {
    private static let deskPrefix = "login/"
    private static let countKey = "login-count"
    /// How often the use of a login is written down at most.
    private static let touchMilliseconds: UInt64 = 30_000

    /// Logs a person in with a PIN, and makes them the active one of the account.
    ///
    /// Who is logged in already keeps their login, unlocked.
    ///
    /// - Throws: `.notPermitted`: `wrong-secret`, `locked-out`, `offline-too-long`,
    ///   `pin-change-needed`, `user-disabled`, `user-not-covered`.
    public func login(_ name: String, pin: String, by caller: Caller) throws -> Login {
        let user = try loginUser(named: name)
        let attempt = SecretAttempt(user, named: name, .login, .secretInLogin, by: caller)
        return try noting(attempt) {
            // One who is not known is answered like one whose PIN is wrong.
            try verify(pin: pin, of: user ?? .zero)
            try requireOwnPIN(of: user ?? .zero)
            return try begin(user ?? .zero, .secretInLogin, by: caller)
        }
    }

    /// Logs in the person whose badge it is.
    ///
    /// - Throws: As ``login(_:pin:by:)``.
    public func login(badge code: String, by caller: Caller) throws -> Login {
        var attempt = SecretAttempt(nil, named: nil, .login, .badge, by: caller)
        do {
            let user = try owner(ofBadge: code)
            attempt.user = user
            return try noting(attempt) { try begin(user, .badge, by: caller) }
        } catch  where attempt.user == nil {
            noteRefusal(of: attempt, error)
            throw error
        }
    }

    func loginUser(named name: String) throws -> ID? {
        try? readWhole { view in try view.userID(named: name) }
    }

    private func begin(_ user: ID, _ method: Wire.Method, by caller: Caller) throws -> Login {
        try requireMayAct(user)
        guard store.certificate.covers(user: user, method: method) else {
            throw CommandFault(
                .notPermitted,
                "this device may not speak for that person",
                reason: "user-not-covered"
            )
        }
        return try inTurn {
            var desk = try desk(of: caller.uid)
            let number = try desk[user]?.number ?? nextLogin()
            var login = Login(
                number: number,
                user: user,
                method: method,
                started: wallMilliseconds,
                lastUsed: 0,
                lastTicks: 0,
                boot: .zero
            )
            login.touch(wall: wallMilliseconds, ticks: monotonic)
            desk.put(login)
            try save(desk, of: caller.uid)
            return login
        }
    }

    /// Whether a person's account may be used at all.
    func requireMayAct(_ user: ID) throws {
        let directory = try currentDirectory()
        let now = directory.occasion(at: site, milliseconds: wallMilliseconds)
        guard directory.policy.isActive(user, at: now) else {
            throw CommandFault(.notPermitted, "this account may not act", reason: "user-disabled")
        }
    }

    private func nextLogin() throws -> UInt64 {
        let last = try store.localValue(Self.countKey) ?? []
        let next = last.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } &+ 1
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: next >> (56 - 8 * UInt64($0))) }
        try store.setLocalValue(bytes, for: Self.countKey)
        return next
    }

    func desk(of uid: UInt32) throws -> LoginDesk {
        let value = try store.localValue(Self.deskPrefix + "\(uid)")
        return value.flatMap { try? LoginDesk(decoding: $0) } ?? LoginDesk()
    }

    private func save(_ desk: LoginDesk, of uid: UInt32) throws {
        let value = desk.logins.isEmpty ? nil : desk.encoded
        try store.setLocalValue(value, for: Self.deskPrefix + "\(uid)")
    }
}

// MARK: - Using

extension LocalNode {
    /// The logins of an account, and the number of the active one; those that lay idle are locked.
    public func logins(of caller: Caller) throws -> (logins: [Login], active: UInt64) {
        let desk = try inTurn { try lockingIdle(caller.uid) }
        return (desk.logins, desk.active)
    }

    /// Makes another of the people who are logged in the active one; no PIN is asked for while
    /// their login is not locked.
    ///
    /// - Throws: `.notPermitted`: `not-logged-in`, `locked`.
    public func switchLogin(to name: String, by caller: Caller) throws -> Login {
        let user = try loginUser(named: name) ?? .zero
        return try inTurn {
            var desk = try lockingIdle(caller.uid)
            guard let login = desk[user] else {
                throw CommandFault(
                    .notPermitted,
                    "\(name) is not logged in: gemba login \(name)",
                    reason: "not-logged-in"
                )
            }
            guard !login.isLocked else { throw Self.locked(name) }
            desk.activate(login.number)
            try save(desk, of: caller.uid)
            return login
        }
    }

    /// Locks all logins of an account: each asks for the PIN again.
    public func lockLogins(of caller: Caller) throws {
        try inTurn {
            var desk = try desk(of: caller.uid)
            for place in desk.logins.indices { desk.logins[place].lock() }
            try save(desk, of: caller.uid)
        }
    }

    /// Ends a login of an account; without a name the active one.
    ///
    /// - Returns: Whose it was.
    /// - Throws: `.notPermitted`: `not-logged-in`.
    @discardableResult
    public func logout(_ name: String?, by caller: Caller) throws -> ID {
        let user = try name.map { try loginUser(named: $0) ?? .zero }
        let ended = try inTurn { () throws -> Login in
            var desk = try desk(of: caller.uid)
            guard let login = user.map({ desk[$0] }) ?? desk.current else {
                throw CommandFault(.notPermitted, "nobody is logged in", reason: "not-logged-in")
            }
            desk.logins.removeAll { $0.number == login.number }
            if desk.active == login.number { desk.active = 0 }
            try save(desk, of: caller.uid)
            return login
        }
        note(SecretAttempt(ended.user, named: nil, .logout, ended.method, by: caller).succeeded)
        return ended.user
    }

    /// Ends every login of a person at this node, from whatever account (DOM-277).
    func endLogins(of user: ID, because reason: String) throws {
        let ended = try inTurn { () throws -> [(uid: UInt32, login: Login)] in
            var ended: [(UInt32, Login)] = []
            for (key, value) in try store.localValues(prefix: Self.deskPrefix) {
                guard let uid = UInt32(key.dropFirst(Self.deskPrefix.count)),
                    var desk = try? LoginDesk(decoding: value), let login = desk[user]
                else { continue }
                desk.logins.removeAll { $0.user == user }
                if desk.active == login.number { desk.active = 0 }
                try save(desk, of: uid)
                ended.append((uid, login))
            }
            return ended
        }
        for (uid, login) in ended {
            var content = LoginAttempt.Content(
                .logout,
                isSuccess: true,
                method: login.method.rawValue
            )
            content.user = user
            content.reason = reason
            content.account = uid
            note(content)
        }
    }

    /// Notes that a person signed with name and secret in a login, from where the secret is enough.
    func noteSigning(in number: UInt64, of uid: UInt32) throws {
        try inTurn {
            var desk = try desk(of: uid)
            guard let place = desk.logins.firstIndex(where: { $0.number == number }) else { return }
            desk.logins[place].hasSigned = true
            desk.logins[place].touch(wall: wallMilliseconds, ticks: monotonic)
            try save(desk, of: uid)
        }
    }

    static func locked(_ name: String) -> CommandFault {
        CommandFault(.notPermitted, "locked: gemba login \(name)", reason: "locked")
    }

    /// The active login of an account, whose use this is.
    ///
    /// - Returns: nil if there is none.
    /// - Throws: `.notPermitted`: `locked`.
    func useLogin(of uid: UInt32) throws -> Login? {
        let desk = try inTurn { () throws -> LoginDesk in
            var desk = try lockingIdle(uid)
            let place = desk.logins.firstIndex { $0.number == desk.active && !$0.isLocked }
            let now = wallMilliseconds
            guard let place else { return desk }
            let last = desk.logins[place].lastUsed
            guard now < last || now - last >= Self.touchMilliseconds else { return desk }
            desk.logins[place].touch(wall: now, ticks: monotonic)
            try save(desk, of: uid)
            return desk
        }
        guard let login = desk.current else { return nil }
        guard !login.isLocked else {
            let name = try readWhole { view in try Nicknames(view).user(login.user) }
            throw Self.locked(name)
        }
        return login
    }

    /// Locks what lay idle for as long as the tenant says.
    func lockingIdle(_ uid: UInt32) throws -> LoginDesk {
        var desk = try desk(of: uid)
        let idle = try currentDirectory().loginRules.idleMilliseconds
        let (wall, ticks) = (wallMilliseconds, monotonic)
        var hasChanged = false
        for place in desk.logins.indices where !desk.logins[place].isLocked {
            guard desk.logins[place].isIdle(idle, wall: wall, ticks: ticks) else { continue }
            desk.logins[place].lock()
            hasChanged = true
        }
        if hasChanged { try save(desk, of: uid) }
        return desk
    }
}
