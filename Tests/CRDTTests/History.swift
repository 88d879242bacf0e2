import CRDT
import SeededRandom

/// What happened to one record: changes by few authors at few times, some by a clone.
struct History {
    /// A change that touches the record, and the changes that must be stored before it.
    struct Step {
        let rank: Rank
        let operation: Operation
        let needs: Set<Int>

        var name: Name { rank.name }
    }

    static let record = ID(high: 1, low: 1)
    static let title: UInt32 = 1
    static let labels: UInt32 = 2
    static let map: UInt32 = 3
    static let count: UInt32 = 4

    private(set) var steps: [Step] = []
    private var generator: SplitMix64
    private var held: [Set<Int>]
    private var times: [UInt64]
    private var last: [Int?]

    init(seed: UInt64, authors: Int = 3, length: Int = 10) {
        generator = SplitMix64(seed: seed)
        held = Array(repeating: [], count: authors)
        times = Array(repeating: 0, count: authors)
        last = Array(repeating: nil, count: authors)
        for _ in 0..<length {
            let author = generator.below(authors)
            if generator.happens(1, in: 2) {
                held[author].formUnion(held[generator.below(authors)])
            }
            if generator.happens(1, in: 8), let original = last[author] {
                copy(original, by: author)
            } else {
                write(by: author)
            }
        }
    }

    /// The steps in an order of arrival that MERGE-5 allows.
    func order(using generator: inout SplitMix64) -> [Step] {
        var arrived: Set<Int> = []
        var order: [Step] = []
        while order.count < steps.count {
            let ready = steps.indices.filter {
                !arrived.contains($0) && steps[$0].needs.isSubset(of: arrived)
            }
            let next = ready[generator.below(ready.count)]
            arrived.insert(next)
            order.append(steps[next])
        }
        return order
    }

    /// An author goes on in its feed, informed by some of what it holds.
    private mutating func write(by author: Int) {
        times[author] += UInt64(1 + generator.below(2))
        let time = HybridTime(raw: times[author])
        let before = last[author].map { [$0] } ?? []
        let step = step(at: time, by: author, holding: held[author], after: Set(before))
        held[author].insert(steps.count)
        last[author] = steps.count
        steps.append(step)
    }

    /// A clone of the author writes at the same stamp as the original and knows what it knew.
    private mutating func copy(_ original: Int, by author: Int) {
        let needs = steps[original].needs
        let time = steps[original].name.stamp.time
        let known = needs.reduce(into: needs) { $0.formUnion(past(of: $1)) }
        let step = step(at: time, by: author, holding: known, after: needs)
        let other = (author + 1) % held.count
        held[other].formUnion(known)
        held[other].insert(steps.count)
        steps.append(step)
    }

    private func past(of step: Int) -> Set<Int> {
        steps[step].needs.reduce(into: steps[step].needs) { $0.formUnion(past(of: $1)) }
    }

    private mutating func step(
        at time: HybridTime,
        by author: Int,
        holding: Set<Int>,
        after before: Set<Int>
    ) -> Step {
        let stamp = Stamp(time, ID(high: UInt64(author), low: 0))
        let ruling: HybridTime? = generator.happens(1, in: 6) ? HybridTime(raw: 1) : nil
        let rank = Rank(
            Name(stamp, hash: UInt64(steps.count)),
            isPlausible: generator.happens(5, in: 6),
            ruling: ruling
        )
        var needs = before
        let isCreation = generator.happens(1, in: 4)
        let edits = edits(holding: isCreation ? [] : holding.sorted(), needs: &needs)
        let target: Operation.Target = isCreation ? .natural(Self.record) : .existing(Self.record)
        return Step(rank: rank, operation: Operation(7, target, edits: edits), needs: needs)
    }

    private mutating func edits(holding: [Int], needs: inout Set<Int>) -> [FieldEdit] {
        let shown = generator.some(of: holding)
        let seen = shown.map { steps[$0].name }.sorted()
        let value = Value.integer(Int64(generator.below(2)))
        let candidates = [
            FieldEdit(Self.title, .write(value, replacing: seen)),
            seen.isEmpty || generator.happens(1, in: 2)
                ? FieldEdit(Self.labels, .add(value, replacing: seen))
                : FieldEdit(Self.labels, .remove(value, names: seen)),
            FieldEdit(Self.map, .put(key: "a", value, replacing: seen)),
            FieldEdit(Self.count, .increment(Int64(generator.below(5)) - 2)),
        ]
        let edits = generator.some(of: candidates)
        needs.formUnion(shown)
        return edits
    }
}
