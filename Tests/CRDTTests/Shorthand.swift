import CRDT

/// The name of the change that a replica wrote at a time.
func name(_ milliseconds: UInt64, _ replica: UInt64, hash: UInt64 = 0) -> Name {
    Name(
        Stamp(HybridTime(milliseconds: milliseconds), ID(high: replica, low: 0)),
        hash: hash
    )
}

/// The rank of a plausible change without a verdict on its clock.
func rank(_ milliseconds: UInt64, _ replica: UInt64, hash: UInt64 = 0) -> Rank {
    Rank(name(milliseconds, replica, hash: hash), isPlausible: true)
}

/// A write of one register: c1, c2 … of a counterexample.
struct Write<Value: Hashable & Sendable>: Sendable {
    let value: Value
    let rank: Rank
    let seen: [Name]

    init(_ value: Value, _ rank: Rank, saw seen: [Name] = []) {
        self.value = value
        self.rank = rank
        self.seen = seen
    }

    var name: Name { rank.name }
}

extension Register {
    /// What the writes give, in this order of arrival.
    init(arriving writes: [Write<Value>]) {
        self.init()
        for write in writes {
            self.write(write.value, rank: write.rank, replacing: write.seen)
        }
    }

    var names: Set<Name> { Set(heads.map(\.name)) }
    var values: Set<Value> { Set(heads.map(\.value)) }
}

extension Array {
    /// Every order of a few items.
    var orders: [[Element]] {
        guard count > 1 else { return [self] }
        return indices.flatMap { index in
            var rest = self
            let first = rest.remove(at: index)
            return rest.orders.map { [first] + $0 }
        }
    }
}

extension Array {
    /// The orders of arrival that MERGE-5 allows: no write before one that it names.
    func admissibleOrders<Value>() -> [[Element]] where Element == Write<Value> {
        let names = Set(map(\.name))
        return orders.filter { order in
            order.indices.allSatisfy { index in
                let before = Set(order[..<index].map(\.name))
                return order[index].seen.allSatisfy { before.contains($0) || !names.contains($0) }
            }
        }
    }
}
