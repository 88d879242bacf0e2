import CSodium

/// The hash of audit trees and of the names of note keys, and of nothing else: BLAKE2b is faster.
///
/// - Source: FIPS 180-4.
public enum SHA256 {
    /// Hashes bytes at once to 32 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        Sodium.require()
        var result = [UInt8](repeating: 0, count: 32)
        _ = unsafe crypto_hash_sha256(&result, bytes, UInt64(bytes.count))
        return result
    }
}
