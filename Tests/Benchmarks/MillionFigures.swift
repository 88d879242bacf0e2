import CRDT
import Foundation
import Simulation
import Storage
import Wire

/// Figures of a store with a million records, taken in a process of its own.
enum MillionFigures {
    static let argument = "--million"
    private static let rows = 1_000_000

    /// Starts the process and hands on what it prints.
    static func measure() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
        process.arguments = [argument]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Device.Refused() }
    }

    /// A hub ingests a million rows of a station that writes them; both lie in this process.
    static func run() throws {
        let folder = try Folder("million")
        let kit = try TenantKit()
        let station = try Device(.station, kit, in: folder, seed: 1)
        let hub = try Device(.hub, kit, in: folder, seed: 2)
        let small = try Device(.hub, kit, in: folder, seed: 3)
        var entries = TimeEntries(seed: 1)
        var position: Int64 = 0
        var (sent, received) = (ChunkStreams(), ChunkStreams())
        for part in 0..<rows / 10_000 {
            // A device writes no more than so much a day (SYNC-23).
            let wall = Device.wall + UInt64(part / 20) * 86_400_000
            for _ in 0..<10 { try station.write(entries.next(1_000).map(\.creation), at: wall) }
            try station.forEachChunk(after: position, by: &sent) {
                try hub.ingest($0, from: station, by: &received, at: wall)
            }
            position = station.store.position
        }
        try Figure.size("memory", try peakMebibytes(), "MiB", raw: nil).emit()
        try SessionFigures.equal("nothing-new-million", station, hub)
        for _ in 0..<10 { try small.write(entries.next(100).map(\.creation)) }
        try open(hub, beside: small)
    }

    /// What it takes to open the million, beside a store of a thousand.
    private static func open(_ hub: Device, beside small: Device) throws {
        hub.store.close()
        small.store.close()
        var (ours, raw) = (Tally(), Tally())
        for _ in 0..<10 {
            try raw.measure(1) { try small.reopened().close() }
            try ours.measure(1) { try hub.reopened().close() }
        }
        try Figure(
            figure: "open",
            value: ours.seconds * 100,
            unit: "ms",
            raw: raw.seconds * 100,
            ratio: raw.seconds / ours.seconds
        ).emit()
        let (few, many) = try (costs(small), costs(hub))
        try Figure.size(
            "open-statements",
            Double(many.statements),
            "statements",
            raw: Double(few.statements)
        ).emit()
        try Figure.size("open-pages", Double(many.pages), "pages", raw: Double(few.pages)).emit()
    }

    /// Statements run and pages read by an opening.
    private static func costs(_ device: Device) throws -> (statements: Int, pages: Int) {
        let store = try device.reopened()
        defer { store.close() }
        let costs = try store.costs()
        return (costs.statements, costs.pagesRead)
    }

    private static func peakMebibytes() throws -> Double {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let number = line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first
        return Double(number ?? "0").map { $0 / 1_024 } ?? 0
    }
}
