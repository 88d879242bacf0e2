import CRDT
import Domain
import Foundation
import SeededRandom
import Simulation
import Storage
import Sync
import Wire

/// Figures of a hub that takes in the rows of a station.
enum SyncFigures {
    /// A station with rows, and an empty hub, or another station of its site.
    private struct Pair {
        let folder: Folder
        let station: Device
        let hub: Device
        let rows: Int
        let batches: [[TimeEntry]]

        init(
            _ name: String,
            _ form: Form,
            rows: Int,
            aChange size: Int,
            to kind: Certificate.Kind = .hub
        ) throws {
            folder = try Folder(name)
            let kit = try TenantKit()
            station = try Device(.station, kit, in: folder, seed: 1)
            hub = try Device(kind, kit, in: folder, seed: 2)
            self.rows = rows
            var entries = TimeEntries(seed: 1)
            batches = (0..<rows / size).map { _ in entries.next(size) }
            for batch in batches { try station.write(batch.map(form.operation)) }
        }
    }

    private static func name(_ figure: String, _ form: Form) -> String {
        form == .records ? figure : "\(figure)-events"
    }

    /// Verified, durable merge, raw inserts of the same rows in between; at a node that keeps no
    /// audit.
    static func ingest(_ figure: String, _ form: Form, aChange size: Int) throws {
        let pair = try Pair(
            figure,
            form,
            rows: size == 1 ? 50_000 : 100_000,
            aChange: size,
            to: .station
        )
        let table = try RawTable(at: pair.folder.path + "/raw.sqlite")
        var chunks: [EncodedChunk] = []
        var (sent, received) = (ChunkStreams(), ChunkStreams())
        try pair.station.forEachChunk(by: &sent) { chunks.append($0) }
        let merging = try LastWriterTable(at: pair.folder.path + "/lww.sqlite")
        var (ours, raw, merges) = (Tally(), Tally(), Tally())
        var rest = Array(pair.batches.joined())[...]
        let share = pair.rows / chunks.count + 1
        for chunk in chunks {
            let rows = rest.prefix(share)
            rest = rest.dropFirst(share)
            for start in stride(from: rows.startIndex, to: rows.endIndex, by: 1_000) {
                let batch = Array(rows[start..<min(start + 1_000, rows.endIndex)])
                try raw.measure(batch.count) { try table.insert(batch) }
                try merges.measure(batch.count) { try merging.merge(batch) }
            }
            try ours.measure(0) { try pair.hub.ingest(chunk, from: pair.station, by: &received) }
        }
        ours.count(pair.rows)
        merging.close()
        try Figure.rate(name(figure, form), ours, raw: raw).emit()
        try Figure.rate(name("\(figure)-lww", form), ours, raw: merges).emit()
        try disk(name(size == 1 ? "disk" : "disk1000", form), pair, table)
    }

    /// The file of the hub after all rows, beside the file of the raw table.
    private static func disk(_ figure: String, _ pair: Pair, _ table: RawTable) throws {
        pair.hub.store.close()
        table.close()
        let ours = Double(try pair.folder.bytes(of: pair.hub.file)) / Double(pair.rows)
        let raw = Double(try pair.folder.bytes(of: table.path)) / Double(pair.rows)
        try Figure.size(figure, ours, "B/row", raw: raw).emit()
    }

    /// Encrypted bytes a row of a first sync, one row a change.
    static func wire(_ form: Form) throws {
        let pair = try Pair("wire", form, rows: 100_000, aChange: 1)
        let bytes = try encryptedBytes(of: pair.station, after: 0)
        try Figure.size(
            name("wire", form),
            Double(bytes) / Double(pair.rows),
            "B/row",
            raw: Double(TimeEntry.packedBytes)
        ).emit()
    }

    private static func encryptedBytes(of device: Device, after: Int64) throws -> Int {
        var bytes = 0
        var streams = ChunkStreams()
        try device.forEachChunk(after: after, by: &streams) { chunk in
            bytes += Benchmarks.encryptedBytes(Frame.chunk(chunk).encoded().count)
        }
        return bytes
    }

    /// Encrypted bytes a one-field edit, a thousand a change, of records chosen by chance.
    static func edits() throws {
        let pair = try Pair("edits", .records, rows: 100_000, aChange: 1_000)
        let start = pair.station.store.position
        let entity = BenchmarkSchema.entry
        let records = try pair.station.store.read { try $0.records(of: entity, in: Device.scope) }
        var random = SplitMix64(seed: 3)
        var order = records.indices.map { $0 }
        order.shuffle(using: &random)
        for place in stride(from: 0, to: order.count, by: 1_000) {
            let operations = order[place..<place + 1_000].map { index in
                let record = records[index]
                let value = Value.integer(1_763_700_000_000 + Int64(random.below(1_000_000_000)))
                let edit = FieldEdit(5, .write(value, replacing: record.names(5)))
                return CRDT.Operation(entity.number, .existing(record.id), edits: [edit])
            }
            try pair.station.write(operations)
        }
        let bytes = try encryptedBytes(of: pair.station, after: start)
        try Figure.size("edits", Double(bytes) / Double(order.count), "B/edit", raw: nil).emit()
    }
}
