import Bytes
public import CRDT
import Identity
public import Wire

/// What the redeemer of a join token keeps: who may join with it, and who did.
///
/// - Source: ID-14.
public struct Invitation: Hashable, Sendable {
    /// What became of the token.
    public struct Redemption: Hashable, Sendable {
        /// What was given for it; its keys are those of the device.
        public let certificate: Signed<Certificate>
        /// What the device calls itself.
        public let label: String
        /// The six words that both sides saw (ID-16).
        public let words: String
    }

    /// Where an invitation stands.
    public enum State: String, Hashable, Sendable {
        case open
        case redeemed
        case expired
    }

    /// 16 bytes, from the token.
    public let id: [UInt8]
    /// 32 bytes, from the token.
    let presharedKey: [UInt8]
    public let kind: Certificate.Kind
    public let site: ID
    public let users: Certificate.Users
    /// Milliseconds since 1970.
    public let expires: UInt64
    public internal(set) var redemption: Redemption?

    /// How long a token can be used: 24 hours.
    public static let validityMilliseconds: UInt64 = 86_400_000
    /// The most users that a certificate names.
    static let usersMax = 256

    init(
        _ token: JoinToken,
        kind: Certificate.Kind,
        site: ID,
        users: Certificate.Users,
        expires: UInt64
    ) {
        id = token.id
        presharedKey = token.presharedKey
        self.kind = kind
        self.site = site
        self.users = users
        self.expires = expires
    }

    /// Where it stands at a time, milliseconds since 1970.
    public func state(at now: UInt64) -> State {
        if redemption != nil { return .redeemed }
        return now < expires ? .open : .expired
    }
}

// MARK: - Bytes

extension Invitation {
    private static let tag: StaticString = "gemba/invitation/1"

    var encoded: [UInt8] {
        var writer = Writer(capacity: 512)
        writer.tag(Self.tag)
        writer.raw(id)
        writer.raw(presharedKey)
        writer.u8(kind.rawValue)
        writer.id(site)
        switch users {
        case .anyOfSite: writer.u8(0)
        case .named(let named):
            writer.u8(1)
            writer.varint(UInt64(named.count))
            for user in named { writer.id(user) }
        }
        writer.u48(expires)
        writer.u8(redemption == nil ? 0 : 1)
        if let redemption {
            writer.prefixed(redemption.certificate.encoded)
            writer.text(redemption.label)
            writer.text(redemption.words)
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        try reader.tag(Self.tag)
        id = try reader.raw(16, "id")
        presharedKey = try reader.raw(32, "psk")
        guard let kind = Certificate.Kind(rawValue: try reader.u8("kind")) else {
            throw reader.malformed(.invalid, "kind")
        }
        self.kind = kind
        site = try reader.id("site")
        if try reader.u8("user rule") == 0 {
            users = .anyOfSite
        } else {
            var named: [ID] = []
            for _ in 0..<(try reader.count(atMost: Self.usersMax, "users")) {
                named.append(try reader.id("user"))
            }
            users = .named(named)
        }
        expires = try reader.u48("expires")
        if try reader.u8("redeemed") == 1 {
            redemption = Redemption(
                certificate: try Signed(
                    decoding: try reader.prefixed(atMost: 8_192, "certificate")
                ),
                label: try reader.text(atMost: 64, "label"),
                words: try reader.text(atMost: 64, "words")
            )
        }
        try reader.end("invitation")
    }
}
