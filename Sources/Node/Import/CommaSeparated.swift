/// A table of texts as spreadsheets and databases exchange it.
///
/// Reads and writes RFC 4180: fields between commas, quoted where they hold one, a quote or a line
/// end, a quote in a quoted field doubled. Read as well: semicolons or tabs between fields, a byte
/// order mark, and lines that end in LF alone.
///
/// - Source: RFC 4180; DOM-167.
enum CommaSeparated {
    /// A line of a file: which one it begins on, from 1, and its fields.
    struct Line: Hashable, Sendable {
        let number: Int
        var fields: [String]
        /// What is wrong with the line itself.
        var fault: String?
    }

    static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The lines of a file; empty ones are left out.
    ///
    /// - Throws: `.badInput` for what is not UTF-8, or a quote that is never closed.
    static func lines(_ bytes: [UInt8]) throws -> [Line] {
        let text = bytes.starts(with: mark) ? bytes[3...] : bytes[...]
        guard String(validating: text, as: UTF8.self) != nil else {
            throw CommandFault(.badInput, "the file is not UTF-8", reason: "not-utf-8")
        }
        var reading = Reading(text, separator: separator(of: text))
        return try reading.lines()
    }

    /// Whichever of comma, semicolon and tab stands most often in the first line, outside quotes.
    private static func separator(of text: ArraySlice<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in text {
            if byte == quote { isQuoted.toggle() }
            if !isQuoted, byte == newline || byte == carriageReturn { break }
            if !isQuoted { counts[byte, default: 0] += 1 }
        }
        let known = ",;\t".utf8.map { ($0, counts[$0] ?? 0) }
        return known.reduce(known[0]) { $1.1 > $0.1 ? $1 : $0 }.0
    }

    private struct Reading {
        private let bytes: ArraySlice<UInt8>
        private let separator: UInt8
        private var place: Int
        private var number = 1

        init(_ bytes: ArraySlice<UInt8>, separator: UInt8) {
            self.bytes = bytes
            self.separator = separator
            place = bytes.startIndex
        }

        mutating func lines() throws -> [Line] {
            var lines: [Line] = []
            while place < bytes.endIndex {
                let line = try line()
                if line.fields != [""] { lines.append(line) }
            }
            return lines
        }

        private mutating func line() throws -> Line {
            var line = Line(number: number, fields: [])
            while true {
                let (field, fault) = try field()
                line.fields.append(field)
                if let fault { line.fault = fault }
                guard place < bytes.endIndex else { return line }
                let end = bytes[place]
                place += 1
                if end == separator { continue }
                if end == carriageReturn, place < bytes.endIndex, bytes[place] == newline {
                    place += 1
                }
                number += 1
                return line
            }
        }

        /// A field up to what ends it; a quote inside one that does not begin with it is a fault.
        private mutating func field() throws -> (String, fault: String?) {
            guard place < bytes.endIndex, bytes[place] == quote else {
                let start = place
                while place < bytes.endIndex, !isEnd(bytes[place]) { place += 1 }
                let field = bytes[start..<place]
                let fault = field.contains(quote) ? "a quote inside a field that has none" : nil
                return (String(decoding: field, as: UTF8.self), fault)
            }
            let opened = number
            var field: [UInt8] = []
            place += 1
            while place < bytes.endIndex {
                let byte = bytes[place]
                place += 1
                guard byte == quote else {
                    if byte == newline { number += 1 }
                    field.append(byte)
                    continue
                }
                guard place < bytes.endIndex, bytes[place] == quote else {
                    return (String(decoding: field, as: UTF8.self), rest())
                }
                field.append(quote)
                place += 1
            }
            throw CommandFault(
                .badInput,
                "the quote of line \(opened) is never closed",
                reason: "open-quote"
            )
        }

        /// Passes over what follows a closing quote and does not belong there.
        private mutating func rest() -> String? {
            let start = place
            while place < bytes.endIndex, !isEnd(bytes[place]) { place += 1 }
            return place == start ? nil : "something after a closing quote"
        }

        private func isEnd(_ byte: UInt8) -> Bool {
            byte == separator || byte == newline || byte == carriageReturn
        }
    }
}

// MARK: - Writing

extension CommaSeparated {
    /// A file of lines, with commas and CRLF.
    static func text(_ lines: [[String]], withMark: Bool) -> String {
        var text = withMark ? "\u{FEFF}" : ""
        for line in lines {
            text += line.map(quoted).joined(separator: ",") + "\r\n"
        }
        return text
    }

    private static func quoted(_ field: String) -> String {
        let isPlain = !field.utf8.contains { byte in
            byte == quote || byte == UInt8(ascii: ",") || byte == newline
                || byte == carriageReturn || byte == UInt8(ascii: ";")
                || byte == UInt8(ascii: "\t")
        }
        guard !isPlain || field.first == " " || field.last == " " else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }

    /// A text as it may stand in a spreadsheet: one that would be a formula gets an apostrophe.
    ///
    /// - Source: DOM-167.
    static func guarded(_ text: String) -> String { isFormula(text) ? "'" + text : text }

    /// What ``guarded(_:)`` was given.
    static func unguarded(_ text: String) -> String {
        text.first == "'" && isFormula(text) ? String(text.dropFirst()) : text
    }

    /// Whether a text, apostrophes before it left out, begins as a formula does.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first(where: { $0 != "'" }) else { return false }
        return "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first)
    }
}
