import Bytes
import CRDT
import Domain
import Identity
import Storage
import Wire

/// The secret halves of people's keys at this node, each sealed under its passphrase (SIG-10).
struct PersonalKeyShelf {
    private static let prefix = "personal-key/"
    /// The fewest characters of a passphrase.
    static let passphraseMin = 8

    let node: LocalNode

    /// The claims of the keys that lie here for a person.
    func claims(of user: ID) throws -> [Signed<PersonalKeyClaim>] {
        try entries(of: user).map(\.claim)
    }

    private func entries(
        of user: ID
    ) throws -> [(claim: Signed<PersonalKeyClaim>, sealed: [UInt8])] {
        try node.store.localValues(prefix: Self.prefix + "\(user)/").compactMap { _, value in
            var reader = Reader(value)
            let claim = try? Signed<PersonalKeyClaim>(
                decoding: reader.prefixed(atMost: 1_024, "claim")
            )
            return claim.map { ($0, reader.rest()) }
        }
    }

    private func name(_ claim: PersonalKeyClaim) -> String {
        Self.prefix + "\(claim.user)/" + Hex.encode(claim.key.bytes)
    }

    func save(_ key: SigningKey, _ claim: Signed<PersonalKeyClaim>, _ passphrase: String) throws {
        let sealed = try Sealed.seal(
            key.seed,
            passphrase: passphrase,
            salt: node.chance.bytes(16),
            nonce: node.chance.bytes(24),
            associated: claim.structure.encoded,
            cost: node.secretCost
        )
        var writer = Writer()
        writer.prefixed(claim.encoded)
        writer.raw(sealed)
        try node.store.setLocalValue(writer.bytes, for: name(claim.structure))
    }

    func remove(_ claim: PersonalKeyClaim) throws {
        try node.store.setLocalValue(nil, for: name(claim))
    }

    /// The key of a claim, if the passphrase is right; nil if it is not.
    ///
    /// - Throws: `Sealed.Fault` for what cannot be read at all.
    func open(_ claim: PersonalKeyClaim, _ passphrase: String) throws -> SigningKey? {
        let held = try entries(of: claim.user).first { $0.claim.structure == claim }
        guard let held else { return nil }
        let bound = claim.encoded
        do {
            let seed = try Sealed.open(held.sealed, passphrase: passphrase, associated: bound)
            return SigningKey(seed: seed)
        } catch Sealed.Fault.notAuthentic {
            return nil
        }
    }
}

extension LocalNode {
    var keyShelf: PersonalKeyShelf { PersonalKeyShelf(node: self) }

    /// A person's key, opened: the passphrase is counted with the PIN (ID-30).
    func personalKey(of user: ID, passphrase: String) throws -> SigningKey {
        let claim = try usableClaim(of: user)
        guard !passphrase.isEmpty, passphrase.utf8.count <= LoginRules.secretBytesMax else {
            throw CommandFault(.badInput, "nothing was given")
        }
        let opened = Decided<SigningKey>()
        try counting(of: user) {
            let key = try claim.flatMap { try keyShelf.open($0, passphrase) }
            // Who has no key here waits as long as who mistypes.
            if claim == nil { _ = try shelf.dummy().accepts(passphrase) }
            opened.set(key)
            return key != nil
        }
        guard let key = opened.value else { throw CommandFault(.damaged, "no key was opened") }
        return key
    }

    /// The claim of the key at this device that a person may sign with; nil for one who is not
    /// known.
    private func usableClaim(of user: ID) throws -> PersonalKeyClaim? {
        guard user != .zero else { return nil }
        let claims = try keyShelf.claims(of: user).map(\.structure)
        let ended = try read { view in
            Set(
                try view.personalKeys(of: user)
                    .filter { $0.fields.integer(PersonalKey.endedAt) != nil }
                    .compactMap { $0.fields.bytes(PersonalKey.key) }
            )
        }
        if let claim = claims.last(where: { !ended.contains($0.key.bytes) }) { return claim }
        throw CommandFault(
            .notPermitted,
            "this person has no key of their own here: gemba user key new",
            reason: "no-key"
        )
    }
}

extension View {
    /// The keys that were certified for a person.
    func personalKeys(of user: ID) throws -> [StoredRecord] {
        let lookUp = LookUp(PersonalKey.byUser, of: PersonalKey.entity, [.id(user)], limit: 1_000)
        return try records(lookUp, in: .tenant).items
    }
}
