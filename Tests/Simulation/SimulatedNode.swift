public import CRDT
public import Domain
import Foundation
public import Storage
public import Wire

/// A node of a simulation: a store on disk, and a clock that may be wrong.
public final class SimulatedNode {
    public let name: String
    public private(set) var store: Store
    public let place: Store.Place
    /// How far the node's clock is from the truth, milliseconds.
    public var clockError: Int64 = 0
    public var schema: Schema
    private let seed: UInt64
    private let folder: TemporaryFolder
    private var snapshots = 0

    public init(
        _ name: String,
        _ kind: Certificate.Kind,
        site: ID,
        kit: TenantKit,
        seed: UInt64,
        schema: Schema = SimulationSchema.schema
    ) throws {
        self.name = name
        self.seed = seed
        self.schema = schema
        folder = try TemporaryFolder(name)
        place = Store.Place(
            directory: folder.path + "/data",
            stateRoot: folder.path + "/state",
            machine: Array("machine".utf8)
        )
        let chance = Chance(seed: seed)
        store = try Store.create(
            try kit.founding(kind, site: site, chance: chance),
            at: place,
            schema: schema,
            wallMilliseconds: TenantKit.start,
            chance: chance
        )
    }

    /// Starts a copy of a whole disk, keys and mark and all, beside the node it was taken from.
    public init(
        _ name: String,
        cloning copy: String,
        machine: String,
        seed: UInt64,
        now: UInt64,
        schema: Schema = SimulationSchema.schema
    ) throws {
        self.name = name
        self.seed = seed
        self.schema = schema
        folder = try TemporaryFolder(name)
        place = Store.Place(
            directory: folder.path + "/data",
            stateRoot: folder.path + "/state",
            machine: Array(machine.utf8)
        )
        try FileManager.default.copyItem(atPath: copy + "/data", toPath: place.directory)
        try FileManager.default.copyItem(atPath: copy + "/state", toPath: place.stateRoot)
        store = try Store.open(
            at: place,
            schema: schema,
            wallMilliseconds: now,
            chance: Chance(seed: seed)
        )
    }

    /// The node's own clock at a true time.
    public func wall(_ now: UInt64) -> UInt64 {
        UInt64(max(0, Int64(now) + clockError))
    }

    // MARK: - Faults

    /// Closes the store and opens it again, as after a restart.
    public func restart(at now: UInt64, as schema: Schema? = nil) throws {
        if let schema { self.schema = schema }
        store.close()
        store = try open(at: now)
    }

    /// Copies the data directory aside, or with keys and mark a whole disk, and says where to.
    public func snapshot(withState: Bool = false) throws -> String {
        snapshots += 1
        let copy = folder.path + "/copy\(snapshots)"
        try FileManager.default.createDirectory(
            atPath: copy,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try copyFile(place.directory, to: copy + "/data")
        if withState { try copyFile(place.stateRoot, to: copy + "/state") }
        return copy
    }

    /// Puts a copy in the place of what is there, as a restored disk.
    public func restore(_ copy: String, withState: Bool = false, at now: UInt64) throws {
        store.close()
        try FileManager.default.removeItem(atPath: place.directory)
        try copyFile(copy + "/data", to: place.directory)
        if withState {
            try FileManager.default.removeItem(atPath: place.stateRoot)
            try copyFile(copy + "/state", to: place.stateRoot)
        }
        store = try open(at: now)
    }

    private func copyFile(_ path: String, to other: String) throws {
        try FileManager.default.copyItem(atPath: path, toPath: other)
    }

    private func open(at now: UInt64) throws -> Store {
        snapshots += 1
        return try Store.open(
            at: place,
            schema: schema,
            wallMilliseconds: wall(now),
            chance: Chance(seed: seed &+ UInt64(snapshots) &* 7_919)
        )
    }
}
