import CRDT
import Domain
import Identity
import Simulation
@testable import Storage
import Testing
import Wire

/// What a peer sends is stored, or refused with the code that every node gives (CHG-14 to CHG-17).
@Suite("Ingestion")
struct IngestionTests {
    private static let scope = Scope.subject(World.subjectP)

    /// A station's whole feed as one chunk, and a hub that has none of it.
    private struct Delivery {
        let world: World
        var items: [Chunk.Item]

        init(seed: UInt64, changes: Int = 5) throws {
            world = try World(seed: seed)
            let station = world.nodes[1]
            for number in 0..<changes {
                let edit = FieldEdit(1, .write(.text("\(number)"), replacing: []))
                let operation = Operation(SimulationSchema.thing.number, .new, edits: [edit])
                _ = try station.store.act(
                    History.actor,
                    wallMilliseconds: world.now + UInt64(number)
                ) { _ in
                    var draft = Draft()
                    draft.add(operation, in: IngestionTests.scope)
                    return draft
                }
            }
            items = try Self.read(station.store)
        }

        static func read(_ store: Store) throws -> [Chunk.Item] {
            try store.readChunk(
                of: IngestionTests.scope,
                after: 0,
                upTo: store.position,
                lacking: Frontier(),
                known: [:],
                introduced: []
            ).items
        }

        var run: Run {
            get {
                for case .run(let run) in items { return run }
                preconditionFailure("a delivery holds a run")
            }
            set {
                items = items.map { item in
                    if case .run = item { .run(newValue) } else { item }
                }
            }
        }

        func ingest(_ items: [Chunk.Item]? = nil) throws -> Ingested {
            try world.hub.store.ingest(
                Chunk(scope: IngestionTests.scope, items: items ?? self.items),
                from: world.nodes[1].store.device,
                wallMilliseconds: world.now
            )
        }
    }

    private func code(_ ingested: Ingested) -> Inadmissible? {
        ingested.refused.first.flatMap { Inadmissible(rawValue: $0.code) }
    }

    @Test("adjacent runs travel as one, under the last signature, and arrive whole")
    func arrives() throws {
        let delivery = try Delivery(seed: 60)
        #expect(delivery.run.bodies.count == 6)
        #expect(try delivery.ingest().count == 6)
        #expect(try delivery.world.hub.store.verify { _ in }.faults == [])
    }

    @Test("sent again, in part or whole, nothing is new")
    func idempotent() throws {
        var delivery = try Delivery(seed: 61)
        #expect(try delivery.ingest().count == 6)
        #expect(try delivery.ingest() == Ingested())
        delivery.run.bodies.removeFirst(2)
        delivery.run.sequence += 2
        #expect(try delivery.ingest() == Ingested())
        #expect(delivery.world.hub.store.position > 0)
    }

    @Test("a run that begins below what is held adds what is new")
    func overlaps() throws {
        let delivery = try Delivery(seed: 62)
        _ = try delivery.ingest()
        let station = delivery.world.nodes[1]
        _ = try station.store.act(History.actor, wallMilliseconds: delivery.world.now + 99) { _ in
            var draft = Draft()
            let edit = FieldEdit(1, .write(.text("later"), replacing: []))
            draft.add(
                Operation(SimulationSchema.thing.number, .new, edits: [edit]),
                in: Self.scope
            )
            return draft
        }
        let ingested = try delivery.ingest(try Delivery.read(station.store))
        #expect(ingested.count == 1 && ingested.refused.isEmpty)
    }

    @Test("a changed body, a foreign signature and a missing one are forgeries")
    func forged() throws {
        var delivery = try Delivery(seed: 63)
        let honest = delivery.run
        delivery.run.bodies[2][20] ^= 1
        #expect(code(try delivery.ingest()) == .badSignature)
        delivery.run = honest
        delivery.run.signature[5] ^= 1
        #expect(code(try delivery.ingest()) == .badSignature)
        delivery.run = honest
        delivery.run.signature = []
        #expect(code(try delivery.ingest()) == .malformed)
        let traces = try delivery.world.hub.store.reading { connection throws(StorageError) in
            try connection.prepare("SELECT count(*) FROM scope WHERE position = 0")
                .first { $0.integer(0) }
        }
        #expect(traces == 0, "of the scope in which nothing came to be held")
        delivery.run = honest
        #expect(try delivery.ingest().count == 6)
    }

    @Test("a run without its binding waits; with the binding of a stranger it is unbound")
    func unbound() throws {
        let delivery = try Delivery(seed: 64)
        let foreign = try TenantKit(seed: 2)
        let stranger = try SimulatedNode(
            "stranger",
            .station,
            site: World.siteA,
            kit: foreign,
            seed: 4
        )
        let runs = delivery.items.filter { if case .run = $0 { true } else { false } }
        #expect(code(try delivery.ingest(runs)) == .unbound)
        let binding = Binding(
            statement: Signed(
                signing: try replica(of: stranger),
                with: stranger.store.keys.sign
            ),
            certificate: stranger.store.signedCertificate
        )
        #expect(code(try delivery.ingest([.binding(binding)] + runs)) == .unbound)
        #expect(try delivery.ingest().count == 6)
    }

