import CRDT
import Domain
import Simulation
@testable import Storage
import Testing
import Wire

@Suite("Quotas of a day, SYNC-23")
struct QuotaTests {
    private static let day: UInt64 = 86_400_000

    @Test("a quota takes all or nothing, and once it is spent nothing until the next day")
    func value() {
        var bytes = Quota(day: 1)
        let taken = [Quota.bytesMax - 1, 1, 1, 0].map { bytes.take(bytes: $0, newScopes: 0) }
        #expect(taken == [true, true, false, false])
        #expect(bytes.isSpent && bytes.bytes == Quota.bytesMax)

        var scopes = Quota(day: 1)
        let opened = [Quota.scopesMax, 1].map { scopes.take(bytes: 0, newScopes: $0) }
        #expect(opened == [true, false])
        var huge = Quota(day: 1, bytes: 1)
        let isTaken = huge.take(bytes: .max, newScopes: 0)
        #expect(!isTaken)
        #expect(Quota.day(of: Self.day) == 1 && Quota.day(of: Self.day - 1) == 0)
    }

    private func scope(_ number: UInt64) -> Scope { .subject(ID(high: 0x99, low: number)) }

    private func write(in number: UInt64, by node: SimulatedNode, at time: UInt64) throws {
        let scope = scope(number)
        _ = try node.store.act(History.actor, wallMilliseconds: time) { _ in
            let edit = FieldEdit(1, .write(.text("\(number)"), replacing: []))
            var draft = Draft()
            draft.add(Operation(SimulationSchema.thing.number, .new, edits: [edit]), in: scope)
            return draft
        }
    }

    private func send(
        _ number: UInt64,
        from node: SimulatedNode,
        to other: SimulatedNode,
        at time: UInt64
    ) throws -> Ingested {
        let items = try node.store.readChunk(
            of: scope(number),
            after: 0,
            upTo: node.store.position,
            lacking: Frontier(),
            known: [:],
            introduced: []
        ).items
        return try other.store.ingest(
            Chunk(scope: scope(number), items: items),
            from: node.store.device,
            wallMilliseconds: time
        )
    }

    @Test("a device opens 256 scopes a day, here and at whoever hears of it; others go on")
    func scopes() throws {
        let world = try World(seed: 90)
        let (writer, other, receiver) = (world.nodes[1], world.nodes[2], world.hub)
        let now = world.now / Self.day * Self.day + Self.day
        for number in 1...Quota.scopesMax { try write(in: number, by: writer, at: now) }
        let over = Quota.scopesMax + 1
        let refused = #expect(throws: StorageError.self) {
            try write(in: over, by: writer, at: now + 1)
        }
        #expect(refused?.code == .overQuota)
        try write(in: over, by: writer, at: now + Self.day)
        try write(in: 1, by: writer, at: now + Self.day)

        for number in 1...Quota.scopesMax {
            #expect(try send(number, from: writer, to: receiver, at: now).refused.isEmpty)
        }
        let late = try send(over, from: writer, to: receiver, at: now)
        #expect(late.refused.map(\.code) == [Quota.refusalCode] && !late.isOrderBroken)
        try write(in: over, by: other, at: now)
        #expect(try send(over, from: other, to: receiver, at: now).refused.isEmpty)

        let next = try send(over, from: writer, to: receiver, at: now + Self.day)
        #expect(next.refused.isEmpty && next.count == 1)
    }

    @Test("64 MiB a day are counted over many actions, small ones too, and over a restart")
    func bytes() throws {
        let node = try World(seed: 91).nodes[1]
        let now = TenantKit.start / Self.day * Self.day + Self.day
        func write(texts: Int) throws {
            _ = try node.store.act(History.actor, wallMilliseconds: now) { _ in
                let text = Value.text(String(repeating: "x", count: 48_000))
                let edit = FieldEdit(1, .write(text, replacing: []))
                let thing = Operation(SimulationSchema.thing.number, .new, edits: [edit])
                var draft = Draft()
                draft.add([CRDT.Operation](repeating: thing, count: texts), in: scope(1))
                return draft
            }
        }
        // 21 texts are just below a body's limit.
        for _ in 0..<65 { try write(texts: 21) }
        try node.restart(at: now)
        // What is left takes some thirty texts, one by one.
        var written = 0
        let refused = #expect(throws: StorageError.self) {
            while written < 60 {
                try write(texts: 1)
                written += 1
            }
        }
        #expect(refused?.code == .overQuota)
        #expect((25...35).contains(written), "\(written)")
    }
}
