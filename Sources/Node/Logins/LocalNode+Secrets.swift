import Bytes
public import CRDT
import Domain
import Identity
public import Storage
import Wire

// PINs and badges: set at a hub, checked everywhere, counted where they are wrong.

extension LocalNode {
    var shelf: CredentialShelf { CredentialShelf(node: self) }

    /// Sets a person's PIN, as a hub: who is not that person sets one that must be changed, and
    /// ends the person's logins here (ID-31, DOM-277).
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `weakSecret`; `.notFound`.
    public func setPIN(_ pin: String, of name: String, by actor: Actor) throws {
        try LoginRules.check(newSecret: pin)
        let isOwn = try loginUser(named: name) == actor.user
        let user = try record(isOwn ? .pinChanged : .pinSet, of: name, by: actor)
        try changeCredential(of: user) { credential in
            credential.verifier = try SecretVerifier(
                of: pin,
                salt: chance.bytes(16),
                cost: secretCost
            )
            credential.mustChange = !isOwn
        }
        if !isOwn { try endLogins(of: user, because: "pin-set") }
    }

    /// Gives a person a badge, or takes all of them away, as a hub.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `taken` if it is somebody's, `tooLong`.
    public func setBadge(_ code: String?, of name: String, by actor: Actor) throws {
        guard let code else {
            let user = try record(.badgesTaken, of: name, by: actor)
            return try changeCredential(of: user) { $0.badges = [] }
        }
        try LoginRules.check(secret: code)
        let hash = CredentialShelf.hash(badge: code, key: try hubBadgeKey())
        let owner = try shelf.everOwner(of: hash)
        let user = try record(.badgeGiven, of: name, by: actor) { user in
            guard owner == nil || owner == user else { throw Self.ownedBadge }
        }
        try inTurn {
            // Another command may have given it away meanwhile.
            guard try shelf.everOwner(of: hash) ?? user == user else { throw Self.ownedBadge }
            try shelf.setEverOwner(user, of: hash)
            guard try shelf.credential(of: user)?.badges.contains(hash) != true else { return }
            try writeCredential(of: user) { credential in
                guard credential.badges.count < Credential.badgesMax else {
                    throw RuleFault(.outOfRange, "a person has at most 8 badges")
                }
                credential.badges.append(hash)
            }
        }
    }

    private static let ownedBadge = RuleFault(
        .taken,
        "this badge is or was somebody else's: give another"
    )

    /// Changes one's own PIN, at any node; the hub hears of it at the next meeting.
    ///
    /// - Throws: `RuleFault`: `weakSecret`; `.notPermitted` for a wrong old one.
    public func changePIN(from old: String, to new: String, of user: ID) throws {
        try LoginRules.check(newSecret: new)
        guard old != new else { throw RuleFault(.weakSecret, "the new PIN is the old one") }
        let attempt = SecretAttempt(user, named: nil, .login, .secretForAct, by: nil)
        try noting(attempt, successToo: false) { try verify(pin: old, of: user) }
        let scope = securityScope
        _ = try act(Actor(user: user, method: .secretForAct)) { _ in
            var draft = Draft()
            draft.add(CredentialStep(.pinChanged, of: user).operation(), in: scope)
            return draft
        }
        try changeCredential(of: user) { credential in
            credential.verifier = try SecretVerifier(
                of: new,
                salt: chance.bytes(16),
                cost: secretCost
            )
            credential.isPending = !isHub
            credential.mustChange = false
        }
    }

