import Bytes
import CRDT
import Domain
import Storage

/// A page of what was done, in an order in which nothing comes before what it had seen.
///
/// JSON: `{"items": [{"cursor", "activity", "entity", "id", "project", "title", "by", "counts",
/// "set_aside", "not_seen", "hash", "changes": [{"field", "action", "from", "to", "beside",
/// "settles"}]}], "before", "after"}`; before and after are cursors of the pages beside this one.
///
/// - Source: DOM-184.
public struct Timeline: Sendable {
    /// Ascending: what this node took in first stands first.
    public let items: [TimelineItem]
    private let names: Nicknames

    init(_ items: [TimelineItem], _ names: Nicknames) {
        self.items = items
        self.names = names
    }

    /// Where an earlier page ends.
    public var before: TimelineCursor? { items.first?.cursor }
    /// Where a later page begins.
    public var after: TimelineCursor? { items.last?.cursor }
}

extension Timeline {
    public var json: JSON {
        [
            "items": .list(items, json(of:)), "before": .text(orNull: before?.text),
            "after": .text(orNull: after?.text),
        ]
    }

    public var lines: [String] {
        guard !items.isEmpty else { return ["nothing"] }
        return items.flatMap { item -> [String] in
            let what = [item.subject, item.entity, item.title].compactMap(\.self)
            let aside = item.setAside.map { ", SET ASIDE: \($0)" } ?? ""
            let apart =
                item.unseen.isEmpty ? "" : ", NOT HAVING SEEN \(item.unseen.count) before it"
            let head =
                "\(item.cursor.text)  \(Authorship(item.entry.origin, names).text)  "
                + "\(item.activity.rawValue) \(what.joined(separator: " "))\(aside)\(apart)"
            return [head] + item.edits.map { "  \(words($0))" }
        }
    }

    private func words(_ edit: TimelineItem.Edit) -> String {
        let value = names.text(edit.to)
        switch edit.action {
        case "increment": return "\(edit.field) += \(value)"
        case "add", "remove": return "\(edit.field) \(edit.action) \(value)"
        default: break
        }
        let from = edit.from.map { names.text($0) }.joined(separator: " | ")
        let change = from.isEmpty ? value : "\(from) -> \(value)"
        let beside = edit.beside.map { names.text($0) }.joined(separator: " | ")
        let conflict = beside.isEmpty ? "" : " (IN CONFLICT with \(beside), which was not seen)"
        return "\(edit.field): \(change)\(edit.settles ? " (settled)" : "")\(conflict)"
    }

    private func json(of item: TimelineItem) -> JSON {
        [
            "cursor": .text(item.cursor.text), "activity": .text(item.activity.rawValue),
            "entity": .text(item.entity), "id": .text(orNull: item.entry.id.map { "\($0)" }),
            "project": .text(orNull: item.subject), "title": .text(orNull: item.title),
            "by": Authorship(item.entry.origin, names).json, "counts": .bool(item.counts),
            "set_aside": .text(orNull: item.setAside),
            "not_seen": .list(item.unseen) { .text("\($0)") },
            "hash": .text(Hex.encode(item.entry.origin.change.bytes)),
            "changes": .list(item.edits) { edit in
                [
                    "field": .text(edit.field), "action": .text(edit.action),
                    "from": .list(edit.from) { names.json($0) }, "to": names.json(edit.to),
                    "beside": .list(edit.beside) { names.json($0) },
                    "settles": .bool(edit.settles),
                ]
            },
        ]
    }
}
