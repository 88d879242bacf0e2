import CRDT
import Domain
import Foundation
import SeededRandom
import Simulation
@testable import Storage
import Testing
import Wire

@Suite("Searching the audit")
struct AuditSearchTests {
    private struct Said {
        let number: UInt64
        let kind: AuditKind
        let user: ID
        let entity: UInt32
        let record: ID
        let time: UInt64
    }

    @Test("P8, TV-052: by person, kind, entity, record and time a search finds what a scan finds")
    func filters() throws {
        let node = try SimulatedNode("audit", .hub, site: .zero, kit: TenantKit(), seed: 4)
        let store = node.store
        let said = try acts(13_000, at: store)
        var random = SplitMix64(seed: 8)
        for round in 0..<120 {
            var filter = AuditFilter()
            filter.limit = [1, 20, 5_000][round % 3]
            if random.happens(50) { filter.user = ID(high: 1, low: UInt64(random.below(41))) }
            if random.happens(40) { filter.kind = [.read, .export, .backup][random.below(3)] }
            if random.happens(40) { filter.entity = UInt32(random.below(6)) }
            if random.happens(20) { filter.record = ID(high: 2, low: UInt64(random.below(50))) }
            if random.happens(40) { filter.from = TenantKit.start + UInt64(random.below(13_000)) }
            if random.happens(40) { filter.to = TenantKit.start + UInt64(random.below(13_000)) }
            if random.happens(30) { filter.before = UInt64(random.below(13_100)) }
            // The statements at the founding are of no kind, person or entity that is asked for.
            if filter.user == nil, filter.kind == nil, filter.record == nil { filter.kind = .read }
            let expected = scan(said, filter)
            let page = try store.read { try $0.auditPage(filter) }
            #expect(page.entries.map(\.number) == Array(expected.prefix(filter.limit)), "\(filter)")
            #expect((page.next != nil) == (expected.count > filter.limit))
        }
    }

    @Test("TV-052: pages lead through all entries, each once")
    func pages() throws {
        let node = try SimulatedNode("audit", .hub, site: .zero, kit: TenantKit(), seed: 5)
        _ = try acts(900, at: node.store)
        var filter = AuditFilter()
        filter.kind = .read
        filter.limit = 64
        var met: [UInt64] = []
        repeat {
            let page = try node.store.read { try $0.auditPage(filter) }
            met += page.entries.map(\.number)
            filter.before = page.next
        } while filter.before != nil
        filter.limit = 10_000
        #expect(met == (try node.store.read { try $0.auditPage(filter) }.entries.map(\.number)))
        #expect(Set(met).count == met.count && met.count > 200)
    }

    @Test("FP-132: the changes of a project, of a record and of a person are found")
    func changes() throws {
        let world = try World(seed: 72)
        for _ in 0..<120 { _ = try world.step() }
        #expect(try world.settle())
        let store = world.hub.store
        let all = try store.read { try $0.auditEntries(from: 0, upTo: 100_000) }
        var filter = AuditFilter()
        filter.limit = 10_000
        filter.scope = .subject(World.subjectQ)
        let ofProject = try store.read { try $0.auditPage(filter) }.entries
        let expected = all.filter { $0.change?.scope == filter.scope }
        #expect(ofProject.map(\.number) == expected.map(\.number).reversed())
        #expect(!ofProject.isEmpty)

        filter.scope = nil
        let record = try #require(
            try store.read { try $0.records(of: SimulationSchema.thing, in: .tenant) }.first
        )
        filter.record = record.id
        let ofRecord = try store.read { try $0.auditPage(filter) }.entries
        let positions = try store.read { view in
            try view.entries(
                touching: record.id,
                of: SimulationSchema.thing.number,
                in: .tenant
            ).map(\.origin.position)
        }
        #expect(ofRecord.compactMap(\.change?.position).reversed() == positions)
        filter.record = nil
        filter.entity = SimulationSchema.step.number
        let ofEntity = try store.read { try $0.auditPage(filter) }.entries
        #expect(!ofEntity.isEmpty && ofEntity.count < all.count)
    }

    private func acts(_ count: Int, at store: Store) throws -> [Said] {
        var random = SplitMix64(seed: 9)
        let first = store.auditHead?.size ?? 0
        let kinds: [AuditKind] = [.read, .export, .backup]
        var said: [Said] = []
        for index in 0..<count {
            let kind = kinds[random.below(index % 5 == 0 ? 3 : 1)]
            let person = UInt64(index < 5_000 ? random.below(40) : 3)
            let entity = UInt32(random.below(6))
            let record = ID(high: 2, low: UInt64(random.below(50)))
            let time = TenantKit.start + UInt64(index) - UInt64(random.below(3))
            said.append(
                Said(
                    number: first + UInt64(index),
                    kind: kind,
                    user: ID(high: 1, low: person),
                    entity: entity,
                    record: record,
                    time: time
                )
            )
        }
        let acts = said
        try store.writing { writer throws(StorageError) in
            for act in acts {
                let subject = AuditSubject(user: act.user, entity: act.entity, record: act.record)
                try writer.audit(AuditAct(act.kind, subject, [:]), wallMilliseconds: act.time)
            }
        }
        return said
    }

    /// The plain way, over what was said.
    private func scan(_ said: [Said], _ filter: AuditFilter) -> [UInt64] {
        var found: [Said] = said.reversed()
        if let user = filter.user { found.removeAll { $0.user != user } }
        if let kind = filter.kind { found.removeAll { $0.kind != kind } }
        if let entity = filter.entity { found.removeAll { $0.entity != entity } }
        if let record = filter.record { found.removeAll { $0.record != record } }
        if let from = filter.from { found.removeAll { $0.time < from } }
        if let to = filter.to { found.removeAll { $0.time >= to } }
        if let before = filter.before { found.removeAll { $0.number >= before } }
        return found.map(\.number)
    }
}
