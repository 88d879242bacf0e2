import Foundation

/// Measures the node beside raw SQLite: one JSON line a figure on standard output.
///
/// ```
/// swift run -c release gemba-bench [figure…] [--scale=100]
/// ```
@main
enum Benchmarks {
    private static let figures: [(name: String, measure: @Sendable () throws -> Void)] = [
        ("action", WriteFigures.action),
        ("action16", WriteFigures.action16),
        ("bulk", { try WriteFigures.bulk(.records) }),
        ("bulk-events", { try WriteFigures.bulk(.events) }),
        ("ingest1000", { try SyncFigures.ingest("ingest1000", .records, aChange: 1_000) }),
        ("ingest1000-events", { try SyncFigures.ingest("ingest1000", .events, aChange: 1_000) }),
        ("ingest", { try SyncFigures.ingest("ingest", .records, aChange: 1) }),
        ("ingest-events", { try SyncFigures.ingest("ingest", .events, aChange: 1) }),
        ("wire", { try SyncFigures.wire(.records) }),
        ("nothing-new", SessionFigures.nothingNew),
        ("edits", SyncFigures.edits),
        ("lone", SessionFigures.lone),
        ("lww", NeighbourFigures.lastWriter),
        ("session", NeighbourFigures.session),
        ("memory", MillionFigures.measure),
        ("audit", AuditFigures.beside),
        ("audit-proof", { try AuditFigures.million(scale: scale) }),
        ("station", { try StationFigures.measure(scale: scale) }),
        ("policy", PolicyFigures.measure),
    ]

    /// How much smaller a station is made than it is meant to be.
    private static var scale: Int {
        let options = CommandLine.arguments.filter { $0.hasPrefix(StationFigures.scaleOption) }
        return options.last.flatMap { Int($0.dropFirst(StationFigures.scaleOption.count)) } ?? 1
    }

    /// Figures that come with another one.
    private static let companions = [
        "action-cpu": "action", "action-cpu-above": "action", "disk": "ingest",
        "disk1000": "ingest1000", "lone-answer": "lone", "open": "memory",
        "open-statements": "memory", "open-pages": "memory", "one-new": "nothing-new",
        "nothing-new-million": "memory", "lww-insert": "lww", "lww-merge": "lww",
        "lww-disk": "lww", "session-insert": "session", "session-apply": "session",
        "session-wire": "session", "session-disk": "session", "audit-disk": "audit",
        "audit-verify": "audit-proof", "audit-search": "audit-proof",
    ]

    static func main() throws {
        let companions = companions.merging(StationFigures.names.map { ($0, "station") }) { $1 }
            .merging(PolicyFigures.names.map { ($0, "policy") }) { $1 }
        let arguments = CommandLine.arguments.dropFirst()
            .filter { !$0.hasPrefix(StationFigures.scaleOption) }
        if arguments == [MillionFigures.argument] { return try MillionFigures.run() }
        let known = Set(figures.map(\.name)).union(companions.keys)
        if let unknown = arguments.first(where: { !known.contains($0) }) {
            note("unknown figure \(unknown); known are: \(known.sorted().joined(separator: " "))")
            exit(2)
        }
        let wanted = Set(arguments.map { companions[$0] ?? $0 })
        for (name, measure) in figures where wanted.isEmpty || wanted.contains(name) {
            note("\(name)…")
            try measure()
        }
    }

    /// The bytes of a frame on an encrypted channel: messages of at most 65,518 bytes of it, each
    /// with its length, flags and tag (TCP-5).
    static func encryptedBytes(_ frame: Int) -> Int {
        frame + (frame + 65_517) / 65_518 * 19
    }
}
