import Bytes
import CRDT
import Domain
import Wire

/// A record as one blob: its creations, and only then what was written since.
///
/// A field whose only head is the record's creation carries no name at all; the creation's time is
/// that of the record's id where it derives from it; replicas, and ids that come again and again,
/// are small integers. Private to one file: what it must equal is the fold, not a format.
enum RecordState {
    /// The bits below the number of creations.
    private enum Header {
        static let derived: UInt64 = 1
        static let sets: UInt64 = 2
        static let sums: UInt64 = 4
        static let width: UInt64 = 3
    }

    /// The bits below the number of a field.
    private enum Cell {
        /// The creation is the only head.
        static let created: UInt64 = 1
        static let key: UInt64 = 2
        /// The value of the only head is an id that is interned.
        static let reference: UInt64 = 4
        static let width: UInt64 = 3
    }

    /// Packs a record for its row.
    static func encode(
        _ record: Record,
        _ id: ID,
        on connection: Connection
    ) throws(StorageError) -> [UInt8] {
        var encoder = Encoder(connection, id)
        let creations = record.creations.sorted()
        try encoder.creations(
            creations,
            hasSets: !record.sets.isEmpty,
            hasSums: !record.sums.isEmpty
        )
        let cells = record.registers.sorted { Record.Cell.precedes($0.key, $1.key) }
        encoder.writer.varint(UInt64(cells.count))
        for (cell, register) in cells {
            let isCreation =
                register.heads.count == 1 && creations.count == 1
                && register.heads[0].name == creations[0]
            if isCreation {
                try encoder.created(cell.field, cell.key, register.heads[0].value)
            } else {
                try encoder.written(cell, register.heads)
            }
        }
        if !record.sets.isEmpty { try encoder.sets(record.sets) }
        if !record.sums.isEmpty { encoder.sums(record.sums) }
        return encoder.writer.bytes
    }

    /// Packs what a creation alone makes, without folding it first: the record is the one that it
    /// would be folded to.
    ///
    /// - Returns: nil for anything but a creation that only writes registers.
    static func encode(
        creation operation: Operation,
        _ id: ID,
        by author: InternedReplica,
        _ rank: Rank,
        on connection: Connection
    ) throws(StorageError) -> [UInt8]? {
        guard operation.target.isCreation else { return nil }
        var encoder = Encoder(connection, id)
        encoder.creation(rank.name, by: author)
        encoder.writer.varint(UInt64(operation.edits.count))
        let edits = operation.edits.span
        for index in edits.indices {
            guard case .write(let value, _) = edits[index].action else { return nil }
            try encoder.created(edits[index].field, nil, value)
        }
        return encoder.writer.bytes
    }

    private struct Encoder {
        var writer = Writer(capacity: 192)
        let connection: Connection
        let id: ID
        private var base: UInt64 = 0

        init(_ connection: Connection, _ id: ID) {
            self.connection = connection
            self.id = id
        }

        mutating func creation(_ name: Name, by author: InternedReplica) {
            base = name.stamp.time.raw
            header(count: 1, flags: 0)
            self.name(name, by: author)
        }

        mutating func creations(
            _ names: [Name],
            hasSets: Bool,
            hasSums: Bool
        ) throws(StorageError) {
            base = names.first?.stamp.time.raw ?? 0
            header(
                count: names.count,
                flags: (hasSets ? Header.sets : 0) | (hasSums ? Header.sums : 0)
            )
            for name in names { try self.name(name) }
        }

        private mutating func header(count: Int, flags: UInt64) {
            let isDerived = base == id.high
            let all = flags | (isDerived ? Header.derived : 0)
            writer.varint(UInt64(count) << Header.width | all)
            if !isDerived { writer.u64(base) }
        }

        mutating func created(
            _ field: UInt32,
            _ key: String?,
            _ value: Value
        ) throws(StorageError) {
            var flags = Cell.created | (key == nil ? 0 : Cell.key)
            var reference: Int64?
            if case .id(let id) = value { reference = try connection.reference(to: id) }
            if reference != nil { flags |= Cell.reference }
            writer.varint(UInt64(field) << Cell.width | flags)
            if let key { writer.text(key) }
            if let reference {
                writer.varint(UInt64(reference))
            } else {
                writer.value(value)
            }
        }

        mutating func written(
            _ cell: Record.Cell,
            _ heads: [Head<Value>]
        ) throws(StorageError) {
            writer.varint(UInt64(cell.field) << Cell.width | (cell.key == nil ? 0 : Cell.key))
            if let key = cell.key { writer.text(key) }
            writer.varint(UInt64(heads.count))
            for head in heads {
                try name(head.name)
                writer.value(head.value)
            }
        }

        mutating func sets(_ sets: [UInt32: AddWinsSet<Value>]) throws(StorageError) {
            writer.varint(UInt64(sets.count))
            for (field, set) in sets.sorted(by: { $0.key < $1.key }) {
                writer.varint(UInt64(field))
                writer.varint(UInt64(set.additions.count))
                for (element, names) in set.additions {
                    writer.value(element)
                    writer.varint(UInt64(names.count))
                    for name in names { try self.name(name) }
                }
            }
        }

