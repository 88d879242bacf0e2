import Bytes
public import CRDT
import Domain
import Identity
public import Storage
import Wire

// PINs and badges: set at a hub, checked everywhere, counted where they are wrong.

extension LocalNode {
    var shelf: CredentialShelf { CredentialShelf(node: self) }

    /// Sets a person's PIN, as a hub.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `weakSecret`; `.notFound`.
    public func setPIN(_ pin: String, of name: String, by actor: Actor) throws {
        try LoginRules.check(newSecret: pin)
        let user = try allowedSecretChange(of: name, by: actor)
        try changeCredential(of: user) { credential in
            credential.verifier = try SecretVerifier(
                of: pin,
                salt: chance.bytes(16),
                cost: secretCost
            )
        }
    }

    /// Gives a person a badge, or takes all of them away, as a hub.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `taken` if it is somebody's, `tooLong`.
    public func setBadge(_ code: String?, of name: String, by actor: Actor) throws {
        let user = try allowedSecretChange(of: name, by: actor)
        guard let code else { return try changeCredential(of: user) { $0.badges = [] } }
        try LoginRules.check(secret: code)
        let key = try hubBadgeKey()
        let hash = CredentialShelf.hash(badge: code, key: key)
        try inTurn {
            if let owner = try shelf.all().first(where: { $0.credential.badges.contains(hash) }) {
                guard owner.user != user else { return }
                throw RuleFault(.taken, "this badge is somebody else's: take it away there first")
            }
            try writeCredential(of: user) { credential in
                guard credential.badges.count < Credential.badgesMax else {
                    throw RuleFault(.outOfRange, "a person has at most 8 badges")
                }
                credential.badges.append(hash)
            }
        }
    }

    /// Changes one's own PIN, at any node; the hub hears of it at the next meeting.
    ///
    /// - Throws: `RuleFault`: `weakSecret`; `.notPermitted` for a wrong old one.
    public func changePIN(from old: String, to new: String, of user: ID) throws {
        try LoginRules.check(newSecret: new)
        try verify(pin: old, of: user)
        try changeCredential(of: user) { credential in
            credential.verifier = try SecretVerifier(
                of: new,
                salt: chance.bytes(16),
                cost: secretCost
            )
            credential.isPending = !isHub
        }
    }

    private func allowedSecretChange(of name: String, by actor: Actor) throws -> ID {
        guard isHub else { throw RuleFault(.hubOnly, "PINs and badges are given at the hub") }
        return try readWhole { view in
            let directory = try directories.directory(on: view, isCommitted: true)
            let person = ActingPerson(
                actor,
                in: directory,
                at: site,
                wallMilliseconds: wallMilliseconds
            )
            let user = try view.userID(named: name)
            let isFirst = user == actor.user && actor.method == .account
            if try isFirst && shelf.all().isEmpty {
                // Nobody has a PIN yet: the first is one's own, and the account stands for it.
                try Act.setSecrets.check(person.standing)
            } else {
                try person.check(.setSecrets)
            }
            return user
        }
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
            try verify(pin: secret, of: user)
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
        let rules = try currentDirectory().loginRules
        try requireHeard(rules)
        try inTurn {
            var lockout = try lockout(of: user)
            let left = lockout.remaining(wall: wallMilliseconds, ticks: monotonic)
            guard left == 0 else { throw Self.lockedOut(left) }
            let rule = Lockout.Rule(
                failuresMax: rules.failuresMax,
                lockMilliseconds: rules.lockMilliseconds
            )
            lockout.count(rule, wall: wallMilliseconds, ticks: monotonic)
            try store.setLocalValue(lockout.encoded, for: lockoutKey(user))
        }
        let held = try shelf.credential(of: user)?.verifier
        let isRight = try (held ?? shelf.dummy()).accepts(pin)
        guard isRight, held != nil else { throw Self.wrong }
        try store.setLocalValue(nil, for: lockoutKey(user))
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
        guard let key = try shelf.badgeKey() else { throw Self.wrong }
        let hash = CredentialShelf.hash(badge: code, key: key)
        let owner = try shelf.all().first { $0.credential.badges.contains(hash) }?.user
        guard let owner else { throw Self.wrong }
        let left = try lockout(of: owner).remaining(wall: wallMilliseconds, ticks: monotonic)
        guard left == 0 else { throw Self.lockedOut(left) }
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
