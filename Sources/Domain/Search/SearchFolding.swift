/// Texts as a search compares them: without case, width, marks on Latin letters, or the two
/// alphabets of kana; a decimal comma is a point.
///
/// Pure, and the same on every machine, as far as the letters of Vietnamese, Japanese and the
/// languages of Europe go.
public enum SearchFolding {
    /// What is left of a text of which people search parts.
    struct Folded: Hashable, Sendable {
        /// What one character of the text became; one space for what separates words.
        var pieces: [String] = []
    }

    /// Characters of a text that are searched; what is behind them is not.
    public static let charactersMax = 8_192

    /// Folds a text, character by character.
    static func folded(_ text: String) -> Folded {
        var folded = Folded()
        for character in text.prefix(charactersMax) { folded.pieces.append(fold(character)) }
        folded.joinDecimals()
        return folded
    }

    /// One character; one space if it separates words.
    static func fold(_ character: Character) -> String {
        if let byte = character.asciiValue { return fold(ascii: byte) }
        var wide = ""
        for scalar in character.unicodeScalars { wide.unicodeScalars.append(widened(scalar)) }
        let lower = wide.lowercased()
        var result = ""
        for part in lower {
            if let byte = part.asciiValue {
                result += fold(ascii: byte)
            } else if let letters = SearchLetters.table[part] {
                result += letters
            } else {
                result += unmarked(part)
            }
        }
        let words = result.filter { $0 != " " }
        return words.isEmpty ? " " : words
    }

    private static func fold(ascii byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"):
            String(UnicodeScalar(byte + 32))
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            String(UnicodeScalar(byte))
        case UInt8(ascii: "."), UInt8(ascii: ","): "."
        default: " "
        }
    }

    /// A letter or digit without the marks on it; one space for what is neither.
    private static func unmarked(_ character: Character) -> String {
        var result = ""
        for scalar in character.unicodeScalars {
            if let byte = UInt8(exactly: scalar.value), scalar.isASCII {
                result += fold(ascii: byte)
            } else if let letters = SearchLetters.table[Character(scalar)] {
                result += letters
            } else if scalar.isWord {
                result.unicodeScalars.append(scalar)
            }
        }
        return result.isEmpty ? " " : result
    }

    /// The full form of a half-width or full-width scalar, kana in one alphabet.
    private static func widened(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let value = scalar.value
        switch value {
        case 0xff01...0xff5e: return Unicode.Scalar(value - 0xfee0) ?? scalar
        case 0x3000: return " "
        case 0xff66...0xff9d:
            return SearchLetters.halfWidthKana[Int(value - 0xff66)]
        case 0xff9e: return "\u{3099}"
        case 0xff9f: return "\u{309a}"
        case 0x30a1...0x30f6: return Unicode.Scalar(value - 0x60) ?? scalar
        default: return scalar
        }
    }
}

extension SearchFolding.Folded {
    /// A point stays between digits, and separates words elsewhere.
    fileprivate mutating func joinDecimals() {
        func isDigit(_ index: Int) -> Bool {
            guard pieces.indices.contains(index), let last = pieces[index].unicodeScalars.first
            else { return false }
            return pieces[index].unicodeScalars.count == 1 && ("0"..."9").contains(last)
        }
        for index in pieces.indices where pieces[index] == "." {
            if !isDigit(index - 1) || !isDigit(index + 1) { pieces[index] = " " }
        }
    }

    /// The runs of letters and digits, and the runs of signs that are words without spaces.
    var runs: [SearchRun] {
        var runs: [SearchRun] = []
        var current = ""
        var isDense = false
        func end() {
            if !current.isEmpty { runs.append(SearchRun(text: current, isDense: isDense)) }
            current = ""
        }
        for piece in pieces {
            if piece == " " {
                end()
                continue
            }
            for scalar in piece.unicodeScalars {
                if scalar.isDense != isDense { end() }
                isDense = scalar.isDense
                current.unicodeScalars.append(scalar)
            }
        }
        end()
        return runs
    }
}

/// A stretch of folded text that nothing separates.
struct SearchRun: Hashable, Sendable {
    let text: String
    /// Whether it is written without spaces between words, as Japanese is.
    let isDense: Bool

    /// Every two neighbours.
    var pairs: [String] {
        let scalars = Array(text.unicodeScalars)
        return scalars.indices.dropLast().map { index in
            var pair = String(scalars[index])
            pair.unicodeScalars.append(scalars[index + 1])
            return pair
        }
    }

    var last: String { text.unicodeScalars.last.map { String($0) } ?? "" }
    var count: Int { text.unicodeScalars.count }
}

extension Unicode.Scalar {
    /// Whether it is part of a word.
    fileprivate var isWord: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .spacingMark:
            true
        default: false
        }
    }

    /// Whether it belongs to a script that is written without spaces, or of which parts of words
    /// are searched: Han, kana, Hangul.
    fileprivate var isDense: Bool {
        switch value {
        case 0x3005...0x3007, 0x3041...0x30ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xac00...0xd7a3,
            0xf900...0xfaff, 0x20000...0x3fffd:
            true
        default: false
        }
    }
}
