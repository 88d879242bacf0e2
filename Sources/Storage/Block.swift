import Bytes
import CRDT
import Wire

/// Changes of one feed that stand together in the log of a scope, stored as one row.
///
/// Catching up brings many small changes that are alike; apart they would take four times the room,
/// and as many rows to write. Whoever asks for one of them unpacks the block.
///
/// - Invariant: Sequences rise by one inside a block. Between its first and its last position no
///   other change of the scope lies. A replica that has branches has none: its changes have rows of
///   their own, which say what they link to.
struct Block {
    let scope: Int64
    /// Of the last change.
    let position: Int64
    /// The position of the first change.
    let first: Int64
    let count: Int64
    let replica: Int64
    /// Of the last change.
    let sequence: UInt64
    /// Of the last change.
    let hash: Hash
    /// The greatest stamp.
    let time: HybridTime

    var firstSequence: UInt64 { sequence &- UInt64(clamping: count) &+ 1 }

    /// Fewer changes than this get rows of their own.
    static let changesMin = 16
    /// Few enough that unpacking one for a single change goes unnoticed.
    static let changesMax = 64
}

extension Block {
    /// The block, if its place is one that was ever written.
    fileprivate func checked() throws(StorageError) -> Block {
        guard (1...Int64(Limits.runChangesMax)).contains(count), first > 0, first <= position,
            position < .max
        else { throw StorageError(.damaged, "the place of the block at \(position)") }
        return self
    }

    /// The positions of the changes, by how far each lies behind the one before.
    fileprivate func positions(_ gaps: [UInt8]) throws(StorageError) -> [Int64] {
        if gaps.isEmpty, position - first == count - 1 { return Array(first...position) }
        var positions = [first]
        var reader = Reader(gaps)
        do throws(Malformed) {
            for _ in 1..<count {
                let (next, isOver) = positions[positions.endIndex - 1].addingReportingOverflow(
                    Int64(clamping: try reader.varint("gap"))
                )
                guard !isOver, next < position else { break }
                positions.append(next + 1)
            }
            try reader.end("gaps")
        } catch {
            throw StorageError(.damaged, "the gaps of the block at \(position): \(error)")
        }
        guard positions.count == count, positions.last == position else {
            throw StorageError(.damaged, "the gaps of the block at \(position)")
        }
        return positions
    }

    /// What ``positions(_:)`` reads; nil where positions rise by one.
    static func gaps(between positions: [Int64]) -> [UInt8]? {
        var writer = Writer(capacity: positions.count)
        for (before, after) in zip(positions, positions.dropFirst()) {
            writer.varint(UInt64(clamping: after - before - 1))
        }
        return writer.bytes.allSatisfy { $0 == 0 } ? nil : writer.bytes
    }
}

/// The blocks that were unpacked last.
final class BlockCache {
    private struct Key: Hashable {
        let scope: Int64
        let position: Int64
    }

    private var held: [Key: [LoggedChange]] = [:]
    private var order: [Key] = []
    /// At some tens of kilobytes each.
    private static let countMax = 32

    fileprivate func changes(of block: Block) -> [LoggedChange]? {
        held[Key(scope: block.scope, position: block.position)]
    }

    fileprivate func keep(_ changes: [LoggedChange], of block: Block) {
        let key = Key(scope: block.scope, position: block.position)
        if order.count >= Self.countMax { held[order.removeFirst()] = nil }
        held[key] = changes
        order.append(key)
    }

    /// A rollback took back what was written: other changes may get the positions.
    func forget() {
        held = [:]
        order = []
    }
}

// MARK: - Writing

extension Connection {
    /// Stores changes of one feed that follow each other as a block, the first at a position.
    func insert(
        _ changes: ArraySlice<VerifiedChange>,
        as packed: PackedBodies,
        at position: Int64,
        scope: Int64,
        replica: Int64
    ) throws(StorageError) {
        guard let first = changes.first, let last = changes.last else { return }
        let block = Block(
            scope: scope,
            position: position + Int64(changes.count) - 1,
            first: position,
            count: Int64(changes.count),
            replica: replica,
            sequence: last.change.sequence,
            hash: last.change.hash,
            time: changes.map(\.tip.time).max() ?? .zero
        )
        try insert(block, packed, after: first.change.previous, gaps: nil, last.signature)
    }

    /// Stores a block.
    func insert(
        _ block: Block,
        _ packed: PackedBodies,
        after previous: Hash,
        gaps: [UInt8]?,
        _ signature: [UInt8]?
    ) throws(StorageError) {
        let statement = try prepare(
            "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        .bind(block.scope).bind(block.position).bind(block.first)
        _ = gaps.map { statement.bind($0) } ?? statement.bindNull()
        statement.bind(block.count).bind(block.replica).bind(bits: block.sequence)
            .bind(block.hash).bind(previous).bind(bits: block.time.raw)
            .bind(packed.frame).bind(Int64(packed.length))
        _ = signature.map { statement.bind($0) } ?? statement.bindNull()
        try statement.run()
    }

    /// Gives the changes of a replica rows of their own: it is about to have branches.
    func dissolveBlocks(of replica: Int64, in scope: Int64) throws(StorageError) {
        for block in try blocks(of: replica, in: scope) {
            for change in try changes(of: block) {
                try insert(change, as: PackedBody(change.bytes), scope: scope)
            }
            try prepare("DELETE FROM block WHERE scope = ? AND position = ?")
                .bind(scope).bind(block.position).run()
        }
    }
}

// MARK: - Reading

extension Connection {
    private static let blockColumns =
        "scope, position, first, count, replica, sequence, hash, time FROM block"

