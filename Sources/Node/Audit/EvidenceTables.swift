import Bytes
import CRDT
import Domain
import Storage
import Wire

/// Tables of an evidence pack for people: every write and event of some kinds, with its author and
/// the change that proves it.
///
/// - Source: FP-133.
struct EvidenceTables {
    private let view: View
    private let names: Nicknames
    private let query: EvidenceHead.Query
    private let scopes: [Scope]

    private static let header = [
        "entity", "scope", "record", "action", "time", "user", "name", "device", "known_by",
        "values", "counts", "change",
    ]

    init(_ view: View, _ query: EvidenceHead.Query, scopes: [Scope]) throws {
        self.view = view
        self.query = query
        self.scopes = scopes
        names = try Nicknames(view)
    }

    /// The tables, by the names they have in the pack.
    func all() throws -> [(name: String, bytes: [UInt8])] {
        [
            ("tables/approvals.csv", try table(of: Self.isApproval)),
            ("tables/quality.csv", try table(of: Self.isQuality)),
            ("tables/set_aside.csv", try setAside()),
        ]
    }

    private static func isQuality(_ entity: Entity) -> Bool { entity.name.hasPrefix("qc_") }

    /// Requests, decisions and signatures, and what stages and waivers were decided.
    private static func isApproval(_ entity: Entity) -> Bool {
        ["approval", "signature", "waiver", "stage_event"].contains { entity.name.contains($0) }
    }

    private func table(of isListed: (Entity) -> Bool) throws -> [UInt8] {
        var lines: [(time: HybridTime, cells: [String])] = []
        for entity in Catalogue.schema.entities where isListed(entity) {
            for scope in scopes where entity.scopes.contains(scope.kind) {
                let ids =
                    entity.isEvent
                    ? try view.events(of: entity, in: scope).map(\.id)
                    : try view.records(of: entity, in: scope).map(\.id)
                for id in Set(ids) {
                    for entry in try view.history(of: id, entity: entity.number, in: scope) {
                        lines.append((entry.origin.time, cells(entry, id, entity)))
                    }
                }
            }
        }
        lines.sort { ($0.time, $0.cells.joined()) < ($1.time, $1.cells.joined()) }
        return Self.bytes([Self.header] + lines.map(\.cells))
    }

    private func cells(_ entry: HistoryEntry, _ id: ID, _ entity: Entity) -> [String] {
        let origin = entry.origin
        let action =
            switch entry.operation.target {
            case .new, .natural: "created"
            case .existing: "edited"
            case .event: "recorded"
            case .unknown: "unknown"
            }
        return [
            entity.name, "\(origin.scope)", "\(id)", action,
            Moment.text(milliseconds: origin.time.milliseconds), "\(origin.user)",
            names.user(origin.user), names.device(origin.device), origin.method.word,
            entry.operation.edits.map { words($0, entity) }.joined(separator: "; "),
            entry.setAside?.rawValue ?? entry.exclusion?.rawValue ?? "yes",
            Hex.encode(origin.change.bytes),
        ]
    }

    private func words(_ edit: FieldEdit, _ entity: Entity) -> String {
        let name =
            edit.field == FieldEdit.deleted
            ? Field.deleted.name : entity.field(edit.field)?.name ?? "field \(edit.field)"
        return switch edit.action {
        case .write(let value, _): "\(name)=\(shown(value))"
        case .add(let value, _): "\(name) add \(shown(value))"
        case .remove(let value, _): "\(name) remove \(shown(value))"
        case .increment(let delta): "\(name) += \(delta)"
        case .put(let key, let value, _): "\(name)[\(key)]=\(shown(value))"
        case .unknown(let verb, _): "\(name) unknown-\(verb)"
        }
    }

    private func shown(_ value: Value) -> String {
        guard case .id(let id) = value, let name = names.name(id) else { return value.shown }
        return name
    }

    /// What hubs set aside, and why.
    private func setAside() throws -> [UInt8] {
        let header = ["change", "scope", "why", "reason", "time", "user", "device"]
        let lines = try view.setAside().filter { query.covers($0.origin.scope) }.map { change in
            [
                Hex.encode(change.point.hash.bytes), "\(change.origin.scope)",
                change.exclusion.rawValue, change.reason ?? "",
                Moment.text(milliseconds: change.origin.time.milliseconds),
                names.user(change.origin.user), names.device(change.origin.device),
            ]
        }
        return Self.bytes([header] + lines)
    }

    private static func bytes(_ lines: [[String]]) -> [UInt8] {
        let guarded = lines.map { $0.map(CommaSeparated.guarded) }
        return Array(CommaSeparated.text(guarded, withMark: false).utf8)
    }
}
