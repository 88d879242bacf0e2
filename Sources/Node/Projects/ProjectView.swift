public import CRDT
public import Domain
public import Storage

/// A project as it is shown: its record, the stage it is in, and how far its sub-stages are.
public struct ProjectView: Sendable {
    public let scope: Scope
    public let record: StoredRecord
    public private(set) var stages: ProjectStages
    /// The advances from stage to stage.
    public let advances: Stream<StageAdvance>
    /// The steps of each sub-stage, by slug.
    public let steps: [String: Stream<ProgressStep>]
    /// What was confirmed of the exit criteria.
    public let criteria: StageCriteria
    /// The checks of exit criteria, by stage.
    let checks: [String: Stream<CriterionCheck>]
    /// Who does which sub-stage, by slug.
    let assignments: [String: StoredRecord]
    /// The events of stages, progress and criteria, by id.
    let events: [ID: StoredEvent]

    init(_ record: StoredRecord, in scope: Scope, on view: View) throws {
        self.record = record
        self.scope = scope
        let advances = try view.events(of: StageAdvance.entity, in: scope)
        let steps = try view.events(of: ProgressStep.entity, in: scope)
        let checks = try view.events(of: CriterionCheck.entity, in: scope)
        self.advances = Stream(advances.map { $0.entry(as: StageAdvance.self) })
        self.steps = Dictionary(grouping: steps.map { $0.entry(as: ProgressStep.self) }) {
            $0.event.subStage
        }
        .mapValues { Stream($0) }
        self.checks = Dictionary(grouping: checks.map { $0.entry(as: CriterionCheck.self) }) {
            $0.event.stage
        }
        .mapValues { Stream($0) }
        criteria = StageCriteria(self.checks)
        let rows = try view.records(of: SubStageNote.entity, in: scope)
            .filter { !$0.isDeleted }
            .compactMap { row in
                row.fields.text(SubStageNote.subStage).map { ($0, row) }
            }
        assignments = Dictionary(rows) { first, _ in first }
        events = Dictionary((advances + steps + checks).map { ($0.id, $0) }) { first, _ in first }
        stages = ProjectStages(self.advances, steps: self.steps)
        // Of what follows by itself nothing is written yet: it is shown all the same.
        if let next = try next(after: stages, self.steps, criteria, on: view) { stages.show(next) }
    }

    /// What people call it: the number of the hub, else the provisional one, else its id.
    public var number: String { record.projectNumber }

    public var title: String { record.fields.text(Project.title) ?? "" }

    /// The subject; the key of its scope.
    public var subject: ID { scope.key }

    /// The slug of the stage that is shown; nil before the first.
    public var stage: String? { stages.current }

    /// The sub-stages of a stage, in order.
    public func rows(of stage: String) -> [SubStageRow] { stages.rows(of: stage, steps: steps) }

    /// The sub-stages of every stage that was entered; those of the current stage first.
    public var rows: [SubStageRow] {
        let others = stages.entered.subtracting([stage].compactMap(\.self)).sorted()
        return ([stage].compactMap(\.self) + others).flatMap(rows)
    }
}

extension StoredRecord {
    /// What people call a project.
    var projectNumber: String {
        fields.text(Project.humanNumber) ?? fields.text(Project.provisionalNumber) ?? "\(id)"
    }
}

extension StoredEvent {
    /// The event as an entry of its stream.
    func entry<Event: Fact>(as event: Event.Type) -> Stream<Event>.Entry {
        Stream.Entry(Event(fields), rank: rank, index: index, after: after)
    }
}

// MARK: - Finding

extension View {
    /// The records of projects that are held and not deleted, with their scopes.
    public func projectRecords() throws -> [(scope: Scope, record: StoredRecord)] {
        try scopes(.subject).flatMap { scope in
            try records(of: Project.entity, in: scope)
                .filter { !$0.isDeleted }
                .map { (scope, $0) }
        }
    }

    /// The project of a number such as PRJ-000123, of a title or of an id.
    ///
    /// - Throws: `.notFound`, also if several have the name.
    public func project(named name: String) throws -> ProjectView {
        let (scope, record) = try projectRecord(named: name)
        return try ProjectView(record, in: scope, on: self)
    }

    /// The record of a project alone.
    func projectRecord(named name: String) throws -> (scope: Scope, record: StoredRecord) {
        if let id = ID(text: name), let found = try projectRecord(of: id) { return found }
        let called = try projectRecords(called: name)
        if called.count == 1 { return called[0] }
        var choice = NameChoice<(scope: Scope, record: StoredRecord)>("project")
        for (scope, record) in try projectRecords() {
            let fields = record.fields
            let names = [
                fields.text(Project.humanNumber), fields.text(Project.provisionalNumber),
                fields.text(Project.title), "\(record.id)",
            ]
            choice.add((scope, record), names: names)
        }
        return try choice.only(called: name)
    }

    /// The projects that have a name, as number or title, found without reading the others.
    private func projectRecords(
        called name: String
    ) throws -> [(scope: Scope, record: StoredRecord)] {
        var found: [Scope: StoredRecord] = [:]
        let indexes = [Project.byHumanNumber, Project.byProvisionalNumber, Project.byTitle]
        for index in indexes {
            let lookUp = LookUp(index, of: Project.entity, [.text(name)], limit: 2)
            for placed in try records(lookUp).items where placed.scope.kind == .subject {
                found[placed.scope] = placed.record
            }
        }
        return found.map { ($0.key, $0.value) }
    }

    /// What people call the project of a subject; nil if none is held.
    func projectNumber(of subject: ID) throws -> String? {
        try records(of: Project.entity, in: .subject(subject)).first { !$0.isDeleted }?
            .projectNumber
    }

    /// The project that is a subject, or whose record has an id.
    private func projectRecord(of id: ID) throws -> (scope: Scope, record: StoredRecord)? {
        if let record = try records(of: Project.entity, in: .subject(id)).first {
            return (.subject(id), record)
        }
        for (scope, entity) in try locate(id) where entity == Project.number {
            if let record = try record(id, of: Project.entity, in: scope) {
                return (scope, record)
            }
        }
        return nil
    }
}
