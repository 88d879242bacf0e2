import CRDT
import Domain

/// A column of a table of records: what it is called, and how its cells are read and written.
struct Column: Sendable {
    /// What its cells hold.
    enum Kind: Sendable {
        case text
        case code
        case integer(ClosedRange<Int64>)
        case bool
        case decimal
        case day
        case email
        case id
        /// One of some words, in any case, or another word for one of them.
        case choice([String], [String: String])
        case user
        case site
        case company
        case stagePart
        case subStagePart
    }

    let name: String
    let field: UInt32
    let kind: Kind
    /// Whether the cells hold several: elements of a set or items of a list.
    let isList: Bool
    let isRequired: Bool
    /// Other names that headers have for it.
    let aliases: [String]

    init(
        _ name: String,
        _ field: UInt32,
        _ kind: Kind = .text,
        isList: Bool = false,
        isRequired: Bool = false,
        aliases: [String] = []
    ) {
        self.name = name
        self.field = field
        self.kind = kind
        self.isList = isList
        self.isRequired = isRequired
        self.aliases = aliases
    }

    /// Most elements of a cell.
    static let elementsMax = 100
    /// Longest element of a set, in bytes: what a change can order (CHG-5).
    static let elementBytesMax = 100

    /// Whether the column makes no sense outside scripts, as ids do.
    var isWhole: Bool {
        switch kind {
        case .integer, .bool: true
        default: false
        }
    }
}

// MARK: - Reading

extension Column {
    /// Reads one text of a cell.
    ///
    /// - Throws: `RuleFault` or `CommandFault`, without the name of the column.
    func value(_ text: String, _ references: References) throws -> Value {
        let bare = text.trimmed
        switch kind {
        case .text:
            try ShortText.text(text)
            return .text(text)
        case .code:
            try TextRule.code(bare)
            try ShortText.title(bare)
            return .text(bare)
        case .integer(let range):
            guard let number = Int64(bare), range.contains(number) else {
                let (low, high) = (range.lowerBound, range.upperBound)
                throw RuleFault(.outOfRange, "\(Self.short(bare)) is no number \(low) to \(high)")
            }
            return .integer(number)
        case .bool: return .bool(try Self.bool(bare))
        case .decimal: return try DecimalNumber(typed: bare).value
        case .day:
            try TextRule.day(bare)
            return .text(bare)
        case .email: return .text(try EmailAddress(typed: bare).text)
        case .id: return .id(try Self.id(bare))
        case .choice(let words, let others): return .text(try Self.word(bare, words, others))
        case .user: return .id(try references.user(bare))
        case .site: return .id(try references.site(bare))
        case .company: return .id(try references.company(bare))
        case .stagePart: return try WorkflowDefinition.StagePart(cell: bare).value
        case .subStagePart: return try WorkflowDefinition.SubStagePart(cell: bare).value
        }
    }

    /// Reads an id: 32 hexadecimal digits, with or without hyphens.
    static func id(_ text: String) throws -> ID {
        guard let id = ID(text: text.replacing("-", with: "")) else {
            throw CommandFault(.badInput, "\(short(text)) is no id: 32 hexadecimal digits")
        }
        return id
    }

    static func bool(_ text: String) throws -> Bool {
        switch text.lowercased() {
        case "yes", "true", "1", "y", "t": return true
        case "no", "false", "0", "n", "f": return false
        default: throw RuleFault(.unknownValue, "\(short(text)) is neither yes nor no")
        }
    }

    static func word(
        _ text: String,
        _ words: [String],
        _ others: [String: String]
    ) throws(RuleFault) -> String {
        let wanted = text.lowercased()
        if let known = words.first(where: { $0.lowercased() == wanted }) { return known }
        if let meant = others[wanted] { return meant }
        let known = words.joined(separator: ", ")
        throw RuleFault(.unknownValue, "\(short(text)) is not one of \(known)")
    }

    static func short(_ text: String) -> String { String(text.prefix(40)) }
}

// MARK: - Writing

