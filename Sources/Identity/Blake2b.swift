import CSodium

/// The hash of everything: changes, statements, keys of join tokens, state.
///
/// - Source: RFC 7693; BLAKE2b with 16, 32 or 64 bytes of result and an optional key.
public enum Blake2b {
    /// Hashes bytes at once.
    ///
    /// - Parameters:
    ///   - bytes: What is hashed.
    ///   - length: Bytes of the result, 16 to 64.
    ///   - key: At most 64 bytes; empty for none.
    /// - Returns: `length` bytes.
    public static func hash(_ bytes: [UInt8], length: Int = 32, key: [UInt8] = []) -> [UInt8] {
        Sodium.require()
        precondition((16...64).contains(length) && key.count <= 64, "BLAKE2b takes 16 to 64 bytes")
        var result = [UInt8](repeating: 0, count: length)
        let code = unsafe crypto_generichash(
            &result,
            length,
            bytes,
            UInt64(bytes.count),
            key.isEmpty ? nil : key,
            key.count
        )
        precondition(code == 0, "BLAKE2b accepts every input of these lengths")
        return result
    }

    /// Hashes bytes at once to 32 bytes.
    public static func hash256(_ bytes: [UInt8]) -> [UInt8] { hash(bytes, length: 32) }

    /// A hash of bytes that come in pieces.
    @safe
    public struct Stream: ~Copyable {
        private let state: UnsafeMutableRawPointer
        private let length: Int

        /// - Parameters:
        ///   - length: Bytes of the result, 16 to 64.
        ///   - key: At most 64 bytes; empty for none.
        public init(length: Int = 32, key: [UInt8] = []) {
            Sodium.require()
            precondition((16...64).contains(length) && key.count <= 64, "BLAKE2b: 16 to 64 bytes")
            self.length = length
            // The C type asks for an alignment that Swift does not import.
            unsafe state = UnsafeMutableRawPointer.allocate(
                byteCount: crypto_generichash_statebytes(),
                alignment: 64
            )
            _ = unsafe crypto_generichash_init(
                OpaquePointer(state),
                key.isEmpty ? nil : key,
                key.count,
                length
            )
        }

        deinit { unsafe state.deallocate() }

        /// Takes the next piece.
        public mutating func update(_ bytes: [UInt8]) {
            _ = unsafe crypto_generichash_update(OpaquePointer(state), bytes, UInt64(bytes.count))
        }

        /// The hash of all pieces.
        public consuming func finish() -> [UInt8] {
            var result = [UInt8](repeating: 0, count: length)
            _ = unsafe crypto_generichash_final(OpaquePointer(state), &result, length)
            return result
        }
    }
}
