public import Bytes
import CSodium

/// What a PIN or password is checked against, without holding it: Argon2id of it.
///
/// - Source: ID-23; RFC 9106.
public struct SecretVerifier: Hashable, Sendable {
    /// Bytes of one that is encoded.
    public static let byteCount = 56
    private static let saltBytes = 16
    private static let hashBytes = 32

    private let cost: Sealed.Cost
    private let salt: [UInt8]
    private let hash: [UInt8]

    /// - Parameters:
    ///   - secret: What the person knows.
    ///   - salt: 16 random bytes.
    ///   - cost: What a guess shall cost.
    /// - Throws: `.unreadable` for a salt of another length; `.tooCostly` if memory lacks.
    public init(
        of secret: String,
        salt: [UInt8],
        cost: Sealed.Cost = .standard
    ) throws(Sealed.Fault) {
        guard salt.count == Self.saltBytes else { throw .unreadable }
        self.cost = cost
        self.salt = salt
        hash = try Sealed.derive(secret, salt: salt, cost: cost)
    }

    /// Whether a secret is the one; takes as long for one that is not.
    ///
    /// - Throws: `.tooCostly` if memory lacks, or it asks for more than any of ours.
    public func accepts(_ secret: String) throws(Sealed.Fault) -> Bool {
        guard cost.operations <= Sealed.Cost.most.operations,
            cost.memoryBytes <= Sealed.Cost.most.memoryBytes
        else { throw .tooCostly }
        let other = try Sealed.derive(secret, salt: salt, cost: cost)
        return unsafe sodium_memcmp(hash, other, Self.hashBytes) == 0
    }

    /// Costs u32 and u32, salt 16, hash 32.
    public var encoded: [UInt8] {
        var writer = Writer()
        writer.u32(cost.operations)
        writer.u32(cost.memoryBytes)
        writer.raw(salt)
        writer.raw(hash)
        return writer.bytes
    }

    /// - Throws: For bytes of another length.
    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        cost = Sealed.Cost(
            operations: try reader.u32("operations"),
            memoryBytes: try reader.u32("memory")
        )
        salt = try reader.raw(Self.saltBytes, "salt")
        hash = try reader.raw(Self.hashBytes, "hash")
        try reader.end("verifier")
    }
}