    /// Writes down, before it is done, what is done about a person's credentials (DOM-276), if
    /// whoever does it may.
    private func record(
        _ action: CredentialStep.Action,
        of name: String,
        by actor: Actor,
        if mayBe: @escaping @Sendable (ID) throws -> Void = { _ in }
    ) throws -> ID {
        guard isHub else { throw RuleFault(.hubOnly, "PINs and badges are given at the hub") }
        let isNobodyKnown = try shelf.all().isEmpty
        let scope = securityScope
        let about = Decided<ID>()
        _ = try act(by: actor) { acting, person in
            let user = try acting.view.userID(named: name)
            if isNobodyKnown && user == actor.user && actor.method == .account {
                // Nobody has a PIN yet: the first is one's own, and the account stands for it.
                try Act.setSecrets.check(person.standing)
            } else {
                try person.check(.setSecrets)
            }
            try mayBe(user)
            about.set(user)
            var draft = Draft()
            draft.add(CredentialStep(action, of: user).operation(), in: scope)
            return draft
        }
        guard let user = about.value else { throw CommandFault(.damaged, "nothing was decided") }
        return user
    }

    /// Binds an account of this machine to a person, who proves it where PINs are in use.
    ///
    /// - Parameters:
    ///   - uid: The account.
    ///   - user: The person.
    ///   - secret: Their PIN.
    /// - Throws: `.notPermitted`: `secret-needed`, and as a login.
    public func bind(uid: UInt32, to user: ID, proving secret: String?) throws {
        let isTrusted = try currentDirectory().trustsLocal
        if try !isTrusted && !shelf.all().isEmpty {
            guard let secret else {
                throw CommandFault(
                    .notPermitted,
                    "PINs are in use here: the person types theirs, with --pin",
                    reason: "secret-needed"
                )
            }
            let attempt = SecretAttempt(user, named: nil, .login, .secretForAct, by: nil)
            try noting(attempt, successToo: false) {
                try verify(pin: secret, of: user)
                try requireOwnPIN(of: user)
            }
        }
        try bind(uid: uid, to: user)
    }

    private func changeCredential(
        of user: ID,
        _ change: (inout Credential) throws -> Void
    ) throws {
        try inTurn { try writeCredential(of: user, change) }
    }

    private func writeCredential(
        of user: ID,
        _ change: (inout Credential) throws -> Void
    ) throws {
        var credential = try shelf.credential(of: user) ?? Credential()
        try change(&credential)
        credential.version = shelf.version(after: credential.version)
        try shelf.save(credential, of: user)
    }

    /// The key of the tenant's badges; a hub that has none makes it.
    func hubBadgeKey() throws -> [UInt8] {
        try inTurn {
            if let key = try shelf.badgeKey() { return key }
            let key = chance.bytes(32)
            try shelf.setBadgeKey(key)
            return key
        }
    }
}

// MARK: - Checking

extension LocalNode {
    private func lockoutKey(_ user: ID) -> String { "lockout/\(user)" }

    private static let wrong = CommandFault(
        .notPermitted,
        "this is not right: try again",
        reason: "wrong-secret"
    )

    /// Checks a PIN, and counts the attempt on disk before it is judged.
    ///
    /// - Throws: `.notPermitted`: `wrong-secret`, `locked-out`, `offline-too-long`.
    func verify(pin: String, of user: ID) throws {
        try LoginRules.check(secret: pin)
        try counting(of: user) {
            let held = try shelf.credential(of: user)?.verifier
            let isRight = try (held ?? shelf.dummy()).accepts(pin)
            return isRight && held != nil
        }
    }

    /// Tries a person's secret: the attempt is counted on disk before it is judged.
    ///
    /// - Parameters:
    ///   - user: Whose.
    ///   - isRight: Judges it; takes as long for one that is wrong.
    /// - Throws: `.notPermitted`: `wrong-secret`, `locked-out`, `offline-too-long`.
    func counting(of user: ID, _ isRight: () throws -> Bool) throws {
        let rules = try currentDirectory().loginRules
        try requireHeard(rules)
        let isLast = try inTurn { () throws -> Bool in
            var lockout = try lockout(of: user)
            let left = lockout.remaining(wall: wallMilliseconds, ticks: monotonic)
            guard left == 0 else { throw Self.lockedOut(left) }
            lockout.count(Lockout.Rule(rules), wall: wallMilliseconds, ticks: monotonic)
            try store.setLocalValue(lockout.encoded, for: lockoutKey(user))
            return lockout.remaining(wall: wallMilliseconds, ticks: monotonic) > 0
        }
        guard try isRight() else {
            if isLast { noteLockOut(of: user == .zero ? nil : user, .secretInLogin) }
            throw Self.wrong
        }
        try store.setLocalValue(nil, for: lockoutKey(user))
    }

