import Bytes
import CRDT
import Domain
import Identity
public import Storage
import Wire

extension LocalNode {
    /// Makes a key of a person at this device, and asks a hub to certify it.
    ///
    /// At a hub it is at once. One that they had here before ends.
    ///
    /// - Parameters:
    ///   - passphrase: At least eight characters; without it nobody opens the key.
    ///   - actor: The person, known by PIN (method 4 or 5).
    /// - Returns: The public key.
    /// - Throws: `RuleFault`: `weakSecret`, `methodTooWeak`, `notAllowed`.
    /// - Source: SIG-8, SIG-10.
    public func newPersonalKey(passphrase: String, by actor: Actor) throws -> [UInt8] {
        guard passphrase.count >= PersonalKeyShelf.passphraseMin,
            passphrase.utf8.count <= LoginRules.secretBytesMax
        else {
            throw RuleFault(
                .weakSecret,
                "a passphrase has at least \(PersonalKeyShelf.passphraseMin) characters"
            )
        }
        guard Self.provesClaims(actor.method) else {
            throw RuleFault(.methodTooWeak, "a key of one's own needs the PIN", of: .claimKey)
        }
        guard let key = SigningKey(seed: chance.bytes(32)) else {
            throw CommandFault(.damaged, "no key can be made of these random bytes")
        }
        let claim = PersonalKeyClaim(
            tenant: store.tenant,
            user: actor.user,
            device: store.device,
            key: key.publicKey
        )
        let signed = Signed(signing: claim, with: key)
        let replaced = try keyShelf.claims(of: actor.user).map(\.structure)
        try keyShelf.save(key, signed, passphrase)
        do {
            try ask(signed, replacing: replaced, by: actor)
        } catch {
            try keyShelf.remove(claim)
            throw error
        }
        for old in replaced { try keyShelf.remove(old) }
        return key.publicKey.bytes
    }

    static func provesClaims(_ method: Wire.Method) -> Bool {
        method == .secretInLogin || method == .secretForAct
    }

    private func ask(
        _ claim: Signed<PersonalKeyClaim>,
        replacing old: [PersonalKeyClaim],
        by actor: Actor
    ) throws {
        let (scope, isHub) = (securityScope, isHub)
        let now = Int64(clamping: wallMilliseconds)
        _ = try act(by: actor) { acting, person in
            try person.check(.claimKey)
            var draft = Draft()
            var step = CredentialStep(.keyClaimed, of: person.user)
            step.claim = claim.encoded
            draft.add(step.operation(), in: scope)
            if isHub {
                draft.add(acting.view.certifying(claim, at: now), in: .tenant)
            }
            for old in old {
                var step = CredentialStep(.keyEnded, of: person.user)
                (step.key, step.reason) = (old.key.bytes, "replaced")
                draft.add(step.operation(), in: scope)
                if isHub, let record = try acting.view.personalKey(old.key.bytes) {
                    let end = record.ending(at: now, because: "replaced", by: person.user)
                    draft.add(end, in: .tenant)
                }
            }
            return draft
        }
    }

    /// Ends a key: one's own anywhere, that of another as an administrator at a hub.
    ///
    /// - Parameters:
    ///   - typed: At least the first eight digits of the public key.
    ///   - reason: For people; not blank.
    ///   - actor: Who ends it.
    /// - Throws: `RuleFault`: `reasonRequired`, `notAllowed`, `hubOnly`; `.notFound`.
    public func endPersonalKey(_ typed: String, reason: String, by actor: Actor) throws {
        try ShortText.text(reason)
        try TextRule.reason(reason)
        let (scope, isHub) = (securityScope, isHub)
        let now = Int64(clamping: wallMilliseconds)
        let ended = Decided<(key: [UInt8], user: ID)>()
        _ = try act(by: actor) { acting, person in
            let record = try acting.view.personalKey(named: typed)
            let key = record.fields.bytes(PersonalKey.key) ?? []
            guard let owner = record.fields.id(PersonalKey.user) else {
                throw CommandFault(.damaged, "this key is nobody's")
            }
            try person.check(owner == person.user ? .claimKey : .endKey)
            guard owner == person.user || isHub else {
                throw RuleFault(.hubOnly, "keys of others are ended at the hub")
            }
            guard record.fields.integer(PersonalKey.endedAt) == nil else {
                throw RuleFault(.interval, "this key has ended already")
            }
            var step = CredentialStep(.keyEnded, of: owner)
            (step.key, step.reason) = (key, reason)
            var draft = Draft()
            draft.add(step.operation(), in: scope)
            if isHub {
                draft.add(record.ending(at: now, because: reason, by: person.user), in: .tenant)
            }
            ended.set((key, owner))
            return draft
        }
        guard let (key, owner) = ended.value else { return }
        for claim in try keyShelf.claims(of: owner) where claim.structure.key.bytes == key {
            try keyShelf.remove(claim.structure)
        }
    }
}

// MARK: - At a hub

