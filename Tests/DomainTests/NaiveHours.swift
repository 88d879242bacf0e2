import CRDT
import Domain

/// The hours of people, read word for word from `protocol/domain.md`, slowly.
///
/// Works on places in a list and shares nothing with the fold.
struct NaiveHours {
    /// What an event says; other events are named by their places.
    enum Event: Hashable {
        case start(person: Int, ClockReading, HoursEvent.Timer)
        case whole(person: Int, start: Int64, end: Int64)
        case stop(Int, person: Int, ClockReading)
        case undo(Int, person: Int, ClockReading)
        case nothing
    }

    /// A correction of the entry that began at a place, and which earlier ones it saw.
    struct Correction {
        let entry: Int
        let start: Int64?
        let end: Int64?
        let isVoid: Bool
        let saw: Set<Int>
        /// Its place among all corrections by rank.
        let rank: Int
    }

    /// What an entry comes to.
    struct Entry: Hashable {
        let place: Int
        let person: Int
        let timer: HoursEvent.Timer
        var start: Int64
        var end: Int64?
        var flags: Set<HoursEntry.Flag>

        var duration: Int64? {
            guard let end else { return nil }
            return flags.contains(.void) || end <= start ? 0 : end - start
        }
    }

    let events: [Event]
    /// Places of events, the least rank first.
    let ranked: [Int]
    let corrections: [Correction]

    var entries: [Entry] { events.indices.compactMap(entry) }

    private func entry(_ place: Int) -> Entry? {
        var entry: Entry
        switch events[place] {
        case .start(let person, let reading, let timer):
            entry = Entry(
                place: place,
                person: person,
                timer: timer,
                start: reading.wall,
                end: nil,
                flags: reading.quality == .implausible ? [.clockImplausible] : []
            )
            end(&entry, reading)
        case .whole(let person, let start, let end):
            entry = Entry(
                place: place,
                person: person,
                timer: .job,
                start: start,
                end: end,
                flags: [.remembered]
            )
        case .stop, .undo, .nothing: return nil
        }
        correct(&entry)
        if let end = entry.end, end <= entry.start { entry.flags.insert(.endBeforeStart) }
        return entry
    }

    // DOM-40, DOM-41 and DOM-142

    private func end(_ entry: inout Entry, _ start: ClockReading) {
        var stops: [ClockReading] = []
        for place in ranked {
            guard case .stop(entry.place, entry.person, let reading) = events[place],
                !isUndone(place, entry.person, reading)
            else { continue }
            stops.append(reading)
        }
        if stops.count > 1 { entry.flags.insert(.stoppedTwice) }
        guard let stop = stops.last else { return }
        if stop.boot == start.boot {
            entry.end = start.wall + (stop.monotonic - start.monotonic)
        } else {
            entry.flags.insert(.bootsDiffer)
            if stop.quality == .implausible { entry.flags.insert(.clockImplausible) }
            entry.end = stop.wall
        }
    }

    private func isUndone(_ stop: Int, _ person: Int, _ reading: ClockReading) -> Bool {
        events.contains { event in
            guard case .undo(stop, person, let undo) = event, undo.boot == reading.boot else {
                return false
            }
            return undo.monotonic >= reading.monotonic
                && undo.monotonic <= reading.monotonic + 10_000
        }
    }

    // DOM-42

    private func correct(_ entry: inout Entry) {
        let own = corrections.indices.filter { place in
            let said = corrections[place]
            return said.entry == entry.place
                && (said.start != nil || said.end != nil || said.isVoid)
        }
        let standing = own.filter { one in !own.contains { corrections[$0].saw.contains(one) } }
        guard let last = standing.max(by: { corrections[$0].rank < corrections[$1].rank }) else {
            return
        }
        let counts = corrections[last]
        entry.start = counts.start ?? entry.start
        entry.end = counts.end ?? entry.end
        entry.flags.insert(.corrected)
        if counts.isVoid { entry.flags.insert(.void) }
        for other in standing.map({ corrections[$0] }) {
            let isSame = (other.start, other.end) == (counts.start, counts.end)
            if !isSame || other.isVoid != counts.isVoid { entry.flags.insert(.correctionConflict) }
        }
    }

    // DOM-44 and DOM-143

    /// Pairs of places that share time.
    var overlaps: Set<Set<Int>> {
        var pairs: Set<Set<Int>> = []
        let timed = entries.filter { !$0.flags.contains(.void) && ($0.end ?? .max) > $0.start }
        for one in timed {
            for other in timed where other.place != one.place {
                let isOfOne = one.person == other.person && one.timer == other.timer
                let isTogether = one.start < other.end ?? .max && other.start < one.end ?? .max
                if isOfOne, isTogether { pairs.insert([one.place, other.place]) }
            }
        }
        return pairs
    }
}
