import Foundation

/// One line of the report.
///
/// `ratio` is speed against speed: raw time over ours, so 1 is as fast as raw SQLite. For sizes it
/// is our bytes over raw bytes, so less is better.
struct Figure: Encodable {
    let figure: String
    let value: Double
    let unit: String
    var raw: Double?
    var ratio: Double?

    /// Rows or actions a second.
    static func rate(_ name: String, _ ours: Tally, raw: Tally) -> Figure {
        Figure(
            figure: name,
            value: ours.rate,
            unit: "rows/s",
            raw: raw.rate,
            ratio: ours.rate / raw.rate
        )
    }

    static func size(_ name: String, _ bytes: Double, _ unit: String, raw: Double?) -> Figure {
        Figure(figure: name, value: bytes, unit: unit, raw: raw, ratio: raw.map { bytes / $0 })
    }

    func emit() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let rounded = Figure(
            figure: figure,
            value: Self.round(value),
            unit: unit,
            raw: raw.map(Self.round),
            ratio: ratio.map(Self.round)
        )
        let line = try encoder.encode(rounded) + Data("\n".utf8)
        try FileHandle.standardOutput.write(contentsOf: line)
    }

    private static func round(_ value: Double) -> Double {
        let places = value >= 100 ? 1.0 : 1_000.0
        return (value * places).rounded() / places
    }
}

/// Rows done and the time that they took.
struct Tally {
    private(set) var rows = 0
    private(set) var seconds = 0.0
    /// Processor time of the whole process.
    private(set) var processorSeconds = 0.0

    var rate: Double { Double(rows) / seconds }
    var microseconds: Double { seconds / Double(rows) * 1e6 }
    var processorMicroseconds: Double { processorSeconds / Double(rows) * 1e6 }

    /// Counts rows that were done in time measured with a count of zero.
    mutating func count(_ rows: Int) { self.rows += rows }

    mutating func add(_ other: Tally) {
        rows += other.rows
        seconds += other.seconds
        processorSeconds += other.processorSeconds
    }

    /// Measures something of which only the time counts, and hands on what it gives.
    mutating func measuring<Result>(_ body: () -> Result) -> Result {
        let start = ContinuousClock.now
        let result = body()
        seconds += Self.seconds(since: start)
        return result
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        let length = (ContinuousClock.now - start).components
        return Double(length.seconds) + Double(length.attoseconds) / 1e18
    }

    mutating func measure(_ rows: Int, _ body: () throws -> Void) rethrows {
        let start = ContinuousClock.now
        let processor = clock()
        try body()
        seconds += Self.seconds(since: start)
        processorSeconds += Double(clock() - processor) / Double(CLOCKS_PER_SEC)
        count(rows)
    }
}

/// Says what goes on, beside the figures.
func note(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
}
