import CRDT
import Domain
import Storage

/// Finds what does not fit together, in one state of a store.
struct ConflictSearch {
    let view: View
    let tenant: ID
    let names: Nicknames

    init(_ view: View, tenant: ID, names: Nicknames? = nil) throws {
        self.view = view
        self.tenant = tenant
        self.names = try names ?? Nicknames(view)
    }

    /// The cases of registers, then those of some subjects, then of the hours of each site.
    ///
    /// - Parameters:
    ///   - subjects: The scopes of projects of which something waits.
    ///   - since: When the hours were recorded that are looked at, beside those that run:
    ///     milliseconds since 1970.
    /// - Returns: The cases, in that order.
    /// - Throws: What reading the store does.
    func all(of subjects: [Scope], hoursSince since: UInt64) throws -> [ConflictCase] {
        var cases = try view.conflicts().compactMap(register)
        for scope in subjects {
            let record = try view.records(of: Project.entity, in: scope).first { !$0.isDeleted }
            guard let record else { continue }
            cases += try self.cases(of: ProjectView(record, in: scope, on: view), [])
        }
        for scope in try view.scopes(.site) {
            let hours = try HoursView(recordedAt: scope.key, since: since, on: view)
            cases += overlaps(in: hours, scope)
            cases += corrections(in: hours, scope) + stops(in: hours, scope)
        }
        return cases
    }

    /// The cases of one project, and the registers in conflict that are given.
    func cases(of project: ProjectView, _ conflicts: [Conflict]) throws -> [ConflictCase] {
        let work = try ProjectWork(of: project, on: view, now: 0)
        var cases = try conflicts.compactMap(register)
        cases += [stage(of: project)].compactMap(\.self) + progress(of: project)
        cases += tasks(of: work) + defects(of: work) + held(work)
        cases += work.inspections.flatMap { inspection in
            measurements(of: inspection, project) + waivers(of: inspection, project)
                + signatures(of: inspection, project)
        }
        return cases
    }

    func author(_ origin: Origin?) -> Authorship? { origin.map { Authorship($0, names) } }
}

// MARK: - Registers

extension ConflictSearch {
    private func register(_ conflict: Conflict) throws -> ConflictCase? {
        guard let entity = Catalogue.schema[conflict.entity],
            let record = try view.record(conflict.id, of: entity, in: conflict.scope),
            let field = conflict.field == FieldEdit.deleted
                ? Field.deleted : entity.field(conflict.field),
            // What two creations of one row fixed differently, nobody can settle: rank shows one.
            field.merge != .fixed
        else { return nil }
        let history = try view.history(
            of: conflict.id,
            entity: conflict.entity,
            in: conflict.scope
        )
        let writes = Dictionary(history.map { ($0.name, $0) }) { first, _ in first }
        let key = field.merge == .map ? conflict.key : nil
        let heads = record.heads(field.number, key: key)
        let shown = Caution.shown(of: heads, in: field)
        let sides = heads.map { head in
            let entry = writes[head.name]
            return ConflictCase.Side(
                value: names.text(head.value),
                isShown: head.name == shown,
                author: author(entry?.origin),
                hadSeen: seen(by: entry, Record.Cell(field: field.number, key: key), writes)
            )
        }
        let place = ConflictPlace(
            tenant: tenant,
            scope: conflict.scope,
            record: conflict.id,
            subject: try subject(of: record, in: conflict.scope),
            detail: "\(field.number)" + (key.map { " \($0)" } ?? "")
        )
        return ConflictCase(
            .field,
            place,
            what: field.name + (key.map { "[\($0)]" } ?? ""),
            sides: sides,
            settledBy: "gemba conflict settle CONFLICT --side N, or --value TEXT"
                + (field.merge == .authority ? " (at the hub)" : ""),
            seen: heads.map(\.name),
            register: (entity, field, key, heads.map(\.value))
        )
    }

    /// The values that the author of a write put another in place of.
    private func seen(
        by entry: HistoryEntry?,
        _ cell: Record.Cell,
        _ writes: [Name: HistoryEntry]
    ) -> [String] {
        (entry?.operation.write(of: cell)?.replaced ?? []).compactMap { name in
            guard let write = writes[name] else { return nil }
            let value = names.text(write.operation.write(of: cell)?.value)
            return "\(value) by \(names.user(write.origin.user))"
        }
    }

