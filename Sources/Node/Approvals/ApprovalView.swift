import Bytes
public import CRDT
public import Domain
public import Storage
import Wire

/// Approval requests as people read them.
///
/// JSON of one: `{"approval", "project", "approval_type", "subject", "attempt", "revision",
/// "status", "outdated", "priority", "amount", "currency", "requested_by", "requested_at",
/// "hub_received_at", "sla_due_at", "age_hours", "overdue", "policy", "policy_version",
/// "current_step", "current_approvers", "approved_by", "approved_at", "flags", "authoritative",
/// "as_of"}`; with its history also `"comment", "vendor", "part_of", "facts", "mode", "steps":
/// [{"step", "order", "who", "people", "method", "decided_by", "assigned"}], "attachments":
/// [{"name", "hash", "by"}], "history": [{"action", "step", "by", "on_behalf_of", "people",
/// "comment", "recommends", "signed", "old_status", "new_status", "recorded"}], "signatures":
/// [that of `signature verify`]`.
public struct ApprovalView: Sendable {
    public let found: ApprovalCase
    /// Whether what was reviewed is no longer what is there, as far as is known here.
    public let isOutdated: Bool
    /// Milliseconds since 1970.
    let now: Int64
    let names: Nicknames
    /// Whether this node decides; elsewhere what is shown is as old as the last meeting.
    let isHub: Bool
    /// When a hub was met last, milliseconds since 1970; nil at a hub, or if none was.
    let asOf: UInt64?
    /// The signatures of its decisions, in the order of the history.
    public internal(set) var signatures: [SignatureView] = []

    public var status: ApprovalProgress.Status { found.progress.status }

    /// Whether it is open and past due.
    public var isOverdue: Bool {
        status.isOpen && (found.dueAt.map { now > $0 } ?? false)
    }

    /// Hours since it was asked, in tenths: what a card shows.
    public var ageTenths: Int64 { max(0, now - found.ask.requestedAt) / 360_000 }

    /// Who approved it: of the approvals that count the last.
    public var approvedBy: ID? {
        guard status == .approved else { return nil }
        return found.decision.map { $0.fields.id(ApprovalEvent.byField) ?? .zero }
    }

    private var age: String { "\(ageTenths / 10).\(ageTenths % 10)" }

    private func moment(_ time: Int64?) -> JSON {
        .text(orNull: time.map { Moment.text(milliseconds: UInt64(max(0, $0))) })
    }

    private func people(_ people: some Sequence<ID>) -> JSON {
        .list(people.map(names.user).sorted()) { .text($0) }
    }

    // MARK: - For scripts

    public var json: JSON {
        let (ask, progress, fields) = (found.ask, found.progress, found.record.fields)
        let closed = found.decision
        let approvedAt = closed.flatMap { status == .approved ? $0.origin.time.milliseconds : nil }
        return [
            "approval": .text("\(found.id)"), "project": .text(found.projectNumber),
            "approval_type": .text(ask.type), "subject": .text("\(ask.subject)"),
            "attempt": .integer(orNull: ask.attempt),
            "revision": .text(orNull: ask.revision.map(Self.digits)),
            "status": .text(status.rawValue), "outdated": .bool(isOutdated),
            "priority": .text(ask.priority), "amount": .text(orNull: ask.amount?.description),
            "currency": .text(orNull: ask.currency),
            "requested_by": .text(names.user(ask.requestedBy)),
            "requested_at": moment(ask.requestedAt), "hub_received_at": moment(found.receivedAt),
            "sla_due_at": moment(found.dueAt), "age_hours": .text(age),
            "overdue": .bool(isOverdue),
            "policy": .text(orNull: fields.text(ApprovalRequest.policy)),
            "policy_version": .integer(orNull: fields.integer(ApprovalRequest.policyVersion)),
            "current_step": .list(progress.openSteps) { .text($0.step.slug) },
            "current_approvers": people(progress.currentApprovers),
            "approved_by": .text(orNull: approvedBy.map(names.user)),
            "approved_at": moment(approvedAt.map { Int64(clamping: $0) }),
            "flags": .list(progress.flags.sorted()) { .text($0) },
            "authoritative": .bool(isHub), "as_of": moment(asOf.map { Int64(clamping: $0) }),
        ]
    }

    /// The same with its chain and its history.
    public var whole: JSON {
        let ask = found.ask
        let facts = ask.facts.values.sorted { $0.key.rawValue < $1.key.rawValue }
        return json.with("comment", .text(orNull: ask.comment))
            .with("vendor", .text(orNull: ask.vendor))
            .with("part_of", .text(orNull: ask.partOf))
            .with("facts", .list(facts) { .text("\($0.key.rawValue) = \($0.value.text)") })
            .with("mode", .text(found.progress.mode.rawValue))
            .with("steps", .list(found.progress.steps, json(of:)))
            .with(
                "attachments",
                .list(attachments) { name, hash, by in
                    ["name": .text(name), "hash": .text(hash), "by": .text(names.user(by))]
                }
            )
            .with("history", .list(history, \.json))
            .with("signatures", .list(signatures, \.json))
    }

