import CRDT
import Domain

/// What an inspection comes to, read word for word from `protocol/domain.md`, slowly.
///
/// The samples of each item are given, as `SampleTests` checks how they come about.
struct NaiveInspection {
    /// A request (without a decision) or decision on measurements, by number.
    struct Decision: Hashable {
        let about: Set<Int>
        let decision: Waiver.Decision?
    }

    /// An item: its standing measurements by number, each with its sample and outcome.
    struct Item {
        let isRequired: Bool
        let size: Int
        let accepted: Int
        let found: [(number: Int, sample: Int, outcome: Measurement.Outcome)]
    }

    let items: [Item]
    let decisions: [Decision]
    let saw: Order
    let threshold: Int

    // DOM-73

    /// Places of the decisions by which a measurement is accepted.
    private func acceptances(of number: Int) -> [Int] {
        decisions.indices.filter { place in
            let one = decisions[place]
            guard one.decision == .waived || one.decision == .conditionalPass,
                one.about.contains(number)
            else { return false }
            return decisions.indices.allSatisfy { other in
                decisions[other].decision != .refused || !decisions[other].about.contains(number)
                    || saw[place].contains(other)
            }
        }
    }

    /// Requests that no decision saw.
    var asked: Set<Int> {
        Set(
            decisions.indices.filter { place in
                decisions[place].decision == nil && !decisions[place].about.isEmpty
                    && !decisions.indices.contains {
                        decisions[$0].decision != nil && saw[$0].contains(place)
                    }
            }
        )
    }

    // DOM-139

    var contested: Set<Int> {
        var found: Set<Int> = []
        let decided = decisions.indices.filter { decisions[$0].decision != nil }
        for one in decided {
            for other in decided where one != other {
                let isApart = !saw[one].contains(other) && !saw[other].contains(one)
                let isShared = !decisions[one].about.isDisjoint(with: decisions[other].about)
                let differ = decisions[one].decision != decisions[other].decision
                let isSettled = decided.contains { saw[$0].isSuperset(of: [one, other]) }
                if isApart, isShared, differ, !isSettled { found.formUnion([one, other]) }
            }
        }
        return found
    }

    // DOM-70

    private func words(_ item: Item) -> [Int: String] {
        Dictionary(grouping: item.found, by: \.sample).mapValues { found in
            let outcomes = Set(found.map(\.outcome.rawValue))
            return outcomes.count > 1 ? "CONFLICT" : outcomes.first ?? "PENDING"
        }
    }

    func result(_ item: Item) -> String {
        let words = words(item)
        let failed = words.values.count { $0 == "FAIL" }
        let unsure = words.values.count { $0 == "CONFLICT" }
        if failed > item.accepted { return "FAIL" }
        if failed + unsure > item.accepted { return "CONFLICT" }
        if (1...item.size).contains(where: { words[$0] == nil }) { return "PENDING" }
        return words.values.allSatisfy { $0 == "NA" } ? "NA" : "PASS"
    }

    func isWaived(_ item: Item) -> Bool {
        guard ["FAIL", "CONFLICT"].contains(result(item)) else { return false }
        let words = words(item)
        let isWhole = (1...item.size).allSatisfy { words[$0] != nil }
        let left = words.filter { sample, word in
            guard word == "FAIL" || word == "CONFLICT" else { return false }
            return item.found.contains {
                $0.sample == sample && acceptances(of: $0.number).isEmpty
            }
        }
        return isWhole && left.count <= item.accepted
    }

    // DOM-22 and DOM-74

    var share: Int {
        let applying = items.filter { $0.isRequired && result($0) != "NA" && !isWaived($0) }
        let passed = applying.filter { result($0) == "PASS" }
        return applying.isEmpty ? 10_000 : passed.count * 10_000 / applying.count
    }

    var word: String {
        let applying = items.filter { $0.isRequired && result($0) != "NA" && !isWaived($0) }
        let lost = applying.filter { ["FAIL", "CONFLICT"].contains(result($0)) }
        let best =
            applying.isEmpty ? 10_000 : (applying.count - lost.count) * 10_000 / applying.count
        if best < threshold { return "FAIL" }
        if items.contains(where: { $0.isRequired && result($0) == "PENDING" }) { return "PENDING" }
        let waived = items.filter(isWaived)
        if waived.isEmpty { return "PASS" }
        let isConditional = waived.contains { item in
            let words = words(item)
            return item.found.contains { found in
                ["FAIL", "CONFLICT"].contains(words[found.sample])
                    && acceptances(of: found.number).contains {
                        decisions[$0].decision == .conditionalPass
                    }
            }
        }
        return isConditional ? "CONDITIONAL_PASS" : "WAIVED"
    }
}
