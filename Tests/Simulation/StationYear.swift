public import CRDT
import Domain
import SeededRandom
public import Storage
import Wire

/// A station after years of work, made in bulk: projects with their sub-stages, hours, and
/// measurements, with the people and definitions that they name.
public struct StationYear: Sendable {
    /// How much of it there is.
    public struct Size: Hashable, Sendable {
        /// Each with 27 sub-stages.
        public var projects: Int
        /// Starts and stops.
        public var timeEvents: Int
        public var measurements: Int

        public init(projects: Int, timeEvents: Int, measurements: Int) {
            self.projects = projects
            self.timeEvents = timeEvents
            self.measurements = measurements
        }
    }

    public static let people = 200
    public static let subStages = 27
    private static let stages = ["procurement", "production", "delivery"]
    private static let items = 12
    /// Three years before, by the wall.
    private static let start = Int64(TenantKit.start) - 3 * 365 * 86_400_000

    public let size: Size
    public let site: ID
    private let tenant: ID
    private var random: SplitMix64

    public init(_ size: Size, at site: ID, of tenant: ID, seed: UInt64 = 1) {
        self.size = size
        self.site = site
        self.tenant = tenant
        random = SplitMix64(seed: seed)
    }

    public static func person(_ number: Int) -> ID { ID(high: 0x9e_0000, low: UInt64(number) + 1) }

    /// Most assemble; some measure, sell and lead.
    public static func role(_ number: Int) -> String {
        switch number % 40 {
        case 1...4: "qa"
        case 10, 11: "sales"
        case 20: "management"
        default: "assembler"
        }
    }

    public static func username(_ number: Int) -> String { "person.\(number)" }

    public static func subject(_ number: Int) -> ID { ID(high: 0x5b_0000, low: UInt64(number) + 1) }

    public static func projectNumber(_ number: Int) -> String {
        "PRJ-" + String(String(1_000_000 + number).dropFirst())
    }

    // MARK: - The tenant, by a hub

    /// The tenant's own rows: people, what they may, the site, and what is inspected.
    public func directory() -> [Operation] {
        var operations = [
            row(Tenant.entity) { values in
                values.set(Tenant.tenant, tenant)
                values.set(Tenant.trustsLocal, true)
            },
            row(Site.entity) { values in
                values.set(Site.site, site)
                values.set(Site.code, "HCM")
                values.set(Site.timezone, "Asia/Ho_Chi_Minh")
            },
        ]
        for code in ["assembler", "qa", "sales", "management"] {
            operations.append(
                row(Role.entity) { values in
                    values.set(Role.code, code)
                    values.set(Role.isActive, true)
                }
            )
        }
        for number in 0..<Self.people {
            operations.append(
                row(User.entity) { values in
                    values.set(User.user, Self.person(number))
                    values.set(User.username, Self.username(number))
                    values.set(User.displayName, "Nguyễn Văn \(number)")
                }
            )
            operations.append(
                row(Membership.entity) { values in
                    values.set(Membership.user, Self.person(number))
                    values.set(Membership.role, Self.role(number))
                    values.set(Membership.effectiveFrom, "2020-01-01")
                    values.set(Membership.level, 2 as Int64)
                }
            )
        }
        return operations + plan
    }

    private var plan: [Operation] {
        let process = row(QualityProcess.entity) { values in
            values.set(QualityProcess.code, "FINAL_QC")
            values.set(QualityProcess.version, 1 as Int64)
            values.set(QualityProcess.isActive, true)
        }
        return [process]
            + (1...Self.items).map { item in
                row(QualityItem.entity) { values in
                    values.set(QualityItem.process, "FINAL_QC")
                    values.set(QualityItem.processVersion, 1 as Int64)
                    values.set(QualityItem.item, Int64(item))
                    values.set(QualityItem.title, "Leak at port \(item)")
                    values.set(QualityItem.isRequired, true)
                }
            }
    }

