import Bytes
public import CRDT
import Identity

/// What a person carries to a new device so that it may join: a text of one line.
///
/// ```swift
/// let token = JoinToken(text: "gemba1…@hub.example:7400")
/// token?.address  // "hub.example:7400"
/// ```
///
/// - Source: ID-13.
public struct JoinToken: Hashable, Sendable {
    private static let version = "gemba1"
    private static let addressBytesMax = 255

    public let tenant: ID
    /// 16 random bytes; who holds them may join once.
    public let secret: [UInt8]
    /// Where the redeemer listens: host, colon, port.
    public let address: String

    /// - Returns: nil unless the secret has 16 bytes and the address is a host and a port.
    public init?(tenant: ID, secret: [UInt8], address: String) {
        guard secret.count == 16, Self.isAddress(address) else { return nil }
        self.tenant = tenant
        self.secret = secret
        self.address = address
    }

    /// Reads the text in either case; nil for anything else, a typing error above all.
    public init?(text: some StringProtocol) {
        guard text.prefix(Self.version.count).lowercased() == Self.version,
            let at = text.firstIndex(of: "@"),
            let bytes = Base32.decode(text[..<at].dropFirst(Self.version.count)),
            bytes.count == 35, let tenant = ID(bytes.prefix(16))
        else { return nil }
        self.init(
            tenant: tenant,
            secret: Array(bytes[16..<32]),
            address: String(text[text.index(after: at)...])
        )
        guard check == Array(bytes[32...]) else { return nil }
    }

    public var text: String {
        Self.version + Base32.encode(tenant.bytes + secret + check) + "@" + address
    }

    /// What the joiner says in the clear, 16 bytes.
    public var id: [UInt8] {
        Blake2b.hash(Array("gemba/join-id/1".utf8), length: 16, key: secret)
    }

    /// What only the redeemer and the joiner know, 32 bytes.
    public var presharedKey: [UInt8] {
        Blake2b.hash(Array("gemba/join-psk/1".utf8), length: 32, key: secret)
    }

    /// Three bytes that find a typing error.
    private var check: [UInt8] {
        var writer = Writer(capacity: 48)
        writer.tag("gemba/token/1")
        writer.id(tenant)
        writer.raw(secret)
        return Array(Hash(of: writer.bytes).bytes.prefix(3))
    }

    private static func isAddress(_ text: String) -> Bool {
        guard text.utf8.count <= addressBytesMax, text.utf8.allSatisfy({ (33...126).contains($0) }),
            let colon = text.lastIndex(of: ":"), colon > text.startIndex
        else { return false }
        let port = text[text.index(after: colon)...]
        return UInt16(port).map { $0 > 0 && String($0) == port } ?? false
    }
}

extension JoinToken: CustomStringConvertible, CustomDebugStringConvertible {
    /// Never the secret.
    public var description: String { "JoinToken(\(tenant)@\(address))" }
    public var debugDescription: String { description }
}