    private func replica(of node: SimulatedNode) throws -> ReplicaStatement {
        ReplicaStatement(
            tenant: node.store.tenant,
            device: node.store.device,
            replica: node.store.replica,
            incarnation: 1,
            signKey: node.store.keys.sign.publicKey,
            certificate: node.store.certificate.hash,
            previousReplica: .zero,
            reason: .first,
            opened: TenantKit.start
        )
    }

    @Test("a commit that was undone forgets the bindings it met: the same chunk is taken again")
    func undone() throws {
        let delivery = try Delivery(seed: 68)
        let hub = delivery.world.hub.store
        let chunk = Chunk(scope: Self.scope, items: delivery.items)
        let now = delivery.world.now
        #expect(throws: StorageError.self) {
            try hub.write { writer in
                _ = try writer.ingest(chunk, from: ID(high: 1, low: 1), wallMilliseconds: now)
                throw StorageError(.full, "the disk is full")
            }
        }
        #expect(hub.position == 0)
        #expect(try delivery.ingest().count == 6)
    }

    @Test("a gap is refused, and is no gap once what was missing has come")
    func gap() throws {
        var delivery = try Delivery(seed: 65)
        let honest = delivery.run
        delivery.run.bodies.removeFirst(3)
        delivery.run.sequence += 3
        #expect(code(try delivery.ingest()) == .brokenChain)
        delivery.run = honest
        #expect(try delivery.ingest().count == 6)
    }

    @Test("a scope that the author may not write is refused, whoever carries it")
    func notWritable() throws {
        let delivery = try Delivery(seed: 66)
        let station = delivery.world.nodes[1]
        let binding = delivery.items.compactMap { item in
            if case .binding(let binding) = item { binding } else { nil }
        }[0]
        let verified = try station.store.authority.verify(binding)
        let feed = Change.Feed(
            tenant: station.store.tenant,
            scope: .tenant,
            replica: station.store.replica
        )
        let body = Body(
            time: HybridTime(milliseconds: delivery.world.now),
            authority: 1,
            user: ID(high: 7, low: 7),
            login: 1,
            method: .secretInLogin,
            schema: 1,
            operations: []
        )
        let start = FeedTip.beginning(of: feed, statement: verified.statement.hash)
        let change = Change(feed: feed, sequence: 1, previous: start.hash, body: body.encoded())
        let message = Change.signedBytes(feed: feed, sequence: 1, hash: change.hash)
        let run = Run(
            replica: station.store.replica,
            sequence: 1,
            previous: nil,
            bodies: [change.body],
            signature: station.store.keys.sign.sign(message)
        )
        let ingested = try delivery.world.hub.store.ingest(
            Chunk(scope: .tenant, items: [.binding(binding), .run(run)]),
            from: station.store.device,
            wallMilliseconds: delivery.world.now
        )
        let refused = code(ingested)
        #expect(refused == .scopeNotWritable || refused == .malformed)
        #expect(try delivery.world.hub.store.refusals().count == 1)
    }

    @Test("what names a write that is not held breaks the order, and is not stored")
    func brokenOrder() throws {
        let world = try World(seed: 67)
        let (early, late) = (world.nodes[1], world.nodes[2])
        try #require(try world.settle())
        let edit = FieldEdit(1, .write(.text("first"), replacing: []))
        let first = try early.store.act(History.actor, wallMilliseconds: world.now) { _ in
            var draft = Draft()
            draft.add(Operation(SimulationSchema.thing.number, .new, edits: [edit]), in: Self.scope)
            return draft
        }
        try world.meet(1, 2)
        let id = ID(createdAt: first.stamp, index: 0)
        let name = Name(first.stamp, hash: first.changes[0].hash.prefix)
        let before = late.store.position
        _ = try late.store.act(History.actor, wallMilliseconds: world.now) { _ in
            var draft = Draft()
            let edit = FieldEdit(1, .write(.text("second"), replacing: [name]))
            draft.add(
                Operation(SimulationSchema.thing.number, .existing(id), edits: [edit]),
                in: Self.scope
            )
            return draft
        }
        let chunk = try late.store.readChunk(
            of: Self.scope,
            after: before,
            upTo: late.store.position,
            lacking: Frontier(),
            known: [:],
            introduced: []
        )
        let held = world.hub.store.position
        let ingested = try world.hub.store.ingest(
            Chunk(scope: Self.scope, items: chunk.items),
            from: late.store.device,
            wallMilliseconds: world.now
        )
        #expect(ingested.isOrderBroken)
        #expect(world.hub.store.position == held)
        try world.meet(1, 0)
        try world.meet(2, 0)
        #expect(try world.differences().filter { !$0.contains("b") } == [])
    }
}