    private func json(of step: ApprovalProgress.Step) -> JSON {
        [
            "step": .text(step.step.slug), "order": .integer(step.step.order),
            "who": .text(step.step.words), "people": .number(step.step.people),
            "method": .number(step.step.method), "decided_by": people(step.approvals.keys),
            "assigned": people(step.assigned),
        ]
    }

    /// What lies beside the request, and what came with comments: name, hash and who gave it.
    var attachments: [(name: String, hash: String, by: ID)] {
        let own = found.ask.attachments.sorted().map { attachment in
            (attachment.name, Self.digits(attachment.hash), found.ask.requestedBy)
        }
        return own
            + found.stream.entries.flatMap { entry in
                entry.event.attachments.sorted().map { attachment in
                    let by = found.events[entry.id]?.origin.user ?? .zero
                    return (attachment.name, Self.digits(attachment.hash), by)
                }
            }
    }

    static func digits(_ bytes: [UInt8]) -> String { Hex.encode(bytes) }

    // MARK: - For people

    public var line: [String] {
        let due = found.dueAt.map { CalendarDay.time(milliseconds: UInt64(max(0, $0))) } ?? "-"
        let who = found.progress.currentApprovers.map(names.user).sorted().joined(separator: ", ")
        let state = status.rawValue + (isOutdated ? ", outdated" : "")
        return [
            "\(found.id)".prefix(16).description, found.projectNumber, found.ask.type,
            found.ask.subject.key, state, isOverdue ? "\(due) OVERDUE" : due,
            who.isEmpty ? "-" : who,
        ]
    }

    public var lines: [String] {
        let ask = found.ask
        var lines = [
            "\(found.id)",
            "\(ask.type) of \(ask.subject) in \(found.projectNumber): \(status.rawValue)"
                + (isOutdated ? ", outdated" : ""),
            "asked by \(names.user(ask.requestedBy)) \(age) hours ago",
        ]
        if let amount = ask.amount { lines.append("amount \(amount) \(ask.currency ?? "")") }
        if let received = found.receivedAt, let due = found.dueAt {
            let times = [received, due].map { CalendarDay.time(milliseconds: UInt64(max(0, $0))) }
            lines.append("received \(times[0]) UTC, due \(times[1]) UTC")
        } else {
            lines.append("the hub has not got it yet")
        }
        for step in found.progress.steps {
            let by = step.approvals.keys.map(names.user).sorted()
            let to = step.assigned.map(names.user).sorted()
            let state =
                step.isDecided
                ? "approved by \(by.joined(separator: ", "))"
                : "open" + (to.isEmpty ? "" : ", with \(to.joined(separator: ", "))")
            lines.append("  \(step.step.slug) (\(step.step.words)): \(state)")
        }
        lines += attachments.map { "  attached \($0.name) \($0.hash.prefix(16))" }
        lines += signatures.flatMap(\.lines).map { "  \($0)" }
        return lines + history.map { "  \($0.line)" } + staleness
    }

    private var staleness: [String] {
        guard !isHub else { return [] }
        let when = asOf.map { "as of \(CalendarDay.time(milliseconds: $0)) UTC" }
        return ["the hub decides; this is what is known here \(when ?? "without having met it")"]
    }

    /// What happened, in the order in which each saw the others, with the status before and after.
    var history: [ApprovalHistoryLine] {
        let (stream, ask) = (found.stream, found.ask)
        return stream.entries.compactMap { entry in
            guard let event = found.events[entry.id] else { return nil }
            let before = stream.entries.filter { stream.saw(entry, $0) }
            func status(_ entries: [Stream<ApprovalEvent>.Entry]) -> ApprovalProgress.Status {
                ApprovalProgress(
                    Stream(entries),
                    revision: ask.revision,
                    authors: found.authors
                ).status
            }
            return ApprovalHistoryLine(
                event: entry.event,
                author: Authorship(event.origin, names),
                names: names,
                oldStatus: status(before),
                newStatus: status(before + [entry])
            )
        }
    }
}

/// One line of the history of a request.
struct ApprovalHistoryLine: Sendable {
    let event: ApprovalEvent
    let author: Authorship
    let names: Nicknames
    let oldStatus: ApprovalProgress.Status
    let newStatus: ApprovalProgress.Status

    private var word: String { event.action?.rawValue ?? "unknown" }

    var line: String {
        let people = event.people.map(names.user).sorted().joined(separator: ", ")
        let step = event.step.map { " \($0)" } ?? ""
        let toward = people.isEmpty ? "" : " to \(people)"
        let lent = event.onBehalfOf.map { " for \(names.user($0))" } ?? ""
        let would = event.recommends.map { ", recommends to \($0.rawValue)" } ?? ""
        let why = event.comment.map { " \"\($0)\"" } ?? ""
        return "\(word)\(step)\(toward)\(lent)\(would)\(why): \(author.text)"
    }

