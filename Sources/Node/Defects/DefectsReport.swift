import CRDT
import Domain
import Storage

/// The defects of a project as a page shows them.
///
/// JSON: `{"project", "defects": [{"defect", "description", "status", "severity", "attempt",
/// "holds_work", "contained", "waiver_asked", …, "conflicts", "seen"}]}`; of one alone also
/// `"steps"`.
public struct DefectsReport: Sendable {
    public let project: ProjectView
    public let defects: ProjectDefects
    private let names: Nicknames
    private let code: String?
    private let openOnly: Bool

    init(_ project: ProjectView, defect: String?, openOnly: Bool, on view: View) throws {
        self.project = project
        self.openOnly = openOnly
        defects = try ProjectDefects(in: project.scope, on: view)
        code = try defect.map { [defects] in try defects.defect(named: $0).definition.code }
        names = try Nicknames(view)
    }

    /// The defects that are shown.
    public var items: [ProjectDefects.Item] {
        defects.items.filter { item in
            (code == nil || item.definition.code == code) && (!openOnly || item.progress.isOpen)
        }
    }

    public var lines: [String] {
        guard !items.isEmpty else { return ["no defects"] }
        var table = Table("DEFECT", "STATUS", "SEVERITY", "WHAT", "NOTE")
        for item in items {
            table.add(
                item.definition.code,
                item.progress.status.rawValue,
                item.progress.severity.rawValue,
                item.definition.description,
                note(item)
            )
        }
        return table.lines + (code == nil ? [] : items.flatMap(details))
    }

    /// What became of the one defect, for whoever acted on it.
    public var outcome: [String] {
        items.map { item in
            let note = note(item)
            let (status, severity) = (item.progress.status, item.progress.severity)
            return "\(item.definition.code) of \(project.number) is \(status.rawValue), "
                + severity.rawValue + (note.isEmpty ? "" : "; \(note)")
        }
    }

    private func note(_ item: ProjectDefects.Item) -> String {
        var notes: [String] = []
        if item.progress.holdsWork { notes.append("holds every sub-stage") }
        if item.progress.isContained { notes.append("contained") }
        if item.progress.isWaiverAsked { notes.append("waiver asked: the hub decides") }
        if !item.progress.conflicts.isEmpty { notes.append("in conflict: gemba conflict list") }
        return notes.joined(separator: "; ")
    }

    private func details(_ item: ProjectDefects.Item) -> [String] {
        let defect = item.definition
        let texts = [
            ("containment", defect.containment), ("cause", defect.rootCause),
            ("corrective action", defect.correctiveAction),
            ("preventive action", defect.preventiveAction), ("location", defect.location),
        ]
        let known = texts.compactMap { name, text in text.map { "  \(name): \($0)" } }
        let steps = item.stream.entries.compactMap { entry -> String? in
            guard let origin = defects.origin(entry.id) else { return nil }
            let why = (entry.event.reason ?? entry.event.comment).map { " \"\($0)\"" } ?? ""
            let author = Authorship(origin, names).text
            return "  \(entry.event.action.words)\(why): \(author)"
        }
        return known + steps
    }
}

// MARK: - For scripts

extension DefectsReport {
    public var json: JSON {
        ["project": .text(project.number), "defects": .list(items, json(of:))]
    }

    private func json(of item: ProjectDefects.Item) -> JSON {
        let progress = item.progress
        let json = record(item)
            .with("status", .text(progress.status.rawValue))
            .with("severity", .text(progress.severity.rawValue))
            .with("attempt", .number(progress.attempt))
            .with("open", .bool(progress.isOpen))
            .with("holds_work", .bool(progress.holdsWork))
            .with("contained", .bool(progress.isContained))
            .with("waiver_asked", .bool(progress.isWaiverAsked))
            .with("resolved_by", author(progress.resolution))
            .with("closed_by", author(progress.closing))
            .with(
                "conflicts",
                .list(progress.conflicts) { conflict in
                    [
                        "kind": .text(conflict.kind.rawValue), "loser": .text("\(conflict.loser)"),
                        "winner": .text("\(conflict.winner)"),
                    ]
                }
            )
            .with("seen", .text(Seen(item.stream.heads).text))
        guard code != nil else { return json }
        return json.with("steps", .list(item.stream.entries) { step($0, in: item) })
    }

    private func record(_ item: ProjectDefects.Item) -> JSON {
        let defect = item.definition
        return [
            "defect": .text(defect.code), "description": .text(defect.description),
            "category": .text(orNull: defect.category),
            "inspection": .text(orNull: defect.inspection.map { "\($0)" }),
            "item": .integer(orNull: defect.item), "build": .text(orNull: defect.build),
            "location": .text(orNull: defect.location),
            "coordinates": .list(defect.coordinates) { .text("\($0)") },
            "affects_functionality": .bool(defect.affectsFunctionality),
            "affects_appearance": .bool(defect.affectsAppearance),
            "customer_visible": .bool(defect.customerVisible),
            "containment": .text(orNull: defect.containment),
            "root_cause": .text(orNull: defect.rootCause),
            "corrective_action": .text(orNull: defect.correctiveAction),
            "preventive_action": .text(orNull: defect.preventiveAction),
            "assigned_to": .text(orNull: defect.assignedTo.map(names.user)),
            "due": .text(orNull: defect.due),
        ]
    }

    private func step(_ entry: Stream<DefectStep>.Entry, in item: ProjectDefects.Item) -> JSON {
        let seen = item.stream.entries.filter { item.stream.saw(entry, $0) }
        return [
            "id": .text("\(entry.id)"), "action": .text(entry.event.action.words),
            "reason": .text(orNull: entry.event.reason),
            "comment": .text(orNull: entry.event.comment), "by": author(entry.id),
            "had_seen": .list(seen) { .text("\($0.id)") },
        ]
    }

    private func author(_ id: ID?) -> JSON {
        defects.origin(id).map { Authorship($0, names).json } ?? .null
    }
}

extension DefectStep.Action {
    /// The step in words.
    var words: String {
        switch self {
        case .reclassify(let severity, let isDecided):
            "grade \(severity.rawValue)" + (isDecided ? " (decided)" : "")
        case .askToWaive: "ask to waive"
        default: word ?? "unknown"
        }
    }
}

extension LocalNode {
    /// The defects of a project, or one of them with its steps.
    ///
    /// - Parameters:
    ///   - project: A number, a title or an id.
    ///   - defect: A code; nil: all.
    ///   - openOnly: Whether those that are closed or waived are left out.
    /// - Returns: The defects, by code.
    /// - Throws: `.notFound`.
    public func defects(
        of project: String,
        defect: String? = nil,
        openOnly: Bool = false
    ) throws -> DefectsReport {
        try read { view in
            let project = try view.project(named: project)
            return try DefectsReport(project, defect: defect, openOnly: openOnly, on: view)
        }
    }
}
