import CRDT
import Domain
import Node
import Simulation
import Storage
import Synchronization
import Wire

/// The sample company on five nodes: a hub, two stations of HCM, one of HAN, a technician.
///
/// One day in Ho Chi Minh City; times are said as people there say them.
final class Firm {
    let kit: TenantKit
    let hub: Station
    let st1: Station
    let st2: Station
    let st3: Station
    let tec7: Station
    private let truth: TrueTime
    private var meetings: UInt64 = 0

    static let project = "PRJ-000123"

    var all: [Station] { [hub, st1, st2, st3, tec7] }

    /// At 06:00 everybody has met the hub.
    init(seed: UInt64 = 1, validity: ClosedRange<UInt64> = TenantKit.validity) throws {
        let kit = try TenantKit(validity: validity)
        let truth = TrueTime()
        let hcm = ID(high: 0x7369_7465_0000_0000, low: 0x0000_0000_0048_434d)
        let han = ID(high: 0x7369_7465_0000_0000, low: 0x0000_0000_0048_414e)
        func station(
            _ name: String,
            _ kind: Certificate.Kind,
            _ site: ID,
            _ number: UInt64
        ) throws -> Station {
            let simulated = try SimulatedNode(
                name,
                kind,
                site: site,
                kit: kit,
                seed: seed &* 100 &+ number,
                schema: Catalogue.schema
            )
            return Station(simulated, truth: truth, number: number)
        }
        self.kit = kit
        self.truth = truth
        hub = try station("HUB", .hub, .zero, 1)
        st1 = try station("ST-1", .station, hcm, 2)
        st2 = try station("ST-2", .station, hcm, 3)
        st3 = try station("ST-3", .station, han, 4)
        tec7 = try station("TEC-7", .technician, hcm, 5)
        at("05:00")
        try found()
        at("06:00")
        try meetAll()
    }

    private func found() throws {
        let tenant = kit.tenant
        let devices = all
        _ = try hub.node.act(.machine) { _ in
            var draft = Draft()
            func add(_ entity: Entity, _ fill: (inout FieldValues) -> Void) {
                var values = FieldValues()
                fill(&values)
                let operation = Operation(creating: entity, values, in: .tenant, tenant: tenant)
                draft.add(operation, in: .tenant)
            }
            add(Tenant.entity) { values in
                values.set(Tenant.tenant, tenant)
                values.set(Tenant.name, "Factory Pulse")
                values.set(Tenant.trustsLocal, true)
            }
            return draft
        }
        try hub.name(devices)
        let folder = "\(Sources.top)/fixtures/factory-pulse"
        _ = try hub.node.importFolder(folder, by: .machine)
    }

    // MARK: Time

    /// Sets the true time: that day in HCM.
    func at(_ clock: String) {
        let parts = clock.split(separator: ":").compactMap { UInt64($0) }
        truth.set(Self.midnight + (parts[0] * 60 + parts[1]) * 60_000)
    }

    /// Lets true time pass.
    func pass(seconds: UInt64) { truth.pass(seconds * 1_000) }

    /// The six orders in which two stations and the hub can first meet in pairs.
    static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

    /// The hub and two stations meet in pairs in one of these orders, then everybody does.
    func meet(inOrder order: [Int]) throws {
        let pairs = [(st1, hub), (st2, hub), (st1, st2)]
        for place in order { try meet(pairs[place].0, pairs[place].1) }
        try meetAll()
    }

    /// Milliseconds since 1970 of a time of the day in HCM.
    static func milliseconds(_ clock: String) -> Int64 {
        let parts = clock.split(separator: ":").compactMap { Int64($0) }
        return Int64(midnight) + (parts[0] * 60 + parts[1]) * 60_000
    }

    /// 2025-11-24 00:00 in HCM.
    static let midnight: UInt64 = 1_763_917_200_000

    // MARK: Meeting

    /// Two nodes meet, and hold the same afterwards.
    @discardableResult
    func meet(_ one: Station, _ other: Station) throws -> Meeting.Outcome {
        meetings += 1
        truth.pass(1_000)
        let meeting = Meeting(one.simulated, other.simulated, now: truth.now, seed: meetings)
        return try meeting.run()
    }

    /// Everybody meets the hub, twice: the second time to hear what the others brought.
    func meetAll() throws {
        for _ in 0..<2 {
            for station in all.dropFirst() { try meet(station, hub) }
        }
    }

