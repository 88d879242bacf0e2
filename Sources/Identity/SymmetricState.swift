import Bytes

/// The running hash and key of a handshake.
///
/// - Source: Noise revision 34, sections 4.3 and 5.2.
struct SymmetricState: Sendable {
    /// The transcript so far, 64 bytes.
    private(set) var hash: [UInt8]
    private var chainingKey: [UInt8]
    private var cipher: CipherState?

    init(protocolName: String) {
        let name = Array(protocolName.utf8)
        hash =
            name.count <= 64
            ? name + [UInt8](repeating: 0, count: 64 - name.count)
            : Blake2b.hash(name, length: 64)
        chainingKey = hash
    }

    var hasKey: Bool { cipher != nil }

    mutating func mixHash(_ bytes: [UInt8]) {
        hash = Blake2b.hash(hash + bytes, length: 64)
    }

    mutating func mixKey(_ material: [UInt8]) {
        let keys = Self.derive(chainingKey, material, count: 2)
        chainingKey = keys[0]
        cipher = CipherState(key: Array(keys[1].prefix(32)))
    }

    mutating func mixKeyAndHash(_ material: [UInt8]) {
        let keys = Self.derive(chainingKey, material, count: 3)
        chainingKey = keys[0]
        mixHash(keys[1])
        cipher = CipherState(key: Array(keys[2].prefix(32)))
    }

    mutating func encryptAndHash(_ plaintext: [UInt8]) throws(NoiseFault) -> [UInt8] {
        let result = try cipher?.encrypt(plaintext, associated: hash) ?? plaintext
        mixHash(result)
        return result
    }

    mutating func decryptAndHash(_ ciphertext: [UInt8]) throws(NoiseFault) -> [UInt8] {
        let result = try cipher?.decrypt(ciphertext, associated: hash) ?? ciphertext
        mixHash(ciphertext)
        return result
    }

    func split() -> (CipherState, CipherState) {
        let keys = Self.derive(chainingKey, [], count: 2).map { Array($0.prefix(32)) }
        return (CipherState(key: keys[0]), CipherState(key: keys[1]))
    }

    /// HKDF with two or three results of 64 bytes.
    private static func derive(_ key: [UInt8], _ material: [UInt8], count: Int) -> [[UInt8]] {
        let secret = authenticate(material, key: key)
        var results: [[UInt8]] = []
        for index in 1...count {
            results.append(authenticate((results.last ?? []) + [UInt8(index)], key: secret))
        }
        return results
    }

    /// HMAC by hand: Noise means RFC 2104 over the hash, not BLAKE2b's own keyed mode.
    private static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        let padded = key + [UInt8](repeating: 0, count: blockBytes - key.count)
        let inner = Blake2b.hash(padded.map { $0 ^ 0x36 } + message, length: 64)
        return Blake2b.hash(padded.map { $0 ^ 0x5c } + inner, length: 64)
    }

    private static let blockBytes = 128
}
