import CRDT
import Domain

extension TablePlan {
    /// Operations that are written in one action.
    struct Batch: Sendable {
        fileprivate(set) var steps = 0
        fileprivate(set) var scopes: [(scope: Scope, operations: [Operation])] = []
        fileprivate var places: [Scope: Int] = [:]
        fileprivate var bytes = 0
        fileprivate var count = 0

        fileprivate mutating func add(_ step: Step) {
            steps += 1
            for (scope, operation) in step {
                count += 1
                bytes += operation.roughBytes
                if let place = places[scope] {
                    scopes[place].operations.append(operation)
                } else {
                    places[scope] = scopes.count
                    scopes.append((scope, [operation]))
                }
            }
        }
    }

    /// Bounds of an action, well below those of a change (ENC-9).
    private static let operationsMax = 4_000
    private static let bytesMax = 500_000
    private static let scopesMax = 500

    /// The steps in actions: none splits a row.
    ///
    /// A record is in one operation of an action only, so its pointers come in a later one.
    var batches: [Batch] {
        var batches: [Batch] = []
        var batch = Batch()
        var records: Set<ID> = []
        for step in steps {
            let own = step.compactMap(\.operation.existing)
            let isFull =
                batch.count + step.count > Self.operationsMax || batch.bytes > Self.bytesMax
                || batch.scopes.count >= Self.scopesMax
            if isFull || !records.isDisjoint(with: own) {
                batches.append(batch)
                batch = Batch()
                records = []
            }
            batch.add(step)
            records.formUnion(own)
        }
        return batch.steps == 0 ? batches : batches + [batch]
    }

    func report(rows: Int) -> ImportReport {
        ImportReport(
            table: table,
            isDryRun: options.isDryRun,
            rows: rows,
            created: outcomes[.created] ?? 0,
            changed: outcomes[.changed] ?? 0,
            unchanged: outcomes[.unchanged] ?? 0,
            merged: mergedRows,
            refused: refused.map { ImportReport.Refusal(row: $0.place, reasons: $0.reasons) }
        )
    }
}

extension Operation {
    /// The record that the operation edits or creates by its key.
    fileprivate var existing: ID? {
        switch target {
        case .existing(let id), .natural(let id): id
        default: nil
        }
    }

    /// About how long its encoding is.
    fileprivate var roughBytes: Int {
        edits.reduce(24) { sum, edit in
            switch edit.action {
            case .write(let value, let names): sum + 4 + value.roughBytes + 32 * names.count
            case .add(let value, let names): sum + 4 + value.roughBytes + 32 * names.count
            case .remove(let value, let names): sum + 4 + value.roughBytes + 32 * names.count
            default: sum + 16
            }
        }
    }
}

extension Value {
    fileprivate var roughBytes: Int {
        switch self {
        case .text(let text): text.utf8.count + 3
        case .bytes(let bytes): bytes.count + 3
        case .id: 17
        case .link: 34
        case .list(let items): items.reduce(3) { $0 + $1.roughBytes }
        default: 10
        }
    }
}
