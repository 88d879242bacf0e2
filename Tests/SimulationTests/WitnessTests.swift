import CRDT
import Identity
import Simulation
import Storage
import Sync
import Testing

@testable import Wire

/// trust.md 17, security.md T11 to T13: what a hub that lies about its log comes to.
@Suite("Witnesses")
struct WitnessTests {
    private func codes(_ world: World, _ index: Int) throws -> [LogFault.Code] {
        try world.nodes[index].store.logFaults().map(\.code)
    }

    private func refusal(_ judged: WitnessFrame.Judged?) -> LogFault.Code? {
        guard case .refused(let code, _, _) = judged else { return nil }
        return code
    }

    /// Stations 1 to 4 watch an honest log of 20 entries.
    private func watched() throws -> (World, LyingHub) {
        let world = try World(seed: 17)
        let hub = LyingHub(world.kit, entries: 20)
        for index in 1...4 { try hub.meet(world, index) }
        return (world, hub)
    }

    @Test("a station cosigns what continues, stores it before it answers, and cosigns once")
    func honest() throws {
        let (world, first) = try watched()
        var hub = first
        hub.leaves.append(LyingHub.leaf(20))
        guard case .cosigned(1, 21, let cosignature) = try hub.meet(world, 1) else {
            Issue.record("not cosigned")
            return
        }
        let station = world.nodes[1].store
        let held = try #require(try station.watched()).checkpoint
        #expect(held.checkpoint == hub.checkpoint?.checkpoint)
        #expect(held.cosignatures == [cosignature])
        #expect(cosignature.isSigned(by: station.certificate.signKey, over: held.checkpoint))
        #expect(try hub.meet(world, 1) == nil)
        try world.nodes[1].restart(at: world.now)
        #expect(try world.nodes[1].store.logWatch().held == hub.checkpoint)
        #expect(try codes(world, 1).isEmpty)
    }

    @Test(
        "T11: entries rewritten, cut, moved or put in are found by every station it meets next",
        arguments: ["rewritten", "truncated", "reordered", "inserted", "removed"],
        [0, 5]
    )
    func tampered(how: String, growth: Int) throws {
        let (world, first) = try watched()
        var hub = first
        switch how {
        case "rewritten": hub.leaves[7] = LyingHub.leaf(777)
        case "truncated": hub.leaves.removeLast(6)
        case "reordered": hub.leaves.swapAt(3, 4)
        case "inserted": hub.leaves.insert(LyingHub.leaf(777), at: 11)
        default: hub.leaves.remove(at: 2)
        }
        hub.leaves += (0..<growth).map { LyingHub.leaf(1_000 + $0) }
        let size = hub.leaves.count
        for index in 1...4 {
            let code = refusal(try hub.meet(world, index))
            #expect(code == (size < 20 ? .shrunk : size == 20 ? .twoFaces : .rewritten))
            #expect(try codes(world, index) == [code])
            let watch = try world.nodes[index].store.logWatch()
            #expect(watch.held?.checkpoint.size == 20)
            #expect(try world.nodes[index].store.distrusts(world.hub.store.device))
        }
    }

    @Test("T13: a proof borrowed from the honest tree does not help a rewritten one")
    func borrowed() throws {
        let (world, first) = try watched()
        var hub = first
        hub.provenLeaves = hub.leaves + [LyingHub.leaf(20), LyingHub.leaf(21)]
        hub.leaves = hub.provenLeaves ?? []
        hub.leaves[0] = LyingHub.leaf(777)
        #expect(refusal(try hub.meet(world, 1)) == .rewritten)
    }

