import Bytes
import CRDT
import Domain
import Storage
import Wire

/// What a workflow document changes here: worked out whole before anything is written.
///
/// What is here already is passed over, so that a second import changes nothing. Stages and
/// sub-stages take the words of the document; a published version of a definition never changes.
struct WorkflowPlan {
    private let view: View
    private let tenant: ID
    private(set) var draft = Draft()
    /// How many records of each kind are new, and how many change.
    private(set) var counts: [String: (new: Int, changed: Int)] = [:]
    /// One line a row that cannot be taken, with all its reasons.
    private(set) var faults: [String] = []
    /// The rows of the catalogue, those of the plan among them, by slug.
    private var stages: [String: Fields] = [:]
    private var subStages: [String: Fields] = [:]
    private let roles: Set<String>

    init(_ view: View, tenant: ID) throws {
        self.view = view
        self.tenant = tenant
        for record in try view.records(of: WorkflowStage.entity, in: .tenant) {
            stages[record.fields.text(WorkflowStage.slug) ?? ""] = record.fields
        }
        for record in try view.records(of: WorkflowSubStage.entity, in: .tenant) {
            subStages[record.fields.text(WorkflowSubStage.slug) ?? ""] = record.fields
        }
        let roles = try view.records(of: Role.entity, in: .tenant)
        self.roles = Set(roles.compactMap { $0.fields.text(Role.code) })
    }

    var catalogue: WorkflowCatalogue {
        WorkflowCatalogue(stages: stages.values, subStages: subStages.values, roles: roles)
    }

    /// The row of a stage, as it stands here or as the plan makes it.
    func stageFields(_ slug: String) -> Fields? { stages[slug] }

    mutating func add(_ document: WorkflowDocument) throws {
        for (place, stage) in (document.stages ?? []).enumerated() {
            try add(stage, row: "stages \(place + 1) (\(stage.slug))")
        }
        for (place, subStage) in (document.subStages ?? []).enumerated() {
            try add(subStage, row: "sub_stages \(place + 1) (\(subStage.key))")
        }
        for definition in document.definitions ?? [] {
            var reasons: [String] = []
            let outline = definition.outline(&reasons)
            try add(outline, reasons, row: "\(definition.name) version \(definition.version)")
        }
    }

    /// - Throws: `.badInput` naming every row that cannot be taken.
    func check() throws {
        guard faults.isEmpty else {
            throw CommandFault(.badInput, faults.joined(separator: "\n"), reason: "bad-rows")
        }
    }
}

// MARK: - Catalogue

extension WorkflowPlan {
    private mutating func add(_ stage: WorkflowDocument.Stage, row: String) throws {
        var values = FieldValues()
        values.set(WorkflowStage.slug, stage.slug)
        values.set(WorkflowStage.name, stage.name)
        values.set(WorkflowStage.order, stage.order)
        values.add(WorkflowStage.responsibleRoles, (stage.roles ?? []).map(Value.text))
        values.set(WorkflowStage.estimatedDays, stage.days)
        values.set(WorkflowStage.isActive, stage.isActive ?? true)
        let reasons =
            Self.slugFaults(stage.slug) + roleFaults(stage.roles ?? [])
            + (try Self.nameFaults(stage.name))
            + (stage.slug == WorkflowDefinition.MovePart.cancelled ? ["the word is taken"] : [])
        try put(WorkflowStage.entity, values, key: stage.slug, reasons, row)
        if reasons.isEmpty {
            stages[stage.slug] = Fields(of: Operation(0, .new, edits: values.edits))
        }
    }

    private mutating func add(_ subStage: WorkflowDocument.SubStage, row: String) throws {
        let slug = subStage.key
        var values = FieldValues()
        values.set(WorkflowSubStage.slug, slug)
        values.set(WorkflowSubStage.stage, subStage.stage)
        values.set(WorkflowSubStage.name, subStage.name)
        values.set(WorkflowSubStage.order, subStage.order)
        values.set(WorkflowSubStage.isRequired, subStage.isRequired)
        values.set(WorkflowSubStage.requiresApproval, subStage.requiresApproval)
        values.set(WorkflowSubStage.canSkip, subStage.canSkip)
        values.set(WorkflowSubStage.autoAdvance, subStage.autoAdvance)
        values.add(WorkflowSubStage.responsibleRoles, (subStage.roles ?? []).map(Value.text))
        values.set(WorkflowSubStage.estimatedHours, subStage.hours)
        values.set(WorkflowSubStage.isActive, subStage.isActive ?? true)
        values.set(WorkflowSubStage.isRegulated, subStage.isRegulated)
        var reasons =
            Self.slugFaults(slug) + roleFaults(subStage.roles ?? [])
            + (try Self.nameFaults(subStage.name))
        if stages[subStage.stage] == nil { reasons.append("there is no stage \(subStage.stage)") }
        if let home = subStages[slug]?.text(WorkflowSubStage.stage), home != subStage.stage {
            reasons.append("the slug belongs to stage \(home) already")
        }
        try put(WorkflowSubStage.entity, values, key: slug, reasons, row)
        if reasons.isEmpty {
            subStages[slug] = Fields(of: Operation(0, .new, edits: values.edits))
        }
    }

