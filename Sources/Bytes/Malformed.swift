/// Why bytes could not be read: what was wrong, in which field, and where.
///
/// Bytes come from strangers, so reading them never traps; every failure is one of these.
public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of fault that bytes can have.
    public enum Code: String, Hashable, Sendable {
        /// The bytes end inside a field.
        case truncated
        /// Bytes follow the end of the structure.
        case trailing
        /// A length or count is above its named limit; nothing was allocated for it.
        case overLimit
        /// The value is readable but is not in its one canonical form.
        case notCanonical
        /// No value of this field has these bytes.
        case invalid
    }

    public let code: Code
    /// The field that was being read.
    public let field: String
    /// Where in the input reading stopped, in bytes from its start.
    public let offset: Int

    public init(_ code: Code, _ field: String, at offset: Int) {
        self.code = code
        self.field = field
        self.offset = offset
    }

    public var description: String { "\(code.rawValue): \(field) at byte \(offset)" }
}