    /// What people call a record, or the project whose record it is.
    func subject(of record: StoredRecord, in scope: Scope) throws -> String {
        if record.entity == Preferences.entity, let user = record.fields.id(Preferences.user) {
            return "preferences of \(names.user(user))"
        }
        guard scope.kind == .subject else { return "\(record.entity.name) \(record.id)" }
        if scope == Company.directory {
            let isContact = record.entity == Contact.entity
            let name = isContact ? Contact.name(record.fields) : record.fields.text(Company.name)
            return "\(record.entity.name) \(name ?? "\(record.id)")"
        }
        let project = try view.records(of: Project.entity, in: scope).first
        let number = project?.projectNumber ?? "\(scope.key)"
        guard record.entity != Project.entity else { return number }
        let coded: [UInt32: UInt32] = [WorkTask.number: WorkTask.code, Defect.number: Defect.code]
        let code = coded[record.entity.number].flatMap { record.fields.text($0) }
        return "\(number) \(code ?? record.entity.name)"
    }
}

extension Caution where Value == CRDT.Value {
    /// The head that a person is shown; heads come by rank, the greatest first.
    fileprivate static func shown(of heads: [Head<Value>], in field: Field) -> Name? {
        guard case .cautious(let leastFirst) = field.merge else { return heads.first?.name }
        return Caution(leastFirst: leastFirst).shown(of: Register(heads: heads))?.name
    }
}

// MARK: - Projects

extension ConflictSearch {
    private func stage(of project: ProjectView) -> ConflictCase? {
        guard project.stages.isInConflict else { return nil }
        let counting = project.advances.entries.filter { $0.event.to != nil }
        let standing = counting.filter { entry in
            !counting.contains { project.advances.saw($0, entry) }
        }
        let sides = standing.map { entry in
            ConflictCase.Side(
                value: entry.event.to ?? "",
                isShown: entry.id == standing.last?.id,
                author: author(project.events[entry.id]?.origin),
                hadSeen: [entry.event.from.map { "in \($0)" }].compactMap(\.self)
            )
        }
        return ConflictCase(
            .stage,
            place(project, detail: "stage"),
            what: "stage",
            sides: sides,
            settledBy: "gemba stage advance \(project.number) STAGE --reason TEXT (management)",
            seen: project.advances.heads
        )
    }

    private func progress(of project: ProjectView) -> [ConflictCase] {
        project.rows.filter { !$0.progress.conflicts.isEmpty }.map { row in
            let slug = row.seed.slug
            let stream = project.steps[slug] ?? Stream([])
            let winners = Set(row.progress.conflicts.map(\.winner))
            let partners = winners.union(row.progress.conflicts.map(\.loser))
            let sides = stream.entries.filter { partners.contains($0.id) }.map { entry in
                side(entry, in: stream, of: project, isShown: winners.contains(entry.id))
            }
            return ConflictCase(
                .progressJoin,
                place(project, detail: "progress \(slug)"),
                what: slug,
                sides: sides,
                settledBy: settling(row, project),
                seen: stream.heads
            )
        }
    }

    private func side(
        _ entry: Stream<ProgressStep>.Entry,
        in stream: Stream<ProgressStep>,
        of project: ProjectView,
        isShown: Bool
    ) -> ConflictCase.Side {
        func words(_ entry: Stream<ProgressStep>.Entry) -> String {
            let action = project.events[entry.id]?.fields.text(ProgressStep.actionField) ?? "step"
            return action + (entry.event.reason.map { " \"\($0)\"" } ?? "")
        }
        let seen = stream.entries.filter { stream.saw(entry, $0) }.map { earlier in
            let user = project.events[earlier.id].map { names.user($0.origin.user) } ?? "-"
            return "\(words(earlier)) by \(user)"
        }
        return ConflictCase.Side(
            value: words(entry),
            isShown: isShown,
            author: author(project.events[entry.id]?.origin),
            hadSeen: seen
        )
    }

    private func settling(_ row: SubStageRow, _ project: ProjectView) -> String {
        let target = "\(project.number) \(row.seed.slug)"
        let finish = "gemba progress finish \(target)"
        return row.status == .blocked
            ? "gemba progress unblock \(target) (lead), then \(finish)" : finish
    }

