import Bytes

/// JSON with one form: keys ascending, no spaces, numbers whole.
enum JSON: Hashable, Decodable {
    case null
    case bool(Bool)
    case number(Int)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    /// The one form.
    var form: String {
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let value): return String(value)
        case .text(let value): return Self.quoted(value)
        case .list(let items): return "[" + items.map(\.form).joined(separator: ",") + "]"
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            let pairs = sorted.map { Self.quoted($0.key) + ":" + $0.value.form }
            return "{" + pairs.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{8}": quoted += "\\b"
            case "\u{c}": quoted += "\\f"
            case let scalar where scalar.value < 32:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + (digits.count < 2 ? "000" : "00") + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension JSON {
    /// A number that may be too large for readers of JSON.
    static func decimal(_ value: some BinaryInteger) -> JSON { .text(String(value)) }

    /// Bytes in hexadecimal; in long ones a stretch that repeats itself is written once, as in
    /// `78*65536`.
    static func hex(_ bytes: [UInt8]) -> JSON {
        guard bytes.count > repetitiveMin else { return .text(Hex.encode(bytes)) }
        var parts: [String] = []
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let (period, count) = repetition(bytes, at: index)
            guard period * count >= 64 else {
                plain.append(bytes[index])
                index += 1
                continue
            }
            if !plain.isEmpty { parts.append(Hex.encode(plain)) }
            plain = []
            parts.append(Hex.encode(bytes[index..<index + period]) + "*\(count)")
            index += period * count
        }
        if !plain.isEmpty { parts.append(Hex.encode(plain)) }
        return .text(parts.joined(separator: " "))
    }

    /// What is shorter is written out.
    static let repetitiveMin = 2_048

    private static func repetition(_ bytes: [UInt8], at start: Int) -> (period: Int, count: Int) {
        var best = (period: 1, count: 1)
        for period in 1...2 where start + period <= bytes.count {
            var end = start + period
            while end < bytes.count, bytes[end] == bytes[end - period] { end += 1 }
            let count = (end - start) / period
            if period * count > best.period * best.count { best = (period, count) }
        }
        return best
    }

    subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var list: [JSON]? {
        if case .list(let items) = self { items } else { nil }
    }

    /// Bytes that ``hex(_:)`` wrote.
    var bytes: [UInt8]? {
        guard let text else { return nil }
        var bytes: [UInt8] = []
        for part in text.split(separator: " ") {
            let pieces = part.split(separator: "*")
            guard let piece = Hex.decode(pieces[0]),
                let count = Int(pieces.dropFirst().first ?? "1")
            else { return nil }
            for _ in 0..<count { bytes += piece }
        }
        return bytes
    }
}