        mutating func sums(_ sums: [UInt32: Int128]) {
            writer.varint(UInt64(sums.count))
            for (field, sum) in sums.sorted(by: { $0.key < $1.key }) {
                writer.varint(UInt64(field))
                writer.u64(UInt64(truncatingIfNeeded: sum >> 64))
                writer.u64(UInt64(truncatingIfNeeded: sum))
            }
        }

        private mutating func name(_ name: Name) throws(StorageError) {
            guard let author = try connection.replica(name.stamp.replica) else {
                throw StorageError(.damaged, "a head of unknown replica \(name.stamp.replica)")
            }
            self.name(name, by: author)
        }

        private mutating func name(_ name: Name, by author: InternedReplica) {
            writer.zigzag(Int64(bitPattern: name.stamp.time.raw &- base))
            writer.varint(UInt64(author.number))
            writer.u64(name.hash)
        }
    }

    /// Unpacks the row of a record.
    static func decode(
        _ bytes: [UInt8],
        of id: ID,
        on connection: Connection
    ) throws(StorageError) -> Record {
        var decoder = Decoder(reader: Reader(bytes), connection: connection, id: id)
        do {
            return try decoder.record()
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.damaged, "the state of a record: \(error)")
        }
    }

    private struct Decoder {
        var reader: Reader
        let connection: Connection
        let id: ID
        var base: UInt64 = 0

        mutating func record() throws -> Record {
            let header = try reader.varint("header")
            let count = header >> Header.width
            guard count <= UInt64(Int32.max) else { throw reader.malformed(.overLimit, "count") }
            base = header & Header.derived == 0 ? try reader.u64("base") : id.high
            var creations: [Rank] = []
            for _ in 0..<count { creations.append(try rank()) }
            let registers = try self.registers(creation: creations.first)
            let sets = header & Header.sets == 0 ? [:] : try self.sets()
            let sums = header & Header.sums == 0 ? [:] : try self.sums()
            return Record(
                creations: Set(creations.map(\.name)),
                registers: registers,
                sets: sets,
                sums: sums
            )
        }

        private mutating func registers(
            creation: Rank?
        ) throws -> [Record.Cell: Register<Value>] {
            var registers: [Record.Cell: Register<Value>] = [:]
            for _ in 0..<(try count()) {
                let head = try reader.varint("cell")
                let field = try self.field(head >> Cell.width)
                let key =
                    head & Cell.key == 0
                    ? nil : try reader.text(atMost: Limits.mapKeyBytesMax, "key")
                var list: [Head<Value>] = []
                if head & Cell.created != 0 {
                    guard let creation else { throw reader.malformed(.invalid, "creation") }
                    let value = try value(isReference: head & Cell.reference != 0)
                    list = [Head(value, rank: creation)]
                } else {
                    for _ in 0..<(try count()) {
                        let rank = try self.rank()
                        list.append(Head(try reader.value("value"), rank: rank))
                    }
                }
                registers[Record.Cell(field: field, key: key)] = Register(heads: list)
            }
            return registers
        }

        private mutating func value(isReference: Bool) throws -> Value {
            guard isReference else { return try reader.value("value") }
            let number = Int64(clamping: try reader.varint("reference"))
            return .id(try connection.referenced(number))
        }

        private mutating func sums() throws -> [UInt32: Int128] {
            var sums: [UInt32: Int128] = [:]
            for _ in 0..<(try count()) {
                let field = try self.field(try reader.varint("field"))
                let high = Int128(Int64(bitPattern: try reader.u64("high")))
                sums[field] = high << 64 | Int128(try reader.u64("low"))
            }
            return sums
        }

        private mutating func sets() throws -> [UInt32: AddWinsSet<Value>] {
            var sets: [UInt32: AddWinsSet<Value>] = [:]
            for _ in 0..<(try count()) {
                let field = try self.field(try reader.varint("field"))
                var additions: [Value: Set<Name>] = [:]
                for _ in 0..<(try count()) {
                    let element = try reader.value("element")
                    var names: Set<Name> = []
                    for _ in 0..<(try count()) { names.insert(try rank().name) }
                    additions[element] = names
                }
                sets[field] = AddWinsSet(additions: additions)
            }
            return sets
        }

        private mutating func count() throws -> Int {
            try reader.count(atMost: Int(Int32.max), "count")
        }

        private func field(_ number: UInt64) throws -> UInt32 {
            guard let field = UInt32(exactly: number) else {
                throw reader.malformed(.invalid, "field")
            }
            return field
        }

        private mutating func rank() throws -> Rank {
            let time = base &+ UInt64(bitPattern: try reader.zigzag("time"))
            let number = Int64(clamping: try reader.varint("replica"))
            let author = try connection.replica(numbered: number)
            let stamp = Stamp(HybridTime(raw: time), author.id)
            return author.rank(Name(stamp, hash: try reader.u64("hash")))
        }
    }
}
