public import CRDT

/// A stretch of a person's hours: the fold of its start, its stops and its corrections.
///
/// - Source: DOM-40 to DOM-43.
public struct HoursEntry: Hashable, Sendable {
    /// What a reader should know before trusting the figures.
    public enum Flag: String, Hashable, Sendable, CaseIterable {
        /// Start and stop fall in different boots: the duration comes from wall clocks.
        case bootsDiffer = "boots_differ"
        /// A wall clock was known to be wrong.
        case clockImplausible = "clock_implausible"
        /// The end is not after the start.
        case endBeforeStart = "end_before_start"
        /// More than one stop.
        case stoppedTwice = "stopped_twice"
        case corrected
        /// Corrections that did not know of each other say different things.
        case correctionConflict = "correction_conflict"
        /// Noted afterwards, not clocked.
        case remembered
        /// Taken back by a correction.
        case void
    }

    /// The id of the event that began it.
    public let id: ID
    public let person: ID?
    public let activity: String?
    public let subject: ID?
    public let subStage: String?
    public let task: String?
    /// Milliseconds since 1970.
    public let start: Int64
    /// Milliseconds since 1970; nil while it runs.
    public let end: Int64?
    /// Where work goes on from, or what a pause interrupts.
    public let continues: ID?
    public let isBillable: Bool
    public let timer: HoursEvent.Timer
    /// The worse of the wall clocks at its start and stop; nil where a person remembered.
    public let quality: ClockReading.Quality?
    public let flags: Set<Flag>

    /// Milliseconds; nil while it runs, and zero if it is void or ends before it starts.
    public var duration: Int64? {
        guard let end else { return nil }
        let (length, overflow) = end.subtractingReportingOverflow(start)
        return flags.contains(.void) || overflow ? 0 : max(0, length)
    }

    /// Whether nothing has ended it.
    public var isRunning: Bool { end == nil && !flags.contains(.void) }

    /// - Parameters:
    ///   - opening: A start or a whole entry; any other event makes no entry.
    ///   - stops: Stops that name it, by rank.
    ///   - corrections: The stream of its corrections.
    init?(
        _ opening: Stream<HoursEvent>.Entry,
        stops: [Stream<HoursEvent>.Entry],
        corrections: Stream<HoursCorrection>
    ) {
        var flags: Set<Flag> = []
        var start: Int64
        var end: Int64?
        var quality: ClockReading.Quality?
        switch opening.event.action {
        case .start(let reading):
            start = reading.wall
            end = Self.end(of: reading, stops: stops, flags: &flags)
            quality =
                stops.last.flatMap(\.event.reading)?.quality.worst(reading.quality)
                ?? reading.quality
        case .whole(let from, let to):
            (start, end) = (from, to)
            flags.insert(.remembered)
        case .stop, .undo, .unknown:
            return nil
        }
        var isBillable = opening.event.isBillable
        let standing = corrections.standing { $0.entry == opening.id && $0.isSaying }
        if let correction = standing.last?.event {
            start = correction.start ?? start
            end = correction.end ?? end
            isBillable = correction.isBillable ?? isBillable
            flags.insert(.corrected)
            if correction.isVoid { flags.insert(.void) }
            if standing.contains(where: { !$0.event.agrees(with: correction) }) {
                flags.insert(.correctionConflict)
            }
        }
        if let end, end <= start { flags.insert(.endBeforeStart) }
        self.flags = flags
        self.start = start
        self.end = end
        id = opening.id
        person = opening.event.person
        activity = opening.event.activity
        subject = opening.event.subject
        subStage = opening.event.subStage
        task = opening.event.task
        continues = opening.event.continues
        timer = opening.event.timer
        self.isBillable = isBillable
        self.quality = quality
    }

    /// The end by the stop of greatest rank: elapsed ticks within one boot, else wall clocks.
    private static func end(
        of start: ClockReading,
        stops: [Stream<HoursEvent>.Entry],
        flags: inout Set<Flag>
    ) -> Int64? {
        if start.quality == .implausible { flags.insert(.clockImplausible) }
        if stops.count > 1 { flags.insert(.stoppedTwice) }
        guard case .stop(_, let stop) = stops.last?.event.action else { return nil }
        guard stop.boot == start.boot else {
            flags.insert(.bootsDiffer)
            if stop.quality == .implausible { flags.insert(.clockImplausible) }
            return stop.wall
        }
        let (elapsed, isOutside) = stop.monotonic.subtractingReportingOverflow(start.monotonic)
        let (end, overflow) = start.wall.addingReportingOverflow(elapsed)
        return isOutside || overflow ? stop.wall : end
    }
}

extension HoursEvent {
    /// What the clocks said; nil where a person remembered.
    public var reading: ClockReading? {
        switch action {
        case .start(let reading), .stop(_, let reading), .undo(_, let reading): reading
        case .whole, .unknown: nil
        }
    }
}

extension HoursCorrection {
    /// Whether two corrections say the same, whatever their reasons.
    func agrees(with other: HoursCorrection) -> Bool {
        (start, end, isVoid, isBillable)
            == (other.start, other.end, other.isVoid, other.isBillable)
    }
}
