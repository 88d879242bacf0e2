import CRDT

/// The events of one request, and which of them count.
///
/// Goes through them so that whatever an event saw comes before it: whether it counts then follows
/// from events that have been read.
///
/// - Complexity: O(n³) in the events of a request, of which there are a few dozen.
/// - Source: DOM-198, DOM-199.
struct ApprovalReading {
    typealias Entry = Stream<ApprovalEvent>.Entry

    /// By how many each saw, then by rank.
    let entries: [Entry]
    private let past: [Set<Int>]
    private let revision: [UInt8]?
    private let authors: Set<ID>
    /// Whether what an event saw had closed the request.
    private var isLate: [Bool] = []
    /// Whether an approval saw all steps before its own decided.
    private var isInTurn: [Bool] = []

    init(_ stream: Stream<ApprovalEvent>, revision: [UInt8]?, authors: Set<ID>) {
        let counted = stream.entries.map { entry in
            (entry, stream.entries.count { stream.saw(entry, $0) })
        }
        let entries = counted.enumerated()
            .sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }
            .map(\.element.0)
        self.entries = entries
        past = entries.indices.map { later in
            Set(entries.indices.filter { stream.saw(entries[later], entries[$0]) })
        }
        self.revision = revision
        self.authors = authors
        for place in entries.indices {
            isLate.append(isClosed(past[place]))
            isInTurn.append(isInTurn(place))
        }
    }

    var all: Set<Int> { Set(entries.indices) }

    func saw(_ later: Int, _ earlier: Int) -> Bool { past[later].contains(earlier) }

    /// The events of a kind that came in time.
    private func timely(_ action: ApprovalEvent.Action, in places: Set<Int>) -> [Int] {
        places.filter { entries[$0].event.action == action && !isLate[$0] }.sorted()
    }

    // MARK: - The chain

    /// The steps that assignments say, those of one slug joined to the more cautious.
    func route(in places: Set<Int>) -> [ApprovalStep] {
        var steps: [String: ApprovalStep] = [:]
        for place in timely(.assign, in: places) {
            for step in entries[place].event.steps {
                steps[step.slug] = steps[step.slug].map { $0.joined(with: step) } ?? step
            }
        }
        return steps.values.sorted(by: ApprovalStep.precedes)
    }

    func mode(in places: Set<Int>) -> ApprovalOutline.Mode {
        let modes = timely(.assign, in: places).filter { !entries[$0].event.steps.isEmpty }
            .map { entries[$0].event.mode }
        return !modes.isEmpty && modes.allSatisfy { $0 == .parallel } ? .parallel : .sequential
    }

    private func isAutomatic(_ place: Int) -> Bool {
        entries[place].event.flags.contains(ApprovalEvent.Flag.automatic)
    }

    // MARK: - Decisions

    /// Whether a decision is one of the chain, of the revision, by somebody who did not ask.
    private func isEligible(_ place: Int) -> Bool {
        let event = entries[place].event
        guard let person = event.by, !authors.contains(person), event.revision == revision,
            let slug = event.step
        else { return false }
        return route(in: past[place]).contains { $0.slug == slug }
    }

    private func isInTurn(_ place: Int) -> Bool {
        let seen = past[place]
        guard mode(in: seen) == .sequential else { return true }
        let route = route(in: seen)
        guard let own = route.first(where: { $0.slug == entries[place].event.step }) else {
            return false
        }
        return route.allSatisfy { $0.order >= own.order || isDecided($0, in: seen) }
    }

    /// The approvals that count toward a step each, by slug and person.
    ///
    /// Of several by one person the first that they made; of those made apart the one of the first
    /// step.
    func approvals(in places: Set<Int>) -> [String: [ID: Int]] {
        let good = timely(.approve, in: places).filter { isEligible($0) && isInTurn[$0] }
        let route = route(in: places)
        var found: [String: [ID: Int]] = [:]
        for (person, own) in Dictionary(grouping: good, by: { entries[$0].event.by ?? .zero }) {
            let firsts = own.filter { place in !own.contains { saw(place, $0) } }
            let steps = route.filter { step in
                firsts.contains { entries[$0].event.step == step.slug }
            }
            guard let step = steps.first,
                let place = firsts.last(where: { entries[$0].event.step == step.slug })
            else { continue }
            found[step.slug, default: [:]][person] = place
        }
        return found
    }

    func isDecided(_ step: ApprovalStep, in places: Set<Int>) -> Bool {
        approvals(in: places)[step.slug, default: [:]].count >= step.people
    }

    /// The approvals of the machine, where assignments name no step.
    func automatic(in places: Set<Int>) -> [Int] {
        let assignments = timely(.assign, in: places).filter(isAutomatic)
        return timely(.approve, in: places).filter { place in
            entries[place].event.by == nil && isAutomatic(place)
                && entries[place].event.revision == revision
                && assignments.contains { saw(place, $0) }
        }
    }

    /// Whether everybody has agreed who must.
    func isComplete(_ places: Set<Int>) -> Bool {
        let route = route(in: places)
        guard !route.isEmpty else { return !automatic(in: places).isEmpty }
        let approvals = approvals(in: places)
        return route.allSatisfy { approvals[$0.slug, default: [:]].count >= $0.people }
    }

    // MARK: - Closing

    /// The events of a kind that close the request, in time.
    func closers(_ action: ApprovalEvent.Action, in places: Set<Int>) -> [Int] {
        let timely = timely(action, in: places)
        return action == .reject ? timely.filter(isEligible) : timely
    }

    private func isClosed(_ places: Set<Int>) -> Bool {
        Self.closing.contains { !closers($0, in: places).isEmpty } || isComplete(places)
    }

    static let closing: [ApprovalEvent.Action] = [.reject, .cancel, .outdated, .expire]
}
