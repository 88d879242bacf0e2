/// Words that no statement of a person may hold, whatever stands around them.
///
/// SQLite's authorizer is not asked about columns that reach a result through `USING` alone. An
/// identifier of SQL has no escapes, so a table that is named at all has its name's bytes in the
/// text: what must not be named is refused by its bytes.
///
/// - Source: DOM-240.
enum StatementText {
    /// What reaches beneath the views that shadow tables.
    static let beneathViews = ["main"] + always
    /// What belongs to SQLite itself.
    static let always = [
        "sqlite_", "pragma_", "dbstat", "fts3", "fts4", "fts5", "bytecode", "tables_used",
        "load_extension", "readfile", "writefile", "edit(",
    ]

    /// The first of some words in a text, case aside; nil if there is none.
    static func forbidden(in text: String, _ words: [String]) -> String? {
        let bytes = text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        return words.first { word in
            let word = Array(word.utf8)
            guard bytes.count >= word.count else { return false }
            return (0...(bytes.count - word.count)).contains { start in
                bytes[start..<(start + word.count)].elementsEqual(word)
            }
        }
    }
}
