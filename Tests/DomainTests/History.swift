import CRDT
import Domain

/// A stream under construction: each event says which earlier ones its author was shown.
struct History<Event: Fact> {
    private(set) var entries: [Stream<Event>.Entry] = []

    /// Adds an event.
    ///
    /// - Parameters:
    ///   - event: What is recorded.
    ///   - seen: Places of earlier events, from zero; what those had seen is implied.
    ///   - time: Ranks the event; nil: later than those added before.
    /// - Returns: The id of the event.
    @discardableResult
    mutating func add(_ event: Event, seen: [Int] = [], time: UInt64? = nil) -> ID {
        let place = UInt64(entries.count)
        let stamp = Stamp(
            HybridTime(milliseconds: time ?? 1_000 + place),
            ID(high: (place + 1) << 32, low: 0)
        )
        let entry = Stream<Event>.Entry(
            event,
            rank: Rank(Name(stamp, hash: place), isPlausible: true),
            index: 0,
            after: seen.map { entries[$0].name }
        )
        entries.append(entry)
        return entry.id
    }

    var stream: Stream<Event> { Stream(entries) }

    subscript(place: Int) -> ID { entries[place].id }
}

extension History where Event == ProgressStep {
    /// Adds a step on the sub-stage of most tests.
    @discardableResult
    mutating func add(
        _ action: ProgressStep.Action,
        seen: [Int] = [],
        time: UInt64? = nil,
        reason: String? = nil
    ) -> ID {
        add(ProgressStep("assembly", action, reason: reason), seen: seen, time: time)
    }

    var progress: SubStageProgress { SubStageProgress(stream) }
}

/// An id that is told apart by a number.
func id(_ number: UInt64) -> ID { ID(high: 0, low: number) }
