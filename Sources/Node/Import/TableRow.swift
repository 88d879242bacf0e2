import CRDT
import Domain

/// A row whose cells were read: values by the names of columns.
struct TableRow: Sendable {
    private(set) var place: String
    /// Where the row stands among the rows of the file.
    let index: Int
    private var registers: [String: Value] = [:]
    private var lists: [String: [Value]] = [:]

    init(place: String, index: Int) {
        self.place = place
        self.index = index
    }

    /// Reads a row of a file.
    ///
    /// - Returns: The row; nil, and all that is wrong with it, if something is.
    static func read(
        _ row: TableFile.Row,
        at index: Int,
        of table: RecordTable,
        _ references: References
    ) -> (row: TableRow?, faults: [String]) {
        var read = TableRow(place: row.place, index: index)
        var faults = row.faults
        for column in table.columns {
            let cell = row.cells[column.name] ?? .empty
            guard cell != .empty else {
                if column.isRequired, faults.isEmpty || !row.cells.isEmpty {
                    faults.append("\(column.name) is missing")
                }
                continue
            }
            do {
                try read.take(cell, column, references)
            } catch {
                faults.append("\(column.name): \(CommandFault(error).message)")
            }
        }
        return (faults.isEmpty ? read : nil, faults)
    }

    private mutating func take(_ cell: Cell, _ column: Column, _ references: References) throws {
        guard column.isList else {
            guard case .text(let text) = cell else {
                throw RuleFault(.unknownValue, "one value, not a list")
            }
            registers[column.name] = try column.value(text, references)
            return
        }
        let elements = cell.elements
        guard elements.count <= Column.elementsMax else {
            throw RuleFault(.tooLong, "at most \(Column.elementsMax) elements")
        }
        lists[column.name] = try elements.map { try column.value($0, references) }
    }

    /// Names another row that stands or falls with this one.
    mutating func note(place other: String) { place += ", \(other)" }

    /// Takes over what another row of the same key says.
    mutating func merge(_ later: TableRow) {
        place += ", \(later.place)"
        registers.merge(later.registers) { $1 }
        lists.merge(later.lists) { $1 }
    }

    subscript(column: String) -> Value? {
        get { registers[column] }
        set { registers[column] = newValue }
    }

    func text(_ column: String) -> String? {
        if case .text(let text) = registers[column] { text } else { nil }
    }

    func integer(_ column: String) -> Int64? {
        if case .integer(let number) = registers[column] { number } else { nil }
    }

    func id(_ column: String) -> ID? {
        if case .id(let id) = registers[column] { id } else { nil }
    }

    func bool(_ column: String) -> Bool? {
        if case .bool(let bool) = registers[column] { bool } else { nil }
    }

    func list(_ column: String) -> [Value]? { lists[column] }

    func ids(_ column: String) -> [ID]? {
        lists[column]?.compactMap { if case .id(let id) = $0 { id } else { nil } }
    }

    /// What the row says of the fields of an entity, in the columns that are fields of it.
    func said(_ columns: [Column], of entity: Entity) -> Said {
        var said = Said()
        for column in columns {
            if let value = registers[column.name] { said.registers[column.field] = value }
            guard let values = lists[column.name] else { continue }
            if entity.field(column.field)?.merge == .set {
                said.sets[column.field] = Set(values)
            } else {
                said.registers[column.field] = .list(values)
            }
        }
        return said
    }
}

/// What a row says of a record.
struct Said {
    var registers: [UInt32: Value] = [:]
    var sets: [UInt32: Set<Value>] = [:]

    var isEmpty: Bool { registers.isEmpty && sets.isEmpty }

    /// As the fields of a new record.
    var values: FieldValues {
        var values = FieldValues()
        for (field, value) in registers { values[field] = value }
        for (field, elements) in sets { values.add(field, elements) }
        return values
    }
}
