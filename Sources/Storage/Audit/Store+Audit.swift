public import CRDT
public import Wire

extension Store {
    /// How far the audit has come on disk; nil at a node that keeps none.
    public var auditHead: AuditHead? { publisher.current.audit?.head }

    /// Why nothing more can be recorded, and so nothing written; nil while all is well.
    public var auditFault: StorageError? { publisher.current.audit?.fault }

    /// Records an act that is no change; on disk when it returns.
    ///
    /// - Returns: The number of the entry; nil at a node that keeps no audit.
    /// - Throws: What the disk says: then what was to be recorded is not to be done.
    @discardableResult
    public func record(
        _ act: AuditAct,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> UInt64? {
        guard publisher.current.audit != nil else { return nil }
        return try writing { writer throws(StorageError) in
            try writer.audit(act, wallMilliseconds: wallMilliseconds)
        }
    }

    /// Erases the keys of entries: what they said is gone, and every proof of them stands (AUD-4).
    ///
    /// - Parameters:
    ///   - numbers: Of the entries; those erased before, and those that are not there, are passed
    ///     over.
    ///   - act: Records the erasure, in the same commit.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Returns: How many were erased.
    /// - Throws: What the disk says; nothing was erased then.
    public func eraseEntries(
        _ numbers: Set<UInt64>,
        recording act: AuditAct,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> Int {
        guard publisher.current.audit != nil else { return 0 }
        return try writing { writer throws(StorageError) in
            let connection = writer.connection
            // What is taken out of a page is overwritten there.
            try connection.execute("PRAGMA secure_delete = ON")
            var count = 0
            for number in numbers.sorted() {
                let entries = try connection.auditEntries(from: number, upTo: number &+ 1)
                guard let entry = entries.first, entry.keys != nil else { continue }
                try connection.prepare(
                    """
                    UPDATE audit SET keys = NULL, subject = ?, detail = ?, person = NULL,
                        record = NULL
                    WHERE number = ?
                    """
                )
                .bind(entry.leaf.subject).bind(entry.leaf.detail).bind(bits: number).run()
                count += 1
            }
            if count > 0 { try writer.audit(act, wallMilliseconds: wallMilliseconds) }
            return count
        }
    }
}

// MARK: - Proofs

extension Store {
    /// Shows that an entry stands in the tree of a size.
    ///
    /// - Returns: nil unless the number is below the size, and the size has been reached.
    /// - Throws: What the disk says.
    /// - Complexity: O(log size) tiles are read.
    public func inclusionProof(
        of number: UInt64,
        in size: UInt64
    ) throws(StorageError) -> InclusionProof? {
        try readingTree(of: size) { nodes throws(StorageError) in
            try InclusionProof(of: number, in: size, nodes.root)
        } ?? nil
    }

    /// Shows that the tree of a size begins with all that an earlier one held.
    ///
    /// - Returns: nil unless the sizes rise and have been reached.
    /// - Throws: What the disk says.
    /// - Complexity: O(log size) tiles are read.
    public func consistencyProof(
        from earlier: UInt64,
        to size: UInt64
    ) throws(StorageError) -> ConsistencyProof? {
        try readingTree(of: size) { nodes throws(StorageError) in
            try ConsistencyProof(from: earlier, to: size, nodes.root)
        } ?? nil
    }

    /// The root that the tree had at a size; nil for one that has not been reached.
    public func auditRoot(of size: UInt64) throws(StorageError) -> Hash? {
        try readingTree(of: size) { nodes throws(StorageError) in try nodes.root(of: size) }
    }

    /// A tile as a log serves it: with as many hashes as it has in the tree of a size.
    ///
    /// - Returns: nil if the tree of that size does not reach it, or has not been reached.
    public func auditTile(
        _ place: Tile.Place,
        in size: UInt64
    ) throws(StorageError) -> Tile? {
        try readingTree(of: size) { nodes throws(StorageError) in
            let width = place.width(in: size)
            guard width > 0, (0..<Tile.levelsMax).contains(place.level) else { return nil }
            return Tile(place, Array(try nodes.tile(place).hashes.prefix(width)))
        } ?? nil
    }

    private func readingTree<T>(
        of size: UInt64,
        _ work: (AuditNodes) throws(StorageError) -> T
    ) throws(StorageError) -> T? {
        // First the tree, then the tables: these hold every tile that was full for that tree.
        guard let tree = publisher.current.audit?.tree, size <= tree.size else { return nil }
        return try reading { connection throws(StorageError) in
            try work(AuditNodes(tree, connection))
        }
    }
}

/// The whole subtrees of a tree, from its tiles.
final class AuditNodes {
    private let tree: GrowingTree
    private let connection: Connection
    private var tiles: [Tile.Place: Tile] = [:]

    init(_ tree: GrowingTree, _ connection: Connection) {
        self.tree = tree
        self.connection = connection
    }

    func root(of node: TreeNode) throws(StorageError) -> Hash {
        guard let root = try tile(Tile.Place(of: node)).root(of: node) else {
            throw StorageError(.damaged, "a tile of the audit is not whole")
        }
        return root
    }

    /// The root of the tree when it had a size.
    func root(of size: UInt64) throws(StorageError) -> Hash {
        try TreeHash.root(ofSize: size, root)
    }

    func tile(_ place: Tile.Place) throws(StorageError) -> Tile {
        if let known = tiles[place] { return known }
        var found = tree.partial(place)
        if found == nil { found = try connection.auditTile(place) }
        guard let tile = found else {
            throw StorageError(.damaged, "tile \(place.number) of the audit is missing")
        }
        tiles[place] = tile
        return tile
    }
}

// MARK: - Checkpoints

extension Store {
    /// The newest checkpoint of an epoch; nil if there is none.
    public func newestCheckpoint(
        of epoch: UInt32
    ) throws(StorageError) -> AuditCheckpoint? {
        guard publisher.current.audit != nil else { return nil }
        return try reading { connection throws(StorageError) in
            try connection.checkpoints(of: epoch, upTo: .max).first
        }
    }

    /// The largest checkpoint of an epoch that is not above a size; nil if there is none.
    public func checkpoint(
        of epoch: UInt32,
        upTo size: UInt64
    ) throws(StorageError) -> AuditCheckpoint? {
        guard publisher.current.audit != nil else { return nil }
        return try reading { connection throws(StorageError) in
            try connection.checkpoints(of: epoch, upTo: size).first
        }
    }

    /// Makes a checkpoint of what is on disk; it is on disk itself when this returns (AUD-13).
    ///
    /// - Parameters:
    ///   - epoch: The log epoch, from 1.
    ///   - wallMilliseconds: The wall clock, since 1970.
    ///   - sign: Makes the note of a size and a root.
    /// - Returns: The new one; or the one that was made of this size before.
    /// - Throws: `.inadmissible` at a node that keeps no audit, `.damaged` if the tree does not
    ///   continue what was shown before, what `sign` throws, or what the disk says.
    public func makeCheckpoint(
        epoch: UInt32,
        wallMilliseconds: UInt64,
        _ sign: (AuditHead) throws -> [UInt8]
    ) throws -> AuditCheckpoint {
        guard let trail = publisher.current.audit else {
            throw StorageError(.inadmissible, "only a hub keeps an audit")
        }
        if let fault = trail.fault { throw fault }
        if let held = try newestCheckpoint(of: epoch) {
            guard held.head.size <= trail.head.size,
                try auditRoot(of: held.head.size) == held.head.root
            else {
                throw StorageError(
                    .damaged,
                    "the audit does not continue its checkpoint of \(held.head.size) entries"
                )
            }
            if held.head == trail.head { return held }
        }
        let new = AuditCheckpoint(
            epoch: epoch,
            head: trail.head,
            time: wallMilliseconds,
            signed: try sign(trail.head)
        )
        return try writing { writer throws(StorageError) in
            try writer.connection.insert(new)
            let held = try writer.connection.checkpoints(of: epoch, upTo: new.head.size).first
            guard let held, held.head == new.head else {
                throw StorageError(.damaged, "two checkpoints of one size have two roots")
            }
            return held
        }
    }
}

extension Connection {
    fileprivate func insert(_ checkpoint: AuditCheckpoint) throws(StorageError) {
        try prepare("INSERT INTO audit_checkpoint VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(Int64(checkpoint.epoch)).bind(bits: checkpoint.head.size)
            .bind(checkpoint.head.root).bind(bits: checkpoint.time).bind(checkpoint.signed)
            .run()
    }

    /// The checkpoints of an epoch that are not above a size, the largest first.
    func checkpoints(
        of epoch: UInt32? = nil,
        upTo size: UInt64
    ) throws(StorageError) -> [AuditCheckpoint] {
        try prepare(
            """
            SELECT epoch, size, root, time, signed FROM audit_checkpoint
            WHERE (?1 = 0 OR epoch = ?1) AND size <= ?2 ORDER BY size DESC, epoch DESC
            """
        )
        .bind(Int64(epoch ?? 0)).bind(Int64(clamping: size))
        .all { row in
            AuditCheckpoint(
                epoch: UInt32(clamping: row.integer(0)),
                head: AuditHead(size: row.bits(1), root: row.hash(2) ?? .zero),
                time: row.bits(3),
                signed: row.bytes(4)
            )
        }
    }
}
