import Bytes
import CRDT
import Domain
import Wire

/// A record as one blob: its creations, and only then what was written since.
///
/// A field whose only head is
/// the record's creation carries no name at all; replicas are small integers; times are deltas.
/// Private to one file: what it must equal is the fold, not a format.
enum RecordState {
    /// Packs a record for its row.
    static func encode(
        _ record: Record,
        on connection: Connection
    ) throws(StorageError) -> [UInt8] {
        let creations = record.creations.sorted()
        let base = creations.first?.stamp.time.raw ?? 0
        var writer = Writer(capacity: 96)
        func write(_ name: Name) throws(StorageError) {
            writer.zigzag(Int64(bitPattern: name.stamp.time.raw &- base))
            guard let author = try connection.replica(name.stamp.replica) else {
                throw StorageError(.damaged, "a head of unknown replica \(name.stamp.replica)")
            }
            writer.varint(UInt64(author.number))
            writer.u64(name.hash)
        }
        writer.u64(base)
        writer.varint(UInt64(creations.count))
        for name in creations { try write(name) }
        let cells = record.registers.sorted { Record.Cell.precedes($0.key, $1.key) }
        writer.varint(UInt64(cells.count))
        for (cell, register) in cells {
            writer.varint(UInt64(cell.field) << 1 | (cell.key == nil ? 0 : UInt64(1)))
            if let key = cell.key { writer.text(key) }
            let isCreation =
                register.heads.count == 1 && creations.count == 1
                && register.heads[0].name == creations[0]
            writer.varint(isCreation ? 0 : UInt64(register.heads.count))
            for head in register.heads {
                if !isCreation { try write(head.name) }
                writer.value(head.value)
            }
        }
        writer.varint(UInt64(record.sets.count))
        for (field, set) in record.sets.sorted(by: { $0.key < $1.key }) {
            writer.varint(UInt64(field))
            writer.varint(UInt64(set.additions.count))
            for (element, names) in set.additions {
                writer.value(element)
                writer.varint(UInt64(names.count))
                for name in names { try write(name) }
            }
        }
        writer.varint(UInt64(record.sums.count))
        for (field, sum) in record.sums.sorted(by: { $0.key < $1.key }) {
            writer.varint(UInt64(field))
            writer.u64(UInt64(truncatingIfNeeded: sum >> 64))
            writer.u64(UInt64(truncatingIfNeeded: sum))
        }
        return writer.bytes
    }

    /// Packs what a creation alone makes, without folding it first: the bytes are those of the
    /// record that it would be folded to.
    ///
    /// - Returns: nil for anything but a creation that only writes registers.
    static func encode(
        creation operation: Operation,
        by author: InternedReplica,
        _ rank: Rank
    ) -> [UInt8]? {
        guard operation.target.isCreation else { return nil }
        var writer = Writer(capacity: 32 + 24 * operation.edits.count)
        writer.u64(rank.name.stamp.time.raw)
        writer.varint(1)
        writer.zigzag(0)
        writer.varint(UInt64(author.number))
        writer.u64(rank.name.hash)
        writer.varint(UInt64(operation.edits.count))
        for edit in operation.edits {
            guard case .write(let value, _) = edit.action else { return nil }
            writer.varint(UInt64(edit.field) << 1)
            writer.varint(0)
            writer.value(value)
        }
        writer.varint(0)
        writer.varint(0)
        return writer.bytes
    }

    /// Unpacks the row of a record.
    static func decode(
        _ bytes: [UInt8],
        on connection: Connection
    ) throws(StorageError) -> Record {
        var decoder = Decoder(reader: Reader(bytes), connection: connection)
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
        var base: UInt64 = 0

        mutating func record() throws -> Record {
            base = try reader.u64("base")
            var creations: [Rank] = []
            for _ in 0..<(try count()) { creations.append(try rank()) }
            let registers = try self.registers(creation: creations.first)
            let sets = try self.sets()
            var sums: [UInt32: Int128] = [:]
            for _ in 0..<(try count()) {
                let field = try self.field(try reader.varint("field"))
                let high = Int128(Int64(bitPattern: try reader.u64("high")))
                sums[field] = high << 64 | Int128(try reader.u64("low"))
            }
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
                let field = try self.field(head >> 1)
                let key =
                    head & 1 == 1 ? try reader.text(atMost: Limits.mapKeyBytesMax, "key") : nil
                let heads = try count()
                var list: [Head<Value>] = []
                if heads == 0, let creation {
                    list = [Head(try reader.value("value"), rank: creation)]
                }
                for _ in 0..<heads {
                    let rank = try self.rank()
                    list.append(Head(try reader.value("value"), rank: rank))
                }
                registers[Record.Cell(field: field, key: key)] = Register(heads: list)
            }
            return registers
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

extension Record.Cell {
    /// By field, then by the bytes of the key; a register without one stands first (CHG-18).
    static func precedes(_ left: Record.Cell, _ right: Record.Cell) -> Bool {
        guard left.field == right.field else { return left.field < right.field }
        let (a, b) = (left.key.map { Array($0.utf8) } ?? [], right.key.map { Array($0.utf8) } ?? [])
        return a.lexicographicallyPrecedes(b)
    }
}
