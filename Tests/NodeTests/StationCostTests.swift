import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing
import Wire

/// What people's questions cost a station, in rows and statements, however much it holds.
@Suite("Costs of a station")
struct StationCostTests {
    private let small: Filled
    private let large: Filled

    /// A station after some work.
    private struct Filled {
        let node: LocalNode
        let year: StationYear
        private let devices: [SimulatedNode]

        init(_ size: StationYear.Size, seed: UInt64) throws {
            let kit = try TenantKit()
            let site = ID(high: 0xa, low: 1)
            let station = try SimulatedNode(
                "station",
                .station,
                site: site,
                kit: kit,
                seed: seed,
                schema: Catalogue.schema
            )
            let hub = try SimulatedNode(
                "hub",
                .hub,
                site: .zero,
                kit: kit,
                seed: seed + 1,
                schema: Catalogue.schema
            )
            var year = StationYear(size, at: site, of: station.store.tenant)
            try year.fill(station.store, from: hub.store)
            self.year = year
            devices = [station, hub]
            node = LocalNode(
                station.store,
                wall: { TenantKit.start + 40 * 86_400_000 },
                chance: Chance(seed: seed)
            )
            while try node.refreshLists() {}
        }

        /// What a question costs when it is asked again.
        func cost(_ ask: (Filled) throws -> Void) throws -> ReadCosts {
            try ask(self)
            let before = node.store.readCosts()
            try ask(self)
            return node.store.readCosts() - before
        }
    }

    init() throws {
        small = try Filled(
            StationYear.Size(projects: 40, timeEvents: 2_000, measurements: 480),
            seed: 1
        )
        large = try Filled(
            StationYear.Size(projects: 320, timeEvents: 16_000, measurements: 3_840),
            seed: 3
        )
    }

    /// Asks both stations, and holds the larger to what the smaller needs.
    private func compare(_ name: String, _ ask: (Filled) throws -> Void) throws {
        let (few, many) = (try small.cost(ask), try large.cost(ask))
        #expect(few.rows > 0, "\(name)")
        #expect(many.rows <= few.rows + few.rows / 4 + 8, "\(name): \(many) for \(few)")
        #expect(
            many.statements <= few.statements + few.statements / 4 + 8,
            "\(name): \(many), \(few)"
        )
        #expect(many.steps <= few.steps * 2 + 2_000, "\(name): \(many) for \(few)")
    }

    @Test("FP-079: a page of a list costs the same beside eight times the projects")
    func list() throws {
        try compare("list") { filled in
            var query = ProjectQuery()
            query.limit = 20
            let shown = try filled.node.projects(query).rows
            #expect(shown.count == 20)
        }
        try compare("the page after") { filled in
            var query = ProjectQuery()
            query.limit = 10
            query.after = try filled.node.projects(query).next
            let shown = try filled.node.projects(query).rows
            #expect(shown.count == 10)
        }
        try compare("list of a stage") { filled in
            var query = ProjectQuery()
            query.limit = 5
            query.stage = "delivery"
            let shown = try filled.node.projects(query).rows
            #expect(shown.count == 5)
        }
        try compare("list of what is late") { filled in
            var query = ProjectQuery()
            query.limit = 5
            query.isLate = true
            let shown = try filled.node.projects(query).rows
            #expect(shown.count == 5)
        }
    }

    @Test("FP-054, FP-064: a project by its number costs the same beside eight times the projects")
    func detail() throws {
        try compare("detail") { filled in
            let number = StationYear.projectNumber(7)
            let shown = try filled.node.project(number)
            #expect(shown.rows.count >= 9)
        }
        try compare("inspections") { filled in
            let number = StationYear.projectNumber(7)
            let shown = try filled.node.inspections(of: number)
            #expect(shown.first?.items.count == 12)
        }
    }

    @Test("TV-008: hours of a person in a period cost what they show")
    func hours() throws {
        try compare("hours") { filled in
            // The same entries of one person in both, whatever the others did.
            let first = filled.year.start(ofEntry: 5)
            let last = filled.year.start(ofEntry: 405)
            let hours = try filled.node.hours(of: StationYear.username(5), in: first..<(last + 1))
            #expect(hours.entries.count == 3)
        }
    }

    @Test("FP-173: a search costs what it shows")
    func search() throws {
        try compare("search") { filled in
            var request = SearchRequest(StationYear.projectNumber(7))
            request.limit = 10
            let shown = try filled.node.search(request)
            #expect(shown.hits.first?.kind == "project")
        }
    }

    @Test("TV-008: the hours of a site of late, and a sheet of a week, cost what they show")
    func hoursOfASite() throws {
        try compare("hours of everybody in a period") { filled in
            let first = filled.year.start(ofEntry: 0)
            let last = filled.year.start(ofEntry: 20)
            let hours = try filled.node.hours(in: first..<(last + 1))
            #expect(hours.entries.count == 21)
        }
        try compare("what runs") { filled in
            let (_, entries) = try filled.node.openHours(longerThan: 1)
            #expect(entries.isEmpty)
        }
    }

    @Test("what waits to be settled is found without reading what is well")
    func conflicts() throws {
        func cost(_ filled: Filled) throws -> ReadCosts {
            try filled.cost { filled in
                // Long after: hours of so long ago are looked through only where all are asked for.
                let later = LocalNode(
                    filled.node.store,
                    wall: { TenantKit.start + 400 * 86_400_000 },
                    chance: Chance(seed: 9)
                )
                let found = try later.conflicts()
                #expect(found.isEmpty)
            }
        }
        let (few, many) = (try cost(small), try cost(large))
        #expect(many.statements == few.statements, "\(many) for \(few)")
        // The scopes that are held are listed: a row for each subject, and nothing of it.
        let more = large.year.size.projects - small.year.size.projects
        #expect(many.rows <= few.rows + more, "\(many) for \(few)")
    }

    @Test("names of people are read once, however many views show them")
    func names() throws {
        for filled in [small, large] {
            let cost = try filled.cost { filled in
                let name = try filled.node.read { try Nicknames($0) }.user(StationYear.person(9))
                #expect(name == StationYear.username(9))
            }
            #expect(cost.rows <= 2 && cost.statements <= 5, "\(cost)")
        }
    }

    @Test("what is acted on is found without a scan: who acts, and what")
    func acting() throws {
        try compare("names") { filled in
            let user = try filled.node.read { try $0.user(named: StationYear.username(9)) }
            #expect(user.fields.id(User.user) == StationYear.person(9))
        }
    }
}
