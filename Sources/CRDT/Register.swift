/// A write that no effective write has replaced.
public struct Head<Value: Hashable & Sendable>: Hashable, Sendable {
    public let rank: Rank
    public let value: Value

    public init(_ value: Value, rank: Rank) {
        self.rank = rank
        self.value = value
    }

    public var name: Name { rank.name }
}

/// A field that remembers every write which nothing has replaced.
///
/// ```swift
/// var title = Register<String>()
/// title.write("Load in", rank: monday, replacing: [])
/// title.write("Load-in, dock 2", rank: tuesday, replacing: [monday.name])
/// title.heads.count  // 1: the second author had seen the first
/// ```
///
/// Heads are the writes that no write replaces, so the result does not depend on the order in
/// which writes arrive. Several heads with different values are a conflict for a person to settle;
/// equal values are no conflict, but each stays a head, for each may be replaced alone.
///
/// - Shape: one name and one value a head; nearly always one head.
/// - Invariant: 1. No head is named in what a held write replaced. 2. Heads are ordered by rank,
///   greatest first.
/// - Complexity: O(heads) a write.
/// - Source: MERGE-1, MERGE-2; multi-value register, Shapiro et al., INRIA RR-7506 (2011).
public struct Register<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The writes that stand, greatest rank first.
    public private(set) var heads: [Head<Value>] = []

    public init() {}

    /// Restores heads that were stored, in any order.
    public init(heads: [Head<Value>]) {
        self.heads = heads.sorted { $0.rank > $1.rank }
    }

    /// The value of greatest rank; nil if nothing was written.
    public var value: Value? { heads.first?.value }

    /// Whether heads with different values stand side by side.
    public var isInConflict: Bool { heads.contains { $0.value != heads[0].value } }

    /// Takes a write: removes exactly the heads its author was shown, and adds it.
    ///
    /// Total on purpose: a write may come from a liar, and honest nodes must still agree. Taking a
    /// write that is already a head changes nothing.
    public mutating func write(_ value: Value, rank: Rank, replacing seen: [Name]) {
        heads.removeAll { seen.contains($0.name) || $0.name == rank.name }
        let place = heads.firstIndex { $0.rank < rank } ?? heads.endIndex
        heads.insert(Head(value, rank: rank), at: place)
    }
}

/// Which of several concurrent values a person is shown before they are settled.
///
/// The more cautious value first, whatever the clocks say: FAIL before PASS. A value that this
/// version does not know is the most cautious of all.
///
/// - Source: MERGE-8.
public struct Caution<Value: Hashable & Sendable>: Sendable {
    private let ranks: [Value: Int]

    /// - Parameter leastFirst: The known values, the least cautious first. Their order never
    ///   changes between versions.
    public init(leastFirst: [Value]) {
        ranks = Dictionary(
            zip(leastFirst, leastFirst.indices),
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The head to show: the most cautious value, and among equals the greatest rank.
    public func shown(of register: Register<Value>) -> Head<Value>? {
        var best: Head<Value>?
        for head in register.heads {
            guard let current = best else {
                best = head
                continue
            }
            if rank(head.value) > rank(current.value) { best = head }
        }
        return best
    }

    private func rank(_ value: Value) -> Int { ranks[value] ?? .max }
}
