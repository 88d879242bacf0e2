import Bytes
import CRDT
import Domain
import Storage

/// Every change of a record, counted or set aside, in order of arrival.
///
/// JSON: `{"record", "changes": [{"entity", "id", "action", "counts", "set_aside", "by", "change",
/// "hash", "at_hub", "nodes", "fields": [{"field", "action", "value", "replaced"}]}]}`.
public struct RecordHistory: Sendable {
    struct Line {
        let entity: String
        let id: ID
        let entry: HistoryEntry
    }

    let record: String
    let lines: [Line]
    private let names: Nicknames
    private let copies: Copies

    init(
        _ record: String,
        _ places: [(Scope, UInt32, ID)],
        on view: View,
        _ copies: Copies
    ) throws {
        self.record = record
        self.copies = copies
        names = try Nicknames(view)
        lines = try places.flatMap { scope, number, id in
            let name = Catalogue.schema[number]?.name ?? "entity \(number)"
            return try view.history(of: id, entity: number, in: scope)
                .map { Line(entity: name, id: id, entry: $0) }
        }
        .sorted { $0.entry.origin.position < $1.entry.origin.position }
    }

    /// How many changes there are.
    public var count: Int { lines.count }
}

extension RecordHistory {
    public var json: JSON {
        ["record": .text(record), "changes": .list(lines, json(of:))]
    }

    public var text: [String] {
        lines.flatMap { line -> [String] in
            let author = Authorship(line.entry.origin, names).text
            let aside = setAside(line).map { ", set aside: \($0)" } ?? ""
            let count = copies.count(of: line.entry.origin)
            let others = count > 1 ? ", on \(count) nodes" : ", on this node alone"
            let place = line.entry.receipt == nil ? others : "\(others), at the hub"
            let head = "\(action(line)) \(line.entity): \(author)\(place)\(aside)"
            return [head] + line.entry.operation.edits.map { "  \(text(of: $0, line.entity))" }
        }
    }

    /// Why a change does not count, in a word; nil if it does.
    private func setAside(_ line: Line) -> String? {
        line.entry.setAside?.rawValue ?? line.entry.exclusion?.rawValue
    }

    private func action(_ line: Line) -> String {
        switch line.entry.operation.target {
        case .new, .natural: "created"
        case .existing: "edited"
        case .event: "recorded"
        case .unknown: "unknown"
        }
    }

    private func json(of line: Line) -> JSON {
        [
            "entity": .text(line.entity), "id": .text("\(line.id)"),
            "action": .text(action(line)), "counts": .bool(line.entry.counts),
            "set_aside": .text(orNull: setAside(line)),
            "by": Authorship(line.entry.origin, names).json,
            "change": .text(Seen([line.entry.name]).text),
            "hash": .text(Hex.encode(line.entry.origin.change.bytes)),
            "at_hub": line.entry.receipt.map {
                .text(Moment.text(milliseconds: $0.milliseconds))
            } ?? .null,
            "nodes": .number(copies.count(of: line.entry.origin)),
            "fields": .list(line.entry.operation.edits) { edit in
                let (action, value, replaced) = parts(of: edit)
                return [
                    "field": .text(title(edit.field, line.entity)), "action": .text(action),
                    "value": names.json(value),
                    "replaced": .list(replaced) { .text(Seen([$0]).text) },
                ]
            },
        ]
    }

    private func text(of edit: FieldEdit, _ entity: String) -> String {
        let (action, value, replaced) = parts(of: edit)
        let over = replaced.isEmpty ? "" : " (in place of \(replaced.count))"
        return "\(title(edit.field, entity)) \(action) \(names.text(value))\(over)"
    }

    private func title(_ field: UInt32, _ entity: String) -> String {
        if field == FieldEdit.deleted { return Field.deleted.name }
        return Catalogue.schema.entity(named: entity)?.field(field)?.name ?? "field \(field)"
    }

    private func parts(of edit: FieldEdit) -> (action: String, value: Value?, replaced: [Name]) {
        switch edit.action {
        case .write(let value, let names): ("=", value, names)
        case .add(let value, let names): ("add", value, names)
        case .remove(let value, let names): ("remove", value, names)
        case .increment(let delta): ("+=", .integer(delta), [])
        case .put(let key, let value, let names): ("[\(key)] =", value, names)
        case .unknown(let verb, _): ("unknown-\(verb)", nil, [])
        }
    }
}

extension LocalNode {
    /// The history of a record.
    ///
    /// - Parameters:
    ///   - name: A project's number, or the id of any record or event.
    ///   - isWhole: Whether everything of the project is shown, not its own record alone.
    /// - Returns: All that was ever written, in words.
    /// - Throws: `.notFound`.
    public func history(of name: String, isWhole: Bool = false) throws -> RecordHistory {
        let copies = try copies()
        return try read { view in
            if let id = ID(text: name) {
                let places = try view.locate(id)
                if !places.isEmpty, !isWhole {
                    return try RecordHistory(
                        name,
                        places.map { ($0.scope, $0.entity, id) },
                        on: view,
                        copies
                    )
                }
            }
            let (scope, record) = try view.projectRecord(named: name)
            let own = [(scope, Project.number, record.id)]
            let places = isWhole ? try view.places(in: scope) : own
            return try RecordHistory(record.projectNumber, places, on: view, copies)
        }
    }
}

extension View {
    /// Every record and event of a scope; receipts show where these are.
    fileprivate func places(in scope: Scope) throws -> [(Scope, UInt32, ID)] {
        try Catalogue.schema.entities
            .filter { $0.scopes.contains(scope.kind) && $0.number != Receipt.number }
            .flatMap { entity -> [(Scope, UInt32, ID)] in
                let ids =
                    entity.isEvent
                    ? try events(of: entity, in: scope).map(\.id)
                    : try records(of: entity, in: scope).map(\.id)
                return Set(ids).map { (scope, entity.number, $0) }
            }
    }
}
