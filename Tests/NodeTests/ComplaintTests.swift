import CRDT
import Domain
import Node
import SeededRandom
import Simulation
import Storage
import Testing

/// What users of other offline programs complained of, each as a test by its number.
@Suite("Complaints about lost, doubled and buried work")
struct ComplaintTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        firm.at("08:00")
    }

    private func edit(_ station: Station, _ title: String) throws {
        var edit = LocalNode.ProjectEdit()
        edit.title = title
        try station.node.edit(Firm.project, edit, by: station.actor("pham.thi.d"))
    }

    private func title(_ station: Station) throws -> String {
        try station.node.project(Firm.project).title
    }

    private func history(_ station: Station) throws -> String {
        try station.node.history(of: Firm.project).text.joined(separator: "\n")
    }

    private func book(_ station: Station, _ from: String, _ until: String) throws {
        firm.at(from)
        _ = try station.node.startHours(HoursRequest("WORK"), by: station.actor("ly.van.k"))
        firm.at(until)
        _ = try station.node.stopHours(by: station.actor("ly.van.k"))
    }

    /// A meeting whose line goes dead after some frames.
    @discardableResult
    private func meet(
        _ one: Station,
        _ other: Station,
        seed: UInt64,
        cutAfter frames: Int
    ) throws -> Meeting.Outcome {
        let now = UInt64(Firm.milliseconds("12:00"))
        return try Meeting(one.simulated, other.simulated, now: now, seed: seed)
            .run(cutAfter: frames)
    }

    @Test("C1 an acknowledgement that is lost ten times leaves one record")
    func lostAcknowledgement() throws {
        try book(firm.st1, "08:00", "09:00")
        let clean = try Firm()
        clean.at("08:00")
        _ = try clean.st1.node.startHours(HoursRequest("WORK"), by: clean.st1.actor("ly.van.k"))
        clean.at("09:00")
        _ = try clean.st1.node.stopHours(by: clean.st1.actor("ly.van.k"))
        let frames = try clean.meet(clean.st1, clean.hub).frames

        var arrived = 0
        for seed in 0..<10 as Range<UInt64> {
            // All but the last frames: what was sent is stored there, and nobody said so here.
            try meet(firm.st1, firm.hub, seed: 900 + seed, cutAfter: frames - 1 - Int(seed % 3))
            if try firm.hub.node.hours(of: "ly.van.k").entries.count == 1 { arrived += 1 }
        }
        try firm.meetAll()

        #expect(arrived > 5)
        for station in [firm.hub, firm.st1, firm.st2] {
            #expect(try station.node.hours(of: "ly.van.k").entries.count == 1)
        }
        #expect(try firm.differences() == [])
    }

    @Test("C2 what was sent and not confirmed stays here, and says that it is not at the hub")
    func sentIsNotGone() throws {
        try edit(firm.st1, "Widget A Rev3")
        for cut in 4..<12 { try meet(firm.st1, firm.hub, seed: UInt64(cut), cutAfter: cut) }

        #expect(try title(firm.st1) == "Widget A Rev3")
        #expect(try firm.st1.node.store.unreceipted() > 0)
    }

    @Test("C6, C7 an item that is set aside stays to be looked at, and holds up nothing else")
    func oneBadItem() throws {
        try firm.st1.node.advance(
            Firm.project,
            to: "production",
            reason: "x",
            by: firm.st1.actor("nguyen.van.a")
        )
        try firm.meetAll()
        try firm.tec7.step(.finish, "production_setup", as: "do.thi.j")
        try firm.meet(firm.tec7, firm.st1)
        try firm.revoke(firm.tec7)
        try edit(firm.st1, "Widget A Rev3")
        try book(firm.st1, "08:10", "09:00")

        let outcome = try firm.meet(firm.st1, firm.hub)

        #expect(outcome.isEqual)
        #expect(try firm.hub.node.setAside().count == 1)
        #expect(try title(firm.hub) == "Widget A Rev3")
        #expect(try firm.hub.node.hours(of: "ly.van.k").entries.count == 1)
    }

    /// Empties the day that the project was asked for.
    private func clearDay(_ station: Station) throws {
        let project = try station.node.project(Firm.project)
        let field = Project.requestedDueDate
        let edit = FieldEdit(field, .write(.null, replacing: project.record.names(field)))
        _ = try station.node.act(station.actor("pham.thi.d")) { _ in
            var draft = Draft()
            let operation = Operation(Project.number, .existing(project.record.id), edits: [edit])
            draft.add(operation, in: project.scope)
            return draft
        }
    }

    @Test("C10 what was emptied stays empty, and an edit beside it is listed, not lost")
    func emptied() throws {
        func day(_ station: Station) throws -> String? {
            try station.node.project(Firm.project).record.fields.text(Project.requestedDueDate)
        }
        #expect(try day(firm.st1) != nil)
        try clearDay(firm.st1)
        try firm.meetAll()
        for station in firm.all { #expect(try day(station) == nil, "\(station.name)") }

        var edit = LocalNode.ProjectEdit()
        edit.requestedDueDate = "2026-01-15"
        try firm.st1.node.edit(Firm.project, edit, by: firm.st1.actor("pham.thi.d"))
        try firm.meetAll()
        try clearDay(firm.st1)
        edit.requestedDueDate = "2026-02-20"
        try firm.st2.node.edit(Firm.project, edit, by: firm.st2.actor("pham.thi.d"))
        try firm.meetAll()

        for station in [firm.hub, firm.st1, firm.st2] {
            let sides = try #require(try station.conflicts(.field).first).sides
            #expect(Set(sides.map(\.value)).contains("2026-02-20") && sides.count == 2)
            #expect(try history(station).contains("2026-01-15"), "\(station.name)")
        }
    }

    @Test("C11 no value that was acknowledged is out of reach of the history")
    func nothingUnreachable() throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let firm = try Firm(seed: seed)
            firm.at("08:00")
            var random = SplitMix64(seed: seed)
            var acknowledged: [String] = []
            for number in 0..<40 {
                let stations = [firm.hub, firm.st1, firm.st2]
                let station = stations[random.below(3)]
                if random.below(3) == 0 { try firm.meet(station, firm.st3) }
                var edit = LocalNode.ProjectEdit()
                edit.title = "Title \(seed)-\(number)"
                try station.node.edit(Firm.project, edit, by: station.actor("pham.thi.d"))
                acknowledged.append("Title \(seed)-\(number)")
            }
            try firm.meetAll()
            for station in [firm.hub, firm.st1, firm.st2] {
                let text = try station.node.history(of: Firm.project).text.joined(separator: "\n")
                for title in acknowledged { #expect(text.contains(title), "seed \(seed)") }
            }
        }
    }

    @Test("C12 who edited beside another loses nothing: both are listed, the other is in history")
    func loserIsShown() throws {
        try edit(firm.st1, "Widget A Rev3")
        firm.at("08:10")
        try edit(firm.st2, "Widget A Rev4")
        try firm.meetAll()

        for station in [firm.hub, firm.st1, firm.st2] {
            let conflict = try #require(try station.conflicts(.field).first)
            #expect(Set(conflict.sides.map(\.value)) == ["Widget A Rev3", "Widget A Rev4"])
            #expect(conflict.sides.filter(\.isShown).map(\.value) == ["Widget A Rev4"])
            #expect(try history(station).contains("Widget A Rev3"))
        }
    }

    @Test("C13 settling is an ordinary write: it needs nobody else, and travels like any other")
    func settleOffline() throws {
        try edit(firm.st1, "Widget A Rev3")
        try edit(firm.st2, "Widget A Rev4")
        try firm.meet(firm.st1, firm.st2)
        let conflict = try #require(try firm.st2.conflicts(.field).first)
        let actor = try firm.st2.actor("pham.thi.d")

        try firm.st2.node.settle("\(conflict.id)", with: .value("Widget A Rev5"), by: actor)

        #expect(try firm.st2.conflicts(.field).isEmpty)
        try firm.meetAll()
        #expect(try firm.hub.conflicts(.field).isEmpty)
        #expect(try title(firm.hub) == "Widget A Rev5")
    }

    @Test("C14 an edit beside one that its author had not seen is marked, whoever came between")
    func causalityDecides() throws {
        try edit(firm.st1, "from ST-1")
        try firm.meet(firm.st1, firm.hub)
        // ST-3 hears of it and edits on; ST-2 has seen neither, and its clock is later.
        try firm.meet(firm.st3, firm.hub)
        try edit(firm.st3, "after ST-1")
        firm.at("09:00")
        try edit(firm.st2, "beside both")
        try firm.meet(firm.st2, firm.hub)
        #expect(try firm.hub.conflicts(.field).count == 1)

        try firm.meetAll()

        let conflict = try #require(try firm.hub.conflicts(.field).first)
        #expect(Set(conflict.sides.map(\.value)) == ["after ST-1", "beside both"])
    }

    @Test("C19 clocks two days off change no duration and no order, and the entry says so")
    func wrongClocks() throws {
        let error: Int64 = 2 * 86_400_000
        firm.st1.clockError = error
        firm.st2.clockError = -error
        try edit(firm.st1, "first")
        try book(firm.st1, "08:10", "09:40")
        try book(firm.st2, "09:50", "10:10")
        try firm.meet(firm.st1, firm.st2)
        try edit(firm.st2, "second, having seen the first")
        try firm.meetAll()

        for station in [firm.hub, firm.st1, firm.st2] {
            let entries = try station.node.hours(of: "ly.van.k").entries
            #expect(
                Set(entries.map { ($0.duration ?? 0) / 60_000 }) == [90, 20],
                "\(station.name)"
            )
            #expect(try title(station) == "second, having seen the first", "\(station.name)")
            #expect(try station.conflicts(.field).isEmpty)
        }
    }

    @Test(
        "C8 a record that refers to a file lying elsewhere is whole: the file is its hash and name"
    )
    func fileElsewhere() throws {
        try firm.enterProduction()
        try firm.publishPlan(
            holds: [],
            #", {"item": 3, "title": "Seal", "type": "VISUAL", "photo_required": true}"#
        )
        try firm.st1.open("LEAK", "B-1")
        try firm.st1.measure(3, "pass", of: "LEAK")
        try firm.st1.withFile("seal.jpg", "a picture") { path in
            let request = EvidenceRequest(.photo, path: path)
            let name = InspectionName(Firm.project, "LEAK")
            try firm.st1.node.attach(request, to: 3, of: name, by: firm.st1.actor("ngo.van.i"))
        }
        try firm.meetAll()

        for station in firm.all {
            let inspection = try station.inspection("LEAK")
            #expect(inspection.json.text.contains("seal.jpg"), "\(station.name)")
            #expect(inspection.open.allSatisfy { $0.item != 3 }, "\(station.name)")
        }
    }

    @Test("C21 a job that two did unknown to each other is shown, between stations alone too")
    func twice() throws {
        try firm.enterProduction()
        try firm.st1.addTask("T-1", subStage: "assembly")
        try firm.meetAll()
        firm.at("10:00")
        try firm.st1.task(.start, "T-1", as: "ly.van.k")
        firm.at("10:05")
        try firm.st2.task(.start, "T-1", as: "do.thi.j")

        try firm.meet(firm.st1, firm.st2)

        for station in [firm.st1, firm.st2] {
            let double = try #require(try station.conflicts(.doubleWork).first)
            #expect(double.sides.map { $0.author?.user } == ["ly.van.k", "do.thi.j"])
        }
        try firm.meetAll()
        #expect(try firm.hub.conflicts(.doubleWork).count == 1)
    }

    @Test("C23 what a site has open is there without having been looked at before")
    func preloaded() throws {
        try firm.enterProduction()
        try firm.st1.addTask("T-1", subStage: "assembly")
        try firm.st1.report("D-1", .minor)
        try firm.meetAll()
        // From here on nobody meets anybody; nothing was ever shown at ST-2.
        func held(_ station: Station) throws -> Set<String> {
            try station.node.read { view in
                Set(try view.projectRecords().map { "\($0.scope.key)" })
            }
        }
        let listed = try held(firm.st2)
        #expect(try !listed.isEmpty && listed.isSubset(of: held(firm.hub)))
        #expect(try firm.st2.node.projects(ProjectQuery()).rows.count == listed.count)
        for number in listed {
            func shown(_ station: Station) throws -> [String] {
                let project = try station.node.project(number)
                let tasks = try station.node.tasks(of: number).tasks.items.map(\.definition.code)
                let defects = try station.node.defects(of: number).defects.items
                let rows = project.rows.map { "\($0.seed.slug) \($0.status)" }
                return rows + tasks + defects.map { $0.definition.code }
            }
            #expect(try shown(firm.st2) == shown(firm.hub))
        }
    }

    @Test("C24 what a person may not write is refused where they are, and again by whoever gets it")
    func rightsOfFields() throws {
        var edit = LocalNode.ProjectEdit()
        edit.number = "PRJ-9"
        let refused = #expect(throws: RuleFault.self) {
            try firm.st1.node.edit(Firm.project, edit, by: firm.st1.actor("pham.thi.d"))
        }
        #expect(refused?.code == .hubOnly)
        // A program that does not ask writes it all the same: it counts nowhere.
        let project = try firm.st1.node.project(Firm.project)
        let number = FieldEdit(Project.humanNumber, .write(.text("PRJ-9"), replacing: []))
        let forged = Operation(Project.number, .existing(project.record.id), edits: [number])
        _ = try firm.st1.node.act(firm.st1.actor("pham.thi.d")) { _ in
            var draft = Draft()
            draft.add(forged, in: project.scope)
            return draft
        }
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.node.project(Firm.project).number == Firm.project)
            #expect(try station.node.store.status().setAside > 0, "it is kept and counted")
        }
    }

    @Test("C25 an accidental stop is undone, and stopping a job leaves attendance running")
    func accidentalStop() throws {
        let person = try firm.st1.actor("ly.van.k")
        var there = HoursRequest("WORK")
        there.timer = .attendance
        _ = try firm.st1.node.startHours(there, by: person)
        let job = try firm.st1.node.startHours(HoursRequest("WORK"), by: person)
        firm.at("09:00")
        _ = try firm.st1.node.stopHours(by: person)
        firm.pass(seconds: 9)
        #expect(try firm.st1.node.undoStop(by: person) == job)
        let running = try firm.st1.node.hours(of: "ly.van.k").entries.filter(\.isRunning)
        #expect(Set(running.map(\.timer)) == [.attendance, .job])
        firm.at("10:00")
        _ = try firm.st1.node.stopHours(by: person)
        firm.pass(seconds: 11)
        #expect(refusal { _ = try firm.st1.node.undoStop(by: person) } == .tooLate)
        let left = try firm.st1.node.hours(of: "ly.van.k").entries.filter(\.isRunning)
        #expect(left.map(\.timer) == [.attendance])
    }

    @Test("C22 what was said to be saved stands in the chained journal, also after a restart")
    func journal() throws {
        try book(firm.st1, "08:00", "09:00")
        try edit(firm.st1, "Widget A Rev3")
        let before = try firm.st1.node.store.verify { _ in }
        #expect(before.faults == [])
        #expect(before.changes > 0)
        #expect(try history(firm.st1).contains("Widget A Rev3"))

        try firm.st1.restart()

        #expect(try history(firm.st1).contains("Widget A Rev3"))
        #expect(try firm.st1.node.hours(of: "ly.van.k").entries.count == 1)
    }
}