extension LocalNode {
    /// Certifies, as a hub, the keys that people claimed at stations, and ends those that they
    /// gave up.
    ///
    /// - Parameter position: Of the log: only what came after it is looked at.
    /// - Returns: How many keys were written.
    /// - Throws: What the store says.
    func settleKeys(after position: Int64) throws -> Int {
        let scopes = try store.scopesWithArrivals(after: position, upTo: .max)
            .filter { $0.kind == .site }
        var count = 0
        for scope in scopes {
            let isAny = try read { view in
                try !view.events(of: CredentialStep.entity, in: scope, since: 0, after: position)
                    .allSatisfy { !Self.isAboutKeys($0) }
            }
            if isAny { count += try settleKeys(in: scope, after: position) }
        }
        return count
    }

    private static func isAboutKeys(_ event: StoredEvent) -> Bool {
        guard event.exclusion == nil else { return false }
        let action = CredentialStep(event.fields).action
        return action == .keyClaimed || action == .keyEnded
    }

    private func settleKeys(in scope: Scope, after position: Int64) throws -> Int {
        let now = wallMilliseconds
        let directories = directories
        let counted = Decided<Int>()
        _ = try act(Actor.machine) { acting in
            let view = acting.view
            let directory = try directories.directory(on: view, isCommitted: false)
            var draft = Draft()
            var (settled, count): (Set<[UInt8]>, Int) = ([], 0)
            let events = try view.events(
                of: CredentialStep.entity,
                in: scope,
                since: 0,
                after: position
            )
            for event in events where Self.isAboutKeys(event) {
                let settling = KeySettling(view: view, directory: directory, now: now)
                guard let (key, operation) = try settling.operation(for: event),
                    settled.insert(key).inserted
                else { continue }
                draft.add(operation, in: .tenant)
                count += 1
            }
            counted.set(count)
            return draft
        }
        return counted.value ?? 0
    }
}

/// What a hub writes of a key, for what a person said at a station.
private struct KeySettling {
    let view: View
    let directory: Directory
    let now: UInt64

    /// The key and what is written of it; nil if the step does not deserve it, or it is written.
    func operation(for event: StoredEvent) throws -> (key: [UInt8], operation: Operation)? {
        let (step, origin) = (CredentialStep(event.fields), event.origin)
        guard let user = step.user, LocalNode.provesClaims(origin.method) else { return nil }
        switch step.action {
        case .keyClaimed:
            let claim = step.claim.flatMap { try? Signed<PersonalKeyClaim>(decoding: $0) }
            guard let claim, claim.isByItsOwnKey, origin.user == user,
                claim.structure.tenant == view.tenantID, claim.structure.user == user,
                claim.structure.device == origin.device, mayClaim(origin),
                try view.personalKey(claim.structure.key.bytes) == nil
            else { return nil }
            let now = Int64(clamping: now)
            return (claim.structure.key.bytes, view.certifying(claim, at: now))
        case .keyEnded:
            guard let key = step.key, let record = try view.personalKey(key),
                record.fields.id(PersonalKey.user) == origin.user,
                record.fields.integer(PersonalKey.endedAt) == nil
            else { return nil }
            let at = Int64(clamping: min(now, origin.time.milliseconds))
            return (key, record.ending(at: at, because: step.reason, by: origin.user))
        default: return nil
        }
    }

    private func mayClaim(_ origin: Origin) -> Bool {
        let occasion = directory.occasion(at: origin.site, milliseconds: origin.time.milliseconds)
        return directory.policy.allows(
            Policy.Request(.claimKey, by: origin.user, at: occasion)
        )
    }
}

extension View {
    /// The record of a key; nil if it is not certified here.
    func personalKey(_ key: [UInt8]) throws -> StoredRecord? {
        let id = ID(
            naturalKey: [.bytes(key)],
            of: PersonalKey.number,
            in: .tenant,
            tenant: tenantID
        )
        return try record(id, of: PersonalKey.entity, in: .tenant)
    }

    /// The one key whose digits begin so.
    func personalKey(named typed: String) throws -> StoredRecord {
        let digits = typed.lowercased()
        let found = try records(of: PersonalKey.entity, in: .tenant).filter { record in
            record.fields.bytes(PersonalKey.key).map { Hex.encode($0).hasPrefix(digits) } ?? false
        }
        guard digits.utf8.count >= 8, let only = found.first, found.count == 1 else {
            throw CommandFault(
                .notFound,
                "a key is called by at least eight of its first digits: gemba user key list",
                reason: found.count > 1 ? "ambiguous-name" : "unknown-name"
            )
        }
        return only
    }

    /// The record that makes a claimed key a person's.
    fileprivate func certifying(_ claim: Signed<PersonalKeyClaim>, at now: Int64) -> Operation {
        var values = FieldValues()
        values[PersonalKey.key] = .bytes(claim.structure.key.bytes)
        values.set(PersonalKey.user, claim.structure.user)
        values.set(PersonalKey.device, claim.structure.device)
        values[PersonalKey.claim] = .bytes(claim.encoded)
        values.set(PersonalKey.certifiedAt, now)
        return Operation(creating: PersonalKey.entity, values, in: .tenant, tenant: tenantID)
    }
}

extension StoredRecord {
    /// What ends a key.
    fileprivate func ending(at time: Int64, because reason: String?, by user: ID) -> Operation {
        writing([
            (PersonalKey.endedAt, .integer(time)),
            (PersonalKey.endReason, .text(reason ?? "ended")),
            (PersonalKey.endedBy, .id(user)),
        ])
    }
}