    var json: JSON {
        [
            "action": .text(word), "step": .text(orNull: event.step),
            "by": .text(orNull: event.by.map(names.user)),
            "on_behalf_of": .text(orNull: event.onBehalfOf.map(names.user)),
            "people": .list(event.people.map(names.user).sorted()) { .text($0) },
            "comment": .text(orNull: event.comment),
            "recommends": .text(orNull: event.recommends?.rawValue),
            "signed": .bool(event.signature != nil), "old_status": .text(oldStatus.rawValue),
            "new_status": .text(newStatus.rawValue), "recorded": author.json,
        ]
    }
}

extension ApprovalFacts.Value {
    /// The value as people write it.
    fileprivate var text: String {
        switch self {
        case .number(let number): "\(number)"
        case .flag(let flag): flag ? "yes" : "no"
        case .word(let word): word
        }
    }
}

// MARK: - Reading

/// Which requests a person wants to see.
public struct ApprovalQuery: Hashable, Sendable {
    /// nil: any.
    public var status: ApprovalProgress.Status?
    public var project: String?
    /// Whether only what waits for the person, or was asked by them, is listed.
    public var isMine = false

    public init() {}
}

extension LocalNode {
    /// The requests that are held, those due first.
    ///
    /// - Parameters:
    ///   - query: Which of them.
    ///   - actor: Whose they are, where only theirs are listed.
    /// - Returns: What is known here of them.
    /// - Throws: `.notFound`.
    public func approvals(
        _ query: ApprovalQuery = ApprovalQuery(),
        of actor: Actor? = nil
    ) throws -> [ApprovalView] {
        let now = wallMilliseconds
        let asOf = try lastHubMeeting()
        return try read { view in
            let names = try Nicknames(view)
            let scope = try query.project.map { try view.projectRecord(named: $0).scope }
            let all = try view.approvals()
            let replaced = all.reduce(into: Set<ID>()) { $0.formUnion($1.ask.replaces) }
            var found = all.filter { one in
                (scope.map { $0 == one.scope } ?? true)
                    && (query.status.map { $0 == one.progress.status } ?? true)
            }
            if query.isMine, let actor {
                let directory = try directories.directory(on: view, isCommitted: true)
                let line = try view.reportingLine()
                let occasion = directory.occasion(at: .zero, milliseconds: now)
                found = found.filter { one in
                    if one.authors.contains(actor.user) { return true }
                    if one.progress.everAssigned.contains(actor.user) { return true }
                    let able = one.approvers(in: directory.policy, line, at: occasion)
                    return able.values.contains { $0.contains { $0.person == actor.user } }
                }
            }
            let shown = found.map { one in
                self.shown(one, isOutdated: replaced.contains(one.id), names, now, asOf)
            }
            return shown.sorted { left, right in
                (left.found.dueAt ?? .max, left.found.id)
                    < (right.found.dueAt ?? .max, right.found.id)
            }
        }
    }

    /// A request with its history.
    ///
    /// - Throws: `.notFound`.
    public func approvalView(_ name: String) throws -> ApprovalView {
        let now = wallMilliseconds
        let asOf = try lastHubMeeting()
        var shown = try read { view in
            let found = try view.approval(named: name)
            let states = try view.project(in: found.scope).map {
                try SubjectStates(of: $0, kinds: [found.ask.subject.kind], on: view)
            }
            let cases = try ApprovalCases(in: found.scope, on: view)
            // What was refused or taken back need not be there any more.
            let concerns = found.progress.status.isOpen || found.progress.status == .approved
            return self.shown(
                found,
                isOutdated: concerns && !cases.isCurrent(found, states),
                try Nicknames(view),
                now,
                asOf
            )
        }
        for entry in shown.found.stream.entries {
            guard let signature = entry.event.signature, entry.event.action != nil else { continue }
            let view = try verify(
                signature: signature,
                of: shown.found.subject(of: entry.event),
                attestedBy: shown.found.events[entry.id]?.origin.device
            )
            shown.signatures.append(view)
        }
        return shown
    }

    private func shown(
        _ found: ApprovalCase,
        isOutdated: Bool,
        _ names: Nicknames,
        _ now: UInt64,
        _ asOf: UInt64?
    ) -> ApprovalView {
        ApprovalView(
            found: found,
            isOutdated: isOutdated || found.progress.isOutdated,
            now: Int64(clamping: now),
            names: names,
            isHub: isHub,
            asOf: asOf
        )
    }

    /// When a station met a hub last, milliseconds since 1970.
    private func lastHubMeeting() throws -> UInt64? {
        guard !isHub else { return nil }
        let authority = store.authority
        return try store.peers()
            .filter { authority.known(device: $0.device)?.kind == .hub }
            .map(\.lastSeen)
            .max()
    }
}
