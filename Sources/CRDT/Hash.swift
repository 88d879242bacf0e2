/// Thirty-two bytes that name content: the hash of a change, a statement, a certificate.
///
/// Only the value; what is hashed and how is said by `Identity` and `Wire`.
///
/// - Shape: 32 bytes; ordered as the bytes are.
public struct Hash: Hashable, Comparable, Sendable {
    /// The bytes as four big-endian words: how codecs take and give them, without an array.
    public let words: (UInt64, UInt64, UInt64, UInt64)

    /// Takes the bytes as they are.
    ///
    /// - Parameter bytes: Exactly 32 bytes; otherwise the result is nil.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        words = (
            bigEndian(bytes.prefix(8)),
            bigEndian(bytes.dropFirst(8).prefix(8)),
            bigEndian(bytes.dropFirst(16).prefix(8)),
            bigEndian(bytes.dropFirst(24))
        )
    }

    public init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// The hash that stands for "none" where a structure has no optional fields.
    public static let zero = Hash(words: (0, 0, 0, 0))

    /// The first eight bytes: how a head is told from another of the same stamp (MERGE-3).
    public var prefix: UInt64 { words.0 }

    /// The thirty-two bytes.
    public var bytes: [UInt8] {
        let stored = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
        )
        return withUnsafeBytes(of: stored) { Array($0) }
    }

    public static func == (left: Hash, right: Hash) -> Bool {
        left.words == right.words
    }

    public static func < (left: Hash, right: Hash) -> Bool {
        left.words < right.words
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Hash: CustomStringConvertible {
    /// 64 hexadecimal digits.
    public var description: String {
        hexadecimal(words.0) + hexadecimal(words.1) + hexadecimal(words.2) + hexadecimal(words.3)
    }
}
