import CRDT
import Domain
import Foundation
import Simulation
import Storage
import Sync
import Testing
import Wire

/// A station that comes back: from an old database, as an old disk with all, or twice at once.
///
/// Whatever the order in which it meets the others, nothing is lost, and nobody who
/// knows writes a number twice (S-09, ID-12, CHG-13).
///
/// One in fifteen of the 720 orders of six meetings is played, others for each kind of return;
/// `GEMBA_ALL_ORDERS=1 swift test --filter ReturnTests` plays all.
@Suite("Return of a station")
struct ReturnTests {
    /// What came back.
    enum Return: CaseIterable, Sendable {
        /// The data directory, beside keys and mark that went on.
        case database
        /// Data, keys and mark: nothing on the machine knows better.
        case disk
        /// Two machines with the same disk, beside what the lost one had written.
        case clones
    }

    private static let playsAll =
        ProcessInfo.processInfo.environment["GEMBA_ALL_ORDERS"] == "1"

    @Test(
        "in every order of the meetings of four nodes all agree and hold all work",
        arguments: Return.allCases
    )
    func everyOrder(of back: Return) throws {
        let scene = try ReturnScene(back)
        let pairs = (0..<4).flatMap { one in (one + 1..<4).map { (one, $0) } }
        var forks = 0
        for (number, order) in permutations(of: Array(pairs.indices)).enumerated()
        where Self.playsAll || number % 15 == Return.allCases.firstIndex(of: back) {
            var cast = try scene.cast(number)
            for (step, index) in order.enumerated() {
                let (one, other) = pairs[index]
                try cast.meet(one, other)
                try cast.write("\(step) \(one)", at: one)
                try cast.write("\(step) \(other)", at: other)
            }
            for _ in 0..<3 { for index in 1..<4 { try cast.meet(index, 0) } }
            try check(cast, "\(back), order \(order)")
            forks += cast.forks
        }
        #expect((forks == 0) == (back == .database), "\(forks) forks")
    }

    private func check(_ cast: ReturnScene.Cast, _ order: String) throws {
        #expect(cast.usedTwice == 0, "\(order)")
        let expected = Set(cast.written.values)
        #expect(expected.count == cast.written.count, "\(order)")
        var digests: Set<[Hash]> = []
        for node in cast.nodes {
            let history = try node.store.read { view in
                try view.history(
                    of: cast.thing,
                    entity: SimulationSchema.thing.number,
                    in: ReturnScene.scope
                )
            }
            #expect(Set(history.map(\.origin.change)) == expected, "\(order), \(node.name)")
            #expect(history.filter { !$0.counts }.isEmpty, "\(order), \(node.name)")
            digests.insert(try node.store.digests().map(\.hash))
            #expect(try node.store.verify { _ in }.faults == [], "\(order), \(node.name)")
        }
        #expect(digests.count == 1, "\(order)")
        let replicas = cast.nodes.map(\.store.replica)
        #expect(Set(replicas).count == replicas.count, "\(order): two write as one")
    }

    private func permutations(of items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.indices.flatMap { index -> [[Int]] in
            var rest = items
            let first = rest.remove(at: index)
            return permutations(of: rest).map { [first] + $0 }
        }
    }
}

/// The disks of a hub, a neighbour and two more stations, one or both of which came back.
///
/// Each order of meetings starts copies of the same disks.
struct ReturnScene {
    static let scope = Scope.subject(World.subjectP)

    private let back: ReturnTests.Return
    private let copies: [String]
    /// Kept because the copies lie in their folders.
    private let sources: [SimulatedNode]
    private let thing: ID
    private let replica: ID
    private let before: [(String, Saved)]
    private let now: UInt64

    init(_ back: ReturnTests.Return) throws {
        self.back = back
        let kit = try TenantKit()
        func node(
            _ name: String,
            _ kind: Certificate.Kind,
            _ seed: UInt64
        ) throws -> SimulatedNode {
            try SimulatedNode(name, kind, site: World.siteA, kit: kit, seed: seed)
        }
        let (hub, neighbour) = (try node("hub", .hub, 1), try node("neighbour", .station, 2))
        let (station, third) = (try node("station", .station, 3), try node("third", .station, 4))
        var now = TenantKit.start
        func meet(_ one: SimulatedNode, _ other: SimulatedNode) throws {
            now += 1_000
            _ = try Meeting(one, other, now: now, seed: now).run()
        }
        var before = [("created", try Self.open(at: station, now: now))]
        thing = ID(createdAt: before[0].1.stamp, index: 0)
        replica = station.store.replica
        for other in [hub, neighbour, third] { try meet(station, other) }
        let old = try station.snapshot(withState: true)
        // What the old disk does not know: the hub has half of it, the neighbour a little more.
        for (title, other) in [("seen by all", hub), ("seen by one", neighbour)] {
            now += 1_000
            before.append((title, try Self.write(title, to: thing, at: station, now: now)))
            try meet(station, other)
        }
        switch back {
        case .database:
            // The mark has gone on; the work that nobody has seen is lost with the disk.
            try station.restore(old, at: now)
        case .disk, .clones:
            try station.restore(old, withState: true, at: now)
        }
        sources = [hub, neighbour, station, back == .clones ? station : third]
        copies = try sources.map { try $0.snapshot(withState: true) }
        self.before = before
        self.now = now
    }

