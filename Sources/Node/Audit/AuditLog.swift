import Bytes
import CRDT
import Domain
public import Storage
import Wire

/// One entry of the audit, for people and scripts: who, what, when and why.
public struct AuditLine: Sendable {
    public let entry: AuditEntry
    /// What a change did, one item an operation; empty for an act that is no change.
    let items: [TimelineItem]
    /// The roles that the person held then, and their level.
    let roles: [String]
    /// Where the time was read, as people there write it.
    let local: String
    /// Why it was done, in the words of who did it.
    let reasons: [String]

    /// The name of what is recorded.
    var kind: String { AuditKind(rawValue: entry.kind)?.name ?? "kind \(entry.kind)" }

    /// The fields of an act that is no change.
    var fields: AuditFields {
        if case .act(let fields) = entry.detail { fields } else { AuditFields() }
    }

    /// Where a change was made, and who made it.
    var origin: Origin? { items.first?.entry.origin }
}

/// A page of the audit, the newest entry first.
///
/// JSON: `{"entries": [{"number", "kind", "action", "recorded_at", "at", "local", "zone",
/// "clock_suspect", "user", "roles", "login", "known_by", "device", "site", "project", "reasons",
/// "set_aside", "outcome", "fields", "erased", "leaf", "changes": [{"entity", "id", "title",
/// "action", "fields": [{"field", "action", "from", "to"}]}]}], "next"}`; next goes to `--cursor`.
public struct AuditLog: Sendable {
    public let lines: [AuditLine]
    /// Where the next page begins; nil if there is none.
    public let next: UInt64?
    private let names: Nicknames
    private let zones: [ID: String]

    init(_ lines: [AuditLine], next: UInt64?, _ names: Nicknames, zones: [ID: String]) {
        self.lines = lines
        self.next = next
        self.names = names
        self.zones = zones
    }
}

extension AuditLog {
    public var json: JSON {
        [
            "entries": .list(lines, json(of:)),
            "next": next.map { .text("\($0)") } ?? .null,
        ]
    }

    public var text: [String] {
        guard !lines.isEmpty else { return ["nothing"] }
        let pages = next.map { ["more: --cursor \($0)"] } ?? []
        return lines.flatMap(words) + pages
    }

    /// What an entry did, as other systems call it (TV-047).
    private func action(_ line: AuditLine) -> String {
        guard let kind = AuditKind(rawValue: line.entry.kind) else { return "UNKNOWN" }
        switch kind {
        case .change, .ruling:
            let said = line.items.map(\.activity)
            if said.contains(.deleted) { return "DELETE" }
            if let decided = line.items.lazy.compactMap(Self.decision).first { return decided }
            if said.contains(.statusChanged) { return "STATUS_CHANGE" }
            return said.contains(.updated) ? "UPDATE" : "CREATE"
        case .refusal: return "SYNC_REJECT"
        case .authority: return "AUTHORITY"
        case .login, .logout, .export, .import, .restore, .purge: return kind.name.uppercased()
        default: return kind.name.uppercased()
        }
    }

    /// Whether an operation approves, rejects or sets aside.
    private static func decision(_ item: TimelineItem) -> String? {
        guard item.entity == Verdict.entity.name || item.entity == ProgressStep.entity.name else {
            return nil
        }
        for edit in item.edits {
            guard case .text(let word) = edit.to else { continue }
            switch word {
            case "approve": return "APPROVE"
            case "reject", Ruling.rejected.rawValue: return "REJECT"
            case Ruling.quarantined.rawValue: return "QUARANTINE"
            case Ruling.accepted.rawValue: return "SYNC_ACCEPT"
            default: continue
            }
        }
        return nil
    }

    private func words(_ line: AuditLine) -> [String] {
        let entry = line.entry
        let time = CalendarDay.time(milliseconds: entry.time)
        guard entry.keys != nil else {
            return ["\(entry.number)  \(time) UTC  \(line.kind), erased"]
        }
        let roles = line.roles.isEmpty ? "" : " (\(line.roles.joined(separator: ", ")))"
        let who = "\(names.user(user(line)))\(roles) at \(names.device(entry.actor))"
        let aside = line.items.contains { $0.setAside != nil } ? ", SET ASIDE" : ""
        let why = line.reasons.map { ", why: \($0)" }.joined()
        let head = "\(entry.number)  \(time) UTC  \(line.kind)  \(who)\(aside)\(why)"
        let written = line.origin.map { origin in
            let doubt = origin.isSuspect ? ", clock suspect" : ""
            return ["  written \(line.local) \(zone(origin.site))\(doubt)"]
        }
        let fields = line.fields.names.map { "  \($0): \(line.fields[$0] ?? "")" }
        let changes = line.items.flatMap { item -> [String] in
            let what = [item.subject, item.entity, item.title].compactMap(\.self)
            let title = "  \(item.activity.rawValue) \(what.joined(separator: " "))"
            return [title] + item.edits.map { "    \(words($0))" }
        }
        return [head] + (written ?? []) + fields + changes
    }

    private func words(_ edit: TimelineItem.Edit) -> String {
        let from = edit.from.map { names.text($0) }.joined(separator: " | ")
        let change = from.isEmpty ? names.text(edit.to) : "\(from) -> \(names.text(edit.to))"
        return edit.action == "set"
            ? "\(edit.field): \(change)" : "\(edit.field) \(edit.action) \(names.text(edit.to))"
    }

    private func user(_ line: AuditLine) -> ID {
        line.entry.subject?.user ?? line.origin?.user ?? .zero
    }

    private func zone(_ site: ID) -> String { zones[site] ?? "UTC" }

    private func json(of line: AuditLine) -> JSON {
        let (entry, origin) = (line.entry, line.origin)
        let isErased = entry.keys == nil
        return [
            "number": .number(entry.number), "kind": .text(line.kind),
            "action": .text(action(line)),
            "recorded_at": .text(Moment.text(milliseconds: entry.time)),
            "at": .text(orNull: origin.map { Moment.text(milliseconds: $0.time.milliseconds) }),
            "local": .text(orNull: origin.map { _ in line.local }),
            "zone": .text(orNull: origin.map { zone($0.site) }),
            "clock_suspect": origin.map { .bool($0.isSuspect) } ?? .null,
            "user": .text(orNull: isErased ? nil : names.user(user(line))),
            "roles": .list(line.roles, JSON.text),
            "login": origin.map { .number($0.login) } ?? .null,
            "known_by": .text(orNull: origin?.method.word),
            "device": .text(names.device(entry.actor)),
            "site": .text(orNull: origin.map { names.site($0.site) }),
            "project": .text(orNull: line.items.lazy.compactMap(\.subject).first),
            "reasons": .list(line.reasons, JSON.text),
            "set_aside": .text(orNull: line.items.lazy.compactMap(\.setAside).first),
            "outcome": .text(orNull: line.fields["outcome"]),
            "fields": .object(
                line.fields.names.map { JSON.Member($0, .text(line.fields[$0] ?? "")) }
            ),
            "erased": .bool(isErased), "leaf": .text("\(entry.leaf.hash)"),
            "changes": .list(line.items, json(of:)),
        ]
    }

    private func json(of item: TimelineItem) -> JSON {
        [
            "entity": .text(item.entity), "id": .text(orNull: item.entry.id.map { "\($0)" }),
            "title": .text(orNull: item.title), "action": .text(item.activity.rawValue),
            "fields": .list(item.edits) { edit in
                [
                    "field": .text(edit.field), "action": .text(edit.action),
                    "from": .list(edit.from) { names.json($0) }, "to": names.json(edit.to),
                ]
            },
        ]
    }
}
