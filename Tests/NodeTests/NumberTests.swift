import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// Human numbers from leases (C-20).
@Suite("Numbers")
struct NumberTests {
    private let firm: Firm

    init() throws { firm = try Firm() }

    @discardableResult
    private func create(_ station: Station, _ title: String = "Bracket") throws -> String {
        var new = NewProject(title)
        new.workflow = "Default Workflow"
        if station.name == "HUB" { new.sites = ["HCM"] }
        return try station.node.project("\(create(new, at: station))").number
    }

    private func create(_ new: NewProject, at station: Station) throws -> ID {
        try station.node.create(new, by: station.actor("pham.thi.d"))
    }

    /// The station asks, the hub grants, the station has it.
    private func lease(_ station: Station) throws {
        try station.node.performDuties()
        try firm.meet(station, firm.hub)
        try firm.hub.node.performDuties()
        try firm.meet(station, firm.hub)
    }

    private func standing(_ station: Station) throws -> NumberStanding? {
        try station.node.numbers().first
    }

    @Test("FP-057 C-20: a station takes the next number of its lease, offline, in six digits")
    func leased() throws {
        try lease(firm.st1)
        try lease(firm.st3)

        #expect(try create(firm.st1) == "PRJ-000124")
        #expect(try create(firm.st1) == "PRJ-000125")
        #expect(try create(firm.st3) == "PRJ-000174")
        #expect(try standing(firm.st1)?.total == 50 && standing(firm.st1)?.used == 2)
        let project = try firm.st1.node.project("PRJ-000124")
        #expect(!project.isNumberProvisional)
        try firm.meetAll()
        try firm.hub.node.performDuties()
        try firm.meetAll()
        for station in [firm.hub, firm.st1] {
            let fields = try station.node.project("PRJ-000124").record.fields
            #expect(fields.text(Project.humanNumber) == "PRJ-000124")
        }
        #expect(try create(firm.hub) == "PRJ-000224")
    }

    @Test("C-20: without numbers a label with the site's code is given, and replaced by the hub")
    func label() throws {
        let label = try create(firm.st1)
        #expect(label.hasPrefix("PRJ-HCM-"))
        #expect(try firm.st1.node.project(label).isNumberProvisional)
        #expect(try standing(firm.st1)?.isWaiting == true && standing(firm.st1)?.next == nil)

        try firm.meet(firm.st1, firm.hub)
        let duties = try firm.hub.node.performDuties()
        #expect(duties.numbered == 1 && duties.leases == 1)
        #expect(try firm.hub.node.performDuties().isEmpty)
        try firm.meet(firm.st1, firm.hub)

        let project = try firm.st1.node.project(label)
        #expect(project.number == "PRJ-000124" && !project.isNumberProvisional)
        #expect(try create(firm.st1) == "PRJ-000174")
    }

    @Test("C-20: at 80 percent the station warns and asks; the hub grants by itself")
    func warning() throws {
        let actor = try firm.hub.actor("nguyen.van.a")
        let replica = firm.st1.node.store.replica
        try firm.hub.node.grantNumbers(
            of: .projects,
            count: 5,
            to: replica,
            at: "HCM",
            by: actor
        )
        try firm.meet(firm.st1, firm.hub)
        for expected in [false, false, false, true] {
            try create(firm.st1)
            #expect(try standing(firm.st1)?.isLow == expected)
            #expect(try standing(firm.st1)?.isWaiting == expected)
        }
        let words = try Health(of: firm.st1.node).findings.first { $0.subject == "numbers" }
        #expect(words?.grade == .warning)
        #expect(
            words?.text == "4 of 5 PRJ- numbers are used, PRJ-000128 is next; "
                + "more are asked for: meet the hub"
        )

