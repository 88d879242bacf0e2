import Domain
import Foundation

/// Workflows as a firm writes them down: its catalogue, and definitions that use it.
///
/// What is left out is what the catalogue says.
///
/// - Shape: `fixtures/workflows/README.md`.
struct WorkflowDocument: Codable, Sendable {
    var stages: [Stage]?
    var subStages: [SubStage]?
    var definitions: [Definition]?

    struct Stage: Codable, Sendable {
        var slug: String
        var name: String
        var order: Int64?
        var days: Int64?
        var roles: [String]?
        var isActive: Bool?
    }

    struct SubStage: Codable, Sendable {
        /// Left out: the stage's slug and the name.
        var slug: String?
        var stage: String
        var name: String
        var order: Int64?
        var isRequired: Bool?
        var requiresApproval: Bool?
        var canSkip: Bool?
        var autoAdvance: Bool?
        var isRegulated: Bool?
        var hours: Int64?
        var roles: [String]?
        var isActive: Bool?
    }

    struct Definition: Codable, Sendable {
        var name: String
        var version: Int64
        var subjectType: String?
        var published: Bool?
        var criteriaHold: Bool?
        var stages: [StagePart]
        var subStages: [SubStagePart]?
        var moves: [Move]?
    }

    struct StagePart: Codable, Sendable {
        var slug: String
        /// False: the stage is left out.
        var included: Bool?
        var order: Int64?
        var days: Int64?
        var requiresApproval: Bool?
        var roles: [String]?
        var status: String?
        var statusWhenDone: String?
        var documents: [Document]?
        var criteria: [Criterion]?
    }

    struct SubStagePart: Codable, Sendable {
        var slug: String
        var included: Bool?
        var order: Int64?
        var hours: Int64?
        var requiresApproval: Bool?
        var canSkip: Bool?
        var autoAdvance: Bool?
        var roles: [String]?
    }

    struct Document: Codable, Sendable {
        var category: String
        var count: Int64?
    }

    struct Criterion: Codable, Sendable {
        var key: String
        /// exit or decision; left out: exit.
        var kind: String?
        var text: String
    }

    struct Move: Codable, Sendable {
        var from: String
        /// A stage, or `cancelled`.
        var to: String
        var roles: [String]?
    }
}

// MARK: - Reading and writing

extension WorkflowDocument {
    /// The longest file that is read: 1 MiB.
    private static let fileBytesMax = 1 << 20

    /// - Throws: `.notFound`; `.badInput` naming the place that cannot be read.
    init(file path: String) throws {
        guard let read: WorkflowDocument = try JSONFile.read(path, atMost: Self.fileBytesMax) else {
            throw CommandFault(.notFound, "there is no file \(path)")
        }
        self = read
    }

    /// The document as a file holds it.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

extension WorkflowDocument.SubStage {
    /// What it is called: as written, or stage and name (C-65).
    var key: String {
        if let slug { return slug }
        let word = name.lowercased().unicodeScalars.map { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                ? String(scalar) : "_"
        }
        let name = word.joined().split(separator: "_").joined(separator: "_")
        return "\(stage)_\(name)"
    }
}

// MARK: - Definitions

extension WorkflowDocument.Definition {
    private typealias Parts = WorkflowDefinition

    /// The definition as records hold it.
    ///
    /// - Parameter faults: Takes what cannot be read.
    /// - Returns: The definition without what could not be read.
    func outline(_ faults: inout [String]) -> WorkflowOutline {
        var outline = WorkflowOutline(name, version: version)
        outline.subjectType = subjectType ?? "project"
        outline.isPublished = published ?? true
        outline.criteriaHold = criteriaHold ?? false
        let stages = stages.filter { $0.included ?? true }
        outline.stages = stages.map { part in
            Parts.StagePart(
                part.slug,
                order: part.order,
                days: part.days,
                requiresApproval: part.requiresApproval,
                roles: part.roles ?? []
            )
        }
        outline.subStages = (subStages ?? []).filter { $0.included ?? true }.map { part in
            Parts.SubStagePart(
                part.slug,
                order: part.order,
                hours: part.hours,
                requiresApproval: part.requiresApproval,
                canSkip: part.canSkip,
                autoAdvance: part.autoAdvance,
                roles: part.roles ?? []
            )
        }
        outline.moves = (moves ?? []).map { Parts.MovePart($0.from, $0.to, roles: $0.roles ?? []) }
        for stage in stages {
            outline.documents += (stage.documents ?? []).map {
                Parts.DocumentPart(stage.slug, $0.category, count: $0.count ?? 1)
            }
            for criterion in stage.criteria ?? [] {
                let kind = Parts.CriterionPart.Kind(rawValue: criterion.kind ?? "exit")
                if kind == nil {
                    faults.append("\(criterion.key): a criterion is exit or decision")
                }
                let (key, text) = (criterion.key, criterion.text)
                outline.criteria.append(
                    Parts.CriterionPart(stage.slug, key, kind ?? .exit, text: text)
                )
            }
            if let status = stage.status {
                outline.statuses.append(
                    Parts.StatusPart(stage.slug, status, done: stage.statusWhenDone)
                )
            }
        }
        return outline
    }

    /// The definition as a file holds it.
    init(_ outline: WorkflowOutline) {
        name = outline.name
        version = outline.version
        subjectType = outline.subjectType
        published = outline.isPublished
        criteriaHold = outline.criteriaHold
        stages = outline.stages.map { part in
            let status = outline.statuses.first { $0.stage == part.slug }
            let documents = outline.documents.filter { $0.stage == part.slug }
            let criteria = outline.criteria.filter { $0.stage == part.slug }
            return WorkflowDocument.StagePart(
                slug: part.slug,
                order: part.order,
                days: part.days,
                requiresApproval: part.requiresApproval,
                roles: part.roles.isEmpty ? nil : part.roles,
                status: status?.status,
                statusWhenDone: status?.done,
                documents: documents.isEmpty
                    ? nil : documents.map { .init(category: $0.category, count: $0.count) },
                criteria: criteria.isEmpty
                    ? nil
                    : criteria.map { .init(key: $0.key, kind: $0.kind.rawValue, text: $0.text) }
            )
        }
        subStages = outline.subStages.map { part in
            WorkflowDocument.SubStagePart(
                slug: part.slug,
                order: part.order,
                hours: part.hours,
                requiresApproval: part.requiresApproval,
                canSkip: part.canSkip,
                autoAdvance: part.autoAdvance,
                roles: part.roles.isEmpty ? nil : part.roles
            )
        }
        moves =
            outline.moves.isEmpty
            ? nil
            : outline.moves.map {
                .init(from: $0.from, to: $0.to, roles: $0.roles.isEmpty ? nil : $0.roles)
            }
    }
}
