public import CRDT

/// The hours of a site: entries, and where entries of one person overlap.
///
/// Overlaps are found and shown, never refused and never shortened: one person may well have two
/// jobs on one machine, and only people know.
///
/// - Complexity: O(n log n) in events, beside the overlaps found.
/// - Source: DOM-40 to DOM-44, DOM-142, DOM-143.
public struct Timesheet: Hashable, Sendable {
    /// Two entries of one person that share time.
    public struct Overlap: Hashable, Sendable {
        /// The entry that starts first.
        public let early: ID
        public let late: ID
        /// Milliseconds since 1970.
        public let start: Int64
        /// Milliseconds since 1970; nil while both run.
        public let end: Int64?
    }

    /// By start, then id.
    public let entries: [HoursEntry]
    /// By start of the overlap, then ids.
    public let overlaps: [Overlap]

    /// - Parameters:
    ///   - events: Entries of the events of ``HoursEvent``, in any order.
    ///   - corrections: Entries of the events of ``HoursCorrection``, in any order.
    public init(
        _ events: some Sequence<Stream<HoursEvent>.Entry>,
        corrections: some Sequence<Stream<HoursCorrection>.Entry>
    ) {
        let ranked = events.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
        let stops = Self.stops(ranked)
        var corrected: [ID: [Stream<HoursCorrection>.Entry]] = [:]
        for correction in corrections {
            guard let entry = correction.event.entry else { continue }
            corrected[entry, default: []].append(correction)
        }
        entries = ranked.compactMap { event in
            HoursEntry(
                event,
                stops: (stops[event.id] ?? []).filter { $0.event.person == event.event.person },
                corrections: Stream(corrected[event.id] ?? [])
            )
        }
        .sorted { ($0.start, $0.id) < ($1.start, $1.id) }
        overlaps = Self.overlaps(of: entries)
    }

    /// Entries that have run for longer than a time, and so may be forgotten.
    ///
    /// - Parameters:
    ///   - milliseconds: How long is too long.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The entries, by start.
    /// - Source: DOM-145.
    public func running(longerThan milliseconds: Int64, now: Int64) -> [HoursEntry] {
        entries.filter { entry in
            let (elapsed, isOutside) = now.subtractingReportingOverflow(entry.start)
            return entry.isRunning && !isOutside && elapsed > milliseconds
        }
    }

    /// The stops that were not undone, by the entry they name and by rank.
    private static func stops(
        _ ranked: [Stream<HoursEvent>.Entry]
    ) -> [ID: [Stream<HoursEvent>.Entry]] {
        var undone: [ID: [HoursEvent]] = [:]
        for event in ranked {
            if case .undo(let stop, _) = event.event.action {
                undone[stop, default: []].append(event.event)
            }
        }
        var stops: [ID: [Stream<HoursEvent>.Entry]] = [:]
        for event in ranked {
            guard case .stop(let entry, let reading) = event.event.action else { continue }
            let isUndone = (undone[event.id] ?? []).contains { undo in
                undo.person == event.event.person && undo.reading?.canUndo(reading) == true
            }
            if !isUndone { stops[entry, default: []].append(event) }
        }
        return stops
    }

    /// The entries of one person.
    public func entries(of person: ID) -> [HoursEntry] { entries.filter { $0.person == person } }

    /// Whose time, and which: attendance and jobs run beside each other.
    private struct Owner: Hashable {
        let person: ID?
        let timer: HoursEvent.Timer

        init(_ entry: HoursEntry) {
            person = entry.person
            timer = entry.timer
        }
    }

    private static func overlaps(of entries: [HoursEntry]) -> [Overlap] {
        var found: [Overlap] = []
        for (_, own) in Dictionary(grouping: entries.filter(\.takesTime), by: Owner.init) {
            var open: [HoursEntry] = []
            for entry in own {
                open.removeAll { ($0.end ?? .max) <= entry.start }
                for other in open {
                    let end = min(other.end ?? .max, entry.end ?? .max)
                    found.append(
                        Overlap(
                            early: other.id,
                            late: entry.id,
                            start: entry.start,
                            end: end == .max ? nil : end
                        )
                    )
                }
                open.append(entry)
            }
        }
        return found.sorted { ($0.start, $0.early, $0.late) < ($1.start, $1.early, $1.late) }
    }
}

extension HoursEntry {
    /// Whether the entry can share time with another.
    fileprivate var takesTime: Bool {
        !flags.contains(.void) && !flags.contains(.endBeforeStart)
    }
}
