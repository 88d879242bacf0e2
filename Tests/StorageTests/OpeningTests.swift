import CRDT
import Domain
import Foundation
import Simulation
import Storage
import Testing
import Wire

/// A store that may not be opened is left as it is, and says why.
@Suite("Opening a store")
struct OpeningTests {
    private func node(_ seed: UInt64 = 1) throws -> SimulatedNode {
        try SimulatedNode("opening", .station, site: World.siteA, kit: TenantKit(), seed: seed)
    }

    private func code(_ work: () throws -> Void) -> StorageError.Code? {
        do {
            try work()
            return nil
        } catch {
            return (error as? StorageError)?.code
        }
    }

    private func open(_ place: Store.Place) throws {
        let store = try Store.open(
            at: place,
            schema: SimulationSchema.schema,
            wallMilliseconds: TenantKit.start,
            chance: Chance(seed: 5)
        )
        store.close()
    }

    @Test("a second opening is refused while the first lives, and works after it")
    func secondProcess() throws {
        let node = try node()
        #expect(code { try open(node.place) } == .inUse)
        node.store.close()
        try open(node.place)
    }

    @Test("a directory that others may read is refused")
    func exposed() throws {
        let node = try node()
        node.store.close()
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o755]
        try FileManager.default.setAttributes(attributes, ofItemAtPath: node.place.directory)
        #expect(code { try open(node.place) } == .exposed)
    }

    @Test("nothing, something else and another format are refused with their codes")
    func notAStore() throws {
        let node = try node()
        node.store.close()
        let file = node.place.directory + "/gemba.sqlite"
        try FileManager.default.removeItem(atPath: file)
        #expect(code { try open(node.place) } == .missing)
        try Data("these are letters, and no database at all".utf8).write(to: URL(filePath: file))
        #expect(code { try open(node.place) } == .notAStore)
    }

    @Test("without its keys a store is not opened, for nobody could sign for it")
    func noKeys() throws {
        let node = try node()
        node.store.close()
        try FileManager.default.removeItem(atPath: node.place.stateRoot)
        #expect(code { try open(node.place) } == .noKeys)
    }

    @Test("a store is not created over another")
    func exists() throws {
        let kit = try TenantKit()
        let node = try node()
        node.store.close()
        let founding = try kit.founding(.station, site: World.siteA, chance: Chance(seed: 9))
        let fault = code {
            _ = try Store.create(
                founding,
                at: node.place,
                schema: SimulationSchema.schema,
                wallMilliseconds: TenantKit.start,
                chance: Chance(seed: 9)
            )
        }
        #expect(fault == .exists)
    }

    @Test("a mark that is torn, missing or from another machine begins another replica")
    func doubtfulMarks() throws {
        for (name, isExpected) in [("whole", false), ("torn", true), ("missing", true)] {
            let world = try World(seed: 40)
            let station = world.nodes[1]
            let mark = "\(station.place.stateRoot)/\(station.store.device)/mark"
            station.store.close()
            switch name {
            case "torn": try Data([1, 2, 3]).write(to: URL(filePath: mark))
            case "missing": try FileManager.default.removeItem(atPath: mark)
            default: break
            }
            try station.restart(at: world.now)
            #expect((station.store.incarnation == 2) == isExpected, "\(name)")
        }
    }

    @Test("a backup opens elsewhere as another replica and holds the same")
    func backup() throws {
        let world = try World(seed: 41)
        let station = world.nodes[1]
        for _ in 0..<40 { _ = try world.step() }
        let folder = try TemporaryFolder("backup")
        let copy = folder.path + "/copy.sqlite"
        try station.store.backup(to: copy, wallMilliseconds: 1)
        #expect(code { try station.store.backup(to: copy, wallMilliseconds: 1) } == .exists)
        let digests = try station.store.digests().map(\.hash)
        station.store.close()
        let place = station.place
        for end in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: place.directory + "/gemba.sqlite" + end)
        }
        try FileManager.default.moveItem(
            atPath: folder.path + "/copy.sqlite",
            toPath: place.directory + "/gemba.sqlite"
        )
        _ = try world.nodes[2].store.status()
        try station.restart(at: world.now)
        #expect(try station.store.digests().map(\.hash) == digests)
        #expect(try station.store.verify { _ in }.faults == [])
    }
}