    /// The block that holds a position, or else the next one; nil behind the last.
    func block(from position: Int64, in scope: Int64) throws(StorageError) -> Block? {
        let block = try prepare(
            """
            SELECT \(Self.blockColumns) WHERE scope = ? AND position >= ? ORDER BY position LIMIT 1
            """
        )
        .bind(scope).bind(position).first(Self.readBlock)
        guard let block else { return nil }
        return try block.checked()
    }

    /// The block that holds a sequence of a replica; nil if a row of its own does, or nothing.
    func block(
        with sequence: UInt64,
        of replica: Int64,
        in scope: Int64
    ) throws(StorageError) -> Block? {
        let block = try prepare(
            """
            SELECT \(Self.blockColumns)
            WHERE scope = ? AND replica = ? AND sequence >= ? ORDER BY sequence LIMIT 1
            """
        )
        .bind(scope).bind(replica).bind(Int64(clamping: sequence)).first(Self.readBlock)
        guard let block, try block.checked().firstSequence <= sequence else { return nil }
        return block
    }

    /// The blocks of a replica, those wholly below a sequence left out.
    func blocks(
        of replica: Int64,
        from sequence: UInt64 = 0,
        in scope: Int64
    ) throws(StorageError) -> [Block] {
        let blocks = try prepare(
            """
            SELECT \(Self.blockColumns)
            WHERE scope = ? AND replica = ? AND sequence >= ? ORDER BY sequence
            """
        )
        .bind(scope).bind(replica).bind(Int64(clamping: sequence)).all(Self.readBlock)
        for block in blocks { _ = try block.checked() }
        return blocks
    }

    /// The changes of a block, in their order.
    func changes(of block: Block) throws(StorageError) -> [LoggedChange] {
        if let known = unpacked.changes(of: block) { return known }
        let row = try prepare(
            """
            SELECT previous, bodies, length, signature, gaps FROM block
            WHERE scope = ? AND position = ?
            """
        )
        .bind(block.scope).bind(block.position)
        .first { row in
            (
                previous: row.hash(0) ?? .zero,
                bodies: PackedBodies(frame: row.bytes(1), length: Int(clamping: row.integer(2))),
                signature: row.isNull(3) ? nil : row.bytes(3),
                gaps: row.bytes(4)
            )
        }
        guard let row else { throw StorageError(.damaged, "no block at \(block.position)") }
        let positions = try block.positions(row.gaps)
        let changes = try link(
            row.bodies,
            at: positions,
            of: block,
            after: row.previous,
            row.signature
        )
        unpacked.keep(changes, of: block)
        return changes
    }

    /// Puts the bodies of a block back into their places in the feed.
    private func link(
        _ packed: PackedBodies,
        at positions: [Int64],
        of block: Block,
        after previous: Hash,
        _ signature: [UInt8]?
    ) throws(StorageError) -> [LoggedChange] {
        let bodies: [(bytes: [UInt8], body: Body?)]
        do throws(Malformed) {
            bodies = try packed.unpacked(count: positions.count)
        } catch {
            throw StorageError(.damaged, "the block at \(block.position): \(error)")
        }
        let replica = try replica(numbered: block.replica)
        let scope = try scope(numbered: block.scope)
        let feed = Change.Feed(tenant: try tenant(), scope: scope, replica: replica.id)
        var changes: [LoggedChange] = []
        changes.reserveCapacity(bodies.count)
        var previous = previous
        for (index, entry) in bodies.enumerated() {
            let sequence = block.firstSequence &+ UInt64(index)
            let change = Change(
                feed: feed,
                sequence: sequence,
                previous: previous,
                body: entry.bytes
            )
            previous = change.hash
            changes.append(
                LoggedChange(
                    position: positions[index],
                    replica: replica,
                    sequence: sequence,
                    hash: change.hash,
                    previous: nil,
                    bytes: entry.bytes,
                    signature: index == bodies.count - 1 ? signature : nil,
                    reading: entry.body
                )
            )
        }
        guard previous == block.hash else {
            throw StorageError(.damaged, "the block at \(block.position) of scope \(scope)")
        }
        return changes
    }

    private static func readBlock(_ row: borrowing RowReader) -> Block {
        Block(
            scope: row.integer(0),
            position: row.integer(1),
            first: row.integer(2),
            count: row.integer(3),
            replica: row.integer(4),
            sequence: row.bits(5),
            hash: row.hash(6) ?? .zero,
            time: HybridTime(raw: row.bits(7))
        )
    }
}
