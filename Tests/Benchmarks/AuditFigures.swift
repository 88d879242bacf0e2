import CRDT
import Foundation
import Simulation
import Storage
import Wire

/// Figures of a hub's audit.
enum AuditFigures {
    private static let rows = 50_000

    /// Changes of one row that a hub takes in, beside a station that keeps no audit; in turns.
    static func beside() throws {
        let folder = try Folder("audit")
        let kit = try TenantKit()
        let author = try Device(.station, kit, in: folder, seed: 1)
        let hub = try Device(.hub, kit, in: folder, seed: 2)
        let station = try Device(.station, kit, in: folder, seed: 3)
        var entries = TimeEntries(seed: 1)
        for _ in 0..<rows { try author.write(entries.next(1).map(\.creation)) }
        var (sent, atHub, atStation) = (ChunkStreams(), ChunkStreams(), ChunkStreams())
        var (with, without) = (Tally(), Tally())
        try author.forEachChunk(by: &sent) { chunk in
            try without.measure(0) { try station.ingest(chunk, from: author, by: &atStation) }
            try with.measure(0) { try hub.ingest(chunk, from: author, by: &atHub) }
        }
        with.count(rows)
        without.count(rows)
        try Figure.rate("audit", with, raw: without).emit()
        hub.store.close()
        station.store.close()
        try Figure.size(
            "audit-disk",
            Double(try folder.bytes(of: hub.file)) / Double(rows),
            "B/row",
            raw: Double(try folder.bytes(of: station.file)) / Double(rows)
        ).emit()
    }

    /// Proofs, a search and a check of a million entries, nine in ten of them of changes.
    static func million(scale: Int) throws {
        let folder = try Folder("audit-million")
        let kit = try TenantKit()
        let author = try Device(.station, kit, in: folder, seed: 1)
        let hub = try Device(.hub, kit, in: folder, seed: 2)
        try fill(hub, from: author, count: 1_000_000 / scale)
        guard let head = hub.store.auditHead else { throw Device.Refused() }
        var proofs = Tally()
        for round in 0..<UInt64(1_000) {
            let number = round &* 0x9e37_79b9_7f4a_7c15 % head.size
            try proofs.measure(1) {
                let proof = try hub.store.inclusionProof(of: number, in: head.size)
                guard proof?.index == number else { throw Device.Refused() }
            }
        }
        try Figure.size("audit-proof", proofs.microseconds / 1_000, "ms", raw: nil).emit()
        var filter = AuditFilter()
        filter.user = ID(high: 77, low: 3)
        filter.kind = .export
        var searches = Tally()
        for _ in 0..<20 {
            try searches.measure(1) {
                let page = try hub.store.read { try $0.auditPage(filter) }
                guard !page.entries.isEmpty else { throw Device.Refused() }
            }
        }
        try Figure.size("audit-search", searches.microseconds / 1_000, "ms", raw: nil).emit()
        var check = Tally()
        try check.measure(1) {
            let report = try hub.store.verifyAudit()
            guard report.faults.isEmpty, report.entries == head.size else { throw Device.Refused() }
        }
        try Figure.size("audit-verify", check.seconds, "s", raw: nil).emit()
    }

    private static func fill(_ hub: Device, from author: Device, count: Int) throws {
        var entries = TimeEntries(seed: 1)
        var (sent, received) = (ChunkStreams(), ChunkStreams())
        var position: Int64 = 0
        let part = 9_000
        for round in 0..<count / 10_000 {
            // A device writes no more than so much a day (SYNC-23).
            let wall = Device.wall + UInt64(round / 20) * 86_400_000
            for _ in 0..<part { try author.write(entries.next(1).map(\.creation), at: wall) }
            try author.forEachChunk(after: position, by: &sent) {
                try hub.ingest($0, from: author, by: &received, at: wall)
            }
            position = author.store.position
            for number in 0..<1_000 {
                let user = ID(high: 77, low: UInt64(number % 100))
                let kind: AuditKind = number % 500 == 3 ? .export : .read
                try hub.store.record(
                    AuditAct(kind, AuditSubject(user: user), ["rows": "\(number)"]),
                    wallMilliseconds: wall
                )
            }
        }
    }
}
