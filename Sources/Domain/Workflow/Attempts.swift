import CRDT

/// Which attempt each event of a stream belongs to: of a sub-stage, a task or a defect.
///
/// Follows from the reopenings an event had seen and stands in no field, so that nobody can claim
/// another.
///
/// - Source: DOM-2.
struct Attempts<Event: Sendable> {
    typealias Entry = Stream<Event>.Entry

    private struct Place: Hashable {
        let name: Name
        let index: UInt16

        init(_ entry: Entry) {
            name = entry.name
            index = entry.index
        }
    }

    private let numbers: [Place: Int]
    /// The greatest attempt.
    let last: Int

    /// - Parameters:
    ///   - stream: The events.
    ///   - isReopening: Whether an event opens a further attempt.
    init(_ stream: Stream<Event>, isReopening: (Event) -> Bool) {
        let reopenings = stream.entries.filter { isReopening($0.event) }
        // What saw more reopenings comes later, so one pass finds the longest chain.
        let depths = reopenings.map { later in reopenings.count { stream.saw(later, $0) } }
        var opened: [(entry: Entry, attempt: Int)] = []
        for (entry, _) in zip(reopenings, depths).sorted(by: { $0.1 < $1.1 }) {
            let before = opened.filter { stream.saw(entry, $0.entry) }.map(\.attempt).max() ?? 1
            opened.append((entry, before + 1))
        }
        var numbers: [Place: Int] = [:]
        for (entry, attempt) in opened { numbers[Place(entry)] = attempt }
        for entry in stream.entries where !isReopening(entry.event) {
            let seen = opened.filter { stream.saw(entry, $0.entry) }.map(\.attempt)
            numbers[Place(entry)] = seen.max() ?? 1
        }
        self.numbers = numbers
        last = opened.map(\.attempt).max() ?? 1
    }

    func number(of entry: Entry) -> Int { numbers[Place(entry)] ?? 1 }
}
