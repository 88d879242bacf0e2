import CRDT
import Domain
import Foundation
import SeededRandom
import Simulation
import Storage
import Testing
import Wire

/// What a row costs on a disk and on a wire: bytes counted, not time measured.
///
/// The row is a time entry of 129 packed bytes, as in the benchmarks: four ids, two times, a kind,
/// a task, a note and a flag.
@Suite("Sizes")
struct SizeTests {
    private static let entry = Entity(
        1_101,
        "time_entry",
        in: [.site],
        form: .entity(key: []),
        fields: [
            (Field.Kind.id, "person"), (.id, "subject"), (.id, "stage"), (.integer, "start"),
            (.integer, "end"), (.text, "kind"), (.text, "task"), (.text, "note"),
            (.bool, "billable"),
        ]
        .enumerated().map { Field(UInt32($0) + 1, $1.1, $1.0) }
    )
    private static let schema = Schema(
        version: 1,
        entities: [entry, Opening.entity, Opened.entity]
    )
    private static let scope = Scope.site(World.siteA)
    private static let rows = 1_500

    /// A station that wrote rows, one a change, and how long each of its commits was given.
    private struct Site {
        let kit: TenantKit
        let station: SimulatedNode
        var random = SplitMix64(seed: 4)
        var now = TenantKit.start
        private let ids: [[ID]]

        init() throws {
            kit = try TenantKit()
            station = try SimulatedNode(
                "sizes",
                .station,
                site: World.siteA,
                kit: kit,
                seed: 1,
                schema: SizeTests.schema
            )
            var random = SplitMix64(seed: 3)
            ids = [40, 200, 12].map { count in
                (0..<count).map { _ in ID(high: random.next(), low: random.next()) }
            }
        }

        mutating func row() -> CRDT.Operation {
            now += UInt64(random.below(20_000))
            let words = ["bolt", "late", "side", "case", "done", "weld", "left", "part"]
            let note = (0..<5).map { _ in words[random.below(8)] }.joined(separator: " ") + "."
            let values: [Value] =
                ids.map { .id($0[random.below($0.count)]) } + [
                    .integer(Int64(now)), .integer(Int64(now) + Int64(random.below(14_400_000))),
                    .text(["assembly", "painting", "grinding", "shipping"][random.below(4)]),
                    .text("TSK-\(10_000_000 + random.below(90_000_000))"), .text(note),
                    .bool(random.happens(80)),
                ]
            let edits = values.enumerated().map {
                FieldEdit(UInt32($0) + 1, .write($1, replacing: []))
            }
            return Operation(SizeTests.entry.number, .new, edits: edits)
        }

        mutating func write(_ count: Int) throws {
            for _ in 0..<count { try write([row()]) }
        }

        func write(_ operations: [CRDT.Operation]) throws {
            _ = try station.store.act(History.actor, wallMilliseconds: now) { _ in
                var draft = Draft()
                draft.add(operations, in: SizeTests.scope)
                return draft
            }
        }

        /// The frames that carry what lies above a position, and the bytes of them.
        func frames(
            after: Int64,
            _ streams: inout ChunkStreams
        ) throws -> (chunks: [Chunk], bytes: Int) {
            var (chunks, bytes, position) = ([Chunk](), 0, after)
            var introduced: Set<ID> = after > 0 ? [station.store.replica] : []
            while true {
                let read = try station.store.readChunk(
                    of: SizeTests.scope,
                    after: position,
                    upTo: station.store.position,
                    lacking: nil,
                    known: [:],
                    introduced: introduced
                )
                introduced.insert(station.store.replica)
                position = read.position
                let chunk = Chunk(scope: SizeTests.scope, items: read.items)
                // Each frame has 19 bytes of length, flags and tag on an encrypted channel.
                let frame = Frame.chunk(try streams.pack(chunk, upTo: 2))
                bytes += frame.encoded().count + 19
                chunks.append(chunk)
                if read.isComplete { return (chunks, bytes) }
            }
        }
    }

    /// The bytes of a store's file with nothing in its write-ahead log.
    private func file(_ node: SimulatedNode, at now: UInt64) throws -> Int {
        try node.restart(at: now)
        let path = node.place.directory + "/gemba.sqlite"
        return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    @Test("a row costs at most 260 bytes of disk where it was written, 340 at a hub with its entry")
    func disk() throws {
        var site = try Site()
        let hub = try SimulatedNode(
            "sizes-hub",
            .hub,
            site: .zero,
            kit: site.kit,
            seed: 2,
            schema: Self.schema
        )
        let empty = try [site.station, hub].map { try file($0, at: site.now) }
        try site.write(Self.rows)
        _ = try Meeting(site.station, hub, now: site.now, seed: 1).run()
        for (index, limit) in [260.0, 340].enumerated() {
            let (node, before) = ([site.station, hub][index], empty[index])
            let bytes = try Double(file(node, at: site.now) - before) / Double(Self.rows)
            #expect(bytes < limit, "\(node.name): \(bytes)")
        }
    }

    @Test("a row costs at most 45 bytes of a first sync, one that comes alone 180")
    func wire() throws {
        var site = try Site()
        try site.write(Self.rows)
        var streams = ChunkStreams()
        let first = try site.frames(after: 0, &streams)
        #expect(Double(first.bytes) / Double(Self.rows) < 45, "\(first.bytes)")

        var alone = 0
        for _ in 0..<20 {
            let position = site.station.store.position
            try site.write(1)
            alone += try site.frames(after: position, &streams).bytes
        }
        #expect(alone / 20 < 180, "\(alone / 20)")
    }

    @Test("an edit of one field costs at most 16 bytes where many are made at once")
    func edits() throws {
        var site = try Site()
        try site.write((0..<1_000).map { _ in site.row() })
        var streams = ChunkStreams()
        _ = try site.frames(after: 0, &streams)
        let position = site.station.store.position
        let records = try site.station.store.read {
            try $0.records(of: Self.entry, in: Self.scope)
        }
        let edits = records.shuffled(using: &site.random).map { record in
            let value = Value.integer(Int64(site.now) + Int64(site.random.below(1_000_000_000)))
            let edit = FieldEdit(5, .write(value, replacing: record.names(5)))
            return Operation(Self.entry.number, .existing(record.id), edits: [edit])
        }
        try site.write(edits)
        let bytes = try site.frames(after: position, &streams).bytes
        #expect(bytes / 1_000 < 16, "\(bytes)")
    }
}
