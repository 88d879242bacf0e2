import CRDT
import Wire

/// The check of a hub's audit: every entry against the tree, every change against its entry, the
/// tree against its tiles and against all that was ever shown of it.
///
/// - Source: AUD-1, AUD-8, AUD-10, AUD-13.
struct AuditCheck {
    private let connection: Connection
    private var checkpoints: [AuditCheckpoint] = []
    private var tree = GrowingTree()
    /// The change that was met last.
    private var position: Int64 = 0
    private(set) var faults: [String] = []

    /// Entries whose changes are in memory at once.
    private static let window: UInt64 = 4_096
    /// So many faults are named one by one.
    private static let faultsMax = 100

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// How many entries were looked at.
    var count: UInt64 { tree.size }

    /// Looks at everything; a store that keeps no audit has nothing to look at.
    ///
    /// - Throws: If the file cannot be read; damage that ends the check is a fault like any other.
    mutating func run() throws(StorageError) {
        do throws(StorageError) {
            try check()
        } catch {
            guard error.code == .damaged else { throw error }
            note(error.message)
        }
    }

    private mutating func check() throws(StorageError) {
        let tables = try connection.prepare(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'audit'"
        ).first { $0.integer(0) }
        guard tables == 1 else { return }
        guard let head = try connection.auditHead() else { return note("has lost its root") }
        checkpoints = try connection.checkpoints(upTo: .max).sorted { $0.head.size < $1.head.size }
        compareCheckpoints()
        while tree.size < head.size {
            let first = tree.size
            try window(from: first, upTo: min(head.size, first + Self.window), head)
            guard tree.size > first else { break }
        }
        try end(head)
        try spans()
    }

    private mutating func note(_ fault: String) {
        if faults.count < Self.faultsMax { faults.append("audit: \(fault)") }
    }
}

// MARK: - Entries

extension AuditCheck {
    private mutating func window(
        from first: UInt64,
        upTo end: UInt64,
        _ head: AuditHead
    ) throws(StorageError) {
        let rows = try connection.prepare(
            """
            SELECT \(AuditRow.columns), entity FROM audit WHERE number >= ? AND number < ?
            ORDER BY number
            """
        )
        .bind(bits: first).bind(bits: end).all { (AuditRow($0), $0.integer(10)) }
        let last = rows.map(\.0.position).max() ?? position
        let changes = try connection.audited(
            from: position + 1,
            to: min(last, position + Int64(Self.window))
        )
        var held: Tile?
        var next = rows.startIndex
        for number in first..<end {
            if number % UInt64(Tile.width) == 0 { held = try tile(number, head) }
            let place = Int(number % UInt64(Tile.width))
            var leaf = held?.hashes[place]
            if next < rows.endIndex, rows[next].0.number == number {
                let found = try self.leaf(of: rows[next].0, rows[next].1, changes)
                if let leaf, let found, found != leaf { note("entry \(number) was rewritten") }
                leaf = leaf ?? found
                next += 1
            } else {
                note("entry \(number) is missing")
            }
            for tile in tree.append(leaf ?? .zero) { try compare(tile) }
            compareCheckpoints()
        }
    }

    /// The full tile that begins at an entry.
    private mutating func tile(
        _ number: UInt64,
        _ head: AuditHead
    ) throws(StorageError) -> Tile? {
        let width = UInt64(Tile.width)
        guard number + width <= head.size else { return nil }
        let tile = try connection.auditTile(Tile.Place(level: 0, number: number / width))
        guard let tile, tile.hashes.count == Tile.width else {
            note("the tile of entries \(number) to \(number + width - 1) is missing")
            return nil
        }
        return tile
    }

