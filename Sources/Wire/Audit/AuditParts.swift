public import Bytes
public import CRDT

/// Whom and what an entry is about: its first private part.
///
/// - Source: AUD-6.
public struct AuditSubject: Hashable, Sendable {
    /// Who did it; zero for a machine.
    public var user: ID
    public var scope: Scope
    /// The entity of the record; 0 for none, and for a change, whose body says.
    public var entity: UInt32
    /// The record, or the person or device, that it is about; zero for none.
    public var record: ID

    public init(user: ID, scope: Scope = .tenant, entity: UInt32 = 0, record: ID = .zero) {
        self.user = user
        self.scope = scope
        self.entity = entity
        self.record = record
    }

    /// The 53 bytes of the part.
    public var encoded: [UInt8] {
        var writer = Writer(capacity: 53)
        writer.id(user)
        writer.scope(scope)
        writer.u32(entity)
        writer.id(record)
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        user = try reader.id("user")
        scope = try reader.scope("scope")
        entity = try reader.u32("entity")
        record = try reader.id("record")
        try reader.end("subject")
    }
}

/// What an entry says was done: its second private part.
///
/// - Source: AUD-7.
public enum AuditDetail: Hashable, Sendable {
    /// The hash of a change, which says the rest.
    case change(Hash)
    /// A root statement (kind 0) or a statement (kind 3) of the authority log, by its number and
    /// the hash of its bytes.
    case statement(kind: UInt8, number: UInt64, hash: Hash)
    /// An act that is no change, in words.
    case act(AuditFields)

    /// The bytes of the part.
    public var encoded: [UInt8] {
        var writer = Writer(capacity: 64)
        switch self {
        case .change(let hash): writer.hash(hash)
        case .statement(let kind, let number, let hash):
            writer.u8(kind)
            writer.u64(number)
            writer.hash(hash)
        case .act(let fields): fields.write(to: &writer)
        }
        return writer.bytes
    }

    /// Reads the part of an entry of a kind; one of a kind that is not known is read as an act.
    public init(decoding bytes: [UInt8], of kind: UInt8) throws(Malformed) {
        var reader = Reader(bytes)
        switch AuditKind(rawValue: kind) {
        case .change, .ruling: self = .change(try reader.hash("change"))
        case .authority:
            self = .statement(
                kind: try reader.u8("kind"),
                number: try reader.u64("number"),
                hash: try reader.hash("statement")
            )
        default: self = .act(try AuditFields(reading: &reader))
        }
        try reader.end("detail")
    }
}

/// Named texts, sorted by name: what was done, in a form that is read the same for ever.
///
/// - Invariant: at most 32, names of 1 to 64 bytes, strictly ascending; values of at most 4,096.
/// - Source: AUD-7.
public struct AuditFields: Hashable, Sendable {
    public static let countMax = 32
    public static let nameBytesMax = 64
    public static let valueBytesMax = 4_096

    public private(set) var values: [String: String] = [:]

    public init() {}

    /// Takes what is within the limits; a value that is too long is cut at a character.
    public init(_ fields: [String: String]) {
        let named = fields.filter { (1...Self.nameBytesMax).contains($0.key.utf8.count) }
        for name in Self.sorted(named.keys).prefix(Self.countMax) {
            values[name] = fields[name].map(Self.cut)
        }
    }

    public subscript(name: String) -> String? { values[name] }

    /// The names, ascending by their bytes.
    public var names: [String] { Self.sorted(values.keys) }

    private static func sorted(_ names: some Collection<String>) -> [String] {
        names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > valueBytesMax else { return text }
        var cut = ""
        var count = 0
        for character in text {
            count += character.utf8.count
            guard count <= valueBytesMax else { break }
            cut.append(character)
        }
        return cut
    }

    func write(to writer: inout Writer) {
        writer.varint(UInt64(values.count))
        for name in names {
            writer.text(name)
            writer.text(values[name] ?? "")
        }
    }

    init(reading reader: inout Reader) throws(Malformed) {
        var last: String?
        for _ in 0..<(try reader.count(atMost: Self.countMax, "fields")) {
            let name = try reader.text(atMost: Self.nameBytesMax, "name")
            let isNext = last.map { $0.utf8.lexicographicallyPrecedes(name.utf8) } ?? true
            // Names that differ in bytes only, and not as texts, would be one.
            guard !name.isEmpty, isNext, values[name] == nil else {
                throw reader.malformed(.notCanonical, "name")
            }
            values[name] = try reader.text(atMost: Self.valueBytesMax, "value")
            last = name
        }
    }
}
