/// An e-mail address in the one form that users, contacts and companies share.
///
/// Letters, digits and `._%+-`, an @, a domain of letters, digits, points and hyphens, a point and
/// at least two letters. Kept as typed; compared without case.
///
/// - Source: DOM-160.
public struct EmailAddress: Hashable, Sendable {
    /// Longest address, in bytes.
    public static let bytesMax = 254

    public let text: String

    /// - Throws: `notAnEmail`.
    public init(typed text: String) throws(RuleFault) {
        guard Self.isAddress(Array(text.utf8)) else {
            throw RuleFault(.notAnEmail, "write an e-mail address as name@example.com")
        }
        self.text = text
    }

    /// The address as it is compared.
    public var folded: String { text.lowercased() }

    public static func == (left: EmailAddress, right: EmailAddress) -> Bool {
        left.folded == right.folded
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(folded) }

    private static func isAddress(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= bytesMax, let at = bytes.firstIndex(of: 0x40) else { return false }
        let (local, domain) = (bytes[..<at], bytes[(at + 1)...])
        guard let point = domain.lastIndex(of: 0x2e) else { return false }
        let (host, top) = (domain[..<point], domain[(point + 1)...])
        return !local.isEmpty && local.allSatisfy { isWord($0) || "._%+-".utf8.contains($0) }
            && !host.isEmpty && host.allSatisfy { isWord($0) || ".-".utf8.contains($0) }
            && top.count >= 2 && top.allSatisfy(isLetter)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

    private static func isWord(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte)
    }
}
