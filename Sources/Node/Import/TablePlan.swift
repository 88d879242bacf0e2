import CRDT
import Domain
import Storage
import Wire

/// What a file of records would change here: operations for the rows that can be taken, and what
/// is wrong with the others.
///
/// - Source: DOM-165, DOM-166.
struct TablePlan {
    /// What became of a row.
    enum Outcome { case created, changed, unchanged }

    /// The operations of one row: they stand together in one action.
    typealias Step = [(scope: Scope, operation: Operation)]

    let view: View
    let tenant: ID
    let table: RecordTable
    let options: ImportOptions
    /// Milliseconds since 1970.
    let now: Int64
    var references: References
    private(set) var steps: [Step] = []
    private(set) var outcomes: [Outcome: Int] = [:]
    /// The refused rows, in the order of the file: their places, and what is wrong.
    var refused: [(place: String, reasons: String)] {
        refusals.sorted { $0.index < $1.index }.map { ($0.place, $0.reasons) }
    }

    private var refusals: [(index: Int, place: String, reasons: String)] = []
    private(set) var mergedRows = 0
    /// The check plans of which a row was refused, with the places of those rows.
    private(set) var refusedPlans: [String: String] = [:]
    private var held: [HeldPlace: [ID: StoredRecord]] = [:]
    /// Edits of records that several rows may touch: at most one operation a record (CHG-6).
    private var pointers: [ID: (scope: Scope, edit: RecordEdit, fields: Set<UInt32>)] = [:]

    private struct HeldPlace: Hashable {
        let entity: UInt32
        let scope: Scope
    }

    init(
        _ file: TableFile,
        of table: RecordTable,
        _ options: ImportOptions,
        on view: View,
        tenant: ID,
        now: Int64
    ) throws {
        self.view = view
        self.tenant = tenant
        self.table = table
        self.options = options
        self.now = now
        references = try References(view)
        let rows = prepared(file.rows)
        var rowsByKey: [String: Int] = [:]
        var merged: [TableRow] = []
        for (index, row) in rows.enumerated() {
            let (read, faults) = TableRow.read(row, at: index, of: table, references)
            guard let read else {
                refusals.append((index, row.place, faults.joined(separator: "; ")))
                notePlan(of: row)
                continue
            }
            let key = key(of: read)
            if let place = rowsByKey[key] {
                merged[place].merge(read)
                mergedRows += 1
            } else {
                rowsByKey[key] = merged.count
                merged.append(read)
            }
        }
        try add(merged)
        finishPointers()
    }

    /// Remembers that a check plan cannot be whole.
    private mutating func notePlan(of row: TableFile.Row) {
        guard table == .checkPlans, case .text(let code) = row.cells["process"] ?? .empty,
            case .text(let version) = row.cells["version"] ?? .empty
        else { return }
        let key = "\(code.trimmed)\u{1f}\(version.trimmed)"
        refusedPlans[key] = refusedPlans[key].map { "\($0), \(row.place)" } ?? row.place
    }

    /// Plans a row; what it throws refuses the row alone.
    mutating func attempt(_ row: TableRow, _ plan: (inout Self) throws -> (Outcome, Step)) {
        do {
            let (outcome, step) = try plan(&self)
            outcomes[outcome, default: 0] += 1
            if !step.isEmpty { steps.append(step) }
        } catch {
            refusals.append((row.index, row.place, CommandFault(error).message))
        }
    }

    // MARK: Records

    /// The records of an entity in a scope, by id, read once.
    mutating func records(of entity: Entity, in scope: Scope) throws -> [ID: StoredRecord] {
        let place = HeldPlace(entity: entity.number, scope: scope)
        if let known = held[place] { return known }
        let records = try view.records(of: entity, in: scope)
        let byID = Dictionary(records.map { ($0.id, $0) }) { first, _ in first }
        held[place] = byID
        return byID
    }

    /// The operation after which a record says what a row says.
    ///
    /// - Parameters:
    ///   - entity: The kind of record.
    ///   - scope: Where it lives.
    ///   - key: The fields of its key.
    ///   - said: What the row says; of a record that is here what it does not say stays.
    ///   - creating: What a new record says besides.
    /// - Returns: What becomes of it; no operation if it says so already.
    /// - Throws: `RuleFault` if the row would change a fixed field.
    mutating func put(
        _ entity: Entity,
        in scope: Scope,
        key: [UInt32: Value],
        _ said: Said,
        creating: Said = Said()
    ) throws -> (Outcome, Step) {
        var values = creating.values
        for (field, value) in said.registers { values[field] = value }
        for (field, elements) in said.sets { values.add(field, elements) }
        for (field, value) in key { values[field] = value }
        let creation = Operation(creating: entity, values, in: scope, tenant: tenant)
        guard case .natural(let id) = creation.target,
            let record = try records(of: entity, in: scope)[id]
        else { return (.created, [(scope, creation)]) }
        // What somebody removed, no file brings back.
        guard !record.isDeleted else { return (.unchanged, []) }
        var edit = RecordEdit(record)
        for (field, value) in said.registers where key[field] == nil {
            if entity.field(field)?.merge == .fixed, (record.fields[field] ?? .null) != value {
                let name = entity.field(field)?.name ?? ""
                throw RuleFault(.wrongOrder, "\(name) is \(record.fields[field]?.shown ?? "none")")
            }
            // What is shown already stays, also beside another value: a person settles that.
            if (record.fields[field] ?? .null) != value { edit.write(field, value) }
        }
        for (field, elements) in said.sets { edit.make(field, elements) }
        guard let operation = edit.operation else { return (.unchanged, []) }
        return (.changed, [(scope, operation)])
    }

    /// Lets a record point at something, or not; the edit is planned when all rows were read.
    ///
    /// - Returns: Whether that changes the record.
    /// - Throws: `RuleFault` if another row says otherwise.
    mutating func point(
        _ record: StoredRecord,
        in scope: Scope,
        _ field: UInt32,
        at target: ID,
        _ isWanted: Bool?
    ) throws -> Bool {
        guard let isWanted else { return false }
        let isSo = record.fields.id(field) == target
        guard isWanted || isSo else { return false }
        var known = pointers[record.id] ?? (scope, RecordEdit(record), [])
        guard !isWanted || known.fields.insert(field).inserted else {
            throw RuleFault(.alreadyThere, "another row is the \(record.entity.name)'s already")
        }
        if isWanted != isSo { known.edit.write(field, isWanted ? .id(target) : .null) }
        pointers[record.id] = known
        return isWanted != isSo
    }

    private mutating func finishPointers() {
        for (_, known) in pointers.sorted(by: { $0.key < $1.key }) {
            if let operation = known.edit.operation { steps.append([(known.scope, operation)]) }
        }
    }

    /// The id of a new record that the file does not name.
    func newID(_ entity: Entity, _ key: String?...) -> ID {
        ID(
            naturalKey: [.text("import")] + key.map { $0.map(Value.text) ?? .null },
            of: entity.number,
            in: .tenant,
            tenant: tenant
        )
    }
}
