import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing
import Wire

/// What was set aside stays in its stream: whoever saw it has seen what its author saw.
@Suite("Links in streams")
struct SetAsideLinkTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.enterProduction()
    }

    /// Sets aside, at the hub, the last change of a station in the scope of the project.
    private func setAside(_ event: StoredEvent) throws {
        let scope = event.origin.scope
        _ = try firm.hub.node.act(.machine) { acting in
            let point = try acting.view.changes(hashPrefix: event.origin.change.bytes).first?.point
            var draft = Draft()
            guard let point else { return draft }
            let verdict = try acting.view.verdict(.quarantined, on: point, in: scope, reason: "x")
            draft.add(verdict, in: scope)
            return draft
        }
    }

    private func events(of entity: Entity, in scope: Scope) throws -> [StoredEvent] {
        try firm.hub.node.read { try $0.events(of: entity, in: scope) }
            .sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
    }

    @Test("a finish saw a block through an unblocking that was set aside: they are no conflict")
    func progress() throws {
        let st1 = firm.st1
        let slug = "production_setup"
        try st1.step(.block, slug, as: "ly.van.k", reason: "crack")
        try firm.meet(st1, firm.hub)
        let scope = try st1.node.project(Firm.project).scope
        let block = try #require(try events(of: ProgressStep.entity, in: scope).last)

        // Lifts the block, and finishes; the lifting is set aside afterwards.
        try st1.step(.unblock, slug, as: "do.thi.j")
        try st1.step(.finish, slug, as: "do.thi.j")
        try firm.meetAll()
        let all = try events(of: ProgressStep.entity, in: scope)
        let unblock = try #require(
            all.first { ProgressStep($0.fields).action == .unblock([block.id]) }
        )
        try setAside(unblock)
        try firm.meetAll()

        for station in firm.all {
            let project = try station.node.project(Firm.project)
            let stream = try #require(project.steps[slug])
            let finish = try #require(stream.entries.last)
            let first = try #require(stream.entries.first { $0.id == block.id })
            #expect(stream.saw(finish, first), "\(station.name)")
            let row = try #require(try station.row(slug))
            #expect(row.status == .blocked && row.progress.conflicts.isEmpty, "\(station.name)")
        }
        #expect(try firm.differences() == [])
    }

    @Test("of corrections, one that replaced one that was set aside stands alone")
    func corrections() throws {
        let st1 = firm.st1
        let person = try st1.actor("do.thi.j")
        let request = HoursRequest("WORK")
        let entry = try st1.node.logHours(request, from: "05:00", to: "05:30", by: person)
        for (end, reason) in [("05:40", "one"), ("05:45", "two"), ("05:50", "three")] {
            var edit = LocalNode.HoursEdit()
            (edit.end, edit.reason) = (end, reason)
            try st1.node.correctHours("\(entry)", edit, by: person)
            firm.pass(seconds: 1)
        }
        try firm.meetAll()
        let scope = Scope.site(st1.node.site)
        let second = try #require(
            try events(of: HoursCorrection.entity, in: scope)
                .first { HoursCorrection($0.fields).reason == "two" }
        )
        try setAside(second)
        try firm.meetAll()

        for station in [firm.hub, firm.st1, firm.st2] {
            let shown = try #require(
                try station.node.hours(around: entry, at: station.node.isHub ? "HCM" : nil)
                    .entry(entry)
            )
            let minutes = shown.duration.map { $0 / 60_000 }
            #expect(minutes == 50, "\(station.name)")
            #expect(!shown.flags.contains(.correctionConflict), "\(station.name)")
        }
    }

    @Test("the last of corrections is set aside: the one before it stands again")
    func lastCorrection() throws {
        let st1 = firm.st1
        let person = try st1.actor("do.thi.j")
        let entry = try st1.node.logHours(
            HoursRequest("WORK"),
            from: "05:00",
            to: "05:30",
            by: person
        )
        for (end, reason) in [("05:40", "one"), ("05:45", "two")] {
            var edit = LocalNode.HoursEdit()
            (edit.end, edit.reason) = (end, reason)
            try st1.node.correctHours("\(entry)", edit, by: person)
        }
        try firm.meetAll()
        let last = try #require(
            try events(of: HoursCorrection.entity, in: .site(st1.node.site)).last
        )
        try setAside(last)
        try firm.meetAll()
        let shown = try st1.node.hours(around: entry).entry(entry)
        let minutes = shown?.duration.map { $0 / 60_000 }
        #expect(minutes == 40)
    }

    /// A value in every field that a station may set.
    private func values(of entity: Entity) -> FieldValues {
        var values = FieldValues()
        for field in entity.fields where field.merge != .authority {
            let value: Value =
                switch field.kind {
                case .id, .link: .id(ID(high: 77, low: UInt64(field.number)))
                case .integer: .integer(3)
                case .bool: .bool(true)
                case .bytes: .bytes([1])
                case .decimal: .decimal(mantissa: 1, scale: 0)
                case .list: .list([.integer(1)])
                case .text: .text("word")
                }
            if field.merge == .set {
                values.add(field.number, [value])
            } else {
                values[field.number] = value
            }
        }
        return values
    }

    @Test(
        "law: of every kind, an event that is set aside keeps its stream and its links alone",
        arguments: Catalogue.schema.entities.filter {
            if case .event(let stream) = $0.form {
                !stream.isEmpty && $0.writer == .anyDevice
            } else {
                false
            }
        }
    )
    func everyKind(_ entity: Entity) throws {
        guard case .event(let names) = entity.form else { return }
        let st1 = firm.st1
        let scope =
            entity.scopes.contains(.subject)
            ? try st1.node.project(Firm.project).scope : .site(st1.node.site)
        let values = values(of: entity)
        let stream = names.map { values[$0] ?? .null }
        func own(_ station: Station) throws -> [StoredEvent] {
            try station.node.read { try $0.events(of: entity, in: scope, stream: stream) }
                .sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
        }
        let written = values
        for _ in 0..<3 {
            let after = try own(st1).last.map { [$0.rank.name] } ?? []
            _ = try st1.node.act(st1.actor("do.thi.j")) { _ in
                var draft = Draft()
                draft.add(
                    Operation(entity.number, .event, after: after, edits: written.edits),
                    in: scope
                )
                return draft
            }
        }
        try firm.meetAll()
        let before = try own(firm.hub)
        #expect(before.count == 3)
        try setAside(before[1])
        try firm.meetAll()

        for station in [firm.hub, firm.st1] {
            let events = try own(station)
            #expect(events.map(\.id) == before.map(\.id))
            #expect(events.map(\.after) == before.map(\.after))
            let link = events[1]
            #expect(link.exclusion == .quarantined && events[0].exclusion == nil)
            for field in entity.fields {
                let isNaming = names.contains(field.number)
                #expect(
                    link.fields[field.number] == (isNaming ? before[1].fields[field.number] : nil)
                )
                #expect(link.fields.elements(field.number).isEmpty || isNaming)
            }
        }
        #expect(try firm.faults() == [])
    }
}
