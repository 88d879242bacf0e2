public import CRDT

/// A version of a workflow as its author wrote it: what overrides the catalogue, and nothing else.
///
/// - Source: DOM-110, DOM-111.
public struct WorkflowOutline: Hashable, Sendable {
    public typealias Definition = WorkflowDefinition

    public let name: String
    public let version: Int64
    /// project, order or production_advance.
    public var subjectType = "project"
    public var isActive = true
    public var isPublished = true
    public var criteriaHold = false
    public var stages: [Definition.StagePart] = []
    public var subStages: [Definition.SubStagePart] = []
    public var documents: [Definition.DocumentPart] = []
    public var criteria: [Definition.CriterionPart] = []
    public var moves: [Definition.MovePart] = []
    public var statuses: [Definition.StatusPart] = []

    public init(_ name: String, version: Int64) {
        self.name = name
        self.version = version
    }

    /// Reads a record of ``WorkflowDefinition``; nil without name or version.
    public init?(_ fields: Fields) {
        guard let name = fields.text(Definition.name),
            let version = fields.integer(Definition.version)
        else { return nil }
        self.init(name, version: version)
        subjectType = fields.text(Definition.subjectType) ?? "project"
        isActive = fields.bool(Definition.isActive) ?? true
        isPublished = fields.bool(Definition.isPublished) ?? true
        criteriaHold = fields.bool(Definition.criteriaHold) ?? false
        stages = fields.elements(Definition.stages).compactMap(Definition.StagePart.init)
            .sorted { ($0.order ?? .max, $0.slug) < ($1.order ?? .max, $1.slug) }
        subStages = fields.elements(Definition.subStages).compactMap(Definition.SubStagePart.init)
            .sorted { ($0.order ?? .max, $0.slug) < ($1.order ?? .max, $1.slug) }
        documents = fields.elements(Definition.documents).compactMap(Definition.DocumentPart.init)
            .sorted { ($0.stage, $0.category) < ($1.stage, $1.category) }
        criteria = fields.elements(Definition.criteria).compactMap(Definition.CriterionPart.init)
            .sorted { ($0.stage, $0.key) < ($1.stage, $1.key) }
        moves = fields.elements(Definition.moves).compactMap(Definition.MovePart.init)
            .sorted { ($0.from, $0.to) < ($1.from, $1.to) }
        statuses = fields.elements(Definition.statuses).compactMap(Definition.StatusPart.init)
            .sorted { $0.stage < $1.stage }
    }

    /// The next version, as a draft with the same parts.
    public func next(_ version: Int64) -> WorkflowOutline {
        var copy = WorkflowOutline(name, version: version)
        copy.subjectType = subjectType
        copy.isPublished = false
        copy.criteriaHold = criteriaHold
        (copy.stages, copy.subStages) = (stages, subStages)
        (copy.documents, copy.criteria) = (documents, criteria)
        (copy.moves, copy.statuses) = (moves, statuses)
        return copy
    }

    /// The parts as set elements, by field.
    public var elements: [(field: UInt32, values: Set<Value>)] {
        [
            (Definition.stages, Set(stages.map(\.value))),
            (Definition.subStages, Set(subStages.map(\.value))),
            (Definition.documents, Set(documents.map(\.value))),
            (Definition.criteria, Set(criteria.map(\.value))),
            (Definition.moves, Set(moves.map(\.value))),
            (Definition.statuses, Set(statuses.map(\.value))),
        ]
    }

    /// How many parts one record can be created with.
    public static let partsMax = 240

    /// How many roles one part can name.
    public static let rolesMax = 20

    /// The fields with which the record is created.
    public var values: FieldValues {
        var values = FieldValues()
        values.set(Definition.name, name)
        values.set(Definition.version, version)
        values.set(Definition.subjectType, subjectType)
        values.set(Definition.isActive, isActive)
        values.set(Definition.isPublished, isPublished)
        values.set(Definition.criteriaHold, criteriaHold)
        for (field, elements) in elements where !elements.isEmpty { values.add(field, elements) }
        return values
    }
}

// MARK: - Whether it can be followed

/// What the stages and roles of a tenant are, for checking a workflow.
public struct WorkflowCatalogue: Hashable, Sendable {
    public let stages: Set<String>
    /// The stage of each sub-stage.
    public let subStages: [String: String]
    /// The sub-stages whose approval nobody takes away.
    public let regulated: Set<String>
    /// Empty: not checked.
    public let roles: Set<String>

