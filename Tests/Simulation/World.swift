public import CRDT
public import Domain
import SeededRandom
import Storage
import Wire

/// A tenant of five nodes, two sites and two subjects, with wrong clocks, cuts and restores.
///
/// Site A has two stations, site B a station and a technician. Subject P was opened at A alone,
/// subject Q at both, so every station relays less than there is.
public final class World {
    public let kit: TenantKit
    public let hub: SimulatedNode
    public private(set) var nodes: [SimulatedNode] = []
    public var history: History
    /// The true time, milliseconds since 1970.
    public var now = TenantKit.start
    /// Whether the hub says what it holds after each of its meetings.
    public var attests = false
    /// Whether the nodes watch the hub's audit log.
    public var watches = false
    private let seed: UInt64
    private var meetings: UInt64 = 0

    public static let siteA = ID(high: 0xa, low: 1)
    public static let siteB = ID(high: 0xb, low: 1)
    public static let subjectP = ID(high: 0x50, low: 1)
    public static let subjectQ = ID(high: 0x51, low: 1)

    public init(seed: UInt64, schema: Schema = SimulationSchema.schema) throws {
        self.seed = seed
        kit = try TenantKit()
        history = History(seed: seed)
        let kinds: [(String, Certificate.Kind, ID)] = [
            ("hub", .hub, .zero), ("a1", .station, Self.siteA), ("a2", .station, Self.siteA),
            ("b1", .station, Self.siteB), ("b2", .technician, Self.siteB),
        ]
        for (index, (name, kind, site)) in kinds.enumerated() {
            nodes.append(
                try SimulatedNode(
                    name,
                    kind,
                    site: site,
                    kit: kit,
                    seed: seed &* 1_000 &+ UInt64(index) &+ 1,
                    schema: schema
                )
            )
        }
        hub = nodes[0]
        try open(Self.subjectP, at: nodes[1], Self.siteA)
        try open(Self.subjectQ, at: nodes[2], Self.siteA)
        try open(Self.subjectQ, at: nodes[3], Self.siteB)
    }

    private func open(_ subject: ID, at node: SimulatedNode, _ site: ID) throws {
        _ = try node.store.act(History.actor, wallMilliseconds: node.wall(now)) { _ in
            var draft = Draft()
            let opening = FieldEdit(1, .write(.id(subject), replacing: []))
            draft.add(Operation(Opening.number, .event, edits: [opening]), in: .site(site))
            let opened = FieldEdit(1, .write(.id(site), replacing: []))
            draft.add(Operation(Opened.number, .event, edits: [opened]), in: .subject(subject))
            return draft
        }
    }

    /// The scopes that a node may write and work in.
    public func scopes(of node: SimulatedNode) -> [Scope] {
        let subjects = [Scope.subject(Self.subjectP), .subject(Self.subjectQ)]
        switch node.name {
        case "hub": return subjects + [.tenant]
        case "a1", "a2": return subjects + [.site(Self.siteA)]
        default: return [.subject(Self.subjectQ), .site(Self.siteB)]
        }
    }

    /// Somebody somewhere does something.
    ///
    /// - Returns: Whether anything was written.
    public func step() throws -> Bool {
        now += UInt64(history.random.below(30_000))
        let node = nodes[history.random.below(nodes.count)]
        return try history.act(at: node, in: scopes(of: node), now: now)
    }

    /// Two nodes meet.
    @discardableResult
    public func meet(
        _ one: Int,
        _ other: Int,
        cutAfter cut: Int? = nil,
        cutAtByte lastByte: Int? = nil
    ) throws -> Meeting.Outcome {
        meetings += 1
        now += 100
        var meeting = Meeting(nodes[one], nodes[other], now: now, seed: seed &* 31 &+ meetings)
        meeting.attests = attests
        meeting.watches = watches
        let outcome = try meeting.run(cutAfter: cut, cutAtByte: lastByte)
        if attests, one == 0 || other == 0 { try attest() }
        return outcome
    }

    /// Two nodes chosen by chance meet, and one time in two the line goes dead.
    public func meetAtRandom() throws {
        let one = history.random.below(nodes.count)
        let other = (one + 1 + history.random.below(nodes.count - 1)) % nodes.count
        let cut = history.random.happens(50) ? history.random.below(25) : nil
        try meet(one, other, cutAfter: cut)
    }

    /// Everybody meets the hub until nothing moves any more.
    ///
    /// - Returns: Whether that came about in a bounded number of meetings.
    public func settle() throws -> Bool {
        for _ in 0..<8 {
            let before = nodes.map(\.store.position)
            for index in 1..<nodes.count { try meet(index, 0) }
            for index in 1..<nodes.count { try meet(0, index) }
            if nodes.map(\.store.position) == before { return true }
        }
        return false
    }

    /// The nodes that are not revoked.
    public var members: [SimulatedNode] {
        nodes.filter { !hub.store.authority.isRevoked($0.store.certificate) }
    }

    /// The scopes in which members that share them with the hub differ from it, in words.
    public func differences() throws -> [String] {
        let reference = Dictionary(
            uniqueKeysWithValues: try hub.store.digests().map { ($0.scope, $0.hash) }
        )
        var differences: [String] = []
        for node in members.dropFirst() {
            for (scope, hash) in try node.store.digests() where reference[scope] != hash {
                differences.append("\(node.name) and the hub differ in \(scope)")
            }
            let held = Set(try node.store.digests().map(\.scope))
            for scope in held.subtracting(scopes(of: node) + [.tenant]) {
                differences.append("\(node.name) was sent \(scope)")
            }
            for scope in scopes(of: node) where !held.contains(scope) && reference[scope] != nil {
                differences.append("\(node.name) has nothing of \(scope)")
            }
        }
        return differences
    }

    /// What a check of every node's store found.
    public func faults() throws -> [String] {
        try nodes.flatMap { node in
            try node.store.verify { _ in }.faults.map { "\(node.name): \($0)" }
        }
    }
}
