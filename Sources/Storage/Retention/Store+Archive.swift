import Bytes
public import CRDT
import Identity
public import Wire

/// An archive as it lies on disk, checked by reading it back.
public struct ArchiveSummary: Hashable, Sendable {
    public let contents: ArchiveContents
    /// The hash of the whole file.
    public let hash: Hash
    public let bytes: Int64
}

extension Store {
    /// Writes what is held of a scope to a file that proves itself, and reads it back.
    ///
    /// The file gets its name only once it is whole and was found to hold what the store holds; of
    /// a crash nothing is left but a file with `.new` behind its name.
    ///
    /// - Parameters:
    ///   - scope: Of which something is held.
    ///   - path: Where; a file that is there already is replaced.
    ///   - wallMilliseconds: The hub's clock, since 1970.
    /// - Returns: What the file was found to hold.
    /// - Throws: `.inadmissible` at a node that is no hub, `.missing`, `.damaged`, or what the
    ///   disk says.
    /// - Source: RET-1 to RET-4.
    public func archive(
        _ scope: Scope,
        to path: String,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> ArchiveSummary {
        let current = publisher.current
        guard current.own.isHub else {
            throw StorageError(.inadmissible, "only a hub writes archives")
        }
        let partial = path + ".new"
        let held = try reading { connection throws(StorageError) in
            var file = try ArchiveWriter.create(partial)
            let header = ArchiveHeader(
                tenant: tenant,
                scope: scope,
                replica: current.own.statement.replica,
                time: wallMilliseconds & 0xffff_ffff_ffff
            )
            let signed = Signed(signing: header, with: keys.sign)
            try file.write(.header(signed, current.own.author.binding.binding))
            for (kind, bytes) in try connection.authorityRows() {
                try file.write(.authority(kind: kind, bytes: bytes))
            }
            let held = try copy(scope, on: connection, to: &file)
            let content = file.seal()
            let end = ArchiveEnd(
                content: content,
                changes: held.changes,
                root: held.root,
                mark: held.frontier.mark(of: scope, tenant: tenant)
            )
            try file.write(.end(Signed(signing: end, with: keys.sign)))
            try file.close()
            return held
        }
        let summary = try Self.checkArchive(at: partial, of: tenant)
        guard summary.contents.header.scope == scope,
            Set(summary.contents.frontier.tips.map(\.hash)) == Set(held.frontier.tips.map(\.hash))
        else { throw StorageError(.damaged, "\(partial) does not hold what the store holds") }
        try Files.move(partial, to: path)
        try Files.syncFolder(of: path)
        return summary
    }

    /// Copies the changes of a scope, in order of arrival.
    private func copy(
        _ scope: Scope,
        on connection: Connection,
        to file: inout ArchiveWriter
    ) throws(StorageError) -> (frontier: Frontier, changes: UInt64, root: Hash) {
        guard let number = try connection.number(of: scope) else {
            throw StorageError(.missing, "nothing of \(scope) is held")
        }
        var request = ChunkRequest(
            scope: scope,
            after: 0,
            upTo: try connection.lastPosition(),
            lacking: nil,
            known: [:],
            introduced: []
        )
        var changes: UInt64 = 0
        var isComplete = false
        while !isComplete {
            let read = try connection.readChunk(request)
            for case .binding(let binding) in read.items {
                request.introduced.insert(binding.statement.structure.replica)
            }
            for case .run(let run) in read.items { changes += UInt64(run.bodies.count) }
            isComplete = read.isComplete
            request.after = read.position
            guard !read.items.isEmpty else { continue }
            try file.write(.chunk(try Self.packed(Chunk(scope: scope, items: read.items))))
        }
        let folding = Folder(connection: connection, schema: schema, tenant: tenant)
        return (
            try connection.frontier(of: number), changes,
            try folding.stateHash(of: scope, number)
        )
    }

    /// A chunk compressed; as it is where a body is of a newer format.
    private static func packed(_ chunk: Chunk) throws(StorageError) -> EncodedChunk {
        if let packed = try? EncodedChunk(chunk, encoding: 1) { return packed }
        do throws(Malformed) {
            return try EncodedChunk(chunk, encoding: 0)
        } catch {
            throw StorageError(.damaged, "a chunk of \(chunk.scope): \(error)")
        }
    }

    /// Reads an archive and checks all of it; nothing but the tenant is believed.
    ///
    /// - Throws: `.damaged`, with what is wrong with it; `.missing`, `.file`.
    public static func checkArchive(
        at path: String,
        of tenant: ID
    ) throws(StorageError) -> ArchiveSummary {
        var check = ArchiveCheck(of: tenant)
        return try ArchiveReader.read(path, &check) { _ in }
    }

    /// Takes the changes of an archive back, as if a peer had sent them.
    ///
    /// - Returns: What was new.
    /// - Throws: `.purged` while certificates in force name its scope; `.damaged`.
    /// - Source: RET-9.
    public func takeBack(
        archive path: String,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> Int {
        let summary = try Self.checkArchive(at: path, of: tenant)
        let scope = summary.contents.header.scope
        guard try !isPurged(scope) else {
            throw StorageError(.purged, "\(scope) is purged: a legal hold on it lifts that")
        }
        var count = 0
        var check = ArchiveCheck(of: tenant)
        _ = try ArchiveReader.read(path, &check) { part throws(StorageError) in
            guard case .chunk(let encoded) = part else { return }
            guard let chunk = try? encoded.expanded() else {
                throw StorageError(.damaged, "\(path): a chunk")
            }
            let taken = try ingest(chunk, from: device, wallMilliseconds: wallMilliseconds)
            guard taken.refused.isEmpty, !taken.isOrderBroken else {
                throw StorageError(.damaged, "\(path): a run was refused")
            }
            count += taken.count
        }
        return count
    }
}