    /// - Parameters:
    ///   - stages: Records of ``WorkflowStage``.
    ///   - subStages: Records of ``WorkflowSubStage``.
    ///   - roles: Role codes; empty where they are not known.
    public init(
        stages: some Sequence<Fields>,
        subStages: some Sequence<Fields>,
        roles: Set<String>
    ) {
        self.stages = Set(stages.compactMap { $0.text(WorkflowStage.slug) })
        var homes: [String: String] = [:]
        var regulated: Set<String> = []
        for fields in subStages {
            guard let slug = fields.text(WorkflowSubStage.slug) else { continue }
            homes[slug] = fields.text(WorkflowSubStage.stage)
            if fields.bool(WorkflowSubStage.isRegulated) == true,
                fields.bool(WorkflowSubStage.requiresApproval) == true
            {
                regulated.insert(slug)
            }
        }
        self.subStages = homes
        self.regulated = regulated
        self.roles = roles
    }
}

extension WorkflowOutline {
    /// Everything that keeps the workflow from being followed, a sentence each; none: it can be.
    ///
    /// - Source: DOM-111.
    public func faults(in catalogue: WorkflowCatalogue) -> [String] {
        var faults: [String] = []
        if name.allSatisfy(\.isWhitespace) { faults.append("it has no name") }
        if version < 1 { faults.append("versions begin at 1") }
        if stages.isEmpty { faults.append("it has no stage") }
        if elements.reduce(0, { $0 + $1.values.count }) > Self.partsMax {
            faults.append("it has more than \(Self.partsMax) parts")
        }
        faults += repeated(stages.map(\.slug), "stage")
        faults += repeated(subStages.map(\.slug), "sub-stage")
        faults += repeated(criteria.map { "\($0.key) of \($0.stage)" }, "criterion")
        faults += repeated(documents.map { "\($0.category) of \($0.stage)" }, "document")
        faults += repeated(moves.map { "\($0.from) to \($0.to)" }, "move")
        faults += repeated(statuses.map(\.stage), "status of stage")
        for stage in stages where !catalogue.stages.contains(stage.slug) {
            faults.append("the catalogue has no stage \(stage.slug)")
        }
        faults += subStageFaults(catalogue) + placeFaults + roleFaults(catalogue)
        return faults
    }

    private func repeated(_ names: [String], _ kind: String) -> [String] {
        var seen: Set<String> = []
        return names.filter { !seen.insert($0).inserted }.map { "\(kind) \($0) stands twice" }
    }

    private func subStageFaults(_ catalogue: WorkflowCatalogue) -> [String] {
        let own = Set(stages.map(\.slug))
        return subStages.compactMap { part in
            guard let home = catalogue.subStages[part.slug] else {
                return "the catalogue has no sub-stage \(part.slug)"
            }
            if !own.contains(home) { return "\(part.slug) belongs to \(home), which is left out" }
            if part.requiresApproval == false, catalogue.regulated.contains(part.slug) {
                return "\(part.slug) is regulated: its approval cannot be taken away"
            }
            return (part.hours ?? 0) < 0 ? "\(part.slug): hours are not negative" : nil
        }
    }

    private var placeFaults: [String] {
        let own = Set(stages.map(\.slug))
        let places =
            documents.map(\.stage) + criteria.map(\.stage) + statuses.map(\.stage)
            + moves.map(\.from) + moves.map(\.to).filter { $0 != Definition.MovePart.cancelled }
        let unknown = Set(places).subtracting(own).sorted()
        return unknown.map { "\($0) is none of its stages" }
            + documents.filter { $0.count < 1 }.map { "\($0.category): at least one document" }
            + stages.filter { ($0.days ?? 0) < 0 }.map { "\($0.slug): days are not negative" }
    }

    private func roleFaults(_ catalogue: WorkflowCatalogue) -> [String] {
        let lists = stages.map(\.roles) + subStages.map(\.roles) + moves.map(\.roles)
        if lists.contains(where: { $0.count > Self.rolesMax }) {
            return ["at most \(Self.rolesMax) roles stand in one place"]
        }
        guard !catalogue.roles.isEmpty else { return [] }
        let named =
            stages.flatMap(\.roles) + subStages.flatMap(\.roles)
            + moves.flatMap(\.roles).map { String($0.prefix { $0 != ":" }) }
        return Set(named).subtracting(catalogue.roles).sorted().map { "there is no role \($0)" }
    }
}
