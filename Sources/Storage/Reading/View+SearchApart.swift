import CRDT
import Domain

extension View {
    /// What a person may read of what fits, weighed by itself: what they may not read changes
    /// neither what is found nor its order.
    ///
    /// The weights that the full-text index gives know how common a word is in the whole store.
    func searchApart(
        _ terms: SearchTerms,
        for entities: [Entity],
        limit: Int
    ) throws(StorageError) -> [SearchHit] {
        var places: [SearchPlace] = []
        try connection.owning { () throws(StorageError) in
            try connection.prepare(
                """
                SELECT text.scope, text.entity, text.id, text.position, text.operation
                FROM main.search CROSS JOIN main.searchable AS text
                    ON text.number = main.search.rowid
                WHERE search MATCH ? ORDER BY main.search.rowid DESC
                """
            )
            .bind(Self.expression(terms, entities)).forEach { row throws(StorageError) in
                let place = SearchPlace(row)
                if try reads(place.id, of: place.entity, in: place.scope) { places.append(place) }
                return places.count < Self.weighedMax
            }
        }
        var hits: [(hit: SearchHit, weight: Int)] = []
        for place in places {
            guard let hit = try hit(at: place), let weight = Self.weight(of: hit, terms) else {
                continue
            }
            hits.append((hit, weight))
        }
        // Those of one weight stay in their order: the newest first.
        let order = hits.indices.sorted { (hits[$1].weight, $0) < (hits[$0].weight, $1) }
        return order.prefix(limit).map { hits[$0].hit }
    }

    /// What a hit weighs by the words that are shown; nil if they do not hold all terms.
    private static func weight(of hit: SearchHit, _ terms: SearchTerms) -> Int? {
        let row = hit.entity.searchRow(of: hit.fields)
        let columns = [(row.name, 10), (row.description, 5), (row.code, 2)].map {
            ($0.split(separator: " "), $1)
        }
        var sum = 0
        for phrase in terms.phrases {
            guard let column = columns.first(where: { phrase.stands(in: $0.0) }) else { return nil }
            sum += column.1
        }
        return sum
    }
}

extension SearchTerms.Phrase {
    /// Whether its words stand one behind the other among some.
    fileprivate func stands(in words: [Substring]) -> Bool {
        guard !self.words.isEmpty, words.count >= self.words.count else { return false }
        return (0...(words.count - self.words.count)).contains { start in
            self.words.indices.allSatisfy { index in
                let (held, wanted) = (words[start + index], self.words[index])
                let isLast = index == self.words.count - 1
                return isLast && isPrefix ? held.hasPrefix(wanted) : held == wanted[...]
            }
        }
    }
}
