import CRDT
import Domain
import Storage
import Wire

/// Finds what people are told of, in one scope.
///
/// For whom follows later: so what was found is good for everybody, until the scope grows.
struct NoticeSearch {
    let view: View
    let tenant: ID
    /// Milliseconds since 1970: what was caused earlier is not looked at.
    let since: UInt64

    /// The notices of a scope, in no order.
    func notices(in scope: Scope, conflicts: [Conflict]) throws -> [Notice] {
        let all =
            switch scope.kind {
            case .subject: try subject(scope, conflicts)
            case .tenant: try memberships()
            case .site, .restricted: [Notice]()
            }
        let found = try all + messages(in: scope) + handovers(in: scope) + setAside(in: scope)
        return found.filter { $0.milliseconds >= since }
    }

    /// The id that stands for a write of a field: its record, field and name.
    private func cause(_ record: ID, _ detail: String, _ names: [Name]) -> ID {
        ID(
            naturalKey: [.id(record), .text(detail), .text(Seen(names).text)],
            of: SeenMark.number,
            in: .tenant,
            tenant: tenant
        )
    }

    private func recent(_ entity: Entity, in scope: Scope) throws -> [StoredEvent] {
        try view.events(of: entity, in: scope, since: since).filter { $0.exclusion == nil }
    }
}

extension StoredEvent {
    /// The event as the cause of a notice.
    fileprivate var cause: WorkflowNotices.Cause {
        WorkflowNotices.Cause(id, by: origin.user, at: origin.time.milliseconds)
    }
}

// MARK: - Anywhere

extension NoticeSearch {
    private func messages(in scope: Scope) throws -> [Notice] {
        try recent(Message.entity, in: scope).map { event in
            let message = Message(event.fields)
            return notice(
                .message,
                "message",
                event,
                for: message.addressees,
                title: message.title ?? String(message.content.prefix(80)),
                text: message.content
            )
        }
    }

    private func handovers(in scope: Scope) throws -> [Notice] {
        guard scope.kind == .site else { return [] }
        return try recent(HandoverNote.entity, in: scope).map { event in
            let note = HandoverNote(event.fields)
            return notice(
                .message,
                "handover",
                event,
                for: note.addressees,
                title: "handover" + (note.shift.map { " for \($0)" } ?? ""),
                text: note.content
            )
        }
    }

    /// Whose work a hub set aside learns it, with the reason.
    private func setAside(in scope: Scope) throws -> [Notice] {
        try view.setAside(in: scope).filter { $0.origin.user != .zero }.map { change in
            let word = change.exclusion.rawValue
            let entities = change.entities.map { Catalogue.schema[$0]?.name ?? "entity \($0)" }
            return Notice(
                .sync,
                "set-aside",
                in: scope,
                cause: cause(change.origin.replica, "\(change.point.sequence) \(word)", []),
                for: .person(change.origin.user),
                by: .zero,
                at: change.origin.time.milliseconds,
                priority: .high,
                title: "work of yours does not count: \(entities.joined(separator: ", "))",
                text: change.reason ?? word
            )
        }
    }

    private func notice(
        _ kind: Notice.Kind,
        _ word: String,
        _ event: StoredEvent,
        for addressees: Addressees,
        title: String,
        text: String?
    ) -> Notice {
        Notice(
            kind,
            word,
            in: event.origin.scope,
            cause: event.id,
            for: addressees,
            by: event.origin.user,
            at: event.origin.time.milliseconds,
            priority: word == "handover" ? .high : .normal,
            title: title,
            text: text
        )
    }

    /// Who is given a role learns it.
    private func memberships() throws -> [Notice] {
        try view.records(of: Membership.entity, in: .tenant).compactMap { record in
            guard let user = record.fields.id(Membership.user),
                let role = record.fields.text(Membership.role),
                let first = record.record.creations.min()
            else { return nil }
            let from = record.fields.text(Membership.effectiveFrom) ?? "-"
            return Notice(
                .system,
                "role",
                in: .tenant,
                cause: record.id,
                for: .person(user),
                by: .zero,
                at: first.stamp.time.milliseconds,
                title: "you hold the role \(role), level "
                    + "\(record.fields.integer(Membership.level) ?? 1), from \(from)"
            )
        }
    }
}

// MARK: - Subjects

