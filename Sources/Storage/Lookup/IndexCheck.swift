import Bytes
import CRDT
import Domain
import Wire

/// The rows by which things are found, as records and log say them, made from nothing: what
/// `verify` compares.
///
/// Rows are summed up, not held: a station has millions.
struct IndexCheck {
    let folding: Folder
    let scope: Scope
    let number: Int64

    private var connection: Connection { folding.connection }
    private var schema: Schema { folding.schema }

    init(_ folding: Folder, _ scope: Scope, _ number: Int64) {
        self.folding = folding
        self.scope = scope
        self.number = number
    }

    /// A sum over rows that does not depend on their order.
    private struct Sum: Equatable {
        private var count = 0
        private var high: UInt64 = 0
        private var low: UInt64 = 0

        mutating func add(
            _ row: IndexRow,
            of id: ID,
            at position: Int64,
            _ operation: Int64
        ) {
            var writer = Writer()
            for number in [row.owner, row.place, position, operation] { writer.zigzag(number) }
            add(writer.bytes + id.bytes + row.key)
        }

        mutating func add(
            _ row: SearchRow,
            of entity: UInt32,
            _ id: ID,
            at position: Int64
        ) {
            var writer = Writer()
            writer.u32(entity)
            writer.zigzag(position)
            for text in [row.name, row.description, row.code] { writer.text(text) }
            add(writer.bytes + id.bytes)
        }

        private mutating func add(_ bytes: [UInt8]) {
            let words = Hash(of: bytes).words
            count += 1
            high &+= words.0
            low &+= words.1
        }
    }

    /// Whether the rows held of the scope are those that there must be.
    func holds() throws(StorageError) -> Bool {
        try held() == expected()
    }

    // MARK: - Held

    private func held() throws(StorageError) -> Sum {
        var sum = Sum()
        let columns = "SELECT owner, place, key, id, position, operation FROM keyed"
        let sources = [
            "WHERE owner = ?",
            "INDEXED BY keyed_record WHERE scope = ? AND position = 0 AND owner = 0",
        ]
        for rows in sources {
            try connection.prepare("\(columns) \(rows)").bind(number)
                .forEach { row throws(StorageError) in
                    sum.add(
                        IndexRow(
                            owner: row.integer(0),
                            place: row.integer(1),
                            key: row.bytes(2)
                        ),
                        of: row.id(3) ?? .zero,
                        at: row.integer(4),
                        row.integer(5)
                    )
                    return true
                }
        }
        try connection.prepare(
            "SELECT entity, id, position, name, description, code FROM searchable WHERE scope = ?"
        )
        .bind(number)
        .forEach { row throws(StorageError) in
            sum.add(
                SearchRow(name: row.text(3), description: row.text(4), code: row.text(5)),
                of: UInt32(clamping: row.integer(0)),
                row.id(1) ?? .zero,
                at: row.integer(2)
            )
            return true
        }
        return sum
    }

    // MARK: - Expected

    private func expected() throws(StorageError) -> Sum {
        var sum = Sum()
        let view = View(connection: connection, schema: schema, tenant: folding.tenant)
        for entity in schema.entities where !entity.isEvent && entity.isIndexed {
            for record in try view.records(of: entity, in: scope) where !record.isDeleted {
                for row in entity.indexRows(of: record.fields, in: number) {
                    sum.add(row, of: record.id, at: 0, 0)
                }
                let words = entity.searchRow(of: record.fields)
                if !words.isEmpty { sum.add(words, of: entity.number, record.id, at: 0) }
            }
        }
        guard schema.entities.contains(where: { $0.isEvent && $0.isIndexed }) else { return sum }
        let standing = try connection.standing(of: number)
        try connection.forEachChange(in: number, after: 0, upTo: .max) {
            change throws(StorageError) in
            guard let body = try change.body() else { return true }
            for (index, operation) in body.operations.enumerated() {
                guard let entity = schema[operation.entity], entity.isEvent, entity.isIndexed,
                    standing.exclusion(at: change.position, of: entity.number) == nil
                else { continue }
                let place = Folder.Place(
                    scope: scope,
                    number: number,
                    position: change.position,
                    index: UInt16(truncatingIfNeeded: index),
                    rank: change.rank(body),
                    author: change.replica
                )
                guard case .counts(let event) = folding.counted(operation, at: place),
                    case .event = event.target
                else { continue }
                try add(event, of: entity, at: place, to: &sum)
            }
            return true
        }
        return sum
    }

    private func add(
        _ event: Operation,
        of entity: Entity,
        at place: Folder.Place,
        to sum: inout Sum
    ) throws(StorageError) {
        let (fields, id) = (Fields(of: event), place.derivedID)
        for index in entity.indexes {
            for values in index.rows(of: fields) {
                let row = entity.row(index, IndexKey(values).bytes, in: number)
                // What ends it is summed up too, and so is what it must be.
                guard try !folding.isEnded(row, of: index, id, in: number) else { continue }
                sum.add(row, of: id, at: place.position, Int64(place.index))
            }
        }
        let words = entity.searchRow(of: fields)
        if !words.isEmpty { sum.add(words, of: entity.number, id, at: place.position) }
    }
}
