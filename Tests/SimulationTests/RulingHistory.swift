import CRDT
import Domain
import Simulation
import Wire

/// Changes, statements of hubs about them, and the revocations of an authority log.
struct RulingHistory {
    /// The writers, by their places among the authors.
    static let (station, neighbour, hub, secondHub, thirdHub) = (0, 1, 2, 3, 4)

    private(set) var history: MergeHistory
    private(set) var log: AuthorityLog

    init(_ cast: VectorCast, _ writers: [VectorCast.Writer]) {
        let subject = Scope.subject(ID(high: 0x5b, low: 1))
        history = MergeHistory(cast, writers, in: subject)
        log = cast.kit.authority
    }

    // MARK: - Changes

    /// Writes a change, a millisecond after the one before or at a time; says its place.
    @discardableResult
    mutating func write(
        _ author: Int,
        at milliseconds: Int? = nil,
        counter: UInt16 = 0,
        after parent: Int?? = nil,
        behind newer: [[UInt8]] = [],
        _ operations: Operation...
    ) throws -> Int {
        try write(
            author,
            at: milliseconds,
            counter: counter,
            after: parent,
            behind: newer,
            operations
        )
    }

    @discardableResult
    mutating func write(
        _ author: Int,
        at milliseconds: Int? = nil,
        counter: UInt16 = 0,
        after parent: Int?? = nil,
        behind newer: [[UInt8]] = [],
        _ operations: [Operation]
    ) throws -> Int {
        let place = history.changes.count
        try history.write(
            author,
            at: UInt64(milliseconds ?? place + 1),
            counter: counter,
            after: parent,
            behind: newer,
            operations
        )
        return place
    }

    func point(_ change: Int) -> FeedPoint {
        let change = history.changes[change].change
        return FeedPoint(
            replica: change.feed.replica,
            sequence: change.sequence,
            hash: change.hash
        )
    }

    /// The change of a newer format that stands first in the run of a change.
    func newer(before change: Int) throws -> FeedPoint {
        let written = history.changes[change]
        let previous = try required(written.run.previous)
        let first = try required(
            written.run.linked(
                in: history.scope,
                tenant: history.cast.kit.tenant,
                after: previous
            ).first
        )
        return FeedPoint(
            replica: written.run.replica,
            sequence: first.sequence,
            hash: first.hash
        )
    }

    func name(_ change: Int) -> Name { history.changes[change].name }

    func id(_ change: Int, _ index: UInt16 = 0) -> ID { history.id(change, index) }

    /// A station's thing and what it wrote over the title; the places of the changes.
    mutating func work(_ author: Int = station, _ words: String...) throws -> [Int] {
        var places: [Int] = []
        for word in words {
            let title = FieldEdit(
                1,
                .write(.text(word), replacing: places.last.map { [name($0)] } ?? [])
            )
            let target: Operation.Target = places.first.map { .existing(id($0)) } ?? .new
            places.append(
                try write(
                    author,
                    Operation(SimulationSchema.thing.number, target, edits: [title])
                )
            )
        }
        return places
    }

    // MARK: - The authority log

    /// Revokes the device of an author, and says what cut-offs call the revocation.
    mutating func revoke(
        _ author: Int,
        serial: UInt64 = 0,
        effectiveAt: UInt64? = nil
    ) throws -> Hash {
        try state(
            .revocation(
                device: history.writers[author].certificate.structure.device,
                serial: serial,
                reason: 1,
                effectiveAt: effectiveAt ?? log.number + 1
            )
        )
    }

    @discardableResult
    mutating func state(_ payload: Statement.Payload) throws -> Hash {
        let statement = Statement(
            tenant: history.cast.kit.tenant,
            number: log.number + 1,
            previous: log.lastHash,
            authorityEpoch: 1,
            issued: TenantKit.start,
            payload: payload
        )
        let signed = Cosigned(signing: statement, with: [history.cast.kit.operatorKey])
        try log.append(roots: [], statements: [signed])
        return statement.hash
    }

    // MARK: - Statements

    func verdictID(_ point: FeedPoint) -> ID {
        ID(
            naturalKey: Verdict.key(of: point),
            of: Verdict.number,
            in: history.scope,
            tenant: history.cast.kit.tenant
        )
    }

    /// The first ruling on a change; nil for a record that only names it.
    func verdict(_ ruling: Value?, on point: FeedPoint) -> Operation {
        let values = Verdict.key(of: point) + (ruling.map { [$0] } ?? [])
        return Operation(
            Verdict.number,
            .natural(verdictID(point)),
            edits: values.enumerated().map {
                FieldEdit(UInt32($0.offset + 1), .write($0.element, replacing: []))
            }
        )
    }

    func verdict(_ ruling: Ruling, on change: Int) -> Operation {
        verdict(.text(ruling.rawValue), on: point(change))
    }

    /// A ruling that replaces others.
    func ruling(_ ruling: Ruling, on change: Int, over seen: [Int]) -> Operation {
        let names = seen.map { name($0) }.sorted()
        return Operation(
            Verdict.number,
            .existing(verdictID(point(change))),
            edits: [FieldEdit(Verdict.ruling, .write(.text(ruling.rawValue), replacing: names))]
        )
    }
}

extension Operation {
    /// An event with the given fields; nil leaves one out.
    static func event(_ entity: UInt32, _ values: [Value?]) -> Operation {
        Operation(
            entity,
            .event,
            edits: values.enumerated().compactMap { index, value in
                value.map { FieldEdit(UInt32(index + 1), .write($0, replacing: [])) }
            }
        )
    }

    static func cutOff(_ revocation: Hash, _ last: FeedPoint) -> Operation {
        CutOff(revocation, after: last).operation()
    }

    static func receipt(_ held: FeedPoint...) -> Operation {
        Receipt(Set(held), milliseconds: TenantKit.start).operation()
    }

    /// A clock verdict at a time after the moment that simulations begin at.
    static func clock(_ first: UInt64, _ last: FeedPoint, at milliseconds: UInt64) -> Operation {
        ClockVerdict(from: first, to: last, milliseconds: TenantKit.start + milliseconds)
            .operation()
    }

    static func step(_ word: String, after: [Name] = []) -> Operation {
        Operation(
            SimulationSchema.step.number,
            .event,
            after: after.sorted(),
            edits: [
                FieldEdit(1, .write(.text("s"), replacing: [])),
                FieldEdit(2, .write(.text(word), replacing: [])),
            ]
        )
    }

    /// A write of a thing's title.
    static func title(_ word: String, of id: ID, over seen: Name...) -> Operation {
        Operation(
            SimulationSchema.thing.number,
            .existing(id),
            edits: [FieldEdit(1, .write(.text(word), replacing: seen.sorted()))]
        )
    }

    static func thing(_ word: String) -> Operation {
        Operation(
            SimulationSchema.thing.number,
            .new,
            edits: [FieldEdit(1, .write(.text(word), replacing: []))]
        )
    }
}