    private func row(
        _ entity: Entity,
        in scope: Scope = .tenant,
        _ fill: (inout FieldValues) -> Void
    ) -> Operation {
        var values = FieldValues()
        fill(&values)
        guard case .entity(let key) = entity.form, !key.isEmpty else {
            return Operation(entity.number, .new, edits: values.edits)
        }
        let natural = ID(
            naturalKey: key.map { values[$0] ?? .null },
            of: entity.number,
            in: scope,
            tenant: tenant
        )
        return Operation(entity.number, .natural(natural), edits: values.edits)
    }

    // MARK: - The work, by a station

    /// What there is of one project, in its subject's scope.
    public mutating func project(_ number: Int) -> [Operation] {
        let subject = Self.subject(number)
        let scope = Scope.subject(subject)
        let words = ["Khung", "Động cơ", "検査治具", "Pump", "Frame", "Valve"]
        let title = "\(words[random.below(words.count)]) \(number)"
        let person = Self.person(random.below(Self.people))
        var operations = [
            row(Project.entity, in: scope) { values in
                values.set(Project.subject, subject)
                values.set(Project.title, title)
                values.set(Project.provisionalNumber, Self.projectNumber(number))
                values.set(Project.priority, Project.priorities[number % 4])
                values.set(Project.assignedTo, person)
                values.set(Project.requestedDueDate, "2025-1\(number % 3)-1\(number % 10)")
            }
        ]
        let entered = 1 + random.below(Self.stages.count)
        for (index, stage) in Self.stages.prefix(entered).enumerated() {
            operations.append(advance(subject, to: stage, from: index, number))
        }
        operations += steps(entered)
        operations += inspection(number, in: scope)
        return operations
    }

    private func advance(
        _ subject: ID,
        to stage: String,
        from index: Int,
        _ number: Int
    ) -> Operation {
        var values = FieldValues()
        values.set(StageAdvance.subjectField, subject)
        values.set(StageAdvance.toField, stage)
        if index > 0 { values.set(StageAdvance.fromField, Self.stages[index - 1]) }
        values.set(StageAdvance.kindField, index == 0 ? "begin" : "override")
        if index > 0 { values.set(StageAdvance.reasonField, "the parts are here") }
        let seeds = (0..<Self.subStages / Self.stages.count).map { place in
            SubStageSeed("\(stage)_\(place)", order: Int64(place), hours: 8, roles: ["assembler"])
        }
        values.add(StageAdvance.seedsField, seeds.map(\.value))
        return Operation(StageAdvance.number, .event, edits: values.edits)
    }

    private mutating func steps(_ entered: Int) -> [Operation] {
        var operations: [Operation] = []
        for stage in Self.stages.prefix(entered) {
            for place in 0..<3 + random.below(4) {
                let action: ProgressStep.Action = random.happens(90) ? .start : .block
                let step = ProgressStep(
                    "\(stage)_\(place)",
                    action,
                    reason: action == .block ? "waits for part \(random.below(900))" : nil
                )
                operations.append(step.operation())
            }
        }
        return operations
    }

    private mutating func inspection(_ number: Int, in scope: Scope) -> [Operation] {
        let count =
            size.measurements * (number + 1) / size.projects
            - size.measurements * number / size.projects
        var operations: [Operation] = []
        var left = count
        var attempt: Int64 = 0
        while left > 0 {
            attempt += 1
            let opened = row(Inspection.entity, in: scope) { values in
                values.set(Inspection.build, "B-\(number)")
                values.set(Inspection.process, "FINAL_QC")
                values.set(Inspection.processVersion, 1 as Int64)
                values.set(Inspection.attempt, attempt)
            }
            guard case .natural(let id) = opened.target else { return operations }
            operations.append(opened)
            for item in 1...min(Self.items, left) {
                var values = FieldValues()
                values.set(Measurement.inspectionField, id)
                values.set(Measurement.itemField, Int64(item))
                values.set(Measurement.outcomeField, "PASS")
                values[Measurement.valueField] = .decimal(
                    mantissa: Int64(random.below(500)),
                    scale: 2
                )
                values.set(Measurement.unitField, "ml/min")
                values.set(Measurement.measuredByField, Self.person(random.below(Self.people)))
                if random.happens(2) {
                    values.set(Measurement.commentField, "sealed again, \(random.below(90)) mm")
                }
                operations.append(Operation(Measurement.number, .event, edits: values.edits))
            }
            left -= Self.items
        }
        return operations
    }

