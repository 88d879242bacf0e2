public import CRDT

/// The stages that a subject has been in, one after another.
///
/// - Source: DOM-116.
public struct StageHistory: Sendable {
    public typealias Entry = Stream<StageAdvance>.Entry

    /// A stay in a stage.
    public struct Visit: Sendable {
        public let stage: String
        /// The event that entered it: of several that say the same the one of least rank.
        public let entered: Entry
        /// By which a hub confirmed it.
        public fileprivate(set) var confirmed: Entry?
        /// By which it was left; nil: it is the last.
        public fileprivate(set) var left: Entry?
        /// How many events say the same.
        public fileprivate(set) var count = 1
    }

    /// In their order; beside each other, by rank.
    public let visits: [Visit]

    public init(_ stream: Stream<StageAdvance>) {
        let moving = stream.entries.filter { $0.event.to != nil }
        let depths = moving.map { later in moving.count { stream.saw(later, $0) } }
        let ordered = zip(moving, depths).sorted {
            ($0.1, $0.0.rank, $0.0.index) < ($1.1, $1.0.rank, $1.0.index)
        }
        var visits: [Visit] = []
        for (entry, _) in ordered {
            guard let stage = entry.event.to else { continue }
            let confirmed = entry.event.isConfirmed ? entry : nil
            let twin = visits.lastIndex { visit in
                visit.stage == stage
                    && (visit.left == nil || stream.areConcurrent(visit.entered, entry))
            }
            if let twin {
                visits[twin].count += 1
                if visits[twin].confirmed == nil { visits[twin].confirmed = confirmed }
                continue
            }
            if let last = visits.indices.last { visits[last].left = entry }
            visits.append(Visit(stage: stage, entered: entry, confirmed: confirmed))
        }
        self.visits = visits
    }

    /// Milliseconds spent in each stage, over all stays in it.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since 1970: the last stay lasts until then.
    ///   - time: When an event was, in milliseconds since 1970; nil: not known.
    /// - Returns: By stage.
    public func durations(now: Int64, time: (Entry) -> Int64?) -> [String: Int64] {
        var sums: [String: Int64] = [:]
        for visit in visits {
            guard let start = time(visit.entered) else { continue }
            let end = visit.left.map(time) ?? now
            let (length, overflow) = (end ?? start).subtractingReportingOverflow(start)
            let spent = overflow ? 0 : max(0, length)
            let (sum, isOver) = sums[visit.stage, default: 0].addingReportingOverflow(spent)
            sums[visit.stage] = isOver ? .max : sum
        }
        return sums
    }
}