    /// The scopes in which a node does not hold what the hub does, in words.
    func differences() throws -> [String] {
        let digests = try hub.node.store.digests().map { ($0.scope, $0.hash) }
        let reference = Dictionary(uniqueKeysWithValues: digests)
        return try all.flatMap { station in
            try station.node.store.digests()
                .filter { reference[$0.scope] != $0.hash }
                .map { "\(station.name) and the hub differ in \($0.scope)" }
        }
    }

    /// What a check of every store finds.
    func faults() throws -> [String] {
        try all.flatMap { try $0.node.store.verify { _ in }.faults }
    }
}

/// A node of the firm, with its own clocks.
final class Station {
    let simulated: SimulatedNode
    private(set) var node: LocalNode
    private let truth: TrueTime
    private let number: UInt64
    private let chance: Chance
    private var boots: UInt64 = 0

    init(_ simulated: SimulatedNode, truth: TrueTime, number: UInt64) {
        self.simulated = simulated
        self.truth = truth
        self.number = number
        chance = Chance(seed: number)
        node = LocalNode(simulated.store, wall: { 0 }, chance: chance)
        boot()
    }

    var name: String { simulated.name }

    /// How far the wall clock is from the truth, milliseconds; the monotonic clock never is.
    var clockError: Int64 {
        get { simulated.clockError }
        set {
            simulated.clockError = newValue
            boot(isSame: true)
        }
    }

    /// Opens the node again, as after a restart of the machine.
    func restart() throws {
        try simulated.restart(at: truth.now)
        boot()
    }

    /// Puts a copy of the disk in the place of what is there.
    func restore(_ copy: String, withState: Bool = false) throws {
        try simulated.restore(copy, withState: withState, at: truth.now)
        boot()
    }

    private func boot(isSame: Bool = false) {
        if !isSame { boots += 1 }
        let boot = ID(high: number, low: boots)
        let error = simulated.clockError
        let truth = truth
        node = LocalNode(
            simulated.store,
            wall: { UInt64(max(0, Int64(truth.now) + error)) },
            chance: chance,
            ticks: { Ticks(milliseconds: Int64(truth.now - Firm.midnight), boot: boot) }
        )
    }

    /// Writes the rows of devices, so that they have names.
    func name(_ stations: [Station]) throws {
        let tenant = node.store.tenant
        let rows = stations.map { ($0.name, $0.node.store.certificate) }
        _ = try node.act(.machine) { _ in
            var draft = Draft()
            for (name, certificate) in rows {
                var values = FieldValues()
                values.set(Device.device, certificate.device)
                values.set(Device.name, name)
                let operation = Operation(
                    creating: Device.entity,
                    values,
                    in: .tenant,
                    tenant: tenant
                )
                draft.add(operation, in: .tenant)
            }
            return draft
        }
    }
}

/// The time that no clock of the firm has to show.
final class TrueTime: Sendable {
    private let milliseconds = Mutex<UInt64>(Firm.midnight)

    var now: UInt64 { milliseconds.withLock { $0 } }

    func set(_ time: UInt64) { milliseconds.withLock { $0 = max($0, time) } }

    func pass(_ more: UInt64) { milliseconds.withLock { $0 += more } }
}

// MARK: - What people do

extension Station {
    /// A person as this node knows them.
    func actor(_ user: String) throws -> Actor {
        try node.actor(as: user, by: Caller(uid: 1_000) { _ in true })
    }

    /// Takes a step on a sub-stage of the project.
    func step(
        _ kind: ProgressRequest.Kind,
        _ subStage: String,
        as user: String,
        reason: String? = nil,
        seen: Seen? = nil
    ) throws {
        var request = ProgressRequest(kind, Firm.project, subStage, reason: reason)
        request.seen = seen
        try node.take(request, by: actor(user))
    }

    /// A sub-stage of the project as this node shows it.
    func row(_ subStage: String) throws -> SubStageRow? {
        try node.project(Firm.project).rows.first { $0.seed.slug == subStage }
    }

    /// The states of the sub-stages of the current stage, in order.
    func states() throws -> [String] {
        let project = try node.project(Firm.project)
        return project.rows(of: project.stage ?? "").map(\.status.rawValue)
    }

    func conflicts(_ kind: ConflictCase.Kind) throws -> [ConflictCase] {
        try node.conflicts().filter { $0.kind == kind }
    }
}