    private static func slugFaults(_ slug: String) -> [String] {
        let isSlug = slug.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_-]{0,99}/) != nil
        return isSlug ? [] : ["a slug is letters, digits, _ and -, at most 100"]
    }

    private static func nameFaults(_ name: String) throws -> [String] {
        do {
            try ShortText.title(name)
            return []
        } catch let fault as RuleFault {
            return [fault.message]
        } catch let fault as CommandFault {
            return [fault.message]
        }
    }

    private func roleFaults(_ named: [String]) -> [String] {
        guard !roles.isEmpty else { return [] }
        return Set(named).subtracting(roles).sorted().map { "there is no role \($0)" }
    }

    /// Creates a row of the catalogue, or makes the one that is here say the same.
    private mutating func put(
        _ entity: Entity,
        _ values: FieldValues,
        key: String,
        _ reasons: [String],
        _ row: String
    ) throws {
        guard reasons.isEmpty else {
            faults.append("\(row): \(reasons.joined(separator: "; "))")
            return
        }
        let creation = Operation(creating: entity, values, in: .tenant, tenant: tenant)
        guard case .natural(let id) = creation.target,
            let held = try view.record(id, of: entity, in: .tenant)
        else {
            draft.add(creation, in: .tenant)
            counts[entity.name, default: (0, 0)].new += 1
            return
        }
        let edits = held.edits(to: values)
        guard !edits.isEmpty else { return }
        draft.add(Operation(entity.number, .existing(id), edits: edits), in: .tenant)
        counts[entity.name, default: (0, 0)].changed += 1
    }
}

// MARK: - Definitions

extension WorkflowPlan {
    /// Adds a version: new, or in place of a draft.
    mutating func add(_ outline: WorkflowOutline, _ reasons: [String], row: String) throws {
        let entity = WorkflowDefinition.entity
        let creation = Operation(creating: entity, outline.values, in: .tenant, tenant: tenant)
        var reasons = reasons + outline.faults(in: catalogue)
        var held: StoredRecord?
        if case .natural(let id) = creation.target {
            held = try view.record(id, of: entity, in: .tenant)
        }
        let known = held.flatMap { WorkflowOutline($0.fields) }
        if let known, known.says(outline) { return }
        if let known, known.isPublished {
            reasons.append(
                "it is published and never changes: give it version \(known.version + 1)"
            )
        }
        guard reasons.isEmpty else {
            faults.append("\(row): \(reasons.joined(separator: "; "))")
            return
        }
        if let held {
            let edits = held.edits(to: outline.values, exact: outline.elements.map(\.field))
            draft.add(Operation(entity.number, .existing(held.id), edits: edits), in: .tenant)
            counts[entity.name, default: (0, 0)].changed += 1
        } else {
            draft.add(creation, in: .tenant)
            counts[entity.name, default: (0, 0)].new += 1
        }
    }
}

extension WorkflowOutline {
    /// Whether two versions have the same parts and settings, in whatever order.
    fileprivate func says(_ other: WorkflowOutline) -> Bool {
        subjectType == other.subjectType && isPublished == other.isPublished
            && isActive == other.isActive && criteriaHold == other.criteriaHold
            && elements.map(\.values) == other.elements.map(\.values)
    }
}

extension StoredRecord {
    /// The edits after which the record says what a creation with these values would.
    ///
    /// - Parameters:
    ///   - values: The fields; those of the key among them.
    ///   - exact: Sets that may have become empty.
    /// - Returns: Sorted by field, then by element.
    fileprivate func edits(to values: FieldValues, exact: [UInt32] = []) -> [FieldEdit] {
        let wanted = Fields(of: Operation(entity.number, .new, edits: values.edits))
        var edits: [FieldEdit] = []
        for field in entity.fields where field.merge != .fixed {
            let number = field.number
            guard field.merge == .set else {
                guard let value = wanted[number], value != fields[number] else { continue }
                edits.append(FieldEdit(number, .write(value, replacing: names(number))))
                continue
            }
            let (have, want) = (fields.elements(number), wanted.elements(number))
            guard !want.isEmpty || exact.contains(number) else { continue }
            edits += self.edits(of: number, from: have, to: want)
        }
        return edits
    }

    private func edits(
        of field: UInt32,
        from have: Set<Value>,
        to want: Set<Value>
    ) -> [FieldEdit] {
        let elements = have.symmetricDifference(want).map { element in
            var writer = Writer()
            writer.value(element)
            return (bytes: writer.bytes, element: element)
        }
        // Elements of a set stand in the order of their encodings (CHG-5).
        let sorted = elements.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return sorted.map { _, element in
            guard have.contains(element) else {
                return FieldEdit(field, .add(element, replacing: []))
            }
            let names = record.sets[field]?.additions[element] ?? []
            return FieldEdit(field, .remove(element, names: names.sorted()))
        }
    }
}
