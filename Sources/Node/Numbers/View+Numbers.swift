import CRDT
import Domain
import Storage

extension View {
    /// The leases that are known here, of any series: at a hub all there are.
    func leases() throws -> [(scope: Scope, record: StoredRecord, lease: NumberLease)] {
        try ([Scope.tenant] + scopes(.site)).flatMap { scope in
            try records(of: NumberLease.entity, in: scope).compactMap { record in
                NumberLease(record.fields).map { (scope, record, $0) }
            }
        }
    }

    /// The numbers of a series that projects and tasks held here carry.
    func numbersTaken(in series: NumberSeries) throws -> Set<Int64> {
        var taken: Set<Int64> = []
        for scope in try scopes(.subject) {
            for record in try records(of: Project.entity, in: scope) {
                let texts = [Project.humanNumber, Project.provisionalNumber]
                    .compactMap(record.fields.text)
                taken.formUnion(texts.compactMap(series.number))
            }
            guard series != .projects else { continue }
            for record in try records(of: WorkTask.entity, in: scope) {
                let code = record.fields.text(WorkTask.code)
                if let number = code.flatMap(series.number) { taken.insert(number) }
            }
        }
        return taken
    }
}

/// What a device may still give out of one series, for `status` and `doctor`.
public struct NumberStanding: Hashable, Sendable {
    /// What the numbers begin with.
    public let prefix: String
    public let total: Int
    public let used: Int
    /// Whether 80 percent of the last lease are used, or there is none.
    public let isLow: Bool
    /// Whether the device has asked for more.
    public let isWaiting: Bool
    /// The next number; nil where none is left.
    public let next: String?

    init(_ stock: NumberStock, of series: NumberSeries) {
        prefix = series.prefix
        total = stock.total
        used = stock.used
        isLow = stock.isLow
        isWaiting = stock.isWaiting
        next = stock.next.map(series.text)
    }

    public var json: JSON {
        [
            "prefix": .text(prefix), "total": .number(total), "used": .number(used),
            "low": .bool(isLow), "asked_for_more": .bool(isWaiting), "next": .text(orNull: next),
        ]
    }

    /// One line for a person.
    public var text: String {
        let asked = isWaiting ? "; more are asked for: meet the hub" : ""
        guard let next else {
            return "no \(prefix) numbers are left: labels are provisional\(asked)"
        }
        return "\(used) of \(total) \(prefix) numbers are used, \(next) is next\(asked)"
    }
}
