/// A JSON document as it was written: members in their order, doubled keys kept, numbers as texts.
///
/// - Source: RFC 8259.
enum ParsedJSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case text(String)
    case list([ParsedJSON])
    case object([Member])

    struct Member: Hashable, Sendable {
        let key: String
        let value: ParsedJSON
    }

    /// Deepest nesting that is read.
    static let depthMax = 16

    /// - Throws: `.badInput`, naming the line.
    init(_ bytes: [UInt8]) throws {
        let text = bytes.starts(with: CommaSeparated.mark) ? bytes[3...] : bytes[...]
        guard String(validating: text, as: UTF8.self) != nil else {
            throw CommandFault(.badInput, "the file is not UTF-8", reason: "not-utf-8")
        }
        var reading = Reading(text)
        self = try reading.document()
    }

    subscript(key: String) -> ParsedJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }
}

private struct Reading {
    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    mutating func document() throws -> ParsedJSON {
        let value = try value(depth: 0)
        skipBlanks()
        guard place == bytes.endIndex else { throw fault("something follows the document") }
        return value
    }

    private func fault(_ what: String) -> CommandFault {
        let line = bytes[..<place].reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
        return CommandFault(.badInput, "line \(line): \(what)", reason: "not-json")
    }

    private mutating func skipBlanks() {
        while place < bytes.endIndex, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
    }

    private mutating func next() throws -> UInt8 {
        skipBlanks()
        guard place < bytes.endIndex else { throw fault("the document ends too early") }
        return bytes[place]
    }

    private mutating func value(depth: Int) throws -> ParsedJSON {
        guard depth < ParsedJSON.depthMax else { throw fault("it is nested too deep") }
        switch try next() {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try list(depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: ParsedJSON) throws -> ParsedJSON {
        guard bytes[place...].starts(with: word.utf8) else { throw fault("not a value") }
        place += word.utf8.count
        return value
    }

    private mutating func number() throws -> String {
        let start = place
        while place < bytes.endIndex, "+-.0123456789eE".utf8.contains(bytes[place]) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard text.wholeMatch(of: /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/) != nil else {
            throw fault("not a value")
        }
        return text
    }

    private mutating func list(_ depth: Int) throws -> ParsedJSON {
        place += 1
        var items: [ParsedJSON] = []
        if try next() == UInt8(ascii: "]") {
            place += 1
            return .list([])
        }
        while true {
            items.append(try value(depth: depth + 1))
            let end = try next()
            place += 1
            if end == UInt8(ascii: "]") { return .list(items) }
            guard end == UInt8(ascii: ",") else { throw fault("a comma or ] is missing") }
        }
    }

    private mutating func object(_ depth: Int) throws -> ParsedJSON {
        place += 1
        var members: [ParsedJSON.Member] = []
        if try next() == UInt8(ascii: "}") {
            place += 1
            return .object([])
        }
        while true {
            guard try next() == UInt8(ascii: "\"") else { throw fault("a key is missing") }
            let key = try text()
            guard try next() == UInt8(ascii: ":") else { throw fault("a colon is missing") }
            place += 1
            members.append(ParsedJSON.Member(key: key, value: try value(depth: depth + 1)))
            let end = try next()
            place += 1
            if end == UInt8(ascii: "}") { return .object(members) }
            guard end == UInt8(ascii: ",") else { throw fault("a comma or } is missing") }
        }
    }

    private mutating func text() throws -> String {
        place += 1
        var text: [UInt8] = []
        while place < bytes.endIndex {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += Array(try escaped().utf8)
            case 0..<0x20: throw fault("a control character in a text")
            default: text.append(byte)
            }
        }
        throw fault("a quote is never closed")
    }

    private mutating func escaped() throws -> String {
        guard place < bytes.endIndex else { throw fault("a quote is never closed") }
        let letter = bytes[place]
        place += 1
        switch letter {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return String(UnicodeScalar(letter))
        case UInt8(ascii: "u"): return try unicode()
        default: throw fault("an escape that JSON does not have")
        }
    }

    private mutating func unicode() throws -> String {
        var units = [try unit()]
        if UTF16.isLeadSurrogate(units[0]) {
            guard bytes[place...].starts(with: "\\u".utf8) else { throw fault("half a character") }
            place += 2
            units.append(try unit())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw fault("half a character")
        }
        return text
    }

    private mutating func unit() throws -> UInt16 {
        let digits = bytes[place...].prefix(4)
        guard digits.count == 4,
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("an escape that JSON does not have") }
        place += 4
        return unit
    }
}