extension Column {
    /// The cell of a record's field.
    func cell(_ fields: Fields, _ references: References) -> Cell {
        if isList {
            let values = fields.list(field) + fields.elements(field)
            let texts = values.map { text($0, references) }
            let isSet = fields.list(field).isEmpty
            return texts.isEmpty ? .empty : .list(isSet ? texts.sorted() : texts)
        }
        return fields[field].map { .text(text($0, references)) } ?? .empty
    }

    private func text(_ value: Value, _ references: References) -> String {
        switch (kind, value) {
        case (.user, .id(let id)): references.userName(id)
        case (.site, .id(let id)): references.siteCode(id)
        case (.stagePart, _): WorkflowDefinition.StagePart(value)?.cell ?? value.shown
        case (.subStagePart, _): WorkflowDefinition.SubStagePart(value)?.cell ?? value.shown
        default: value.shown
        }
    }
}

extension String {
    /// Without blanks at its ends.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

// MARK: - Parts of workflows

extension WorkflowDefinition.StagePart {
    /// Reads `slug order=1 days=3 approval=yes roles=qa+sales`; all but the slug may be absent.
    init(cell: String) throws {
        let part = try PartCell(cell, known: ["order", "days", "approval", "roles"])
        self.init(
            part.slug,
            order: try part.integer("order"),
            days: try part.integer("days"),
            requiresApproval: try part.bool("approval"),
            roles: part.roles
        )
    }

    var cell: String {
        PartCell.text(
            slug,
            [("order", order), ("days", days)],
            [("approval", requiresApproval)],
            roles
        )
    }
}

extension WorkflowDefinition.SubStagePart {
    /// Reads `slug order=1 hours=3 approval=yes skip=no advance=no roles=qa+sales`.
    init(cell: String) throws {
        let part = try PartCell(
            cell,
            known: ["order", "hours", "approval", "skip", "advance", "roles"]
        )
        self.init(
            part.slug,
            order: try part.integer("order"),
            hours: try part.integer("hours"),
            requiresApproval: try part.bool("approval"),
            canSkip: try part.bool("skip"),
            autoAdvance: try part.bool("advance"),
            roles: part.roles
        )
    }

    var cell: String {
        PartCell.text(
            slug,
            [("order", order), ("hours", hours)],
            [("approval", requiresApproval), ("skip", canSkip), ("advance", autoAdvance)],
            roles
        )
    }
}

/// A part of a workflow in one cell: a slug, then words with values.
private struct PartCell {
    let slug: String
    private var words: [String: String] = [:]

    init(_ text: String, known: Set<String>) throws {
        let parts = text.split(separator: " ").map(String.init)
        guard let slug = parts.first, !slug.contains("=") else {
            throw RuleFault(.empty, "a part begins with a slug")
        }
        try TextRule.code(slug)
        self.slug = slug
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, known.contains(sides[0]), words[sides[0]] == nil else {
                throw RuleFault(.unknownValue, "\(Column.short(part)) is not understood")
            }
            words[sides[0]] = sides[1]
        }
    }

    func integer(_ word: String) throws -> Int64? {
        guard let text = words[word] else { return nil }
        guard let number = Int64(text), (0...1_000_000).contains(number) else {
            throw RuleFault(.outOfRange, "\(word) is a number")
        }
        return number
    }

    func bool(_ word: String) throws -> Bool? { try words[word].map(Column.bool) }

    var roles: [String] { words["roles"]?.split(separator: "+").map(String.init) ?? [] }

    static func text(
        _ slug: String,
        _ numbers: [(String, Int64?)],
        _ flags: [(String, Bool?)],
        _ roles: [String]
    ) -> String {
        var words = [slug]
        words += numbers.compactMap { name, value in value.map { "\(name)=\($0)" } }
        words += flags.compactMap { name, value in value.map { "\(name)=\($0 ? "yes" : "no")" } }
        if !roles.isEmpty { words.append("roles=" + roles.joined(separator: "+")) }
        return words.joined(separator: " ")
    }
}