extension NoticeSearch {
    private func subject(_ scope: Scope, _ conflicts: [Conflict]) throws -> [Notice] {
        guard
            let record = try view.records(of: Project.entity, in: scope)
                .first(where: { !$0.isDeleted })
        else { return [] }
        let project = try ProjectView(record, in: scope, on: view)
        let leader = [record.fields.id(Project.assignedTo)].compactMap(\.self)
        let rules = WorkflowNotices(scope, project.number, team: Set(leader))
        var notices = stages(of: project, rules)
        notices += steps(of: project, rules)
        notices += try requests(in: project, rules)
        notices += try approvals(in: scope)
        notices += try assignments(in: project, rules)
        notices += try documents(in: scope, rules)
        return notices + (try self.conflicts(of: project, record, conflicts))
    }

    private func stages(of project: ProjectView, _ rules: WorkflowNotices) -> [Notice] {
        project.advances.entries.compactMap { entry in
            guard let event = project.events[entry.id], event.exclusion == nil else { return nil }
            // A hub that confirms what somebody wrote tells nobody anything new.
            let isKnown =
                entry.event.isConfirmed
                && project.advances.entries.contains { other in
                    !other.event.isConfirmed && other.event.from == entry.event.from
                        && other.event.to == entry.event.to && project.advances.saw(entry, other)
                }
            return isKnown ? nil : rules.stage(entry.event, event.cause)
        }
    }

    private func steps(of project: ProjectView, _ rules: WorkflowNotices) -> [Notice] {
        let rows = project.rows
        return project.steps.values.flatMap { stream in
            stream.entries.compactMap { entry -> Notice? in
                guard let event = project.events[entry.id], event.exclusion == nil,
                    event.origin.time.milliseconds >= since
                else { return nil }
                let place = rows.firstIndex { $0.seed.slug == entry.event.subStage }
                let row = place.map { rows[$0] }
                let next = place.flatMap { place -> SubStageRow? in
                    guard rows.indices.contains(place + 1) else { return nil }
                    return rows[place + 1].stage == rows[place].stage ? rows[place + 1] : nil
                }
                return rules.step(
                    entry.event,
                    on: row,
                    before: next,
                    finishers: finishers(before: entry, in: stream, of: project),
                    event.cause
                )
            }
        }
    }

    private func finishers(
        before decision: Stream<ProgressStep>.Entry,
        in stream: Stream<ProgressStep>,
        of project: ProjectView
    ) -> Set<ID> {
        switch decision.event.action {
        case .approve, .reject: break
        default: return []
        }
        let finishes = stream.entries.filter { entry in
            guard case .finish = entry.event.action else { return false }
            return stream.saw(decision, entry)
        }
        return Set(finishes.compactMap { project.events[$0.id]?.origin.user })
    }

    private func requests(in project: ProjectView, _ rules: WorkflowNotices) throws -> [Notice] {
        try view.records(of: ApprovalRequest.entity, in: project.scope).compactMap { record in
            // Once the hub has said who decides, those are told.
            guard record.fields.integer(ApprovalRequest.hubReceivedAt) == nil,
                let slug = record.fields.text(ApprovalRequest.subjectKey),
                let row = project.rows.first(where: { $0.seed.slug == slug }),
                record.fields.integer(ApprovalRequest.attempt) == Int64(row.progress.attempt),
                let first = record.record.creations.min()
            else { return nil }
            let cause = WorkflowNotices.Cause(
                record.id,
                by: record.fields.id(ApprovalRequest.requestedBy) ?? .zero,
                at: first.stamp.time.milliseconds
            )
            return rules.request(record.fields.text(ApprovalRequest.approvalType), on: row, cause)
        }
    }

    private func approvals(in scope: Scope) throws -> [Notice] {
        try ApprovalCases(in: scope, on: view).cases.flatMap { one in
            let rules = ApprovalNotices(
                scope,
                "\(one.ask.type) of \(one.ask.subject.key), \(one.projectNumber)",
                one.ask,
                one.progress,
                authors: one.authors
            )
            return one.stream.entries.compactMap { entry -> Notice? in
                guard let event = one.events[entry.id], event.exclusion == nil else { return nil }
                return rules.notice(entry.event, event.cause)
            }
        }
    }

