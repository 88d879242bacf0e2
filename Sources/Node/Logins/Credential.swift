import Bytes
import CRDT
import Identity
import Storage

/// How a person is known at a node: what their PIN and badges are checked against.
///
/// - Source: ID-23, ID-31.
struct Credential: Hashable, Sendable {
    static let badgesMax = 8
    static let badgeBytes = 32

    /// The greatest version is the newest.
    var version: UInt64 = 0
    var verifier: SecretVerifier?
    /// Keyed hashes.
    var badges: [[UInt8]] = []
    /// Whether it was changed here and the hub has not heard.
    var isPending = false
    /// Whether somebody else set the PIN, so that it is good for nothing but choosing another.
    var mustChange = false

    private static let pendingFlag: UInt8 = 1
    private static let mustChangeFlag: UInt8 = 2

    init() {}

    var encoded: [UInt8] {
        var writer = Writer()
        writer.u8(1)
        writer.u8((isPending ? Self.pendingFlag : 0) | (mustChange ? Self.mustChangeFlag : 0))
        writer.prefixed(verifier?.encoded ?? [])
        writer.varint(UInt64(badges.count))
        for badge in badges { writer.raw(badge) }
        return writer.bytes
    }

    init(decoding bytes: [UInt8], version: UInt64) throws(Malformed) {
        var reader = Reader(bytes)
        guard try reader.u8("format") == 1 else { throw reader.malformed(.invalid, "format") }
        self.version = version
        let flags = try reader.u8("flags")
        isPending = flags & Self.pendingFlag != 0
        mustChange = flags & Self.mustChangeFlag != 0
        let verifier = try reader.prefixed(atMost: SecretVerifier.byteCount, "verifier")
        self.verifier = verifier.isEmpty ? nil : try SecretVerifier(decoding: verifier)
        for _ in 0..<(try reader.count(atMost: Self.badgesMax, "badges")) {
            badges.append(try reader.raw(Self.badgeBytes, "badge"))
        }
        try reader.end("credential")
    }
}

// MARK: - Keeping

/// The credentials that this node holds, sealed under its own key: in no feed, bundle or log.
struct CredentialShelf: Sendable {
    private static let prefix = "credential/"
    private static let badgeKeyName = "badge-key"
    private static let heardName = "credentials-heard"
    private static let dummyName = "no-credential"

    let node: LocalNode

    private var sealingKey: [UInt8] {
        Blake2b.hash(
            Array("gemba/credential-seal/1".utf8),
            length: 32,
            key: node.store.keys.sign.seed
        )
    }

    private func associated(_ user: ID, _ version: UInt64) -> [UInt8] {
        var writer = Writer()
        writer.raw(Array("gemba/credential/1".utf8) + [0])
        writer.raw(node.store.tenant.bytes)
        writer.raw(user.bytes)
        writer.raw(node.store.device.bytes)
        writer.u64(version)
        return writer.bytes
    }

    /// What is held of a person; nil for nothing, and for what another key sealed.
    func credential(of user: ID) throws -> Credential? {
        try node.store.localValue(Self.prefix + "\(user)").flatMap { open($0, of: user) }
    }

    private func open(_ value: [UInt8], of user: ID) -> Credential? {
        guard value.count > 8 else { return nil }
        let version = value.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        let plain = try? Sealed.open(
            Array(value.dropFirst(8)),
            key: sealingKey,
            associated: associated(user, version)
        )
        return plain.flatMap { try? Credential(decoding: $0, version: version) }
    }

    func save(_ credential: Credential, of user: ID) throws {
        let sealed = try Sealed.seal(
            credential.encoded,
            key: sealingKey,
            nonce: node.chance.bytes(24),
            associated: associated(user, credential.version)
        )
        var writer = Writer()
        writer.u64(credential.version)
        try node.store.setLocalValue(writer.bytes + sealed, for: Self.prefix + "\(user)")
    }

    func remove(_ user: ID) throws {
        try node.store.setLocalValue(nil, for: Self.prefix + "\(user)")
    }

    /// All that are held, by person.
    func all() throws -> [(user: ID, credential: Credential)] {
        try node.store.localValues(prefix: Self.prefix).compactMap { key, value in
            guard let user = ID(text: String(key.dropFirst(Self.prefix.count))),
                let credential = open(value, of: user)
            else { return nil }
            return (user, credential)
        }
    }

    /// A version above one that is held, and no lower than the clock.
    func version(after held: UInt64) -> UInt64 {
        let (next, overflow) = held.addingReportingOverflow(1)
        return overflow ? held : max(next, node.wallMilliseconds)
    }
}

extension CredentialShelf {
    /// The key under which badges are hashed, one a tenant; nil where none is known.
    func badgeKey() throws -> [UInt8]? {
        try node.store.localValue(Self.badgeKeyName).flatMap {
            try? Sealed.open($0, key: sealingKey, associated: associated(.zero, 0))
        }
    }

    func setBadgeKey(_ key: [UInt8]) throws {
        let sealed = try Sealed.seal(
            key,
            key: sealingKey,
            nonce: node.chance.bytes(24),
            associated: associated(.zero, 0)
        )
        try node.store.setLocalValue(sealed, for: Self.badgeKeyName)
    }

    /// The keyed hash of a badge's code.
    static func hash(badge code: String, key: [UInt8]) -> [UInt8] {
        Blake2b.hash(Array("gemba/badge/1".utf8) + [0] + Array(code.utf8), length: 32, key: key)
    }

    private static let everOwnedPrefix = "badge-owner/"

    /// The person to whom a badge was ever given at this hub (DOM-272).
    func everOwner(of hash: [UInt8]) throws -> ID? {
        let known = try node.store.localValue(Self.everOwnedPrefix + Hex.encode(hash))
        if let known { return ID(known) }
        return try all().first { $0.credential.badges.contains(hash) }?.user
    }

    /// Remembers for ever whose badge it is.
    func setEverOwner(_ user: ID, of hash: [UInt8]) throws {
        try node.store.setLocalValue(user.bytes, for: Self.everOwnedPrefix + Hex.encode(hash))
    }

    /// When a hub last handed credentials over, milliseconds since 1970.
    func heard() throws -> UInt64? {
        try node.store.localValue(Self.heardName).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }

    func setHeard(_ milliseconds: UInt64) throws {
        var writer = Writer()
        writer.u64(milliseconds)
        try node.store.setLocalValue(writer.bytes, for: Self.heardName)
    }

    /// What the PIN of somebody who has none is checked against, so that it takes as long.
    func dummy() throws -> SecretVerifier {
        try SecretVerifier(of: "", salt: [UInt8](repeating: 0, count: 16), cost: node.secretCost)
    }
}
