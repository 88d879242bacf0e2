import Bytes

extension JSON {
    /// The document as bytes: how rows that are kept of lists hold it.
    var encoded: [UInt8] {
        var writer = Writer()
        write(to: &writer)
        return writer.bytes
    }

    private func write(to writer: inout Writer) {
        switch self {
        case .null: writer.u8(0)
        case .bool(let value): writer.u8(value ? 2 : 1)
        case .integer(let value):
            writer.u8(3)
            writer.zigzag(value)
        case .text(let value):
            writer.u8(4)
            writer.text(value)
        case .list(let items):
            writer.u8(5)
            writer.varint(UInt64(items.count))
            for item in items { item.write(to: &writer) }
        case .object(let members):
            writer.u8(6)
            writer.varint(UInt64(members.count))
            for member in members {
                writer.text(member.key)
                member.value.write(to: &writer)
            }
        }
    }

    /// Reads what ``encoded`` gives; anything else is nil.
    init?(decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        do throws(Malformed) {
            self = try Self(&reader, depth: 0)
            try reader.end("document")
        } catch {
            return nil
        }
    }

    private static let depthMax = 16
    private static let itemsMax = 100_000
    private static let textMax = 1 << 20

    private init(_ reader: inout Reader, depth: Int) throws(Malformed) {
        switch try reader.u8("kind") {
        case 1: self = .bool(false)
        case 2: self = .bool(true)
        case 3: self = .integer(try reader.zigzag("integer"))
        case 4: self = .text(try reader.text(atMost: Self.textMax, "text"))
        case 5 where depth < Self.depthMax:
            var items: [JSON] = []
            for _ in 0..<(try reader.count(atMost: Self.itemsMax, "items")) {
                items.append(try JSON(&reader, depth: depth + 1))
            }
            self = .list(items)
        case 6 where depth < Self.depthMax:
            var members: [Member] = []
            for _ in 0..<(try reader.count(atMost: Self.itemsMax, "members")) {
                let key = try reader.text(atMost: Self.textMax, "key")
                members.append(Member(key, try JSON(&reader, depth: depth + 1)))
            }
            self = .object(members)
        default: self = .null
        }
    }

    /// The document with every text as `transform` has it; keys stay.
    func mapTexts(_ transform: (String) -> String) -> JSON {
        switch self {
        case .text(let text): .text(transform(text))
        case .list(let items): .list(items.map { $0.mapTexts(transform) })
        case .object(let members):
            .object(members.map { Member($0.key, $0.value.mapTexts(transform)) })
        case .null, .bool, .integer: self
        }
    }

    /// The text of a key of the object; nil where there is none.
    public func text(of key: String) -> String? { self[key]?.string }

    /// The integer of a key; 0 where there is none.
    public func number(of key: String) -> Int64 {
        if case .integer(let value) = self[key] { value } else { 0 }
    }

    /// Whether a key of the object is true.
    public func isTrue(_ key: String) -> Bool {
        if case .bool(true) = self[key] { true } else { false }
    }

    /// The value of a key; nil where there is none.
    subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The text; nil for anything else.
    var string: String? {
        if case .text(let text) = self { text } else { nil }
    }
}
