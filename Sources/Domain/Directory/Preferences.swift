public import CRDT

/// What a person likes: time zone, language, theme and whatever else a screen keeps.
///
/// The record of a person, ``User``, is the hub's; this one is the person's own. A station keeps it
/// in the scope of its site, a hub in that of the tenant; a node shows for each key the latest of
/// those it holds (DOM-182).
public enum Preferences {
    public static let number: UInt32 = 190
    public static let user: UInt32 = 1
    public static let values: UInt32 = 2

    public static let entity = Entity(
        number,
        "user_preferences",
        in: [.tenant, .site],
        form: .entity(key: [user]),
        fields: [
            Field(user, "user", .id, .fixed),
            Field(values, "preferences", .text, .map),
        ]
    )

    /// Longest key and value, in bytes of UTF-8.
    public static let keyBytesMax = 64
    public static let valueBytesMax = 1_024
    /// Most keys of a person that have a value.
    public static let keysMax = 200

    /// The themes that every screen knows.
    public static let themes = ["light", "dark", "system"]

    /// The values of a person as a node shows them: for each key the write of greatest rank among
    /// the heads that stand in any of the records.
    ///
    /// - Parameter records: Those of one person, of different scopes.
    /// - Returns: The values by key.
    public static func joined(_ records: some Sequence<Record>) -> [String: String] {
        var latest: [Record.Cell: Head<Value>] = [:]
        for record in records {
            for (cell, register) in record.registers where cell.field == values {
                guard cell.key != nil, let head = register.heads.first else { continue }
                if let known = latest[cell], known.rank > head.rank { continue }
                latest[cell] = head
            }
        }
        let pairs = latest.compactMap { cell, head -> (String, String)? in
            guard let key = cell.key, case .text(let text) = head.value else { return nil }
            return (key, text)
        }
        return Dictionary(pairs.sorted { $0.0 < $1.0 }) { first, _ in first }
    }

    /// Refuses a preference that is not well formed, or not one's own.
    ///
    /// - Parameters:
    ///   - key: What is set: `timezone`, `language`, `theme` or any other word.
    ///   - value: nil removes it.
    ///   - owner: Whose preferences they are.
    ///   - person: Who sets it.
    ///   - count: How many keys have a value.
    /// - Throws: `notAllowed`, `empty`, `tooLong`, `unknownValue`, `outOfRange`.
    public static func check(
        _ key: String,
        _ value: String?,
        of owner: ID,
        by person: ID,
        count: Int
    ) throws(RuleFault) {
        guard owner == person else {
            throw RuleFault(.notAllowed, "preferences are set by the person themselves")
        }
        let letters = key.utf8.allSatisfy { byte in
            (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
                || [0x5f, 0x2e, 0x2d].contains(byte)
        }
        guard !key.isEmpty, letters else {
            throw RuleFault(.empty, "a preference is called by small letters, digits, _ . and -")
        }
        guard key.utf8.count <= keyBytesMax, (value?.utf8.count ?? 0) <= valueBytesMax else {
            throw RuleFault(.tooLong, "a preference holds at most \(valueBytesMax) bytes")
        }
        guard count < keysMax || value == nil else {
            throw RuleFault(.outOfRange, "a person has at most \(keysMax) preferences")
        }
        if key == "theme", let value, !themes.contains(value) {
            throw RuleFault(.unknownValue, "a theme is one of \(themes.joined(separator: ", "))")
        }
        if key == "language", let value, value.wholeMatchesLanguage == false {
            throw RuleFault(.unknownValue, "a language is written as en, vi or pt-BR")
        }
    }
}

extension String {
    /// Whether it has the form of a language tag: letters first, then parts with hyphens.
    ///
    /// - Source: BCP 47.
    fileprivate var wholeMatchesLanguage: Bool {
        let parts = split(separator: "-", omittingEmptySubsequences: false)
        func isWord(_ part: Substring, _ letters: ClosedRange<Int>) -> Bool {
            letters.contains(part.utf8.count)
                && part.utf8.allSatisfy { byte in
                    (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte)
                }
        }
        guard let first = parts.first, isWord(first, 2...3) else { return false }
        return parts.dropFirst().allSatisfy { isWord($0, 1...8) }
    }
}
