/// What a grant reaches: a permission such as `progress:start`, or many, as `project:*` and `*`.
///
/// A permission is a resource and an action, each of lower-case letters, digits and underscores.
/// An asterisk stands for any resource or any action.
///
/// - Source: DOM-90.
public struct PermissionPattern: Hashable, Sendable, CustomStringConvertible {
    /// Longest text of a pattern, in bytes of UTF-8.
    public static let bytesMax = 100

    /// nil: any.
    private let resource: String?
    /// nil: any.
    private let action: String?

    public static let all = PermissionPattern(resource: nil, action: nil)

    private init(resource: String?, action: String?) {
        self.resource = resource
        self.action = action
    }

    /// - Returns: nil for what is no pattern.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax else { return nil }
        if text == "*" {
            self = .all
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0 == "*" || Self.isWord($0) }) else {
            return nil
        }
        self.init(
            resource: parts[0] == "*" ? nil : String(parts[0]),
            action: parts[1] == "*" ? nil : String(parts[1])
        )
    }

    /// Whether it names one permission.
    public var isExact: Bool { resource != nil && action != nil }

    /// Whether a permission is reached: what is no permission never is.
    public func matches(_ permission: String) -> Bool {
        let parts = permission.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(Self.isWord) else { return false }
        return (resource.map { $0 == parts[0] } ?? true) && (action.map { $0 == parts[1] } ?? true)
    }

    public var description: String {
        resource == nil && action == nil ? "*" : "\(resource ?? "*"):\(action ?? "*")"
    }

    private static func isWord(_ part: Substring) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { (0x61...0x7a).contains($0) || isDigit($0) || $0 == 0x5f }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