    /// The hash of an entry's leaf; nil if it cannot be made.
    private mutating func leaf(
        of row: AuditRow,
        _ entity: Int64,
        _ changes: [Int64: Connection.FoundChange]
    ) throws(StorageError) -> Hash? {
        let isOfChange =
            row.kind == AuditKind.change.rawValue || row.kind == AuditKind.ruling.rawValue
        guard row.position == position + (isOfChange ? 1 : 0) else {
            note("entry \(row.number) is not in the order of the log")
            position = max(position, row.position)
            return nil
        }
        position = row.position
        let change = isOfChange ? changes[row.position] : nil
        do throws(StorageError) {
            if let change, row.isChange { try compare(row, entity, change) }
            return try connection.entry(row, change?.change.hash).leaf.hash
        } catch {
            guard error.code == .damaged else { throw error }
            note(error.message)
            return nil
        }
    }

    /// The row of an entry says by what it is found: the same as its change.
    private mutating func compare(
        _ row: AuditRow,
        _ entity: Int64,
        _ change: Connection.FoundChange
    ) throws(StorageError) {
        var user = ID.zero
        if let person = row.person { user = try connection.referenced(person) }
        let said = change.change
        let isSame =
            row.kind == said.kind.rawValue && entity == said.entity && user == said.user
            && row.scope == change.number
        if !isSame { note("entry \(row.number) does not say what its change says") }
    }
}

// MARK: - The tree

extension AuditCheck {
    private mutating func compare(_ tile: Tile) throws(StorageError) {
        let root =
            try connection.prepare("SELECT root FROM audit_tile WHERE place = ?")
            .bind(tile.place.row).first { $0.hash(0) } ?? nil
        let held = try connection.auditTile(tile.place)
        if held != tile || root != tile.root {
            note(
                "tile \(tile.place.number) of level \(tile.place.level) is not that of its entries"
            )
        }
    }

    private mutating func compareCheckpoints() {
        while let next = checkpoints.first, next.head.size <= tree.size {
            checkpoints.removeFirst()
            if next.head.size != tree.size || next.head.root != tree.root {
                note("it does not continue its checkpoint of \(next.head.size) entries")
            }
        }
    }

    private mutating func end(_ head: AuditHead) throws(StorageError) {
        if tree.size != head.size || tree.root != head.root {
            note("its entries are not those of the root after the last commit")
        }
        for checkpoint in checkpoints {
            note("it is shorter than its checkpoint of \(checkpoint.head.size) entries")
        }
        let more =
            try connection.prepare("SELECT count(*) FROM audit WHERE number >= ?")
            .bind(bits: head.size).first { $0.integer(0) } ?? 0
        if more > 0 { note("\(more) entries stand after its end") }
        let last = try connection.lastPosition()
        if position != last { note("the changes \(position + 1) to \(last) have no entry") }
    }

    /// What entries are found by names every span in which they stand.
    private mutating func spans() throws(StorageError) {
        for span in 0..<tree.size / AuditTables.spanEntries {
            let first = Int64(clamping: span * AuditTables.spanEntries)
            let last = first + Int64(AuditTables.spanEntries) - 1
            var isWhole =
                try connection.prepare(
                    """
                    SELECT count(*) FROM audit_span WHERE number = ?1 AND earliest <=
                        (SELECT min(time) FROM audit WHERE number BETWEEN ?2 AND ?3)
                    AND latest >= (SELECT max(time) FROM audit WHERE number BETWEEN ?2 AND ?3)
                    """
                )
                .bind(bits: span).bind(first).bind(last).first { $0.integer(0) } == 1
            for (field, column) in AuditTables.fields where isWhole {
                let missing = try connection.prepare(
                    """
                    SELECT count(*) FROM (SELECT DISTINCT \(column) AS value FROM audit
                        WHERE number BETWEEN ? AND ? AND \(column) IS NOT NULL
                        EXCEPT SELECT value FROM audit_mention WHERE field = ? AND span = ?)
                    """
                )
                .bind(first).bind(last).bind(field).bind(bits: span).first { $0.integer(0) }
                isWhole = missing == 0
            }
            if !isWhole { note("a search would pass over entries \(first) to \(last)") }
        }
    }
}
