import CRDT
import Domain
import SeededRandom
import Testing

/// No two replicas ever give out one number (DOM-120 to DOM-122).
@Suite("Number laws")
struct NumberLawTests {
    /// What a device remembers; a copy of it is what a backup or a clone has.
    private struct Device {
        var replica: ID
        var leases: [NumberLease] = []
        var taken: Set<Int64> = []
        var given: Int64 = 0
    }

    /// A hub remembers what it granted, and which of its replicas granted last.
    private struct Hub {
        var replica: ID
        var leases: [NumberLease] = []
        var taken: Set<Int64> = []
        var granter: ID?
        var incarnation: UInt32 = 1
    }

    private struct World {
        var generator: SplitMix64
        var hub = Hub(replica: id(1))
        var devices: [Device] = []
        var hubBackup: Hub?
        var backups: [Int: Device] = [:]
        var next: UInt64 = 100
        /// Every number ever given out, with who did.
        var given: [Int64: ID] = [:]
        var grantsSinceBackup = 0
        let series = NumberSeries.projects

        mutating func replica() -> ID {
            next += 1
            return id(next)
        }

        func stock(_ device: Device) -> NumberStock {
            NumberStock(
                device.leases,
                of: series,
                for: device.replica,
                taken: device.taken,
                given: device.given
            )
        }
    }

    private func step(_ world: inout World) {
        let place = world.generator.below(world.devices.count)
        switch world.generator.below(20) {
        case 0..<11: create(&world, place)
        case 11..<15: meet(&world, place)
        case 15:
            world.backups[place] = world.devices[place]
        case 16:
            guard let backup = world.backups[place] else { return }
            world.devices[place] = backup
            // A restored disk is another replica.
            world.devices[place].replica = world.replica()
        case 17:
            guard world.devices.count < 8 else { return }
            var clone = world.devices[place]
            clone.replica = world.replica()
            world.devices.append(clone)
        case 18:
            world.hubBackup = world.hub
            world.grantsSinceBackup = 0
        default:
            guard let backup = world.hubBackup, world.grantsSinceBackup < 20 else { return }
            world.hub = backup
            world.hub.replica = world.replica()
            world.hub.incarnation += 1
            world.hubBackup = nil
        }
    }

    private func create(_ world: inout World, _ place: Int) {
        let device = world.devices[place]
        guard let number = world.stock(device).next else { return }
        let before = world.given[number]
        #expect(before == nil, "\(number) was given by \(before.map { "\($0)" } ?? "")")
        world.given[number] = device.replica
        world.devices[place].taken.insert(number)
        world.devices[place].given = max(number, device.given)
        // Now and then the record is gone from the device: only what it remembers stays.
        if world.generator.happens(10) { world.devices[place].taken = [] }
    }

    private func meet(_ world: inout World, _ place: Int) {
        let device = world.devices[place]
        world.hub.taken.formUnion(device.taken)
        // What the device holds of leases the hub gets back.
        for lease in device.leases where !world.hub.leases.contains(lease) {
            world.hub.leases.append(lease)
        }
        let stock = world.stock(device)
        if stock.isLow {
            let range = try? NumberGrant.next(
                of: world.series,
                granted: world.hub.leases.compactMap(\.range),
                taken: world.hub.taken,
                reopenings: world.hub.granter == world.hub.replica ? 0 : world.hub.incarnation - 1
            )
            let ordinal = stock.nextOrdinal
            if let range {
                let lease = NumberLease(
                    world.series,
                    replica: device.replica,
                    ordinal: ordinal,
                    range: range
                )
                world.hub.leases.append(lease)
                world.hub.granter = world.hub.replica
                world.grantsSinceBackup += 1
            }
        }
        world.devices[place].leases = world.hub.leases
        world.devices[place].taken.formUnion(world.hub.taken)
    }

    @Test("C-20: no number is given out twice, through restores and clones of devices and the hub")
    func neverTwice() {
        var total = 0
        for seed in 0..<60 {
            var world = World(generator: SplitMix64(seed: UInt64(seed)))
            for _ in 0..<4 {
                let replica = world.replica()
                world.devices.append(Device(replica: replica))
            }
            for _ in 0..<400 { step(&world) }
            total += world.given.count
        }
        #expect(total > 5_000)
    }

