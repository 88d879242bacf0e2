public import Bytes
public import CRDT
public import Identity

/// "This key is mine": what a person's new key signs once, so that nobody has the key of another
/// certified as their own.
///
/// - Shape: 99 bytes.
/// - Source: SIG-8 in `protocol/signatures.md`.
public struct PersonalKeyClaim: Hashable, Sendable {
    public var tenant: ID
    public var user: ID
    /// Where the secret half lies.
    public var device: ID
    public var key: VerifyingKey

    public init(tenant: ID, user: ID, device: ID, key: VerifyingKey) {
        self.tenant = tenant
        self.user = user
        self.device = device
        self.key = key
    }
}

extension PersonalKeyClaim: Signable {
    /// Appends the fields of SIG-8.
    public func write(to writer: inout Writer) {
        writer.tag("gemba/person-key/1")
        writer.id(tenant)
        writer.id(user)
        writer.id(device)
        writer.raw(key.bytes)
    }

    /// Reads the fields of SIG-8 and admits the key.
    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/person-key/1")
        self.init(
            tenant: try reader.id("tenant"),
            user: try reader.id("user"),
            device: try reader.id("device"),
            key: try reader.key("key")
        )
    }
}

extension Signed where Structure == PersonalKeyClaim {
    /// Whether the key that is claimed signed the claim.
    public var isByItsOwnKey: Bool { isSigned(by: structure.key) }
}