    private func documents(in scope: Scope, _ rules: WorkflowNotices) throws -> [Notice] {
        try recent(Evidence.entity, in: scope).compactMap { event in
            switch Evidence(event.fields).content {
            case .photo(_, let name): rules.document(name ?? "a photo", event.cause)
            case .document(_, let name): rules.document(name ?? "a document", event.cause)
            case .signature, .unknown: nil
            }
        }
    }
}

// MARK: - Assignments and conflicts

extension NoticeSearch {
    /// The fields by which work is given to one person.
    private static let assigning: [(entity: Entity, field: UInt32, name: UInt32?)] = [
        (Project.entity, Project.assignedTo, nil),
        (Inspection.entity, Inspection.assignedTo, nil),
        (Defect.entity, Defect.assignedTo, Defect.code),
    ]

    private func assignments(in project: ProjectView, _ rules: WorkflowNotices) throws -> [Notice] {
        var notices: [Notice] = []
        for (entity, field, name) in Self.assigning {
            for record in try view.records(of: entity, in: project.scope) where !record.isDeleted {
                guard let head = record.heads(field).first, case .id(let person) = head.value
                else { continue }
                let code = name.flatMap(record.fields.text).map { " \($0) of" } ?? ""
                let what =
                    entity == Project.entity
                    ? project.number
                    : "\(entity.name)\(code.isEmpty ? " of" : code) \(project.number)"
                let cause = try cause(of: head.name, record, "\(field)", in: project.scope)
                notices += cause.map { [rules.assignment(of: what, to: person, $0)] } ?? []
            }
        }
        for record in try view.records(of: WorkTask.entity, in: project.scope)
        where !record.isDeleted {
            let code = record.fields.text(WorkTask.code) ?? "a task"
            for (element, names) in record.record.sets[WorkTask.assignees]?.additions ?? [:] {
                guard case .id(let person) = element, let name = names.min(),
                    let cause = try cause(of: name, record, "\(person)", in: project.scope)
                else { continue }
                let what = "\(code) of \(project.number)"
                notices.append(rules.assignment(of: what, to: person, cause))
            }
        }
        return notices
    }

    /// A write as a cause; nil if it is too old to tell of.
    private func cause(
        of name: Name,
        _ record: StoredRecord,
        _ detail: String,
        in scope: Scope
    ) throws -> WorkflowNotices.Cause? {
        guard name.stamp.time.milliseconds >= since else { return nil }
        let origin = try view.origin(
            of: name,
            touching: record.id,
            entity: record.entity.number,
            in: scope
        )
        return WorkflowNotices.Cause(
            cause(record.id, detail, [name]),
            by: origin?.user ?? .zero,
            at: name.stamp.time.milliseconds
        )
    }

    /// What waits for somebody to settle it, as long as it waits.
    private func conflicts(
        of project: ProjectView,
        _ record: StoredRecord,
        _ conflicts: [Conflict]
    ) throws -> [Notice] {
        let search = try ConflictSearch(view, tenant: tenant)
        return try search.cases(of: project, conflicts).map { conflict in
            let names = conflict.seen.names
            return Notice(
                .conflict,
                conflict.kind.rawValue,
                in: project.scope,
                cause: cause(conflict.id, "conflict", names),
                for: settlers(of: conflict, in: project),
                by: .zero,
                at: names.map(\.stamp.time.milliseconds).max() ?? 0,
                priority: .high,
                title: "\(conflict.subject) \(conflict.what) is in conflict",
                text: conflict.settledBy
            )
        }
    }

    /// Who may settle a conflict.
    private func settlers(of conflict: ConflictCase, in project: ProjectView) -> Addressees {
        switch conflict.kind {
        case .field: return Act.editProject.addressees
        case .measurement: return Act.settleMeasurement.addressees
        case .stage: return Act.overrideStage.addressees
        case .progressJoin:
            let row = project.rows.first { $0.seed.slug == conflict.what }
            return .roles(row?.seed.roles ?? [])
        case .dependencyCycle: return Act.planTasks.addressees
        case .defectJoin: return Act.verifyDefect.addressees
        default: return .nobody
        }
    }
}

extension Act {
    /// Whoever holds a role that the act asks for.
    fileprivate var addressees: Addressees {
        let roles = grants.compactMap { grant -> (String, Int)? in
            if case .role(let role, let level) = grant { (role, level) } else { nil }
        }
        return Addressees(roles: Dictionary(roles, uniquingKeysWith: min))
    }
}
