import Bytes
import CRDT
import Testing

@testable import Wire

@Suite("Transfer form")
struct TransferFormTests {
    @Test("runs share one table of ids and one chain of stamps (SYNC-14)")
    func sharedTable() throws {
        let replica = ID(high: 1, low: 1)
        let first = body(1_000, user: replica)
        let second = body(1_001, user: ID(high: 2, low: 2))
        var references: References? = References()
        var writer = Writer()

        try writer.run(run(replica, [first, second]), by: &references)
        let start = writer.bytes.count
        try writer.run(run(ID(high: 2, low: 2), [first]), by: &references)

        let tail: [UInt8] = [0, 0, 0, 1, 1, 0]
        let fields = [0] + replica.bytes + [9, 0, 2]
        let opening = fields + [1, 0xd0, 15, 0, 1] + tail + [1, 2, 0, 0]
        #expect(writer.bytes.starts(with: opening + ID(high: 2, low: 2).bytes + tail))
        #expect(writer.bytes[start...].starts(with: [2, 9, 0, 1, 1, 1, 0, 1] + tail))
    }

    @Test("every run has one transfer form, whatever its bodies hold")
    func oneEncoding() throws {
        for seed in 0..<4 {
            var arbitrary = Arbitrary(seed: UInt64(seed))
            let bodies = [arbitrary.body().encoded(), [7, 7], arbitrary.body().encoded()]
            var references: References? = References()
            var writer = Writer()
            try writer.run(run(arbitrary.id(), bodies), by: &references)

            expectOneEncoding(writer.bytes, step: 4) { try reencoded($0) }
        }
    }

    @Test("names keep any distance from the stamp, and any replica")
    func names() throws {
        var references: References? = References()
        references?.stamp = 5
        let names = [UInt64.min, 4, 5, 6, .max].map {
            Name(Stamp(HybridTime(raw: $0), ID(high: $0, low: 1)), hash: $0)
        }
        var writer = Writer()
        writer.names(names, by: &references)

        var fresh: References? = References()
        fresh?.stamp = 5
        var reader = Reader(writer.bytes)
        #expect(try reader.names("names", by: &fresh) == names)
    }

    @Test("an id that has a number is not spelled out, and no number is invented")
    func numbers() {
        let id = ID(high: 1, low: 1)
        let spelled: [UInt8] = [0] + id.bytes

        #expect(throws: Never.self) { try ids(2, from: spelled + [1]) }
        #expect(throws: Malformed.self) { try ids(2, from: spelled + spelled) }
        #expect(throws: Malformed.self) { try ids(2, from: spelled + [2]) }
        #expect(throws: Malformed.self) { try ids(1, from: [1]) }
        let farthest = [UInt8](repeating: 0xff, count: 9) + [1]
        #expect(throws: Malformed.self) { try ids(1, from: farthest) }
    }

    @Test("the table holds 65,535 ids; later ones are spelled out each time")
    func fullTable() {
        var references = References()
        for number in 1...65_535 {
            references.mention(ID(high: 0, low: UInt64(number)))
        }
        let late = ID(high: 1, low: 1)

        let isNew = [references.mention(late), references.mention(late)]

        #expect(isNew == [true, true])
        #expect(references.number(of: late) == nil)
        #expect(references.number(of: ID(high: 0, low: 65_535)) == 65_535)
        #expect(references.id(at: 65_536) == nil)
    }

    private func ids(_ count: Int, from bytes: [UInt8]) throws {
        var references: References? = References()
        var reader = Reader(bytes)
        for _ in 0..<count {
            _ = try reader.id("id", by: &references)
        }
    }

    private func reencoded(_ bytes: [UInt8]) throws -> [UInt8] {
        var references: References? = References()
        var reader = Reader(bytes)
        var room = Limits.chunkBodyBytesMax
        let run = try reader.run(by: &references, room: &room)
        try reader.end("run")
        var fresh: References? = References()
        var writer = Writer()
        try writer.run(run, by: &fresh)
        return writer.bytes
    }

    private func run(_ replica: ID, _ bodies: [[UInt8]]) -> Run {
        Run(
            replica: replica,
            sequence: 9,
            previous: nil,
            bodies: bodies,
            signature: [UInt8](repeating: 1, count: 64)
        )
    }

    private func body(_ time: UInt64, user: ID) -> [UInt8] {
        Body(
            time: HybridTime(raw: time),
            authority: 0,
            user: user,
            login: 0,
            method: .machine,
            schema: 0,
            operations: [Operation(0, .new, edits: [])]
        ).encoded()
    }
}
