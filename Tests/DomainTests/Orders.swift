/// Which events of a history had seen which: for each place the earlier places, with all that
/// those had seen.
typealias Order = [Set<Int>]

enum Orders {
    /// Every way in which events can have seen earlier ones.
    static func all(_ length: Int) -> [Order] {
        (0..<length).reduce([[]]) { orders, place in
            orders.flatMap { order in
                (0..<(1 << place)).compactMap { bits -> Order? in
                    let seen = Set((0..<place).filter { bits >> $0 & 1 == 1 })
                    let isClosed = seen.allSatisfy { order[$0].isSubset(of: seen) }
                    return isClosed ? order + [seen] : nil
                }
            }
        }
    }

    /// Every way in which the events of two authors, who know their own, can have seen those of
    /// the other, the second author writing no more than the first.
    static func ofTwoAuthors(_ length: Int) -> [Order] {
        (0...(length / 2)).flatMap { second in
            let first = length - second
            return knowing(first, of: second).flatMap { left in
                knowing(second, of: first).compactMap { merged(left, $0) }
            }
        }
    }

    /// For each event of one author how many of the other's it knew: it never falls.
    private static func knowing(_ own: Int, of others: Int) -> [[Int]] {
        (0..<own).reduce([[]]) { known, _ in
            known.flatMap { before in ((before.last ?? 0)...others).map { before + [$0] } }
        }
    }

    /// The two chains as one history; nil if each waits for the other.
    private static func merged(_ left: [Int], _ right: [Int]) -> Order? {
        var order: Order = []
        var places: (left: [Int], right: [Int]) = ([], [])
        while order.count < left.count + right.count {
            let (i, j) = (places.left.count, places.right.count)
            let place = order.count
            if i < left.count, left[i] <= j {
                order.append(Set(places.left + places.right.prefix(left[i])))
                places.left.append(place)
            } else if j < right.count, right[j] <= i {
                order.append(Set(places.right + places.left.prefix(right[j])))
                places.right.append(place)
            } else {
                return nil
            }
        }
        // Who knows an event knows what it knew.
        return order.allSatisfy { seen in seen.allSatisfy { order[$0].isSubset(of: seen) } }
            ? order : nil
    }

    /// A history in which each event saw some of the earlier ones at random.
    static func random(_ length: Int, _ generator: inout some RandomNumberGenerator) -> Order {
        var order: Order = []
        for place in 0..<length {
            let some = (0..<place).filter { _ in Bool.random(using: &generator) }
            order.append(some.reduce(into: Set(some)) { $0.formUnion(order[$1]) })
        }
        return order
    }

    /// Calls with every choice of `length` elements.
    static func choices<Element>(
        _ length: Int,
        of elements: [Element],
        _ body: ([Element]) -> Void
    ) {
        var choice = Array(repeating: 0, count: length)
        while true {
            body(choice.map { elements[$0] })
            guard let place = choice.firstIndex(where: { $0 + 1 < elements.count }) else { return }
            choice[place] += 1
            for earlier in 0..<place { choice[earlier] = 0 }
        }
    }
}
