import CRDT
import Domain
import SeededRandom
import Simulation
import Storage
import Testing

/// A look-up finds what a scan would, filtered: whatever came, in whatever order, and whatever
/// statements set aside or released.
@Suite("Indexes")
struct IndexLawTests {
    @Test("FP-054, FP-064, TV-008, TV-141: look-ups find what scans do after refolds and releases")
    func histories() throws {
        var (found, aside, running) = (0, Int64(0), 0)
        for seed in 1...12 as ClosedRange<UInt64> {
            let world = try play(seed: seed)
            for node in world.nodes {
                found += try compare(node, seed)
                running += try compareHours(node, seed)
                #expect(try node.store.verify { _ in }.faults == [], "seed \(seed)")
            }
            #expect(try world.settle(), "seed \(seed)")
            for node in world.nodes { found += try compare(node, seed) }
            #expect(try world.hub.store.verify { _ in }.faults == [], "seed \(seed)")
            aside += try world.hub.store.status().excluded
        }
        #expect(found > 500 && aside > 0 && running > 0, "\(found), \(aside), \(running)")
    }

    @Test("indexes that are declared later find what was there before, and those gone leave no row")
    func declaredLater() throws {
        let world = try World(seed: 77, schema: SimulationSchema.schema)
        for _ in 0..<60 {
            _ = try world.step()
            if world.history.random.happens(20) { try world.meetAtRandom() }
        }
        for node in world.nodes {
            try node.restart(at: world.now, as: IndexedSchema.schema)
            #expect(try node.store.verify { _ in }.faults == [])
        }
        var found = 0
        for node in world.nodes { found += try compare(node, 77) }
        #expect(found > 20)
        let hub = world.hub
        try hub.restart(at: world.now, as: SimulationSchema.schema)
        #expect(try hub.store.verify { _ in }.faults == [])
        let lookUp = LookUp(IndexedSchema.byTitle, of: IndexedSchema.thing, [.text("w1")])
        #expect(throws: StorageError.self) {
            try hub.store.read { try $0.records(lookUp, in: .tenant) }
        }
    }

    // MARK: - Play

    private func play(seed: UInt64) throws -> World {
        let world = try World(seed: 40_000 + seed, schema: IndexedSchema.schema)
        world.attests = true
        var random = SplitMix64(seed: seed)
        if random.happens(50) { world.nodes[1 + random.below(4)].clockError = 7_200_000 }
        for step in 0..<90 {
            _ = try world.step()
            if random.happens(50) {
                try hours(at: world.nodes[1 + random.below(2)], &random, world)
            }
            if random.happens(25) { try world.meetAtRandom() }
            if random.happens(18) { try rule(world, &random) }
            if step == 45, random.happens(60) { try world.revoke(world.nodes[1 + random.below(4)]) }
        }
        return world
    }

    private static let people = (1...3).map { ID(high: 0x9e, low: $0) }

    private func hours(
        at node: SimulatedNode,
        _ random: inout SplitMix64,
        _ world: World
    ) throws {
        let scope = Scope.site(World.siteA)
        let held = try node.store.read { try $0.events(of: HoursEvent.entity, in: scope) }
        let reading = ClockReading(
            wall: Int64(world.now) + Int64(random.below(1_000)),
            monotonic: 0,
            boot: .zero,
            quality: .synchronized
        )
        let person = Self.people[random.below(3)]
        var event = HoursEvent(.start(reading), person: person, activity: .work)
        if random.happens(45), !held.isEmpty {
            let entry = held[random.below(held.count)]
            // Now and then somebody else's name, or an entry that is none.
            let owner = random.happens(80) ? HoursEvent(entry.fields).person : person
            event = HoursEvent(.stop(entry: entry.id, reading), person: owner ?? person)
        }
        let operation = event.operation()
        world.now += 1_000
        _ = try node.store.act(History.actor, wallMilliseconds: node.wall(world.now)) { _ in
            var draft = Draft()
            draft.add(operation, in: scope)
            return draft
        }
    }

    private func rule(_ world: World, _ random: inout SplitMix64) throws {
        let scopes = try world.hub.store.digests().map(\.scope)
        guard !scopes.isEmpty else { return }
        let scope = scopes[random.below(scopes.count)]
        let changes = try NaiveScope(scope, of: world.hub.store).changes
        guard !changes.isEmpty else { return }
        let change = changes[random.below(changes.count)]
        try world.rule(Ruling.allCases[random.below(3)], on: [change.point], in: scope)
    }

    // MARK: - Look-ups against scans

    private func compare(_ node: SimulatedNode, _ seed: UInt64) throws -> Int {
        try node.store.read { view in
            var count = 0
            let scopes = try view.scopes()
            for entity in [IndexedSchema.thing, IndexedSchema.named] {
                for index in entity.indexes {
                    for value in Self.values {
                        let lookUp = LookUp(index, of: entity, [value], limit: 3)
                        var expected: Set<ID> = []
                        var found: [ID] = []
                        for scope in scopes {
                            expected.formUnion(try scan(view, lookUp, value, in: scope))
                            guard index.reach == .scope else { continue }
                            found += try pages { try view.records($0, in: scope) }(lookUp).map(\.id)
                        }
                        if index.reach == .store {
                            found = try pages(view.records)(lookUp).map(\.record.id)
                        }
                        let words = "seed \(seed): \(node.name), \(entity.name) by \(index.name)"
                        #expect(Set(found) == expected && found.count == expected.count, "\(words)")
                        count += found.count
                    }
                }
            }
            for scope in scopes { count += try compareSteps(view, scope, seed) }
            for word in ["w1", "W", "pass", "w2 w3"] {
                count += try compareSearch(view, word, seed)
            }
            return count
        }
    }

    /// Values of the fields of histories, and some that are none.
    private static let values: [Value] =
        (0..<6).map { .text("w\($0)") } + ["W1", "PASS", "FAIL", "NEWER", "w"].map(Value.text)

    private func scan(
        _ view: View,
        _ lookUp: LookUp,
        _ value: Value,
        in scope: Scope
    ) throws -> [ID] {
        try view.records(of: lookUp.entity, in: scope)
            .filter { !$0.isDeleted }
            .filter { record in
                lookUp.index.rows(of: record.fields).contains { row in
                    row.first.map { $0 == lookUp.index.parts[0].compared(value) } ?? false
                }
            }
            .map(\.id)
    }

    /// All that a look-up finds, page by page.
    private func pages<Item>(
        _ read: @escaping (LookUp) throws -> Page<Item>
    ) -> (LookUp) throws -> [Item] {
        { lookUp in
            var (lookUp, items): (LookUp, [Item]) = (lookUp, [])
            while true {
                let page = try read(lookUp)
                items += page.items
                guard let next = page.next else { return items }
                lookUp.after = next
            }
        }
    }

    private func compareSteps(_ view: View, _ scope: Scope, _ seed: UInt64) throws -> Int {
        let entity = IndexedSchema.step
        var lookUp = LookUp(IndexedSchema.byWord, of: entity, limit: 2)
        lookUp.from = .text("w2")
        lookUp.below = .text("w4")
        lookUp.isDescending = true
        let found = try pages { try view.events($0, in: scope) }(lookUp)
        let expected = try view.events(of: entity, in: scope).filter { event in
            event.exclusion == nil && ["w2", "w3"].contains(event.fields.text(2))
        }
        #expect(found.map(\.id).sorted() == expected.map(\.id).sorted(), "seed \(seed)")
        let words = found.compactMap { $0.fields.text(2) }
        #expect(words == words.sorted(by: >), "seed \(seed)")
        return found.count
    }

    /// What a search for words finds, of records and events alike.
    private func compareSearch(_ view: View, _ typed: String, _ seed: UInt64) throws -> Int {
        let words = typed.lowercased().split(separator: " ").map(String.init)
        func fits(_ fields: Fields, _ entity: Entity) -> Bool {
            let texts = entity.searched.flatMap { searched in
                fields.text(searched.field).map { [$0] } ?? Array(fields.texts(searched.field))
            }
            return words.allSatisfy { word in
                texts.contains { $0.lowercased().hasPrefix(word) }
            }
        }
        var expected: Set<ID> = []
        for scope in try view.scopes() {
            for entity in [IndexedSchema.thing, IndexedSchema.named] {
                for record in try view.records(of: entity, in: scope)
                where !record.isDeleted && fits(record.fields, entity) {
                    expected.insert(record.id)
                }
            }
            for event in try view.events(of: IndexedSchema.step, in: scope)
            where event.exclusion == nil && fits(event.fields, IndexedSchema.step) {
                expected.insert(event.id)
            }
        }
        let found = try view.search(SearchTerms(typed), limit: 1_000).map(\.id)
        #expect(Set(found) == expected && found.count == expected.count, "seed \(seed): \(typed)")
        return found.count
    }

    /// Who has started and not stopped, by a fold of all hours.
    private func compareHours(_ node: SimulatedNode, _ seed: UInt64) throws -> Int {
        let scope = Scope.site(World.siteA)
        return try node.store.read { view in
            let events = try view.events(of: HoursEvent.entity, in: scope)
            let entries = events.map { event in
                Stream.Entry(
                    HoursEvent(event.fields),
                    rank: event.rank,
                    index: event.index,
                    after: event.after
                )
            }
            let sheet = Timesheet(entries, corrections: [])
            var count = 0
            for person in Self.people {
                let running = LookUp(HoursEvent.running, of: HoursEvent.entity, [.id(person)])
                let found = try view.events(running, in: scope).items.map(\.id)
                let expected = sheet.entries(of: person).filter(\.isRunning).map(\.id)
                #expect(found.sorted() == expected.sorted(), "seed \(seed), \(node.name)")
                let began = LookUp(HoursEvent.byPerson, of: HoursEvent.entity, [.id(person)])
                let starts = try view.events(began, in: scope).items.map(\.id)
                #expect(starts.sorted() == sheet.entries(of: person).map(\.id).sorted())
                count += found.count
            }
            let people = Set(sheet.entries.compactMap(\.person))
            let known = try view.firstIDs(
                of: HoursEvent.byPerson,
                of: HoursEvent.entity,
                in: scope
            )
            #expect(Set(known) == people && known == known.sorted())
            return count
        }
    }
}
