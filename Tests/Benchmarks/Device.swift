import CRDT
import Domain
import Foundation
import Simulation
import Storage
import Wire

/// A folder for one figure, removed with it.
final class Folder {
    let path: String

    /// Makes the folder on disk, where a commit costs what the disk asks for it, or in memory.
    ///
    /// In memory, where the system has room for it there, ratios are of work alone.
    init(_ name: String, isOnDisk: Bool = false) throws {
        let memory = "/dev/shm"
        let isInMemory = !isOnDisk && FileManager.default.isWritableFile(atPath: memory)
        let root = isInMemory ? memory : FileManager.default.temporaryDirectory.path
        path = "\(root)/gemba-bench-\(ProcessInfo.processInfo.processIdentifier)-\(name)"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func bytes(of file: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        return attributes[.size] as? Int ?? 0
    }
}

/// A device of the benchmark's tenant with its store.
struct Device {
    let store: Store
    private let place: Store.Place

    static let site = ID(high: 0xa, low: 1)
    static let scope = Scope.site(site)
    static let actor = Actor(user: ID(high: 7, low: 7), login: 1, method: .secretInLogin)
    static let wall: UInt64 = TenantKit.start

    init(_ kind: Certificate.Kind, _ kit: TenantKit, in folder: Folder, seed: UInt64) throws {
        let chance = Chance(seed: seed)
        place = Store.Place(
            directory: "\(folder.path)/\(seed)/data",
            stateRoot: "\(folder.path)/\(seed)/state",
            machine: Array("machine".utf8)
        )
        store = try Store.create(
            try kit.founding(kind, site: Self.site, chance: chance),
            at: place,
            schema: BenchmarkSchema.schema,
            wallMilliseconds: Self.wall,
            chance: chance
        )
    }

    /// The store's own file.
    var file: String { place.directory + "/gemba.sqlite" }

    /// Opens the store anew.
    func reopened() throws -> Store {
        try Store.open(
            at: place,
            schema: BenchmarkSchema.schema,
            wallMilliseconds: Self.wall,
            chance: Chance(seed: 1)
        )
    }

    /// Writes operations as one change.
    func write(
        _ operations: [CRDT.Operation],
        in scope: Scope = Self.scope,
        at wall: UInt64 = Self.wall
    ) throws {
        var draft = Draft()
        draft.add(operations, in: scope)
        try write(draft, at: wall)
    }

    /// Writes what a draft holds as one commit.
    func write(_ draft: Draft, at wall: UInt64 = Self.wall) throws {
        _ = try store.act(Self.actor, wallMilliseconds: wall) { _ in draft }
    }

    /// What of the scope a peer that holds nothing is sent, chunk by chunk, after what `streams`
    /// carried before.
    func forEachChunk(
        after: Int64 = 0,
        by streams: inout ChunkStreams,
        _ body: (EncodedChunk) throws -> Void
    ) throws {
        var position = after
        var introduced: Set<ID> = after > 0 ? [store.replica] : []
        while true {
            let chunk = try store.readChunk(
                of: Self.scope,
                after: position,
                upTo: store.position,
                lacking: nil,
                known: [:],
                introduced: introduced
            )
            introduced.insert(store.replica)
            position = chunk.position
            if !chunk.items.isEmpty {
                let items = Chunk(scope: Self.scope, items: chunk.items)
                try body(try streams.pack(items, upTo: 2))
            }
            if chunk.isComplete { return }
        }
    }

    /// Takes a chunk as it came.
    func ingest(
        _ chunk: EncodedChunk,
        from peer: Device,
        by streams: inout ChunkStreams,
        at wall: UInt64 = Self.wall
    ) throws {
        let ingested = try store.ingest(
            try streams.unpack(chunk),
            from: peer.store.device,
            wallMilliseconds: wall
        )
        guard ingested.refused.isEmpty, !ingested.isOrderBroken else { throw Refused() }
    }

    struct Refused: Error {}
}
