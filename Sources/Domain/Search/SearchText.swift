/// A text as an index of words holds it: words with spaces between.
public enum SearchText {
    /// The words of a text.
    ///
    /// What is written without spaces is cut into every two neighbours, and the last sign alone, so
    /// that any part of it is found.
    public static func words(of text: String) -> String {
        SearchFolding.folded(text).runs.flatMap { run in
            run.isDense ? run.pairs + [run.last] : [String(run.text.prefix(wordMax))]
        }
        .joined(separator: " ")
    }

    /// Letters of a word that count.
    static let wordMax = 64
}

/// What a person typed to search, as words that must all be found.
public struct SearchTerms: Hashable, Sendable {
    /// Words that stand one behind the other.
    public struct Phrase: Hashable, Sendable {
        public let words: [String]
        /// Whether the last word need only begin so.
        public let isPrefix: Bool
    }

    /// None: nothing is found.
    public let phrases: [Phrase]

    /// Phrases that count; the others are not asked for.
    public static let phrasesMax = 12

    /// Takes any text, whatever signs are in it.
    public init(_ typed: String) {
        var phrases: [Phrase] = []
        for word in typed.prefix(Self.charactersMax).split(whereSeparator: \.isWhitespace) {
            var plain: [String] = []
            func endPlain() {
                if !plain.isEmpty { phrases.append(Phrase(words: plain, isPrefix: true)) }
                plain = []
            }
            for run in SearchFolding.folded(String(word)).runs {
                guard run.isDense else {
                    plain.append(String(run.text.prefix(SearchText.wordMax)))
                    continue
                }
                endPlain()
                phrases.append(
                    run.count == 1
                        ? Phrase(words: [run.text], isPrefix: true)
                        : Phrase(words: run.pairs, isPrefix: false)
                )
            }
            endPlain()
        }
        self.phrases = Array(phrases.prefix(Self.phrasesMax))
    }

    private static let charactersMax = 200

    /// The part of a text around the first word that is found in it; nil if none is.
    public func excerpt(of text: String) -> String? {
        let folded = SearchFolding.folded(text)
        for phrase in phrases {
            guard let word = phrase.words.first, let place = folded.place(of: word) else {
                continue
            }
            let characters = Array(text.prefix(SearchFolding.charactersMax))
            let first = max(0, place - Self.excerptBefore)
            let end = min(characters.count, first + Self.excerptMax)
            let part = String(characters[first..<end])
            return (first > 0 ? "…" : "") + part + (end < characters.count ? "…" : "")
        }
        return nil
    }

    private static let excerptBefore = 24
    private static let excerptMax = 80
}

extension SearchFolding.Folded {
    /// The character with which a word begins.
    fileprivate func place(of word: String) -> Int? {
        pieces.indices.first { start in
            if start > 0, word.unicodeScalars.first?.isASCII == true, pieces[start - 1] != " ",
                pieces[start - 1].unicodeScalars.first?.isASCII == true
            {
                return false
            }
            var rest = word.unicodeScalars[...]
            for piece in pieces[start...] {
                if rest.isEmpty { return true }
                let scalars = piece.unicodeScalars
                if rest.count < scalars.count {
                    return scalars.starts(with: rest)
                }
                guard rest.starts(with: scalars) else { return false }
                rest = rest.dropFirst(scalars.count)
            }
            return rest.isEmpty
        }
    }
}

/// A field that people search, and how much a word in it weighs.
public struct Searched: Hashable, Sendable {
    /// The columns of the index, the heaviest first.
    public enum Weight: UInt8, Hashable, Sendable, CaseIterable {
        /// What a thing is called.
        case name
        /// What is said of it.
        case description
        /// What it is numbered.
        case number
    }

    public let field: UInt32
    public let weight: Weight

    public init(_ field: UInt32, _ weight: Weight) {
        self.field = field
        self.weight = weight
    }
}
