/// Bytes as words that two people can read to each other.
///
/// ```swift
/// Proquint.words([0x7f, 0x00, 0x00, 0x01])  // ["lusab", "babad"]
/// ```
///
/// - Source: Wilkerson, A Proposal for Proquints, arXiv:0901.4016.
public enum Proquint {
    private static let consonants: [Character] = Array("bdfghjklmnprstvz")
    private static let vowels: [Character] = Array("aiou")

    /// One word for every two bytes; an odd last byte is left out.
    public static func words(_ bytes: [UInt8]) -> [String] {
        stride(from: 0, to: bytes.count - 1, by: 2).map { index in
            let word = UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
            return String([
                consonants[Int(word >> 12)], vowels[Int(word >> 10 & 3)],
                consonants[Int(word >> 6 & 15)], vowels[Int(word >> 4 & 3)],
                consonants[Int(word & 15)],
            ])
        }
    }

    /// The six words that hub and joiner show for a handshake (ID-16).
    public static func words(ofHandshake hash: [UInt8]) -> String {
        words(Array(hash.prefix(12))).joined(separator: "-")
    }
}
