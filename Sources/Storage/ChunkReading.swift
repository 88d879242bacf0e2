import CRDT
public import Wire

/// Changes of a scope read for a peer, in this store's order of arrival.
public struct ReadChunk: Hashable, Sendable {
    public var items: [Chunk.Item]
    /// The position to go on from.
    public var position: Int64
    /// Whether the stretch was read to its end.
    public var isComplete: Bool
}

/// What to read for a peer.
struct ChunkRequest {
    var scope: Scope
    var after: Int64
    var upTo: Int64
    /// What the peer said it holds; nil if it was not asked.
    var lacking: Frontier?
    /// Sequences up to which the peer is known to hold feeds without branches.
    var known: [ID: UInt64]
    /// Replicas whose binding the peer has.
    var introduced: Set<ID>
}

extension Connection {
    /// Reads the next chunk for a peer: what it lacks, cut only at signatures.
    ///
    /// Signatures between runs that stand next to each other are left out, as far as a run may
    /// reach (CHG-12): catching up costs one check in 128 changes.
    func readChunk(_ request: ChunkRequest) throws(StorageError) -> ReadChunk {
        guard let number = try number(of: request.scope) else {
            return ReadChunk(items: [], position: request.upTo, isComplete: true)
        }
        var holding = PeerHolding(request, scope: number, on: self)
        var chunk = ChunkBuilder(introduced: request.introduced, lacking: request.lacking)
        var position = request.after
        var isFull = false
        // Read to memory first: the same statement must not be stepped while others ask.
        var segment: [LoggedChange] = []
        try forEachChange(in: number, after: request.after, upTo: request.upTo) {
            change throws(StorageError) in
            if try holding.holds(change) {
                position = segment.isEmpty ? change.position : position
                return true
            }
            segment.append(change)
            guard let signature = change.signature else { return true }
            let isBranched = try holding.isBranched(change.replica)
            guard chunk.hasRoom(for: segment) else {
                isFull = true
                return false
            }
            if chunk.needsBinding(of: change.replica.id) {
                guard let binding = try binding(of: change.replica.id) else {
                    throw StorageError(.damaged, "replica \(change.replica.id) has no binding")
                }
                chunk.introduce(binding)
            }
            chunk.add(segment, signature: signature, isBranched: isBranched)
            segment = []
            position = change.position
            return true
        }
        return ReadChunk(
            items: chunk.items,
            position: isFull ? position : request.upTo,
            isComplete: !isFull
        )
    }
}

// MARK: - What the peer holds

/// Which of this store's changes a peer holds, by its frontier.
private struct PeerHolding {
    private let connection: Connection
    private let scope: Int64
    private let request: ChunkRequest
    private var reached: [Int64: UInt64] = [:]
    private var lines: [Int64: Set<Hash>] = [:]
    private var branched: [Int64: Bool] = [:]

    init(_ request: ChunkRequest, scope: Int64, on connection: Connection) {
        self.request = request
        self.scope = scope
        self.connection = connection
    }

    mutating func isBranched(_ replica: InternedReplica) throws(StorageError) -> Bool {
        if let known = branched[replica.number] { return known }
        let answer = try connection.isBranched(replica.number, in: scope)
        branched[replica.number] = answer
        return answer
    }

    mutating func holds(_ change: LoggedChange) throws(StorageError) -> Bool {
        guard try !isBranched(change.replica) else {
            return try line(of: change.replica).contains(change.hash)
        }
        return try change.sequence <= reach(of: change.replica)
    }

    /// The sequence up to which the peer holds a feed without branches.
    private mutating func reach(of replica: InternedReplica) throws(StorageError) -> UInt64 {
        if let known = reached[replica.number] { return known }
        var reach = request.known[replica.id] ?? 0
        let last = try connection.feeds(replica.number, in: scope).first?.tip.sequence ?? 0
        let tips = request.lacking?.tips(of: replica.id) ?? []
        for tip in tips {
            if tip.sequence > last {
                // Ahead of what is here: it continues this line, unless it is another branch,
                // which the peer's own changes will show.
                reach = max(reach, tips.count == 1 ? last : 0)
                continue
            }
            let held = try connection.changes(of: replica.number, at: tip.sequence, in: scope)
            if held.contains(where: { $0.hash == tip.hash }) { reach = max(reach, tip.sequence) }
        }
        reached[replica.number] = reach
        return reach
    }

    private mutating func line(of replica: InternedReplica) throws(StorageError) -> Set<Hash> {
        if let known = lines[replica.number] { return known }
        let tips = request.lacking?.tips(of: replica.id) ?? []
        var line: Set<Hash> = []
        if !tips.isEmpty {
            let tree = try connection.tree(replica.number, in: scope)
            for tip in tips { line.formUnion(tree.line(to: tip.hash)) }
        }
        lines[replica.number] = line
        return line
    }
}

// MARK: - Building

/// The items of a chunk, within its limits.
private struct ChunkBuilder {
    private(set) var items: [Chunk.Item] = []
    private var introduced: Set<ID>
    private var bytes = 0
    private var changes = 0
    /// The run that the next segment may continue.
    private var open: Run?
    private var openBytes = 0

    /// Bodies in one chunk: a commit of the receiver that stays short.
    private static let bytesMax = 1_048_576
    private static let changesMax = 4_096

    init(introduced: Set<ID>, lacking: Frontier?) {
        self.introduced = introduced.union(lacking?.tips.map(\.replica) ?? [])
    }

    func needsBinding(of replica: ID) -> Bool { !introduced.contains(replica) }

    mutating func introduce(_ binding: Binding) {
        introduced.insert(binding.statement.structure.replica)
        items.append(.binding(binding))
        open = nil
    }

    func hasRoom(for segment: [LoggedChange]) -> Bool {
        guard !items.isEmpty else { return true }
        let more = segment.reduce(0) { $0 + $1.bytes.count }
        return items.count + 2 <= Limits.chunkItemsMax && bytes + more <= Self.bytesMax
            && changes + segment.count <= Self.changesMax
    }

    mutating func add(_ segment: [LoggedChange], signature: [UInt8], isBranched: Bool) {
        guard let first = segment.first else { return }
        let more = segment.reduce(0) { $0 + $1.bytes.count }
        bytes += more
        changes += segment.count
        let bodies = segment.map(\.bytes)
        if var run = open, !isBranched, run.replica == first.replica.id,
            run.sequence + UInt64(run.bodies.count) == first.sequence,
            run.bodies.count + bodies.count <= Limits.runChangesMax,
            openBytes + more <= Limits.runBytesMax
        {
            run.bodies += bodies
            run.signature = signature
            openBytes += more
            open = run
            items[items.count - 1] = .run(run)
            return
        }
        let run = Run(
            replica: first.replica.id,
            sequence: first.sequence,
            previous: isBranched ? first.previous : nil,
            bodies: bodies,
            signature: signature
        )
        items.append(.run(run))
        open = isBranched ? nil : run
        openBytes = more
    }
}
