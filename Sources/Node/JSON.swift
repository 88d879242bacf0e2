/// A JSON document whose objects keep the order in which their keys were written.
///
/// ```swift
/// let reply: JSON = ["site": "HCM", "stations": 2]
/// reply.text  // {"site":"HCM","stations":2}
/// ```
///
/// Scripts compare output byte for byte, so the order is part of what a command says.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case text(String)
    case list([JSON])
    case object([Member])

    /// A key of an object with its value.
    public struct Member: Sendable {
        public let key: String
        public let value: JSON

        public init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }
}

extension JSON {
    /// A text, or null where there is none.
    public static func text(orNull text: String?) -> JSON { text.map(JSON.text) ?? .null }

    /// An integer, or null where there is none.
    public static func integer(orNull number: Int64?) -> JSON { number.map(JSON.integer) ?? .null }

    /// Any integer; one outside 64 bits stands at the nearest bound.
    public static func number(_ number: some BinaryInteger) -> JSON {
        .integer(Int64(clamping: number))
    }

    /// A list of what `transform` makes of each item.
    public static func list<Item>(
        _ items: some Sequence<Item>,
        _ transform: (Item) -> JSON
    ) -> JSON {
        .list(items.map(transform))
    }

    /// The object with one member more, at its end; anything else unchanged.
    public func with(_ key: String, _ value: JSON) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members + [Member(key, value)])
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}

// MARK: - Text

extension JSON {
    /// The document on one line.
    ///
    /// Controls and characters that turn the direction of text are escaped, so that no foreign text
    /// can move a terminal's cursor even in this form.
    ///
    /// - Source: RFC 8259.
    public var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .text(let value): Self.write(value, to: &text)
        case .list(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where PrintableText.isHarmful(scalar):
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