    @Test("C-20: the law sees the mistake of going on in the lease of the disk that was copied")
    func canFail() {
        let series = NumberSeries.projects
        let lease = NumberLease(series, replica: id(1), ordinal: 1, range: 1...50)
        let one = NumberStock([lease], of: series, for: id(1), taken: [])
        let copied = NumberStock([lease], of: series, for: id(2), taken: [])
        #expect(one.next == 1)
        #expect(copied.next == nil && copied.isLow && !copied.isWaiting)
    }

    @Test("FP-057: a number is its prefix and its digits, and nothing else is one")
    func texts() throws {
        let series = NumberSeries.projects
        #expect(series.text(123) == "PRJ-000123" && series.number("PRJ-000123") == 123)
        #expect(series.text(999_999) == "PRJ-999999" && series.greatest == 999_999)
        for text in [
            "PRJ-123", "PRJ-0000123", "PRJ-00012a", "PRJ-HCM-1A2B3C4D", "prj-000123", "",
            "PRJ-٠٠٠١٢٣",
        ] {
            #expect(series.number(text) == nil, "\(text)")
        }
        #expect(NumberSeries("", digits: 6) == nil && NumberSeries("A-", digits: 0) == nil)
        #expect(NumberSeries("A-", digits: 10) == nil && NumberSeries("A1", digits: 4) == nil)
        #expect(NumberSeries.tasks.text(310) == "T-000310")
        let four = try #require(NumberSeries("710-", digits: 4))
        #expect(four.text(9_999) == "710-9999" && four.greatest == 9_999)
    }

    @Test("C-20: four digits refuse after 9999 instead of wrapping; gaps stay")
    func exhausted() throws {
        let four = try #require(NumberSeries("710-", digits: 4))
        let last = try NumberGrant.next(
            of: four,
            granted: [1...9_980],
            taken: [],
            reopenings: 0
        )
        #expect(last == 9_981...9_999)
        for (granted, taken, reopenings) in [
            ([1...9_999], [], 0), ([1...50], [9_999], 0), ([1...9_500], [], 1),
        ] as [([ClosedRange<Int64>], [Int64], UInt32)] {
            let fault = #expect(throws: RuleFault.self) {
                try NumberGrant.next(
                    of: four,
                    granted: granted,
                    taken: taken,
                    reopenings: reopenings
                )
            }
            #expect(fault?.code == .outOfRange)
        }
        let doubt = try NumberGrant.next(of: four, granted: [1...50], taken: [70], reopenings: 1)
        #expect(doubt == 1_071...1_120)
        #expect(throws: RuleFault.self) {
            try NumberGrant.next(of: four, count: 0, granted: [], taken: [], reopenings: 0)
        }
    }

    @Test("C-20: 80 percent of the last lease are low; what was given is not given again")
    func low() {
        let series = NumberSeries.projects
        func stock(_ taken: ClosedRange<Int64>?, given: Int64 = 0) -> NumberStock {
            let lease = NumberLease(series, replica: id(1), ordinal: 1, range: 101...150)
            return NumberStock(
                [lease],
                of: series,
                for: id(1),
                taken: Set(taken.map(Array.init) ?? []),
                given: given
            )
        }
        #expect(!stock(nil).isLow && stock(nil).next == 101)
        #expect(!stock(101...139).isLow && stock(101...140).isLow)
        #expect(stock(101...140).used == 40 && stock(101...140).next == 141)
        #expect(stock(nil, given: 140).next == 141 && stock(nil, given: 140).isLow)
        #expect(stock(120...120).next == 121)
        #expect(stock(101...150).next == nil && stock(nil, given: 99).next == 101)
    }

    @Test("a lease comes back from its record; one whose bounds are no range grants nothing")
    func records() {
        let lease = NumberLease(.projects, replica: id(7), ordinal: 2, range: 51...100)
        let fields = Fields(of: Operation(NumberLease.number, .new, edits: lease.values.edits))
        #expect(NumberLease(fields) == lease)
        for (first, last) in [(0, 5), (9, 3), (1, 1_000_000), (-4, 4)] as [(Int64, Int64)] {
            let values: [UInt32: Value] = [
                NumberLease.prefixField: .text("PRJ-"), NumberLease.replicaField: .id(id(7)),
                NumberLease.ordinalField: .integer(1), NumberLease.firstField: .integer(first),
                NumberLease.lastField: .integer(last),
            ]
            let read = NumberLease(Fields(values))
            #expect(read != nil && read?.range == nil)
        }
        #expect(NumberLease(Fields([:])) == nil)
    }
}
