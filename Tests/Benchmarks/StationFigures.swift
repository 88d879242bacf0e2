import CRDT
import Domain
import Foundation
import Node
import Simulation
import Storage
import Wire

/// What people's questions cost a station after years: 100,000 sub-stages, 1,000,000 time events,
/// 500,000 measurements.
enum StationFigures {
    static let names = [
        "list", "detail", "hours", "search", "conflicts", "permission", "refusal", "directory",
        "fold",
    ]

    /// `--scale=100` makes a hundredth of it, which takes seconds.
    static let scaleOption = "--scale="

    /// Builds the station and asks it.
    static func measure(scale: Int) throws {
        let folder = try Folder("station")
        let kit = try TenantKit()
        let (site, scale) = (ID(high: 0xa, low: 1), max(1, scale))
        let station = try store(.station, site, kit, in: folder, seed: 1)
        let hub = try store(.hub, .zero, kit, in: folder, seed: 2)
        let size = StationYear.Size(
            projects: max(20, 3_704 / scale),
            timeEvents: max(800, 1_000_000 / scale),
            measurements: max(240, 500_000 / scale)
        )
        var year = StationYear(size, at: site, of: station.tenant)
        var filling = Tally()
        try filling.measure(size.timeEvents + size.measurements) {
            try year.fill(station, from: hub)
        }
        note("a station of \(size) in \(Int(filling.seconds)) s")
        let node = LocalNode(
            station,
            wall: { TenantKit.start + 100 * 86_400_000 },
            chance: Chance(seed: 1)
        )
        var listing = Tally()
        try listing.measure(1) { while try node.refreshLists() {} }
        note("lists made in \(listing.seconds) s")
        try StationQuestions(node: node, year: year).ask()
        station.close()
        hub.close()
    }

    private static func store(
        _ kind: Certificate.Kind,
        _ site: ID,
        _ kit: TenantKit,
        in folder: Folder,
        seed: UInt64
    ) throws -> Store {
        let chance = Chance(seed: seed)
        return try Store.create(
            try kit.founding(kind, site: site, chance: chance),
            at: Store.Place(
                directory: "\(folder.path)/\(seed)/data",
                stateRoot: "\(folder.path)/\(seed)/state",
                machine: Array("machine".utf8)
            ),
            schema: Catalogue.schema,
            wallMilliseconds: TenantKit.start,
            chance: chance
        )
    }
}

/// What a station is asked, each a few hundred times, about other things every time.
private struct StationQuestions {
    let node: LocalNode
    let year: StationYear

    private static let times = 400

    func ask() throws {
        try figure("list") { number in
            var query = ProjectQuery()
            query.limit = 50
            switch number % 4 {
            case 0: query.stage = "production"
            case 1: query.assignedTo = StationYear.username(number % StationYear.people)
            case 2: query.isLate = true
            default: break
            }
            _ = try node.projects(query).rows
        }
        try figure("detail") { number in
            let project = (number * 7_919) % year.size.projects
            _ = try node.progress(of: StationYear.projectNumber(project)).json.text
        }
        try figure("hours") { number in
            let entry = (number * 104_729) % (year.size.timeEvents / 2)
            let first = year.start(ofEntry: entry)
            let person = StationYear.username(entry % StationYear.people)
            let week = first..<(first + 7 * 86_400_000)
            _ = try node.hours(of: person, in: week).json.text
        }
        let words = ["dong co", "検査", "pump", "PRJ-00012", "12", "sealed", "waits", "van 77"]
        try figure("search") { number in
            _ = try node.search(SearchRequest(words[number % words.count])).hits
        }
        try figure("conflicts") { _ in _ = try node.conflicts() }
        try permission()
        try fold()
    }

    /// A question's times, and the rows and statements of one on an average.
    private func figure(_ name: String, _ ask: (Int) throws -> Void) throws {
        for number in 0..<8 { try ask(number) }
        let before = node.store.readCosts()
        let milliseconds = try (0..<Self.times).map { number in
            var tally = Tally()
            try tally.measure(1) { try ask(number) }
            return tally.seconds * 1_000
        }
        .sorted()
        let costs = node.store.readCosts() - before
        try emit(name, milliseconds, "ms")
        try Figure.size("\(name)-rows", Double(costs.rows) / Double(Self.times), "rows", raw: nil)
            .emit()
        try Figure.size(
            "\(name)-statements",
            Double(costs.statements) / Double(Self.times),
            "statements",
            raw: nil
        ).emit()
    }

    private func emit(_ name: String, _ sorted: [Double], _ unit: String) throws {
        for (part, place) in [("p50", 50), ("p99", 99)] {
            let value = sorted[min(sorted.count - 1, sorted.count * place / 100)]
            try Figure.size("\(name)-\(part)", value, unit, raw: nil).emit()
        }
    }

    /// What a command asks once it has the directory, which it keeps while that stays as it is.
    ///
    /// It is how the person stands today, and one act. What is allowed is a figure of its own, and
    /// what is refused, with the words for whoever is refused.
    private func permission() throws {
        let policy = try node.policy()
        let now = try node.occasion()
        let user = StationYear.person(7)
        let acts = Act.allCases
        let allowed = acts.filter { policy.allows(Policy.Request($0, by: user, at: now)) }
        let refused = acts.filter { !allowed.contains($0) }
        guard !allowed.isEmpty, !refused.isEmpty else {
            return note("nobody could be asked: a person may do all or nothing")
        }
        for (name, acts) in [("permission", allowed), ("refusal", refused)] {
            let microseconds = (0..<Self.times * 10).map { number in
                var tally = Tally()
                tally.measure(1) {
                    let standing = Standing(user: user, in: policy, at: now)
                    _ = try? acts[number % acts.count].check(standing)
                }
                return tally.microseconds
            }
            .sorted()
            try emit(name, microseconds, "us")
        }
        try figure("directory") { _ in _ = try node.policy() }
    }

    /// The sub-stages of a project from its events.
    private func fold() throws {
        let projects = try (0..<20).map { number in
            try node.project(StationYear.projectNumber(number * year.size.projects / 20))
        }
        let milliseconds = (0..<Self.times).map { number in
            var tally = Tally()
            tally.measure(1) { _ = projects[number % projects.count].rows }
            return tally.seconds * 1_000
        }
        .sorted()
        try emit("fold", milliseconds, "ms")
    }
}
