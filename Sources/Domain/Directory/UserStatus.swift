/// Whether a person's account may be used.
///
/// - Source: DOM-93.
public enum UserStatus: String, Hashable, Sendable, CaseIterable {
    /// Known by name, has not begun yet.
    case invited
    case active
    /// For a time.
    case suspended
    /// For good; also what a newer version wrote.
    case disabled

    /// Reads a status as records and files of other systems write it.
    public init(_ text: String) {
        switch text.lowercased() {
        case "inactive": self = .disabled
        case let word: self = UserStatus(rawValue: word) ?? .disabled
        }
    }

    /// Whether the person may not act.
    public var isBarred: Bool { self == .suspended || self == .disabled }
}
