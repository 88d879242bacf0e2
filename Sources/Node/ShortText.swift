import Domain

/// Checks of what people type, before a rule sees it.
///
/// Rules of Domain say how long a text may be; what a terminal would obey does not belong in any.
enum ShortText {
    /// - Throws: `RuleFault`: `empty`, `tooLong`; `.badInput` for control characters.
    static func title(_ text: String) throws {
        try TextRule.title(text)
        try printable(text)
    }

    /// - Throws: `RuleFault`: `tooLong`; `.badInput` for control characters but line ends.
    static func text(_ text: String?) throws {
        try TextRule.comment(text)
        if let text { try printable(text.replacing("\n", with: " ")) }
    }

    /// - Throws: `RuleFault`: `notADay`, also for a day that its month does not have.
    static func day(_ text: String?) throws {
        if let text { try TextRule.day(text) }
    }

    /// - Throws: `RuleFault`: `unknownValue`.
    static func priority(_ text: String?) throws {
        guard let text, !Project.priorities.contains(text) else { return }
        let known = Project.priorities.joined(separator: ", ")
        throw RuleFault(.unknownValue, "a priority is one of \(known)")
    }

    /// The priority that a word of any vocabulary means (C-04).
    ///
    /// - Throws: `RuleFault`: `unknownValue`.
    static func anyPriority(_ text: String?) throws -> String? {
        guard let text else { return nil }
        let word = Priority.canonical(text)
        try priority(word ?? text)
        return word
    }

    private static func printable(_ text: String) throws {
        guard !text.unicodeScalars.contains(where: PrintableText.isHarmful) else {
            throw CommandFault(
                .badInput,
                "control characters do not belong in a text: type it again",
                reason: "control-characters"
            )
        }
    }
}