    private func measurements(
        of inspection: InspectionView,
        _ project: ProjectView
    ) -> [ConflictCase] {
        inspection.items.filter { $0.measured.result == .conflict }.map { item in
            let number = item.definition.item
            let sides = item.measured.heads.map { head in
                let value = head.measurement.value.map { "\($0) \(head.measurement.unit ?? "")" }
                let entry = item.stream.entries.first { $0.id == head.id }
                let seen = item.stream.entries.filter { earlier in
                    entry.map { item.stream.saw($0, earlier) } ?? false
                }
                return ConflictCase.Side(
                    value: [value, head.measurement.outcome.rawValue].compactMap(\.self)
                        .joined(separator: " "),
                    isShown: head.measurement.outcome == .fail,
                    author: author(inspection.events[head.id]?.origin),
                    hadSeen: seen.map { $0.event.outcome.rawValue }
                )
            }
            return ConflictCase(
                .measurement,
                place(project, detail: "\(inspection.record.id) \(number)"),
                what: "\(inspection.label) item \(number)",
                sides: sides,
                settledBy: "gemba qc measure \(project.number) \(number) VALUE --process "
                    + "\(inspection.process) (qa lead)",
                seen: item.stream.heads
            )
        }
    }

    func place(_ project: ProjectView, detail: String) -> ConflictPlace {
        ConflictPlace(
            tenant: tenant,
            scope: project.scope,
            record: project.record.id,
            subject: project.number,
            detail: detail
        )
    }
}

// MARK: - Hours

extension ConflictSearch {
    private func overlaps(in hours: HoursView, _ scope: Scope) -> [ConflictCase] {
        hours.sheet.overlaps.compactMap { overlap in
            let pair = [overlap.early, overlap.late].compactMap(hours.entry)
            guard pair.count == 2 else { return nil }
            let clock = hours.clock(of: overlap.early)
            let end = overlap.end.map { clock.hour(milliseconds: $0) } ?? "now"
            let start = clock.hour(milliseconds: overlap.start)
            return ConflictCase(
                .timeOverlap,
                place(hours, scope, overlap.early, detail: "\(overlap.late)"),
                what: "\(names.user(pair[0].person ?? .zero)) \(start)-\(end)",
                sides: pair.map { side($0, in: hours) },
                settledBy: "gemba hours correct \(hours.short(overlap.early)) --end TIME --reason "
                    + "TEXT, if it is wrong: nothing is shortened by itself"
            )
        }
    }

    private func side(_ entry: HoursEntry, in hours: HoursView) -> ConflictCase.Side {
        let clock = hours.clock(of: entry.id)
        let start = clock.hour(milliseconds: entry.start)
        let end = entry.end.map { clock.hour(milliseconds: $0) } ?? "runs"
        return ConflictCase.Side(
            value: "\(entry.activity ?? "-") \(hours.work(of: entry)) \(start)-\(end)",
            isShown: true,
            author: author(hours.events[entry.id]?.origin),
            hadSeen: []
        )
    }

    private func corrections(in hours: HoursView, _ scope: Scope) -> [ConflictCase] {
        let entries = hours.sheet.entries.filter { $0.flags.contains(.correctionConflict) }
        return entries.map { entry in
            let stream = hours.corrections[entry.id] ?? Stream([])
            let counting = stream.entries.filter(\.event.isSaying)
            let standing = counting.filter { correction in
                !counting.contains { stream.saw($0, correction) }
            }
            let sides = standing.map { correction in
                let event = correction.event
                let bounds = [event.start, event.end].map { time in
                    time.map { hours.clock(of: entry.id).hour(milliseconds: $0) } ?? "as it was"
                }
                return ConflictCase.Side(
                    value: event.isVoid ? "void" : bounds.joined(separator: "-"),
                    isShown: correction.id == standing.last?.id,
                    author: author(hours.events[correction.id]?.origin),
                    hadSeen: stream.entries.filter { stream.saw(correction, $0) }
                        .map { $0.event.reason ?? "a correction" }
                )
            }
            return ConflictCase(
                .correction,
                place(hours, scope, entry.id, detail: "correction"),
                what: "hours of \(names.user(entry.person ?? .zero))",
                sides: sides,
                settledBy: "gemba hours correct \(hours.short(entry.id)) --reason TEXT …",
                seen: stream.heads
            )
        }
    }

    func place(
        _ hours: HoursView,
        _ scope: Scope,
        _ record: ID,
        detail: String
    ) -> ConflictPlace {
        ConflictPlace(
            tenant: tenant,
            scope: scope,
            record: record,
            subject: names.site(scope.key),
            detail: detail
        )
    }
}
