import CSodium

/// The hash of transparency logs: the audit's tree is made of it, so that their tools can check it.
///
/// - Source: FIPS 180-4.
public enum SHA256 {
    /// Hashes bytes at once.
    ///
    /// - Returns: 32 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        Sodium.require()
        var result = [UInt8](repeating: 0, count: 32)
        _ = unsafe crypto_hash_sha256(&result, bytes, UInt64(bytes.count))
        return result
    }
}
