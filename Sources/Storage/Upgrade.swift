import Bytes
import CRDT
import Domain
import Wire

extension StoreWriter {
    /// Takes in what an older version of this program had to set aside.
    ///
    /// Records it touches are folded again from the log, before anyone reads or writes them; never
    /// is anything applied late (MERGE-7).
    func upgrade() throws(StorageError) {
        let known = try connection.meta("schema") ?? []
        let current = [UInt8](bigEndian: schema.version)
        guard known != current else { return }
        let rows = try connection.prepare(
            "SELECT scope, position, operation FROM aside ORDER BY scope, position, operation"
        ).all { ($0.integer(0), $0.integer(1), $0.integer(2)) }
        try connection.execute("DELETE FROM aside")
        var stale: Set<StaleRecord> = []
        for (scope, position, index) in rows {
            if let record = try takeIn(index, at: position, in: scope) { stale.insert(record) }
        }
        for record in stale { try refold(record) }
        state.unsettled.formUnion(try connection.heldScopes().map(\.number))
        try settleStatements()
        try connection.forgetSummaries()
        try connection.setMeta("schema", current)
    }

    /// Judges one operation again: an event gets its row now, a record is to be folded again.
    private func takeIn(
        _ index: Int64,
        at position: Int64,
        in number: Int64
    ) throws(StorageError) -> StaleRecord? {
        let logged = try connection.change(at: position, in: number)
        guard let body = try logged.body(), let index = UInt16(exactly: index),
            Int(index) < body.operations.count
        else { return nil }
        let place = Folder.Place(
            scope: try connection.scope(numbered: number),
            number: number,
            position: position,
            index: index,
            rank: logged.rank(body),
            author: logged.replica
        )
        let operation = body.operations[Int(index)]
        if try folding.fold(operation, at: place) { state.sharesEpoch += 1 }
        guard schema.isEntity(operation),
            let id = operation.recordID(derived: place.derivedID)
        else { return nil }
        return StaleRecord(scope: number, entity: operation.entity, id: id)
    }
}
