import CRDT
import Domain
public import Storage

extension LocalNode {
    /// What waits for a person to settle it.
    ///
    /// Reads the projects of which something waits, and no other.
    ///
    /// - Parameter isWhole: Whether hours are among it whenever they were recorded, and not in the
    ///   last ``hoursDays`` days alone (DOM-291).
    /// - Returns: The cases: of fields, then by project, then of hours.
    /// - Throws: What reading the store does.
    public func conflicts(isWhole: Bool = false) throws -> [ConflictCase] {
        let since = isWhole ? 0 : hoursSince
        let tenant = store.tenant
        let (cases, made, basis) = try read { view in
            let (subjects, made, basis) = try view.waitingSubjects()
            let search = try ConflictSearch(view, tenant: tenant)
            return (try search.all(of: subjects, hoursSince: since), made, basis)
        }
        try? store.keep(made, basis)
        return cases
    }

    /// Hours that were recorded longer ago are not looked through for what overlaps.
    public static let hoursDays: UInt64 = 90

    private var hoursSince: UInt64 {
        let (since, isEarly) = wallMilliseconds.subtractingReportingOverflow(
            Self.hoursDays * 86_400_000
        )
        return isEarly ? 0 : since
    }

    /// The case whose id begins so, or the one of a number in the list, from 1.
    ///
    /// - Throws: `.notFound`, also if several begin so.
    public func conflict(_ typed: String) throws -> ConflictCase {
        try Self.conflict(typed, among: conflicts())
    }

    /// What is written in place of the values that were shown.
    public enum Settlement: Hashable, Sendable {
        /// The value of a side, from 1.
        case side(Int)
        /// Another value, as typed.
        case value(String)
    }

    /// Settles a conflict of a field: writes one value that names all heads that were shown.
    ///
    /// - Parameters:
    ///   - typed: The first digits of the case's id.
    ///   - settlement: The value that is to stand.
    ///   - seen: What the form showed; nil: what this node shows.
    ///   - actor: Who settles it.
    /// - Throws: `RuleFault`; `.refused` for a case that is settled by acting, with what to do.
    public func settle(
        _ typed: String,
        with settlement: Settlement,
        seen: Seen? = nil,
        by actor: Actor
    ) throws {
        let (tenant, isHub, since) = (store.tenant, isHub, hoursSince)
        _ = try act(by: actor) { acting, person in
            let view = acting.view
            let search = try ConflictSearch(view, tenant: tenant)
            let all = try search.all(of: view.waitingSubjects().subjects, hoursSince: since)
            let conflict = try Self.conflict(typed, among: all)
            guard let entity = conflict.entity, let field = conflict.field else {
                throw CommandFault(
                    .refused,
                    "this is settled by acting: \(conflict.settledBy)",
                    reason: "settled-by-acting"
                )
            }
            try person.check(settling: conflict, of: entity, on: view)
            guard isHub || (field.merge != .authority && entity.writer == .anyDevice) else {
                throw RuleFault(.hubOnly, "only a hub sets \(field.name): settle it there")
            }
            var names = conflict.seen.names
            if let seen {
                let known = try view.history(
                    of: conflict.record,
                    entity: entity.number,
                    in: conflict.scope
                )
                names = try seen.names(among: known.map(\.name))
            }
            let value = try conflict.value(of: settlement, on: view)
            let edit = FieldEdit(
                field.number,
                conflict.key.map { .put(key: $0, value, replacing: names) }
                    ?? .write(value, replacing: names)
            )
            var draft = Draft()
            draft.add(
                Operation(entity.number, .existing(conflict.record), edits: [edit]),
                in: conflict.scope
            )
            return draft
        }
    }

    private static func conflict(
        _ typed: String,
        among all: [ConflictCase]
    ) throws -> ConflictCase {
        if typed.count < 4, let number = Int(typed) {
            guard number >= 1, number <= all.count else {
                throw CommandFault(
                    .notFound,
                    "there is no conflict \(number): see `gemba conflict list`",
                    reason: "unknown-name"
                )
            }
            return all[number - 1]
        }
        return try all.only(
            "conflict",
            beginning: typed,
            digitsMin: 4,
            shownBy: "gemba conflict list",
            id: \.id
        )
    }
}

extension ActingPerson {
    /// Asks for what settles a conflict: the act by which the record is edited.
    fileprivate func check(
        settling conflict: ConflictCase,
        of entity: Entity,
        on view: View
    ) throws {
        switch entity.number {
        case Inspection.number: try check(.settleMeasurement)
        case SubStageNote.number where conflict.field?.number == SubStageNote.assignedTo:
            let row = try view.record(conflict.record, of: entity, in: conflict.scope)
            let slug = row?.fields.text(SubStageNote.subStage)
            let project = try view.project(named: "\(conflict.scope.key)")
            let seed = project.rows.map(\.seed).first { $0.slug == slug }
            try check(.assignSubStage, responsible: seed?.roles ?? [])
        case SubStageNote.number: try check(.noteSubStage)
        case Preferences.number:
            let record = try view.record(conflict.record, of: entity, in: conflict.scope)
            guard record?.fields.id(Preferences.user) == user else {
                throw RuleFault(.notAllowed, "preferences are set by the person themselves")
            }
            try check(.setPreferences)
        case WorkTask.number: try check(.planTasks)
        case Defect.number: try check(.workOnDefect)
        case Company.number, CompanyAddress.number: try check(.editCompany)
        case Contact.number, SubjectContact.number: try check(.editContact)
        default: try check(.editProject)
        }
    }
}

extension ConflictCase {
    fileprivate func value(
        of settlement: LocalNode.Settlement,
        on view: View
    ) throws -> Value {
        switch settlement {
        case .side(let number):
            guard values.indices.contains(number - 1) else {
                throw CommandFault(
                    .badInput,
                    "a side is 1 to \(values.count)",
                    reason: "unknown-side"
                )
            }
            return values[number - 1]
        case .value(let typed):
            return try value(typed: typed, on: view)
        }
    }

    /// A value that a person typed for the field.
    private func value(typed: String, on view: View) throws -> Value {
        if entity == Project.entity, field?.number == Project.title {
            try ShortText.title(typed)
        } else if entity == Project.entity, field?.number == Project.priority {
            try ShortText.priority(typed)
        } else {
            try ShortText.text(typed)
        }
        if case .cautious(let known) = field?.merge, field?.kind == .text,
            !known.contains(.text(typed))
        {
            throw RuleFault(.unknownValue, "a \(field?.name ?? "value") is one of those shown")
        }
        switch field?.kind {
        case .text: return .text(typed)
        case .bool where typed == "true" || typed == "false": return .bool(typed == "true")
        case .integer:
            if let number = Int64(typed) { return .integer(number) }
        case .decimal: return try DecimalNumber(typed: typed).value
        case .id:
            if let user = try view.user(named: typed).fields.id(User.user) { return .id(user) }
        default: break
        }
        throw CommandFault(
            .badInput,
            "\(typed.prefix(40)) is no value of \(what): choose one with --side",
            reason: "not-a-value"
        )
    }
}
