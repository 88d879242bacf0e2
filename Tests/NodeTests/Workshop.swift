import CRDT
import Domain
import Foundation
import Hub
import Identity
import Node
import SeededRandom
import Storage
import Synchronization
import Wire

/// A folder for one test, with a hub in it, a clock that the test moves, and chance from a seed.
final class Workshop: Sendable {
    let folder: String
    let hub: LocalNode
    let site: ID
    let root: SigningKey
    private let clock: Clock

    /// 21 November 2026, noon.
    static let noon: UInt64 = 1_795_262_400_000

    init(seed: UInt64 = 1, trustsLocal: Bool = true) throws {
        folder = FileManager.default.temporaryDirectory.path + "/gemba-test-\(UUID().uuidString)"
        let clock = Clock(Self.noon)
        let chance = Chance.seeded(seed)
        let founding = try TenantFounding(
            TenantFounding.Request(
                tenantName: "Factory Pulse",
                siteCode: "HCM",
                adminEmail: "nguyen.van.a@factory-pulse.example",
                hubName: "HUB",
                trustsLocal: trustsLocal
            ),
            wallMilliseconds: Self.noon,
            chance: chance
        )
        let store = try Store.create(
            founding.founding,
            at: Store.Place(directory: folder + "/hub", stateRoot: folder + "/state"),
            schema: Catalogue.schema,
            wallMilliseconds: Self.noon,
            chance: chance
        )
        hub = LocalNode(store, wall: clock.read, chance: chance)
        let records = founding.records
        _ = try hub.act(.machine) { _ in records }
        site = founding.site
        root = founding.root
        self.clock = clock
    }

    func pass(milliseconds: UInt64) { clock.pass(milliseconds) }

    func pass(days: UInt64) { clock.pass(days * 86_400_000) }

    /// The clock of everybody in it.
    var wall: @Sendable () -> UInt64 { clock.read }

    func enrolment() throws -> Enrolment { try Enrolment(hub) { _ in } }

    func clean() {
        hub.store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// A wall clock that a test moves.
final class Clock: Sendable {
    private let now: Mutex<UInt64>

    init(_ milliseconds: UInt64) {
        now = Mutex(milliseconds)
    }

    var read: @Sendable () -> UInt64 {
        { self.now.withLock { $0 } }
    }

    func pass(_ milliseconds: UInt64) {
        now.withLock { $0 += milliseconds }
    }
}

extension Chance {
    /// The same bytes for the same seed.
    static func seeded(_ seed: UInt64) -> Chance {
        let source = Source(seed)
        return Chance { source.bytes($0) }
    }

    private final class Source: Sendable {
        private let random: Mutex<SplitMix64>

        init(_ seed: UInt64) {
            random = Mutex(SplitMix64(seed: seed))
        }

        func bytes(_ count: Int) -> [UInt8] {
            random.withLock { $0.bytes(count) }
        }
    }
}

/// A caller to whom nothing is told, from the account of the tests.
extension Caller {
    static let tester = Caller(uid: 1_000) { _ in true }
}