    private func noteLockOut(of user: ID?, _ method: Wire.Method) {
        var content = LoginAttempt.Content(.lockOut, isSuccess: false, method: method.rawValue)
        content.user = user
        content.reason = "locked-out"
        note(content)
    }

    /// A PIN that somebody else set is good for nothing but choosing another (ID-31).
    func requireOwnPIN(of user: ID) throws {
        guard try shelf.credential(of: user)?.mustChange == true else { return }
        let name = try read { view in try Nicknames(view).user(user) }
        throw CommandFault(
            .notPermitted,
            "somebody else set this PIN: choose your own: gemba login pin \(name)",
            reason: "pin-change-needed"
        )
    }

    private static func lockedOut(_ milliseconds: Int64) -> CommandFault {
        CommandFault(
            .notPermitted,
            "too often wrong: try again in \(milliseconds / 60_000 + 1) minutes",
            reason: "locked-out"
        )
    }

    func lockout(of user: ID) throws -> Lockout {
        let value = try store.localValue(lockoutKey(user))
        return value.flatMap { try? Lockout(decoding: $0) } ?? Lockout()
    }

    /// The person whose badge it is.
    ///
    /// - Throws: `.notPermitted`: `wrong-secret`, `locked-out`, `offline-too-long`.
    func owner(ofBadge code: String) throws -> ID {
        try LoginRules.check(secret: code)
        try requireHeard(try currentDirectory().loginRules)
        guard let owner = try countedOwner(ofBadge: code) else { throw Self.wrong }
        let left = try lockout(of: owner).remaining(wall: wallMilliseconds, ticks: monotonic)
        guard left == 0 else { throw Self.lockedOut(left) }
        return owner
    }

    /// The person whose badge it is, counted for the whole node before it is judged (ID-30); nil if
    /// it is nobody's.
    private func countedOwner(ofBadge code: String) throws -> ID? {
        let rule = Lockout.Rule(try currentDirectory().loginRules)
        let key = "lockout/badge"
        let (owner, isLockedNow) = try inTurn { () throws -> (ID?, Bool) in
            let value = try store.localValue(key)
            var lockout = value.flatMap { try? Lockout(decoding: $0) } ?? Lockout()
            lockout.fade(rule, wall: wallMilliseconds)
            let left = lockout.remaining(wall: wallMilliseconds, ticks: monotonic)
            guard left == 0 else { throw Self.lockedOut(left) }
            let before = lockout
            lockout.count(rule, wall: wallMilliseconds, ticks: monotonic)
            try store.setLocalValue(lockout.encoded, for: key)
            let owner = try shelf.badgeKey().flatMap { badgeKey in
                let hash = CredentialShelf.hash(badge: code, key: badgeKey)
                return try shelf.all().first { $0.credential.badges.contains(hash) }?.user
            }
            // A right badge counts for nothing, and clears nothing.
            if owner != nil { try store.setLocalValue(before.encoded, for: key) }
            return (owner, lockout.remaining(wall: wallMilliseconds, ticks: monotonic) > 0)
        }
        if owner == nil, isLockedNow { noteLockOut(of: nil, .badge) }
        return owner
    }

    /// A station that no hub has told of credentials for so long lets nobody log in (ID-26).
    private func requireHeard(_ rules: LoginRules) throws {
        guard !isHub else { return }
        let heard = try shelf.heard() ?? 0
        let now = wallMilliseconds
        guard now > heard, now - heard > UInt64(clamping: rules.offlineMilliseconds) else { return }
        throw CommandFault(
            .notPermitted,
            heard == 0
                ? "no hub has told this node who logs in here: gemba sync"
                : "no hub was met for too long: gemba sync",
            reason: "offline-too-long"
        )
    }
}
