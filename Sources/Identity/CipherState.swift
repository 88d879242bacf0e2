import Bytes
import CSodium

/// Why a Noise message could not be written or read.
public enum NoiseFault: Error, Hashable, Sendable {
    /// A message above 65,535 bytes, or too short for its tokens.
    case length
    /// The message was not made with the same keys, prologue and transcript.
    case notAuthentic
    /// A Diffie-Hellman result was all zeros.
    case weakKey
    /// A key that the pattern needs was not given, or it is the other side's turn.
    case misuse
    /// The nonce counter is used up.
    case exhausted
}

/// One direction of a channel: a key and a counter.
///
/// - Invariant: 1. A nonce is used once. 2. A failed decryption changes nothing.
/// - Source: Noise revision 34, sections 5.1, 11.3 and 12.3; TCP-5 for the rekey by count.
public struct CipherState: Sendable {
    /// After this many messages a channel of gemba takes a new key.
    public static let rekeyInterval: UInt64 = 65_536

    private var key: [UInt8]
    private var nonce: UInt64 = 0

    init(key: [UInt8]) {
        self.key = key
    }

    /// Encrypts the next message.
    public mutating func encrypt(
        _ plaintext: [UInt8],
        associated: [UInt8] = []
    ) throws(NoiseFault) -> [UInt8] {
        guard nonce < .max else { throw .exhausted }
        let sealed = Self.seal(plaintext, associated: associated, key: key, nonce: nonce)
        nonce += 1
        return sealed
    }

    /// Decrypts the next message.
    public mutating func decrypt(
        _ ciphertext: [UInt8],
        associated: [UInt8] = []
    ) throws(NoiseFault) -> [UInt8] {
        guard nonce < .max else { throw .exhausted }
        guard ciphertext.count >= 16 else { throw .length }
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count - 16)
        let code = unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
            &plaintext,
            nil,
            nil,
            ciphertext,
            UInt64(ciphertext.count),
            associated,
            UInt64(associated.count),
            Self.nonceBytes(nonce),
            key
        )
        guard code == 0 else { throw .notAuthentic }
        nonce += 1
        return plaintext
    }

    /// Takes a new key from the old one; the counter goes on.
    public mutating func rekey() {
        let zeros = [UInt8](repeating: 0, count: 32)
        key = Array(Self.seal(zeros, associated: [], key: key, nonce: .max).prefix(32))
    }

    /// Encrypts the next message of a gemba channel, and rekeys after every ``rekeyInterval``.
    public mutating func send(_ plaintext: [UInt8]) throws(NoiseFault) -> [UInt8] {
        let message = try encrypt(plaintext)
        if nonce.isMultiple(of: Self.rekeyInterval) { rekey() }
        return message
    }

    /// Decrypts the next message of a gemba channel, in step with ``send(_:)``.
    public mutating func receive(_ ciphertext: [UInt8]) throws(NoiseFault) -> [UInt8] {
        let message = try decrypt(ciphertext)
        if nonce.isMultiple(of: Self.rekeyInterval) { rekey() }
        return message
    }

    private static func seal(
        _ plaintext: [UInt8],
        associated: [UInt8],
        key: [UInt8],
        nonce: UInt64
    ) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
        _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
            &sealed,
            nil,
            plaintext,
            UInt64(plaintext.count),
            associated,
            UInt64(associated.count),
            nil,
            nonceBytes(nonce),
            key
        )
        return sealed
    }

    /// Four zero bytes and the counter, little-endian.
    private static func nonceBytes(_ nonce: UInt64) -> [UInt8] {
        [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: nonce >> (8 * UInt64($0))) }
    }
}
