/// A Noise handshake pattern: which tokens each message carries, and which keys are known before.
///
/// ```swift
/// HandshakePattern("XXpsk3")?.messages.count  // 3
/// HandshakePattern("XY")                      // nil
/// ```
///
/// - Source: The Noise Protocol Framework, revision 34, sections 7, 9.4 and 18.1.
public struct HandshakePattern: Hashable, Sendable {
    /// One step of a message.
    public enum Token: String, Hashable, Sendable {
        case e, s, ee, es, se, ss, psk
    }

    /// The name with its modifiers, such as `XXpsk3`.
    public let name: String
    /// Whether the responder knows the initiator's static key beforehand.
    public let knowsInitiator: Bool
    /// Whether the initiator knows the responder's static key beforehand.
    public let knowsResponder: Bool
    /// The tokens of each message, the initiator's first.
    public let messages: [[Token]]
    /// Whether the initiator alone sends.
    public let isOneWay: Bool

    /// Reads a pattern's name: a pattern of the table, then `pskN` modifiers joined by `+`.
    ///
    /// - Returns: nil for a name that the framework does not define.
    public init?(_ name: String) {
        let parts = name.split(separator: "+", omittingEmptySubsequences: false)
        guard let first = parts.first else { return nil }
        let base = first.prefix { $0.isUppercase || $0 == "1" }
        guard let row = Self.table[String(base)] else { return nil }
        var messages = row.split(separator: ";").map { message in
            message.split(separator: " ").compactMap { Token(rawValue: String($0)) }
        }
        let modifiers = [first.dropFirst(base.count)] + parts.dropFirst()
        for modifier in modifiers where !(modifier.isEmpty && parts.count == 1) {
            guard Self.apply(modifier, to: &messages) else { return nil }
        }
        self.name = name
        self.messages = messages
        isOneWay = base.count == 1
        knowsInitiator = base.first == "K"
        knowsResponder = isOneWay || base.dropFirst().contains("K")
    }

    /// Puts a psk token where a modifier says: before message 1 for 0, else at the end of message
    /// N.
    private static func apply(_ modifier: Substring, to messages: inout [[Token]]) -> Bool {
        guard let place = (0...messages.count).first(where: { modifier == "psk\($0)" }) else {
            return false
        }
        if place == 0 {
            messages[0].insert(.psk, at: 0)
        } else {
            messages[place - 1].append(.psk)
        }
        return true
    }

    /// Whether a psk token stands anywhere.
    public var usesPresharedKey: Bool { messages.contains { $0.contains(.psk) } }

    /// The tokens of each message by pattern; keys known beforehand follow from the letters: K for
    /// a key that is known, on the initiator's or responder's side.
    private static let table: [String: String] = [
        "N": "e es", "K": "e es ss", "X": "e es s ss",
        "NN": "e;e ee", "NK": "e es;e ee", "NX": "e;e ee s es",
        "KN": "e;e ee se", "KK": "e es ss;e ee se", "KX": "e;e ee se s es",
        "XN": "e;e ee;s se", "XK": "e es;e ee;s se", "XX": "e;e ee s es;s se",
        "IN": "e s;e ee se", "IK": "e es s ss;e ee se", "IX": "e s;e ee se s es",
        "NK1": "e;e ee es", "NX1": "e;e ee s;es",
        "X1N": "e;e ee;s;se", "X1K": "e es;e ee;s;se",
        "XK1": "e;e ee es;s se", "X1K1": "e;e ee es;s;se",
        "X1X": "e;e ee s es;s;se", "XX1": "e;e ee s;es s se", "X1X1": "e;e ee s;es s;se",
        "K1N": "e;e ee;se", "K1K": "e es;e ee;se", "KK1": "e;e ee se es",
        "K1K1": "e;e ee es;se", "K1X": "e;e ee s es;se",
        "KX1": "e;e ee se s;es", "K1X1": "e;e ee s;se es",
        "I1N": "e s;e ee;se", "I1K": "e es s;e ee;se", "IK1": "e s;e ee se es",
        "I1K1": "e s;e ee es;se", "I1X": "e s;e ee s es;se",
        "IX1": "e s;e ee se s;es", "I1X1": "e s;e ee s;se es",
    ]
}
