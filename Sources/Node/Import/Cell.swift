/// What stands in one place of a table.
public enum Cell: Hashable, Sendable {
    /// Nothing: an import leaves the field as it is, an edit empties it.
    case empty
    case text(String)
    /// The elements of a set or list.
    case list([String])
}

extension Cell: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(arrayLiteral elements: String...) { self = .list(elements) }
}

extension Cell {
    /// The elements: those of a list, or the parts of a text between strokes.
    ///
    /// In one text the elements stand as `qa|sales`; a backslash goes before a stroke or backslash
    /// that belongs to an element.
    var elements: [String] {
        switch self {
        case .empty: []
        case .list(let elements): elements
        case .text(let text): Self.split(text)
        }
    }

    /// The whole as one text, as a table of texts holds it.
    var joined: String {
        switch self {
        case .empty: ""
        case .text(let text): text
        case .list(let elements):
            elements.map { $0.replacing("\\", with: "\\\\").replacing("|", with: "\\|") }
                .joined(separator: "|")
        }
    }

    private static func split(_ text: String) -> [String] {
        var parts: [String] = [""]
        var isEscaped = false
        for letter in text {
            if !isEscaped, letter == "\\" {
                isEscaped = true
                continue
            }
            if !isEscaped, letter == "|" {
                parts.append("")
            } else {
                parts[parts.count - 1].append(letter)
            }
            isEscaped = false
        }
        return parts.filter { !$0.allSatisfy(\.isWhitespace) }
    }
}
