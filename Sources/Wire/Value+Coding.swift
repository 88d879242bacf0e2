import Bytes
import CRDT

/// The kinds of value (ENC-6).
private enum Kind {
    static let null: UInt8 = 0
    static let no: UInt8 = 1
    static let yes: UInt8 = 2
    static let integer: UInt8 = 3
    static let decimal: UInt8 = 4
    static let text: UInt8 = 5
    static let bytes: UInt8 = 6
    static let id: UInt8 = 7
    static let link: UInt8 = 8
    static let list: UInt8 = 9
    /// In a stream, an integer that is told relative to the stamp.
    static let near: UInt8 = 10
    /// In a stream, what stands before a kind of a newer version.
    static let escape: UInt8 = 255
}

extension Value {
    /// Throws unless the value is read back as it is written.
    func check(_ field: String) throws(Malformed) {
        switch self {
        case .null, .bool, .integer, .id, .link: break
        case .decimal(_, let scale):
            guard scale <= Limits.decimalScaleMax else { throw Malformed(.overLimit, field, at: 0) }
        case .text(let text): try text.check(atMost: Limits.textBytesMax, field)
        case .bytes(let bytes): try bytes.check(atMost: Limits.bytesValueMax, field)
        case .list(let items):
            guard items.count <= Limits.listItemsMax else {
                throw Malformed(.overLimit, field, at: 0)
            }
            for item in items {
                if case .list = item { throw Malformed(.invalid, field, at: 0) }
                try item.check(field)
            }
        case .unknown(let kind, let bytes):
            guard kind > Kind.list else { throw Malformed(.invalid, field, at: 0) }
            try bytes.check(atMost: Limits.unknownBytesMax, field)
        }
    }
}

extension [UInt8] {
    /// Throws if there are more bytes than a reader takes.
    func check(atMost limit: Int, _ field: String) throws(Malformed) {
        guard count <= limit else { throw Malformed(.overLimit, field, at: 0) }
    }
}

extension String {
    /// Throws if the text is longer than a reader takes.
    func check(atMost limit: Int, _ field: String) throws(Malformed) {
        guard utf8.count <= limit else { throw Malformed(.overLimit, field, at: 0) }
    }
}

extension [Name] {
    /// Throws unless the names are those that a reader takes: few, ascending, unique.
    func check(_ field: String) throws(Malformed) {
        guard count <= Limits.namesMax else { throw Malformed(.overLimit, field, at: 0) }
        for index in indices.dropFirst() where self[index] <= self[index - 1] {
            throw Malformed(.notCanonical, field, at: 0)
        }
    }
}

extension Writer {
    mutating func value(_ value: Value, by references: inout References?) {
        switch value {
        case .null:
            u8(Kind.null)
        case .bool(let isTrue):
            u8(isTrue ? Kind.yes : Kind.no)
        case .integer(let number):
            integer(number, by: references)
        case .decimal(let mantissa, let scale):
            u8(Kind.decimal)
            zigzag(mantissa)
            u8(scale)
        case .text(let text):
            u8(Kind.text)
            self.text(text)
        case .bytes(let bytes):
            u8(Kind.bytes)
            prefixed(bytes)
        case .id(let id):
            u8(Kind.id)
            self.id(id, by: &references)
        case .link(let scope, let id):
            u8(Kind.link)
            u8(scope.kind.rawValue)
            self.id(scope.key, by: &references)
            self.id(id, by: &references)
        case .list(let items):
            u8(Kind.list)
            varint(UInt64(items.count))
            for item in items {
                self.value(item, by: &references)
            }
        case .unknown(let kind, let bytes):
            if references?.isStream == true { u8(Kind.escape) }
            u8(kind)
            prefixed(bytes)
        }
    }

    /// Writes an integer; in a stream, one that is a time is told by its distance from the stamp.
    private mutating func integer(_ number: Int64, by references: References?) {
        let distance = number &- (references?.milliseconds ?? 0)
        // Seven bits less is a byte less.
        guard references?.isStream == true, distance.magnitude < number.magnitude >> 7 else {
            u8(Kind.integer)
            return zigzag(number)
        }
        u8(Kind.near)
        zigzag(distance)
    }
}

extension Reader {
    mutating func value(
        _ field: String,
        by references: inout References?
    ) throws(Malformed) -> Value {
        let kind = try u8(field)
        guard kind == Kind.list else { return try item(kind, field, by: &references) }
        let count = try count(atMost: Limits.listItemsMax, field)
        var items: [Value] = []
        items.reserveCapacity(count)
        for _ in 0..<count {
            items.append(try item(try u8(field), field, by: &references))
        }
        return .list(items)
    }

    /// Reads what follows a kind: anything that may stand in a list.
    private mutating func item(
        _ kind: UInt8,
        _ field: String,
        by references: inout References?
    ) throws(Malformed) -> Value {
        switch kind {
        case Kind.null: return .null
        case Kind.no: return .bool(false)
        case Kind.yes: return .bool(true)
        case Kind.integer: return .integer(try zigzag(field))
        case Kind.decimal:
            let mantissa = try zigzag(field)
            let scale = try u8(field)
            guard scale <= Limits.decimalScaleMax else { throw malformed(.overLimit, field) }
            return .decimal(mantissa: mantissa, scale: scale)
        case Kind.text: return .text(try text(atMost: Limits.textBytesMax, field))
        case Kind.bytes: return .bytes(try prefixed(atMost: Limits.bytesValueMax, field))
        case Kind.id: return .id(try id(field, by: &references))
        case Kind.link:
            let scopeKind = try u8(field)
            let key = try id(field, by: &references)
            guard let scope = Scope(kind: scopeKind, key: key) else {
                throw malformed(.invalid, field)
            }
            return .link(scope, try id(field, by: &references))
        case Kind.list: throw malformed(.invalid, field)
        case Kind.near where references?.isStream == true:
            return .integer((references?.milliseconds ?? 0) &+ (try zigzag(field)))
        default:
            let kind = references?.isStream == true ? try escaped(kind, field) : kind
            let bytes = try prefixed(atMost: Limits.unknownBytesMax, field)
            return .unknown(kind: kind, bytes: bytes)
        }
    }

    /// Reads the kind of a newer version that stands behind an escape.
    private mutating func escaped(_ kind: UInt8, _ field: String) throws(Malformed) -> UInt8 {
        guard kind == Kind.escape else { throw malformed(.invalid, field) }
        let kind = try u8(field)
        guard kind > Kind.list else { throw malformed(.invalid, field) }
        return kind
    }
}
