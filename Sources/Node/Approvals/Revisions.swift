import Bytes
import CRDT
import Domain
import Storage
import Wire

extension SubjectRevision {
    /// The hash that requests and decisions carry (DOM-191).
    var hash: [UInt8] {
        var writer = Writer()
        writer.raw(Array("gemba/subject-revision/1".utf8) + [0])
        for part in parts { writer.value(part) }
        return Hash(of: writer.bytes).bytes
    }
}

/// What the subjects of a project are now: read once for all its requests.
struct SubjectStates {
    let project: ProjectView
    private let inspections: [InspectionView]
    private let tasks: ProjectTasks?

    /// - Parameters:
    ///   - project: As it is shown.
    ///   - kinds: Of the subjects that are asked about.
    ///   - view: Where they stand.
    /// - Throws: What reading the store does.
    init(
        of project: ProjectView,
        kinds: Set<ApprovalSubject.Kind> = Set(ApprovalSubject.Kind.allCases),
        on view: View
    ) throws {
        self.project = project
        let needsInspections = !kinds.isDisjoint(with: [.progress, .inspection, .waiver])
        inspections = needsInspections ? try view.inspections(of: project) : []
        tasks = kinds.contains(.task) ? try ProjectTasks(in: project.scope, on: view, now: 0) : nil
    }

    /// What a request about a recorded subject would be about now; nil for a subject that is not
    /// there, and for those that only requests describe.
    func revision(of ask: ApprovalAsk) -> [UInt8]? {
        let key = ask.subject.key
        switch ask.subject.kind {
        case .progress:
            return progress(key, project.steps[key] ?? Stream([]), ask.attachments)
        case .task:
            guard let task = tasks?.items.first(where: { $0.definition.code == key }) else {
                return nil
            }
            return SubjectRevision(ofTask: key, task.stream, evidence: ask.attachments).hash
        case .inspection:
            return inspection(key).map { inspection in
                let heads = inspection.items.flatMap { $0.measured.heads.map(\.id) }
                return SubjectRevision(
                    .inspection,
                    of: inspection.record.id,
                    Set(heads),
                    evidence: inspection.reviewed.union(ask.attachments)
                ).hash
            }
        case .waiver:
            return inspection(key).map { inspection in
                let asked = inspection.askedMeasurements.intersection(inspection.failing)
                return Self.waiver(of: inspection.record.id, asked)
            }
        default: return nil
        }
    }

    /// What a sub-stage is reviewed as, from the steps that somebody was shown.
    func progress(
        _ subStage: String,
        _ steps: Stream<ProgressStep>,
        _ attachments: Set<ApprovalEvidence>
    ) -> [UInt8] {
        let holding = inspections.filter { $0.plan?.holds.contains(subStage) ?? false }
        let evidence = holding.reduce(into: attachments) { $0.formUnion($1.reviewed) }
        return SubjectRevision(ofSubStage: subStage, steps, evidence: evidence).hash
    }

    static func waiver(of inspection: ID, _ measurements: Set<ID>) -> [UInt8] {
        SubjectRevision(.waiver, of: inspection, measurements).hash
    }

    private func inspection(_ key: String) -> InspectionView? {
        inspections.first { "\($0.record.id)" == key }
    }
}

extension InspectionView {
    /// What somebody who reviews it looks at: measurements that stand, photos and documents.
    fileprivate var reviewed: Set<ApprovalEvidence> {
        var reviewed: Set<ApprovalEvidence> = []
        for item in items {
            for head in item.measured.heads {
                let name = "\(process)/\(item.definition.item)"
                reviewed.insert(ApprovalEvidence(name, head.id.bytes))
            }
        }
        for entry in evidence {
            switch entry.event.content {
            case .photo(let hash, let name), .document(let hash, let name):
                reviewed.insert(ApprovalEvidence(name ?? "", hash))
            case .signature, .unknown: break
            }
        }
        return reviewed
    }

    /// The measurements that open requests for a waiver name.
    var askedMeasurements: Set<ID> {
        waiverStream.entries.filter { waivers.asked.contains($0.id) }
            .reduce(into: []) { $0.formUnion($1.event.accepts) }
    }
}
