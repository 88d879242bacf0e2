public import CRDT

/// The hours of a site: entries, and where entries of one person overlap.
///
/// Overlaps are found and shown, never refused and never shortened: one person may well have two
/// jobs on one machine, and only people know.
///
/// - Complexity: O(n log n) in events, beside the overlaps found.
/// - Source: DOM-40 to DOM-44.
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
        var stops: [ID: [Stream<HoursEvent>.Entry]] = [:]
        for event in ranked {
            if case .stop(let entry, _) = event.event.action {
                stops[entry, default: []].append(event)
            }
        }
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

    /// The entries of one person.
    public func entries(of person: ID) -> [HoursEntry] { entries.filter { $0.person == person } }

    private static func overlaps(of entries: [HoursEntry]) -> [Overlap] {
        var found: [Overlap] = []
        for (_, own) in Dictionary(grouping: entries.filter(\.takesTime), by: \.person) {
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
