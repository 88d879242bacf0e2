import CRDT
import Foundation
import Simulation
import Storage
import Wire

/// Figures of people writing at a station.
enum WriteFigures {
    /// One durable action after another: on a real disk, where the system writes what the commit
    /// dirtied, and in memory, where the program's own work is all there is.
    static func action() throws {
        try action("action", isOnDisk: true)
        try action("action-in-memory", isOnDisk: false)
    }

    private static func action(_ figure: String, isOnDisk: Bool) throws {
        let folder = try Folder("action", isOnDisk: isOnDisk)
        let device = try Device(.station, try TenantKit(), in: folder, seed: 1)
        let table = try RawTable(at: folder.path + "/raw.sqlite")
        var entries = TimeEntries(seed: 1)
        // A hundred thousand rows first: the write-ahead logs have grown and begun anew, as those
        // of a station at work have.
        for _ in 0..<100 {
            let rows = entries.next(1_000)
            try table.insert(rows)
            try device.write(rows.map(\.creation))
        }
        var (ours, raw) = (Tally(), Tally())
        for _ in 0..<30 {
            let rows = entries.next(20)
            try raw.measure(20) { for row in rows { try table.insert([row]) } }
            let operations = rows.map(\.creation)
            try ours.measure(20) {
                for operation in operations { try device.write([operation]) }
            }
        }
        try Figure.rate(figure, ours, raw: raw).emit()
        try Figure(
            figure: "\(figure)-cpu",
            value: ours.processorMicroseconds,
            unit: "µs",
            raw: raw.processorMicroseconds,
            ratio: raw.processorMicroseconds / ours.processorMicroseconds
        ).emit()
        try Figure(
            figure: "\(figure)-cpu-above",
            value: ours.processorMicroseconds - raw.processorMicroseconds,
            unit: "µs"
        ).emit()
    }

    /// Sixteen threads that act at once: how many actions share a commit, and their speed.
    static func action16() throws {
        let folder = try Folder("action16", isOnDisk: true)
        let device = try Device(.station, try TenantKit(), in: folder, seed: 1)
        let table = try RawTable(at: folder.path + "/raw.sqlite")
        var entries = TimeEntries(seed: 1)
        var raw = Tally()
        let rows = entries.next(300)
        try raw.measure(rows.count) { for row in rows { try table.insert([row]) } }
        let (writers, each) = (16, 100)
        let work = (0..<writers).map { _ in entries.next(each).map(\.creation) }
        let before = try device.store.costs()
        var ours = Tally()
        ours.measure(writers * each) { runTogether(work, device) }
        let commits = try device.store.costs().commits - before.commits
        try Figure.rate("action16", ours, raw: raw).emit()
        try Figure(
            figure: "action16-per-commit",
            value: Double(writers * each) / Double(commits),
            unit: "actions"
        ).emit()
    }

    private static func runTogether(_ work: [[CRDT.Operation]], _ device: Device) {
        let group = DispatchGroup()
        for operations in work {
            group.enter()
            let thread = Thread {
                for operation in operations {
                    do {
                        try device.write([operation])
                    } catch {
                        note("an action failed: \(error)")
                    }
                }
                group.leave()
            }
            thread.start()
        }
        group.wait()
    }

    /// A thousand rows a change, a change a commit.
    static func bulk(_ form: Form) throws {
        let folder = try Folder("bulk")
        let device = try Device(.station, try TenantKit(), in: folder, seed: 1)
        let table = try RawTable(at: folder.path + "/raw.sqlite")
        var entries = TimeEntries(seed: 1)
        var (ours, raw) = (Tally(), Tally())
        for _ in 0..<100 {
            let rows = entries.next(1_000)
            let operations = rows.map(form.operation)
            try raw.measure(rows.count) { try table.insert(rows) }
            try ours.measure(rows.count) { try device.write(operations) }
        }
        try Figure.rate(form == .records ? "bulk" : "bulk-events", ours, raw: raw).emit()
    }
}
