import CRDT
public import Domain
import Storage

/// A workflow as it applies, for people and scripts.
public struct WorkflowReport: Sendable {
    public let template: WorkflowTemplate

    public var json: JSON {
        [
            "workflow": .text(template.name), "version": .number(template.version),
            "subject_type": .text(template.subjectType),
            "criteria_hold": .bool(template.criteriaHold),
            "stages": .list(template.stages, stage),
            "moves": .list(template.moves) { move in
                [
                    "from": .text(move.from), "to": .text(move.to),
                    "roles": .list(move.roles, JSON.text),
                ]
            },
        ]
    }

    private func stage(_ stage: WorkflowTemplate.Stage) -> JSON {
        [
            "stage": .text(stage.slug), "order": .number(stage.order),
            "days": .integer(orNull: stage.days), "roles": .list(stage.roles, JSON.text),
            "status": .text(orNull: stage.status),
            "sub_stages": .list(stage.seeds, seed),
            "criteria": .list(stage.criteria) { part in
                [
                    "key": .text(part.key), "kind": .text(part.kind.rawValue),
                    "text": .text(part.text),
                ]
            },
            "documents": .list(stage.documents) { part in
                ["category": .text(part.category), "count": .number(part.count)]
            },
        ]
    }

    private func seed(_ seed: SubStageSeed) -> JSON {
        [
            "sub_stage": .text(seed.slug), "order": .number(seed.order),
            "required": .bool(seed.isRequired), "needs_approval": .bool(seed.requiresApproval),
            "can_skip": .bool(seed.canSkip), "auto_advance": .bool(seed.autoAdvance),
            "hours": .integer(orNull: seed.hours), "roles": .list(seed.roles, JSON.text),
        ]
    }

    public var lines: [String] {
        var table = Table("STAGE", "SUB-STAGE", "NEEDS", "TIME", "ROLES")
        for stage in template.stages {
            let days = stage.days.map { "\($0) d" } ?? ""
            table.add(stage.slug, "", "", days, stage.roles.joined(separator: ", "))
            for seed in stage.seeds {
                let needs = [
                    seed.requiresApproval ? "approval" : nil, seed.isRequired ? nil : "optional",
                    seed.canSkip ? "can be skipped" : nil,
                ]
                let hours = seed.hours.map { "\($0) h" } ?? ""
                let words = needs.compactMap(\.self).joined(separator: ", ")
                table.add("", seed.slug, words, hours, seed.roles.joined(separator: ", "))
            }
        }
        let criteria = template.stages.flatMap { stage in
            stage.criteria.map { "\(stage.slug), \($0.kind.rawValue) \($0.key): \($0.text)" }
        }
        let moves = template.moves.map { move in
            let roles = move.roles.isEmpty ? "" : " (\(move.roles.joined(separator: ", ")))"
            return "\(move.from) to \(move.to)\(roles)"
        }
        let head = "\(template.name), version \(template.version), for a \(template.subjectType)"
        return [head] + table.lines + criteria + moves
    }
}

/// A stage of the catalogue.
public struct CatalogueStage: Hashable, Sendable {
    public let slug: String
    public let name: String?
    public let order: Int64?
    public let days: Int64?
    public let roles: [String]

    public var json: JSON {
        [
            "slug": .text(slug), "name": .text(orNull: name), "order": .integer(orNull: order),
            "days": .integer(orNull: days), "roles": .list(roles, JSON.text),
        ]
    }
}

extension LocalNode {
    /// All versions of all workflows.
    public func workflows() throws -> [WorkflowOutline] { try read { try $0.outlines() } }

    /// A version of a workflow, drafts too, as projects would follow it.
    public func workflow(_ name: String, version: Int64? = nil) throws -> WorkflowReport {
        try read { view in
            let outline = try view.outline(named: name, version: version)
            return WorkflowReport(template: try view.template(of: outline))
        }
    }

    /// The stages of the catalogue, in order.
    public func stages() throws -> [CatalogueStage] {
        try read { view in
            try view.catalogueStages(nil).map { stage in
                CatalogueStage(
                    slug: stage.slug,
                    name: stage.name,
                    order: stage.order,
                    days: stage.days,
                    roles: stage.roles ?? []
                )
            }
        }
    }
}

extension View {
    /// A version of a workflow joined with the catalogue.
    func template(of outline: WorkflowOutline) throws -> WorkflowTemplate {
        let definition = try records(of: WorkflowDefinition.entity, in: .tenant).first {
            $0.fields.text(WorkflowDefinition.name) == outline.name
                && $0.fields.integer(WorkflowDefinition.version) == outline.version
        }
        let stages = try records(of: WorkflowStage.entity, in: .tenant).filter { !$0.isDeleted }
        let subStages = try records(of: WorkflowSubStage.entity, in: .tenant)
            .filter { !$0.isDeleted }
        let template = definition.flatMap {
            WorkflowTemplate(
                $0.fields,
                stages: stages.map(\.fields),
                subStages: subStages.map(\.fields)
            )
        }
        guard let template else { throw CommandFault(.damaged, "the workflow cannot be read") }
        return template
    }
}
