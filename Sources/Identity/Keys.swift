import CSodium

/// A device's or root's secret signing key.
///
/// - Shape: a 32-byte seed and the 64-byte key that libsodium expands it to.
/// - Source: RFC 8032, Ed25519.
public struct SigningKey: Sendable {
    /// The secret itself, for a key file.
    public let seed: [UInt8]
    /// What others verify with.
    public let publicKey: VerifyingKey
    private let secret: [UInt8]

    /// - Parameter seed: 32 random bytes; another count gives nil.
    public init?(seed: [UInt8]) {
        Sodium.require()
        guard seed.count == 32 else { return nil }
        var key = [UInt8](repeating: 0, count: 32)
        var secret = [UInt8](repeating: 0, count: 64)
        guard unsafe crypto_sign_seed_keypair(&key, &secret, seed) == 0,
            let publicKey = VerifyingKey(key)
        else { return nil }
        self.seed = seed
        self.secret = secret
        self.publicKey = publicKey
    }

    /// Signs a message; the same message gives the same 64 bytes.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        _ = unsafe crypto_sign_detached(
            &signature,
            nil,
            message,
            UInt64(message.count),
            secret
        )
        return signature
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible {
    /// Never the secret.
    public var description: String { "SigningKey(\(publicKey))" }
    public var debugDescription: String { description }
}

/// A public signing key that may stand in a certificate.
///
/// - Invariant: A canonical point of prime order, so that the verdict on a signature does not
///   depend on the library or its version.
/// - Shape: 32 bytes.
/// - Source: RFC 8032, section 5.1.7; ID-2.
public struct VerifyingKey: Hashable, Comparable, Sendable {
    public let bytes: [UInt8]

    /// - Returns: nil for anything but a canonical point of prime order.
    public init?(_ bytes: [UInt8]) {
        Sodium.require()
        guard bytes.count == 32, unsafe crypto_core_ed25519_is_valid_point(bytes) == 1 else {
            return nil
        }
        self.bytes = bytes
    }

    /// Whether 64 bytes are this key's signature of a message; any other count is not.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard signature.count == 64 else { return false }
        return unsafe crypto_sign_verify_detached(
            signature,
            message,
            UInt64(message.count),
            bytes
        ) == 0
    }

    public static func < (left: VerifyingKey, right: VerifyingKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension VerifyingKey: CustomStringConvertible {
    /// The first bytes in hexadecimal, enough to tell keys apart.
    public var description: String {
        bytes.prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// A device's secret key for channels, used for nothing else.
///
/// - Source: RFC 7748, X25519; Noise revision 34, section 14, Static key reuse.
public struct ChannelKey: Sendable {
    /// The secret itself, for a key file.
    public let secret: [UInt8]
    /// 32 bytes.
    public let publicKey: [UInt8]

    /// - Parameter secret: 32 random bytes; another count gives nil.
    public init?(secret: [UInt8]) {
        Sodium.require()
        guard secret.count == 32 else { return nil }
        var key = [UInt8](repeating: 0, count: 32)
        guard unsafe crypto_scalarmult_base(&key, secret) == 0 else { return nil }
        self.secret = secret
        publicKey = key
    }

    /// The secret shared with the owner of a public key; nil if it would be all zeros.
    public func shared(with other: [UInt8]) -> [UInt8]? {
        guard other.count == 32 else { return nil }
        var result = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_scalarmult(&result, secret, other) == 0 ? result : nil
    }

    /// Whether a public key gives no all-zero result, and so may stand in a certificate.
    public static func isAdmissible(_ key: [UInt8]) -> Bool {
        guard let probe = ChannelKey(secret: [UInt8](repeating: 0x42, count: 32)) else {
            return false
        }
        return probe.shared(with: key) != nil
    }
}

extension ChannelKey: CustomStringConvertible, CustomDebugStringConvertible {
    /// Never the secret.
    public var description: String { "ChannelKey" }
    public var debugDescription: String { description }
}