    @Test("T12: two faces of one size are found when those who saw them meet, with the proof")
    func twoFaces() throws {
        let (world, hub) = try watched()
        var (one, other) = (hub, hub)
        one.leaves.append(LyingHub.leaf(20))
        other.leaves.append(LyingHub.leaf(777))
        #expect(refusal(try one.meet(world, 1)) == nil)
        #expect(refusal(try other.meet(world, 3)) == nil)
        world.watches = true
        try world.meet(1, 3)
        for index in [1, 3] {
            let fault = try #require(try world.nodes[index].store.logFaults().first)
            #expect(fault.code == .twoFaces && fault.isMark && fault.isOpen)
            let (known, shown) = (try #require(fault.known), try #require(fault.shown))
            #expect(known.isSigned(by: world.kit.logKey.publicKey))
            #expect(shown.isSigned(by: world.kit.logKey.publicKey))
            #expect(known.checkpoint.size == shown.checkpoint.size)
            #expect(known.checkpoint.root != shown.checkpoint.root)
        }
        try world.meet(2, 4)
        #expect(try codes(world, 2).isEmpty)
    }

    @Test("T12: two faces of different sizes are found at the next contact of either with the hub")
    func facesApart() throws {
        for (index, later) in [(1, 0), (3, 1)] {
            let (world, hub) = try watched()
            var faces = [hub, hub]
            faces[0].leaves.append(LyingHub.leaf(20))
            faces[1].leaves += [LyingHub.leaf(777), LyingHub.leaf(778)]
            #expect(refusal(try faces[0].meet(world, 1)) == nil)
            #expect(refusal(try faces[1].meet(world, 3)) == nil)
            world.watches = true
            try world.meet(1, 3)
            #expect(try codes(world, 1).isEmpty && codes(world, 3).isEmpty)
            faces[later].leaves += [LyingHub.leaf(30), LyingHub.leaf(31)]
            #expect(refusal(try faces[later].meet(world, index)) == .rewritten)
        }
    }

    @Test("what two stations saw of an honest log at two sizes is settled by the hub's next proof")
    func settled() throws {
        let (world, first) = try watched()
        var hub = first
        hub.leaves.append(LyingHub.leaf(20))
        try hub.meet(world, 1)
        world.watches = true
        try world.meet(1, 3)
        #expect(try world.nodes[3].store.logWatch().claims.map(\.checkpoint.size) == [21])
        #expect(try world.nodes[1].store.logWatch().claims.map(\.checkpoint.size) == [20])
        hub.leaves.append(LyingHub.leaf(21))
        for index in [1, 3] {
            #expect(refusal(try hub.meet(world, index)) == nil)
            #expect(try world.nodes[index].store.logWatch().claims.isEmpty)
            #expect(try codes(world, index).isEmpty)
        }
    }

    @Test("a checkpoint under another key, of another tenant or epoch is a fault of the hub")
    func foreign() throws {
        let (world, hub) = try watched()
        var other = hub
        other.key = world.kit.operatorKey
        other.leaves.append(LyingHub.leaf(20))
        #expect(refusal(try other.meet(world, 1)) == .badSignature)
        other = hub
        other.epoch = 2
        #expect(refusal(try other.meet(world, 2)) == .wrongEpoch)
        #expect(try codes(world, 2) == [.wrongEpoch])
        #expect(try world.nodes[3].store.logFaults().isEmpty)
    }

    @Test("bytes that are no answer at all are a fault, and nothing of them reaches the session")
    func garbage() throws {
        let (world, _) = try watched()
        let station = world.nodes[1]
        var exchange = WitnessExchange(
            store: station.store,
            peer: world.hub.store.certificate,
            wall: { TenantKit.start }
        )
        #expect(exchange.take([0x51, 9]).isEmpty)
        #expect(try codes(world, 1).isEmpty)
        _ = exchange.start()
        #expect(exchange.take([0x51, 9]).isEmpty)
        #expect(try codes(world, 1) == [.badSignature])
        #expect(exchange.isSettled)
    }

    @Test("a neighbour that lies about the log says nothing of the hub")
    func lyingNeighbour() throws {
        let (world, hub) = try watched()
        var other = hub
        other.key = world.kit.operatorKey
        other.leaves[3] = LyingHub.leaf(777)
        let lie = try #require(other.checkpoint)
        #expect(try world.nodes[1].store.compare(lie, wallMilliseconds: world.now) == nil)
        #expect(try codes(world, 1).isEmpty)
        #expect(try world.nodes[1].store.logWatch().claims.isEmpty)
    }

    @Test("a later proof ends the mark, but not that of two faces")
    func healed() throws {
        let (world, first) = try watched()
        var hub = first
        let honest = hub
        hub.leaves.removeLast(6)
        try hub.meet(world, 1)
        let device = world.hub.store.device
        #expect(try world.nodes[1].store.distrusts(device))
        hub = honest
        hub.leaves.append(LyingHub.leaf(20))
        #expect(refusal(try hub.meet(world, 1)) == nil)
        #expect(try !world.nodes[1].store.distrusts(device))
        #expect(try world.nodes[1].store.logFaults().map(\.isOpen) == [true])
        hub.leaves[20] = LyingHub.leaf(777)
        #expect(refusal(try hub.meet(world, 1)) == .twoFaces)
        hub.leaves[20] = LyingHub.leaf(20)
        hub.leaves.append(LyingHub.leaf(21))
        #expect(refusal(try hub.meet(world, 1)) == nil)
        #expect(try world.nodes[1].store.distrusts(device))
    }

    @Test("WIT-11: an epoch that the root opened is taken, and ends every mark")
    func newEpoch() throws {
        let (world, first) = try watched()
        var hub = first
        let cited = try #require(hub.checkpoint)
        hub.leaves.removeLast(6)
        try hub.meet(world, 1)
        let device = world.hub.store.device
        let log = world.hub.store.authority
        let statement = Statement(
            tenant: world.kit.tenant,
            number: log.number + 1,
            previous: log.lastHash,
            authorityEpoch: 1,
            issued: max(world.now, log.signedTime),
            payload: .logEpoch(2, checkpoint: cited.checkpoint.hash)
        )
        let signed = Cosigned(signing: statement, with: [world.kit.root])
        hub.epoch = 2
        hub.authority = log.number + 1
        // The log is behind the hub's: nothing is judged yet.
        #expect(try hub.meet(world, 1) == nil)
        #expect(
            try world.nodes[1].store.adopt(
                roots: [],
                statements: [signed],
                wallMilliseconds: world.now
            ) == nil
        )
        #expect(refusal(try hub.meet(world, 1)) == .wrongEpoch)
        #expect(try world.nodes[1].store.distrusts(device))
        hub.cited = cited
        #expect(refusal(try hub.meet(world, 1)) == nil)
        #expect(try !world.nodes[1].store.distrusts(device))
        #expect(try world.nodes[1].store.logWatch().held?.checkpoint.origin.epoch == 2)
    }
}