    /// Starts and stops of hours, in the order of their time; `name` gives the id of the one at a
    /// place among those of its change.
    public func hours(
        from first: Int,
        count: Int,
        id name: (Int) -> ID
    ) -> [Operation] {
        var random = SplitMix64(seed: UInt64(first))
        return (0..<count).map { place in
            let number = first + place
            let entry = number / 2
            let person = Self.person(entry % Self.people)
            let wall = start(ofEntry: entry)
            let reading = ClockReading(
                wall: wall + (number.isMultiple(of: 2) ? 0 : 30 * 60_000),
                monotonic: wall,
                boot: ID(high: 1, low: UInt64(entry)),
                quality: .synchronized
            )
            guard number.isMultiple(of: 2) else {
                let stop = HoursEvent.Action.stop(entry: name(place - 1), reading)
                return HoursEvent(stop, person: person).operation()
            }
            return HoursEvent(
                .start(reading),
                person: person,
                activity: .work,
                subject: Self.subject(random.below(size.projects)),
                subStage: "production_1",
                note: random.happens(1) ? "machine \(random.below(40)) stood still" : nil
            ).operation()
        }
    }

    /// When the entry at a place began, milliseconds since 1970.
    public func start(ofEntry entry: Int) -> Int64 {
        let minutes = 3 * 365 * 24 * 60 / max(1, size.timeEvents / 2)
        return Self.start + Int64(entry) * Int64(max(1, minutes)) * 60_000
    }
}

extension StationYear {
    /// Writes all of it into a station, whose hub's rows came from a hub of the same tenant.
    public mutating func fill(_ station: Store, from hub: Store) throws {
        try bring(directory(), from: hub, to: station)
        var wall = TenantKit.start
        var written = 0
        /// A device writes no more than so much a day (SYNC-23).
        func note(_ count: Int) {
            written += count
            if written > 100_000 { (written, wall) = (0, wall + 86_400_000) }
        }
        for number in 0..<size.projects {
            if number % 200 == 0 { wall += 86_400_000 }
            let operations = project(number)
            let scope = Scope.subject(Self.subject(number))
            try Self.write(operations, in: scope, at: wall, station)
            note(operations.count)
        }
        var first = 0
        while first < size.timeEvents {
            let count = min(1_000, size.timeEvents - first)
            let (year, from) = (self, first)
            _ = try station.act(Self.actor, wallMilliseconds: wall) { acting in
                var draft = Draft()
                let stamp = acting.stamp
                let operations = year.hours(from: from, count: count) { place in
                    ID(createdAt: stamp, index: UInt16(truncatingIfNeeded: place))
                }
                draft.add(operations, in: .site(year.site))
                return draft
            }
            first += count
            note(count)
        }
    }

    private static let actor = Actor(user: person(0), login: 1, method: .secretInLogin)

    private static func write(
        _ operations: [Operation],
        in scope: Scope,
        at wall: UInt64,
        _ store: Store
    ) throws {
        _ = try store.act(actor, wallMilliseconds: wall) { _ in
            var draft = Draft()
            draft.add(operations, in: scope)
            return draft
        }
    }

    /// Writes rows at a hub, and hands them to the station as a session would.
    private func bring(_ operations: [Operation], from hub: Store, to station: Store) throws {
        try Self.write(operations, in: .tenant, at: TenantKit.start, hub)
        var position: Int64 = 0
        var introduced: Set<ID> = []
        while true {
            let read = try hub.readChunk(
                of: .tenant,
                after: position,
                upTo: hub.position,
                lacking: nil,
                known: [:],
                introduced: introduced
            )
            introduced.insert(hub.replica)
            position = read.position
            _ = try station.ingest(
                Chunk(scope: .tenant, items: read.items),
                from: hub.device,
                wallMilliseconds: TenantKit.start
            )
            if read.isComplete { return }
        }
    }
}