    /// Starts the four nodes; those that came back have worked before they meet anybody.
    func cast(_ number: Int) throws -> Cast {
        let nodes = try copies.enumerated().map { index, copy in
            try SimulatedNode(
                "\(back) \(index)",
                cloning: copy,
                machine: "machine",
                seed: UInt64(number * 10 + index),
                now: now
            )
        }
        var cast = Cast(nodes, thing: thing, replica: replica, now: now)
        for (title, saved) in before { cast.note(title, saved, knew: false) }
        for index in 2..<4 {
            for title in ["first", "second", "third"] {
                try cast.write("\(title) \(index)", at: index)
            }
        }
        return cast
    }

    // MARK: - Work

    private static func open(at node: SimulatedNode, now: UInt64) throws -> Saved {
        try node.store.act(History.actor, wallMilliseconds: now) { _ in
            var draft = Draft()
            let title = FieldEdit(1, .write(.text("created"), replacing: []))
            draft.add(Operation(SimulationSchema.thing.number, .new, edits: [title]), in: scope)
            let subject = FieldEdit(1, .write(.id(World.subjectP), replacing: []))
            draft.add(Operation(Opening.number, .event, edits: [subject]), in: .site(World.siteA))
            return draft
        }
    }

    fileprivate static func write(
        _ title: String,
        to thing: ID,
        at node: SimulatedNode,
        now: UInt64
    ) throws -> Saved {
        try node.store.act(History.actor, wallMilliseconds: now) { acting in
            let entity = SimulationSchema.thing
            let names = try acting.view.record(thing, of: entity, in: scope)?.names(1) ?? []
            let edit = FieldEdit(1, .write(.text(title), replacing: names))
            var draft = Draft()
            draft.add(Operation(entity.number, .existing(thing), edits: [edit]), in: scope)
            return draft
        }
    }
}

extension ReturnScene {
    /// Four nodes and what was ever written at them.
    struct Cast {
        let nodes: [SimulatedNode]
        let thing: ID
        /// Each title, and the hash of the change that gave it.
        private(set) var written: [String: Hash] = [:]
        /// The replica that those who came back began with.
        private let replica: ID
        private var now: UInt64
        private var places: [Place: [(hash: Hash, knew: Bool)]] = [:]

        private static let oneself = "the peer uses this node's replica"

        private struct Place: Hashable {
            let replica: ID
            let sequence: UInt64
        }

        init(_ nodes: [SimulatedNode], thing: ID, replica: ID, now: UInt64) {
            self.nodes = nodes
            self.thing = thing
            self.replica = replica
            self.now = now
        }

        /// How many places of a feed were used for two changes.
        var forks: Int { places.values.count { Set($0.map(\.hash)).count > 1 } }

        /// How many of those one of the writers could have known to be taken.
        var usedTwice: Int {
            places.values.count { writes in
                Set(writes.map(\.hash)).count > 1 && writes.contains(where: \.knew)
            }
        }

        mutating func note(_ title: String, _ saved: Saved, knew: Bool) {
            for change in saved.changes where change.scope == scope {
                let place = Place(replica: saved.stamp.replica, sequence: change.sequence)
                places[place, default: []].append((change.hash, knew))
                written[title] = change.hash
            }
        }

        /// Somebody gives the thing another title.
        mutating func write(_ title: String, at index: Int) throws {
            now += 1_000
            let node = nodes[index]
            let knew = try knows(node)
            note(title, try ReturnScene.write(title, to: thing, at: node, now: now), knew: knew)
        }

        /// Whether a node holds work that another did as its first replica, or wrote as another.
        private func knows(_ node: SimulatedNode) throws -> Bool {
            let tips = try node.store.frontiers(of: [scope])[scope]?.tips ?? []
            return tips.count { $0.replica == replica } > 1 || node.store.replica != replica
        }

        mutating func meet(_ one: Int, _ other: Int) throws {
            now += 1_000
            let seed = UInt64(one * 8 + other)
            let outcome = try Meeting(nodes[one], nodes[other], now: now, seed: seed).run()
            // Two that write as one are kept apart; all others come to agree, fork or not.
            let areOne = outcome.initiatorEnding == .init(code: .notAllowed, text: Self.oneself)
            #expect(outcome.isEqual || areOne, "\(one) and \(other): \(outcome)")
        }
    }
}
