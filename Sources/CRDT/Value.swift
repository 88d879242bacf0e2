/// What a field can hold.
///
/// A closed set of plain values, so that the same bytes mean the same on every node and a node
/// that does not know a newer kind can still carry it.
///
/// - Source: ENC-6 in `protocol/encoding.md`.
public enum Value: Hashable, Sendable {
    /// The field was emptied by a write. A field that nobody wrote has no value at all.
    case null
    case bool(Bool)
    case integer(Int64)
    /// `mantissa` times ten to the power of minus `scale`, with the digits as they were measured:
    /// 0.50 and 0.5 are different values. `scale` is at most 18.
    case decimal(mantissa: Int64, scale: UInt8)
    /// Valid UTF-8.
    case text(String)
    case bytes([UInt8])
    /// A record of the same scope, or a person, site or device.
    case id(ID)
    /// A record of a named scope. It may dangle (MERGE-5).
    case link(Scope, ID)
    /// Several columns that are one register, such as an address; items are never lists.
    case list([Value])
    /// A kind of a newer version: carried unaltered, shown as unknown, never overwritten unseen.
    case unknown(kind: UInt8, bytes: [UInt8])

    /// Whether two values have the same bytes (ENC-7).
    ///
    /// Not what the compiler would write: texts of different bytes that look alike are equal to
    /// Swift, and then which of them stands in a set would depend on the order of arrival.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.decimal(let left, let leftScale), .decimal(let right, let rightScale)):
            left == right && leftScale == rightScale
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.id(let left), .id(let right)): left == right
        case (.link(let leftScope, let left), .link(let rightScope, let right)):
            leftScope == rightScope && left == right
        case (.list(let left), .list(let right)): left == right
        case (.unknown(let leftKind, let left), .unknown(let rightKind, let right)):
            leftKind == rightKind && left == right
        default: false
        }
    }
}

/// The unit of replication, authority and retention, within a tenant.
///
/// Structural, so that who may write a scope is decided without a look-up.
///
/// - Shape: 17 bytes: the kind and a key.
/// - Invariant: The key of the tenant scope is zero.
public struct Scope: Hashable, Comparable, Sendable {
    /// What a scope is about.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// Sites, people, roles, definitions.
        case tenant = 1
        /// Hours, and which subjects the site has opened. The key is the site.
        case site = 2
        /// A project, order or advance, and everything that happens to it. The key is the subject.
        case subject = 3
        /// Money and other data that stations never hold.
        case restricted = 4
    }

    public let kind: Kind
    public let key: ID

    /// The scope of the whole tenant.
    public static let tenant = Scope(kind: .tenant, key: .zero)

    public static func site(_ site: ID) -> Scope { Scope(kind: .site, key: site) }

    public static func subject(_ subject: ID) -> Scope { Scope(kind: .subject, key: subject) }

    public static func restricted(_ key: ID) -> Scope { Scope(kind: .restricted, key: key) }

    private init(kind: Kind, key: ID) {
        self.kind = kind
        self.key = key
    }

    /// Takes the two parts of the shape.
    ///
    /// - Returns: nil for an unknown kind, or a tenant scope whose key is not zero.
    public init?(kind: UInt8, key: ID) {
        guard let known = Kind(rawValue: kind), known != .tenant || key == .zero else {
            return nil
        }
        self.init(kind: known, key: key)
    }

    /// The seventeen bytes.
    public var bytes: [UInt8] { [kind.rawValue] + key.bytes }

    public static func < (left: Scope, right: Scope) -> Bool {
        (left.kind.rawValue, left.key) < (right.kind.rawValue, right.key)
    }
}

extension Scope: CustomStringConvertible {
    /// The kind, and the key in hexadecimal where there is one.
    public var description: String {
        self == .tenant ? "tenant" : "\(kind):\(key)"
    }

    /// Reads what ``description`` writes; anything else is nil.
    public init?(text: some StringProtocol) {
        if text == "tenant" {
            self = .tenant
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let key = ID(text: parts[1]),
            let kind = Kind.allCases.first(where: { "\($0)" == parts[0] }), kind != .tenant
        else { return nil }
        self.init(kind: kind, key: key)
    }
}
