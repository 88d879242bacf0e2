import Domain
import SeededRandom
import Testing

/// What people type, and what it finds.
@Suite("Search words")
struct SearchTests {
    /// Whether all phrases are found in a text: read off the words, one after the other.
    private func finds(_ typed: String, in text: String) -> Bool {
        let words = SearchText.words(of: text).split(separator: " ").map(String.init)
        let terms = SearchTerms(typed)
        guard !terms.phrases.isEmpty else { return false }
        return terms.phrases.allSatisfy { phrase in
            words.indices.contains { start in
                let rest = words[start...].prefix(phrase.words.count)
                guard rest.count == phrase.words.count, rest.dropLast() == phrase.words.dropLast(),
                    let last = rest.last, let wanted = phrase.words.last
                else { return false }
                return phrase.isPrefix ? last.hasPrefix(wanted) : last == wanted
            }
        }
    }

    @Test(
        "FP-173: what is typed without marks, case or width finds what was written with them",
        arguments: [
            ("dong", "Động cơ"), ("dien", "hộp điện"), ("DUONG", "đường ống"), ("đ", "Đức"),
            ("12,5", "12,5 mm"), ("12,5", "１２．５"), ("１２，５", "is 12.5"), ("12.5", "12,5"),
            ("検査", "検査結果"), ("査", "検査"), ("結果", "検査結果です"), ("検", "検査"),
            ("カタカナ", "ｶﾀｶﾅ"), ("ガス", "ｶﾞｽ"), ("がす", "ガス"), ("パイプ", "ﾊﾟｲﾌﾟ"),
            ("PRJ-000123", "prj-000123"), ("prj-0001", "PRJ-000123"), ("000123", "PRJ-000123"),
            ("strasse", "Straße"), ("oresund", "Øresund"), ("lodz", "Łódź"), ("aeble", "Æble"),
            ("5 mm2", "5 ㎟"), ("e\u{301}cran", "Écran"), ("ecran", "e\u{301}cran"),
            ("a\u{302}\u{301}p", "ấp"), ("ap", "a\u{302}\u{301}p"), ("か\u{3099}す", "がす"),
            ("frame crack", "a crack in the frame"), ("fra cra", "crack in Frame"),
            ("部品A", "部品A-7"), ("A検査", "A検査"),
        ]
    )
    func finds(_ typed: String, _ text: String) {
        #expect(finds(typed, in: text))
    }

    @Test(
        "FP-173: what was not written is not found",
        arguments: [
            ("dong", "đang"), ("12,5", "125"), ("12,5", "1 2 5"), ("検査", "査検"), ("結果", "検査"),
            ("prj-000124", "PRJ-000123"), ("crack frame", "crack"), ("rame", "frame"),
            ("", "frame"),
            ("\"", "\""), ("*", "frame"), (" ,.", "a, b."),
        ]
    )
    func findsNot(_ typed: String, _ text: String) {
        #expect(!finds(typed, in: text))
    }

    /// Signs of every kind that folding knows, and some that mean something elsewhere.
    private static let signs = Array(
        ("aÁâđĐøŁ09.,-_ \"'*():^+{}\\NEARANDORNOT"
            + "検査結果がカｶﾞﾟ１．，Ｚﬁ①Ⅳ㎜é\u{301}\u{302}\u{3099}ー々한ПйΩ😀\u{0}\n")
            .unicodeScalars
    )

    private func text(_ random: inout SplitMix64, _ count: Int) -> String {
        var text = ""
        for _ in 0..<count {
            text.unicodeScalars.append(Self.signs[random.below(Self.signs.count)])
        }
        return text
    }

    @Test("whatever is typed becomes plain words, and finds itself")
    func anything() {
        var random = SplitMix64(seed: 173)
        var found = 0
        for _ in 0..<4_000 {
            let text = text(&random, 1 + random.below(24))
            let terms = SearchTerms(text)
            for word in terms.phrases.flatMap(\.words) {
                #expect(!word.isEmpty)
                #expect(
                    word.unicodeScalars.allSatisfy { scalar in
                        !scalar.isASCII || ("a"..."z").contains(scalar)
                            || ("0"..."9").contains(scalar) || scalar == "."
                    },
                    "\(text.debugDescription)"
                )
            }
            guard !terms.phrases.isEmpty else { continue }
            found += 1
            #expect(finds(text, in: text), "\(text.debugDescription)")
            #expect(terms.excerpt(of: text) != nil, "\(text.debugDescription)")
        }
        #expect(found > 3_000)
    }

    @Test("folding what is folded changes nothing")
    func idempotent() {
        var random = SplitMix64(seed: 9)
        for _ in 0..<2_000 {
            let words = SearchText.words(of: text(&random, 1 + random.below(12)))
            for word in words.split(separator: " ") {
                let again = SearchText.words(of: String(word)).split(separator: " ")
                #expect(again.first == word, "\(word.debugDescription)")
            }
        }
    }

    @Test("an excerpt shows what was found as it was written")
    func excerpts() {
        let text =
            String(repeating: "x ", count: 60) + "Động cơ 12,5 kW"
            + String(repeating: " y", count: 60)
        let excerpt = SearchTerms("dong").excerpt(of: text)
        #expect(excerpt?.contains("Động cơ 12,5 kW") == true)
        #expect(excerpt?.hasPrefix("…") == true && excerpt?.hasSuffix("…") == true)
        #expect(SearchTerms("motor").excerpt(of: text) == nil)
        #expect(SearchTerms("結果").excerpt(of: "検査結果") == "検査結果")
    }
}
