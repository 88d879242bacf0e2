import Bytes
import CSodium

/// Secrets in a file: encrypted under a key or a passphrase, and found out if a bit is changed.
///
/// - Shape: version, kind, [operations, memory, salt], nonce, ciphertext.
/// - Source: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha); Argon2id, RFC 9106.
public enum Sealed {
    /// What a passphrase costs to try.
    public struct Cost: Hashable, Sendable {
        public var operations: UInt32
        public var memoryBytes: UInt32

        public init(operations: UInt32, memoryBytes: UInt32) {
            self.operations = operations
            self.memoryBytes = memoryBytes
        }

        /// 64 MiB, three passes: about a sixth of a second.
        public static let standard = Cost(operations: 3, memoryBytes: 64 << 20)
        /// The most that a file may ask of who opens it.
        public static let most = Cost(operations: 16, memoryBytes: 1 << 30)
        /// The least that libsodium takes: for tests.
        public static let least = Cost(operations: 1, memoryBytes: 8 << 10)
    }

    /// Why a sealed file was not opened.
    public enum Fault: Error, Hashable, Sendable {
        /// Not a sealed file, or of a newer version.
        case unreadable
        /// It asks for more memory or time than any file of ours.
        case tooCostly
        /// Wrong passphrase or key, or a changed bit.
        case notAuthentic
    }

    private static let version: UInt8 = 1
    private static let kindKey: UInt8 = 0
    private static let kindPassphrase: UInt8 = 1
    private static let saltBytes = 16
    private static let nonceBytes = 24

    /// Seals under a passphrase.
    ///
    /// - Parameters:
    ///   - plaintext: The secret.
    ///   - passphrase: What a person remembers.
    ///   - salt: 16 random bytes.
    ///   - nonce: 24 random bytes.
    ///   - associated: What the secret belongs to; must be the same when it is opened.
    ///   - cost: What trying a passphrase shall cost.
    /// - Returns: The sealed bytes.
    /// - Throws: `.unreadable` for a salt or nonce of another length; `.tooCostly` if memory lacks.
    public static func seal(
        _ plaintext: [UInt8],
        passphrase: String,
        salt: [UInt8],
        nonce: [UInt8],
        associated: [UInt8] = [],
        cost: Cost = .standard
    ) throws(Fault) -> [UInt8] {
        guard salt.count == saltBytes else { throw .unreadable }
        let key = try derive(passphrase, salt: salt, cost: cost)
        var writer = Writer()
        writer.u8(version)
        writer.u8(kindPassphrase)
        writer.u32(cost.operations)
        writer.u32(cost.memoryBytes)
        writer.raw(salt)
        return try seal(plaintext, key: key, nonce: nonce, associated, header: writer.bytes)
    }

    /// Seals under a key of 32 bytes, with 24 random bytes of nonce.
    public static func seal(
        _ plaintext: [UInt8],
        key: [UInt8],
        nonce: [UInt8],
        associated: [UInt8] = []
    ) throws(Fault) -> [UInt8] {
        try seal(plaintext, key: key, nonce: nonce, associated, header: [version, kindKey])
    }

    /// Opens what was sealed under a passphrase.
    public static func open(
        _ sealed: [UInt8],
        passphrase: String,
        associated: [UInt8] = []
    ) throws(Fault) -> [UInt8] {
        let envelope = try readEnvelope(sealed)
        guard envelope.cost.operations <= Cost.most.operations,
            envelope.cost.memoryBytes <= Cost.most.memoryBytes
        else { throw .tooCostly }
        let key = try derive(passphrase, salt: envelope.salt, cost: envelope.cost)
        return try decrypt(
            envelope.ciphertext,
            key: key,
            nonce: envelope.nonce,
            envelope.header + associated
        )
    }

    /// Opens what was sealed under a key.
    public static func open(
        _ sealed: [UInt8],
        key: [UInt8],
        associated: [UInt8] = []
    ) throws(Fault) -> [UInt8] {
        let header = Array(sealed.prefix(2))
        guard header == [version, kindKey], sealed.count >= 2 + nonceBytes else {
            throw .unreadable
        }
        let nonce = Array(sealed.dropFirst(2).prefix(nonceBytes))
        let ciphertext = Array(sealed.dropFirst(2 + nonceBytes))
        return try decrypt(ciphertext, key: key, nonce: nonce, header + associated)
    }

    private struct Envelope {
        var cost: Cost
        var salt: [UInt8]
        var header: [UInt8]
        var nonce: [UInt8]
        var ciphertext: [UInt8]
    }

    private static func readEnvelope(_ sealed: [UInt8]) throws(Fault) -> Envelope {
        var reader = Reader(sealed)
        do throws(Malformed) {
            let kinds = try reader.raw(2, "kind")
            guard kinds == [version, kindPassphrase] else {
                throw reader.malformed(.invalid, "kind")
            }
            let cost = Cost(
                operations: try reader.u32("operations"),
                memoryBytes: try reader.u32("memory")
            )
            let salt = try reader.raw(saltBytes, "salt")
            return Envelope(
                cost: cost,
                salt: salt,
                header: reader.passed(since: 0),
                nonce: try reader.raw(nonceBytes, "nonce"),
                ciphertext: reader.rest()
            )
        } catch {
            throw .unreadable
        }
    }

    static func derive(
        _ passphrase: String,
        salt: [UInt8],
        cost: Cost
    ) throws(Fault) -> [UInt8] {
        Sodium.require()
        var key = [UInt8](repeating: 0, count: 32)
        let letters = passphrase.utf8.map { CChar(bitPattern: $0) }
        let code = unsafe crypto_pwhash(
            &key,
            32,
            letters,
            UInt64(letters.count),
            salt,
            UInt64(cost.operations),
            Int(cost.memoryBytes),
            crypto_pwhash_alg_argon2id13()
        )
        guard code == 0 else { throw .tooCostly }
        return key
    }

    private static func seal(
        _ plaintext: [UInt8],
        key: [UInt8],
        nonce: [UInt8],
        _ associated: [UInt8],
        header: [UInt8]
    ) throws(Fault) -> [UInt8] {
        Sodium.require()
        guard key.count == 32, nonce.count == nonceBytes else { throw .unreadable }
        let bound = header + associated
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count + 16)
        _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
            &ciphertext,
            nil,
            plaintext,
            UInt64(plaintext.count),
            bound,
            UInt64(bound.count),
            nil,
            nonce,
            key
        )
        return header + nonce + ciphertext
    }

    private static func decrypt(
        _ ciphertext: [UInt8],
        key: [UInt8],
        nonce: [UInt8],
        _ bound: [UInt8]
    ) throws(Fault) -> [UInt8] {
        Sodium.require()
        guard key.count == 32, ciphertext.count >= 16 else { throw .notAuthentic }
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count - 16)
        let code = unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
            &plaintext,
            nil,
            nil,
            ciphertext,
            UInt64(ciphertext.count),
            bound,
            UInt64(bound.count),
            nonce,
            key
        )
        guard code == 0 else { throw .notAuthentic }
        return plaintext
    }
}