        try firm.meet(firm.st1, firm.hub)
        #expect(try firm.hub.node.performDuties().leases == 1)
        try firm.meet(firm.st1, firm.hub)
        #expect(try create(firm.st1) == "PRJ-000128")
        #expect(try create(firm.st1) == "PRJ-000129")
        #expect(try standing(firm.st1)?.isLow == false)
    }

    @Test("S-09 C-20: a restored station does not go on in the old lease")
    func restored() throws {
        try lease(firm.st1)
        let backup = try firm.st1.simulated.snapshot()
        #expect(try create(firm.st1) == "PRJ-000124")
        try firm.st1.restore(backup)

        #expect(try create(firm.st1, "Another").hasPrefix("PRJ-HCM-"))
        try lease(firm.st1)
        #expect(try create(firm.st1, "Third") == "PRJ-000224")
        try firm.meetAll()
        let numbers = try firm.hub.node.projects().map(\.number)
        #expect(Set(numbers).count == numbers.count)
    }

    @Test("C-20: numbers of a disk put back unnoticed are told apart by the hub")
    func unnoticed() throws {
        try lease(firm.st1)
        let disk = try firm.st1.simulated.snapshot(withState: true)
        #expect(try create(firm.st1, "One") == "PRJ-000124")
        try firm.meet(firm.st1, firm.hub)
        try firm.hub.node.performDuties()
        try firm.st1.restore(disk, withState: true)
        #expect(try create(firm.st1, "Two") == "PRJ-000124")

        try firm.meetAll()
        try firm.hub.node.performDuties()

        let numbers = try firm.hub.node.projects().map(\.number)
        #expect(numbers.count == 3 && Set(numbers).count == 3)
    }

    @Test("C-20: a restored hub leaves out what it may have granted (DOM-122)")
    func restoredHub() throws {
        let backup = try firm.hub.simulated.snapshot()
        try lease(firm.st1)
        #expect(try create(firm.st1) == "PRJ-000124")
        try firm.hub.restore(backup)
        try firm.st3.node.performDuties()
        try firm.meet(firm.st3, firm.hub)
        try firm.hub.node.performDuties()
        try firm.meet(firm.st3, firm.hub)
        #expect(try create(firm.st3) == "PRJ-001124")
    }

    @Test("C-20: a hub gives nobody a number that it leased to a station")
    func leasedElsewhere() throws {
        try lease(firm.st1)
        var new = NewProject("Bracket")
        new.workflow = "Default Workflow"
        new.sites = ["HCM"]
        new.number = "PRJ-000130"
        let refused = #expect(throws: CommandFault.self) { try create(new, at: firm.hub) }
        #expect(refused?.reason == "exists")
        new.number = "PRJ-000500"
        _ = try create(new, at: firm.hub)
        #expect(try create(firm.hub) == "PRJ-000501")
    }

    @Test("C-20: tasks have numbers of their own, by their prefix; projects do not use them up")
    func tasks() throws {
        #expect(try firm.st1.node.askForNumbers(of: .tasks))
        #expect(try !firm.st1.node.askForNumbers(of: .tasks))
        try lease(firm.st1)
        #expect(try create(firm.st1) == "PRJ-000124")
        let standings = try firm.st1.node.numbers()
        #expect(standings.map(\.prefix) == ["PRJ-", "T-"])
        #expect(standings.map(\.next) == ["PRJ-000125", "T-000001"])
        #expect(standings.map(\.total) == [50, 50])
    }

    @Test("C-20: four digits end at 9999: nothing is granted after it, and nothing begins again")
    func neverAgain() throws {
        let actor = try firm.hub.actor("nguyen.van.a")
        let range = try firm.hub.node.grantNumbers(
            of: try #require(NumberSeries("T-", digits: 4)),
            count: 9_990,
            by: actor
        )
        #expect(range == 1...9_990)
        let rest = try firm.hub.node.grantNumbers(
            of: try #require(NumberSeries("T-", digits: 4)),
            by: actor
        )
        #expect(rest == 9_991...9_999)
        let full = #expect(throws: RuleFault.self) {
            try firm.hub.node.grantNumbers(
                of: try #require(NumberSeries("T-", digits: 4)),
                by: actor
            )
        }
        #expect(full?.code == .outOfRange)
    }
}
