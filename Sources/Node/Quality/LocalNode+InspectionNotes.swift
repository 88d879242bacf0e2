import CRDT
import Domain
public import Storage
import Wire

/// What a person writes on an inspection; nil leaves it.
public struct InspectionNote: Hashable, Sendable {
    public var inspectorNotes: String?
    public var reviewerNotes: String?
    public var correctiveActions: String?
    /// A user.
    public var assignedTo: String?
    /// A result that an inspector declares: it can only make the inspection worse than its items.
    public var result: String?
    public var lot: Int64?

    public init() {}
}

extension LocalNode {
    /// Writes notes, corrective actions and more on an inspection, in place of what is shown.
    ///
    /// - Returns: The inspection as it is then.
    /// - Throws: `RuleFault`, `.notFound`, `.usage` if nothing is written.
    @discardableResult
    public func note(
        _ note: InspectionNote,
        on name: InspectionName,
        by actor: Actor
    ) throws -> InspectionView {
        for text in [note.inspectorNotes, note.reviewerNotes, note.correctiveActions] {
            try ShortText.text(text)
        }
        let subject = try project(name.project).subject
        var name = name
        name.project = "\(subject)"
        let wanted = name
        _ = try act(by: actor) { acting, person in
            try person.check(.openInspection)
            let inspection = try acting.view.inspection(wanted)
            let edits = try note.edits(of: inspection.record, on: acting.view)
            guard !edits.isEmpty else {
                throw CommandFault(.usage, "say what to write: --notes TEXT", reason: "no-edit")
            }
            var draft = Draft()
            draft.add(
                Operation(Inspection.number, .existing(inspection.record.id), edits: edits),
                in: inspection.scope
            )
            return draft
        }
        return try inspection(wanted)
    }
}

extension InspectionNote {
    fileprivate func edits(of record: StoredRecord, on view: View) throws -> [FieldEdit] {
        let result = self.result?.uppercased()
        if let result, !Inspection.results.contains(result) {
            throw RuleFault(.unknownValue, "a result is one of \(Inspection.results)")
        }
        guard lot.map({ $0 > 0 }) ?? true else {
            throw RuleFault(.outOfRange, "a lot holds at least one")
        }
        let values: [(UInt32, Value?)] = [
            (Inspection.result, result.map(Value.text)),
            (Inspection.assignedTo, try assignedTo.map { .id(try view.userID(named: $0)) }),
            (Inspection.inspectorNotes, inspectorNotes.map(Value.text)),
            (Inspection.reviewerNotes, reviewerNotes.map(Value.text)),
            (Inspection.correctiveActions, correctiveActions.map(Value.text)),
            (Inspection.lotSize, lot.map(Value.integer)),
        ]
        return values.compactMap { field, value in
            guard let value, value != record.fields[field] else { return nil }
            return FieldEdit(field, .write(value, replacing: record.names(field)))
        }
    }
}
