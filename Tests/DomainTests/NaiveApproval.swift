import CRDT
import Domain

/// A request, read word for word from `protocol/domain.md` (DOM-198 to DOM-200), slowly.
///
/// Works on places in a list and a table of who saw whom, and shares nothing with the fold.
final class NaiveApproval {
    enum Act: Hashable {
        case assign([ApprovalStep], ApprovalOutline.Mode)
        case assignMachine
        case approve(String, by: UInt64)
        /// Of another revision.
        case approveOther(String, by: UInt64)
        case approveMachine
        case reject(String, by: UInt64)
        case cancel
        case expire
        case outdated
        case comment
    }

    private let acts: [Act]
    private let saw: [Set<Int>]
    private let author: UInt64
    private var lateness: [Int: Bool] = [:]

    init(_ acts: [Act], saw: [Set<Int>], author: UInt64) {
        self.acts = acts
        self.saw = saw
        self.author = author
    }

    private var everything: Set<Int> { Set(acts.indices) }

    var status: ApprovalProgress.Status {
        if !rejections(everything).isEmpty { return .rejected }
        if inTime(everything).contains(where: { acts[$0] == .cancel || acts[$0] == .outdated }) {
            return .cancelled
        }
        if inTime(everything).contains(where: { acts[$0] == .expire }) { return .expired }
        if isComplete(everything) { return .approved }
        return agreed(everything).isEmpty ? .pending : .inReview
    }

    /// Who agreed to which step.
    var agreed: Set<[String]> {
        Set(agreed(everything).map { [$0.step, "\($0.person)"] })
    }

    private func isLate(_ place: Int) -> Bool {
        if let known = lateness[place] { return known }
        let late = isClosed(saw[place])
        lateness[place] = late
        return late
    }

    private func inTime(_ places: Set<Int>) -> Set<Int> { places.filter { !isLate($0) } }

    private func isClosed(_ places: Set<Int>) -> Bool {
        for place in inTime(places) {
            switch acts[place] {
            case .cancel, .expire, .outdated: return true
            case .reject where rejections(places).contains(place): return true
            default: continue
            }
        }
        return isComplete(places)
    }

    private func rejections(_ places: Set<Int>) -> Set<Int> {
        inTime(places).filter { place in
            guard case .reject(let step, let person) = acts[place] else { return false }
            return person != author && chain(saw[place])[step] != nil
        }
    }

    // The chain

    private func chain(_ places: Set<Int>) -> [String: (order: Int64, people: Int)] {
        var chain: [String: (order: Int64, people: Int)] = [:]
        for place in inTime(places) {
            guard case .assign(let steps, _) = acts[place] else { continue }
            for step in steps {
                let known = chain[step.slug]
                chain[step.slug] = (
                    min(step.order, known?.order ?? .max), max(step.people, known?.people ?? 1)
                )
            }
        }
        return chain
    }

    private func isInTurn(_ places: Set<Int>) -> Bool {
        let modes = inTime(places).compactMap { place -> ApprovalOutline.Mode? in
            guard case .assign(let steps, let mode) = acts[place], !steps.isEmpty else {
                return nil
            }
            return mode
        }
        return modes.isEmpty || modes.contains(.sequential)
    }

    // Who agreed

    private func agreed(_ places: Set<Int>) -> [(step: String, person: UInt64)] {
        let good = inTime(places).filter { isGood($0) }
        var agreed: [(String, UInt64)] = []
        let people = Set(good.compactMap { person(of: $0) })
        for one in people {
            let own = good.filter { person(of: $0) == one }
            let first = own.filter { mine in own.allSatisfy { !saw[mine].contains($0) } }
            let chain = chain(places)
            let steps = first.compactMap { place -> (Int64, String)? in
                guard case .approve(let step, _) = acts[place], let known = chain[step] else {
                    return nil
                }
                return (known.order, step)
            }
            if let least = steps.min(by: { $0 < $1 }) { agreed.append((least.1, one)) }
        }
        return agreed
    }

    private func person(of place: Int) -> UInt64? {
        if case .approve(_, let person) = acts[place] { person } else { nil }
    }

    private func isGood(_ place: Int) -> Bool {
        guard case .approve(let step, let person) = acts[place], person != author,
            let own = chain(saw[place])[step]
        else { return false }
        guard isInTurn(saw[place]) else { return true }
        for (slug, other) in chain(saw[place]) where other.order < own.order {
            let count = agreed(saw[place]).count { $0.step == slug }
            if count < other.people { return false }
        }
        return true
    }

    private func isComplete(_ places: Set<Int>) -> Bool {
        let chain = chain(places)
        if chain.isEmpty {
            return inTime(places).contains { place in
                acts[place] == .approveMachine
                    && inTime(saw[place]).contains { acts[$0] == .assignMachine }
            }
        }
        let agreed = agreed(places)
        return chain.allSatisfy { slug, step in
            agreed.count { $0.step == slug } >= step.people
        }
    }
}
