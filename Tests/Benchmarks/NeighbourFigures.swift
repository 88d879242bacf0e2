import Foundation
import Wire

/// Figures of what others do with the same rows, beside raw inserts in the same run.
enum NeighbourFigures {
    private static let batches = 100
    private static let rows = 100_000

    /// A last-writer-wins table with a log: inserts, merges, bytes a row.
    static func lastWriter() throws {
        let folder = try Folder("lww")
        let table = try RawTable(at: folder.path + "/raw.sqlite")
        let author = try LastWriterTable(at: folder.path + "/author.sqlite")
        let reader = try LastWriterTable(at: folder.path + "/reader.sqlite")
        var entries = TimeEntries(seed: 1)
        var (raw, inserts, merges) = (Tally(), Tally(), Tally())
        for _ in 0..<batches {
            let batch = entries.next(rows / batches)
            try raw.measure(batch.count) { try table.insert(batch) }
            try inserts.measure(batch.count) { try author.insert(batch) }
            try merges.measure(batch.count) { try reader.merge(batch) }
        }
        try Figure.rate("lww-insert", inserts, raw: raw).emit()
        try Figure.rate("lww-merge", merges, raw: raw).emit()
        author.close()
        reader.close()
        table.close()
        try disk("lww-disk", folder, reader.path, table.path)
    }

    /// SQLite's session extension: inserts with their changesets, applying, bytes a row.
    static func session() throws {
        let folder = try Folder("session")
        guard let author = try ChangesetTable(at: folder.path + "/author.sqlite"),
            let reader = try ChangesetTable(at: folder.path + "/reader.sqlite")
        else { return note("this build of SQLite has no session extension") }
        let table = try RawTable(at: folder.path + "/raw.sqlite")
        var entries = TimeEntries(seed: 1)
        var (raw, inserts, merges, bytes) = (Tally(), Tally(), Tally(), 0)
        for _ in 0..<batches {
            let batch = entries.next(rows / batches)
            try raw.measure(batch.count) { try table.insert(batch) }
            var changeset: [UInt8] = []
            try inserts.measure(batch.count) { changeset = try author.insert(batch) }
            try merges.measure(batch.count) { try reader.apply(changeset) }
            bytes += try Zstd.compress(changeset, .sent).count
        }
        try Figure.rate("session-insert", inserts, raw: raw).emit()
        try Figure.rate("session-apply", merges, raw: raw).emit()
        let size = Double(bytes) / Double(rows)
        try Figure.size("session-wire", size, "B/row", raw: Double(TimeEntry.packedBytes)).emit()
        author.close()
        reader.close()
        table.close()
        try disk("session-disk", folder, reader.path, table.path)
    }

    private static func disk(
        _ figure: String,
        _ folder: Folder,
        _ path: String,
        _ raw: String
    ) throws {
        let (ours, theirs) = try (folder.bytes(of: path), folder.bytes(of: raw))
        try Figure.size(
            figure,
            Double(ours) / Double(rows),
            "B/row",
            raw: Double(theirs) / Double(rows)
        ).emit()
    }
}
