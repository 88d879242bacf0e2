/// The form of an address for electronic mail.
///
/// - Source: DOM-97; TV-009 of the design's requirements.
public enum EmailRule {
    public static let bytesMax = 255

    /// Whether a text is letters, digits and `._%+-`, an `@`, then letters, digits, points and
    /// hyphens, and after the last point two letters or more, all in ASCII.
    public static func isAddress(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: 0x40, omittingEmptySubsequences: false)
        guard bytes.count <= bytesMax, parts.count == 2, let dot = parts[1].lastIndex(of: 0x2e)
        else { return false }
        let (local, domain, top) = (parts[0], parts[1][..<dot], parts[1][(dot + 1)...])
        return !local.isEmpty
            && local.allSatisfy { isLetterOrDigit($0) || "._%+-".utf8.contains($0) }
            && !domain.isEmpty
            && domain.allSatisfy { isLetterOrDigit($0) || ".-".utf8.contains($0) }
            && top.count >= 2 && top.allSatisfy(isLetter)
    }

    /// - Throws: `badEmail`.
    public static func check(_ text: String) throws(RuleFault) {
        guard isAddress(text) else {
            throw RuleFault(.badEmail, "write an address as name@company.example")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte)
    }
}
