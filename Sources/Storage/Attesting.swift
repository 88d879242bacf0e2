import CRDT
import Domain
import Wire

/// What a hub wrote of what it holds.
public struct Attested: Hashable, Sendable {
    /// Scopes in which it gave a receipt.
    public var receipts = 0
    /// Clock verdicts.
    public var clockVerdicts = 0

    public init() {}
}

extension Store {
    /// Says, as a hub, what it holds since the last time, in at most one change a scope.
    ///
    /// Receipts for what came from devices, clock verdicts on stamps that are ahead of time, and
    /// where feeds of revoked devices end. A node that is no hub writes nothing.
    ///
    /// - Parameter wallMilliseconds: The hub's wall clock, since 1970.
    /// - Returns: How much was said.
    /// - Throws: What the disk says; nothing was written then.
    @discardableResult
    public func attest(wallMilliseconds: UInt64) throws(StorageError) -> Attested {
        let current = publisher.current
        guard current.own.isHub, current.attested < current.position else { return Attested() }
        return try writing { writer throws(StorageError) in
            try writer.attest(wallMilliseconds: wallMilliseconds)
        }
    }
}

extension StoreWriter.OwnReplica {
    /// Whether the store's device is certified as a hub.
    var isHub: Bool { author.binding.certificate.kind == .hub }
}

// MARK: - The hub's own statements

extension StoreWriter {
    fileprivate func attest(wallMilliseconds: UInt64) throws(StorageError) -> Attested {
        var attested = Attested()
        var draft = Draft()
        let own = state.own.author.binding.certificate
        let isSpeaking = !state.authority.isBarred(own.device, serial: own.serial)
        for (scope, number, position) in try connection.heldScopes()
        where position > state.attested && isSpeaking {
            guard !state.purged.contains(scope) else { continue }
            let news = try connection.news(
                in: number,
                after: state.attested,
                ahead: wallMilliseconds &+ HybridClock.boundMilliseconds
            )
            let cuts = try lateCutOffs(for: Set(news.map(\.replica.number)), in: scope, number)
            for cut in cuts { draft.add(cut.operation(), in: scope) }
            let receipts = try self.receipts(for: news, number, wallMilliseconds)
            for receipt in receipts { draft.add(receipt.operation(), in: scope) }
            attested.receipts += receipts.isEmpty ? 0 : 1
            guard isPlausible(wallMilliseconds) else { continue }
            let verdicts = try clockVerdicts(on: news, number, wallMilliseconds)
            for verdict in verdicts { draft.add(verdict.operation(), in: scope) }
            attested.clockVerdicts += verdicts.count
        }
        if !draft.isEmpty {
            try say(draft, wallMilliseconds: wallMilliseconds)
            try connection.setMeta("attested", [UInt8](bigEndian: UInt64(state.position)))
        }
        state.attested = state.position
        return attested
    }

    /// Says, as a hub, where the feeds of revoked devices end: at what is held at this moment.
    func cutOff(
        _ revocations: [DeviceRevocation],
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        let own = state.own.author.binding.certificate
        guard own.kind == .hub, !state.authority.isBarred(own.device, serial: own.serial) else {
            return
        }
        var draft = Draft()
        for revocation in revocations {
            let feeds = try connection.prepare(
                """
                SELECT scope, replica FROM feed
                WHERE replica IN (SELECT number FROM replica WHERE device = ?)
                GROUP BY scope, replica
                """
            ).bind(revocation.device.bytes).all { ($0.integer(0), $0.integer(1)) }
            for (number, replica) in feeds where try covers(revocation, replica) {
                let scope = try connection.scope(numbered: number)
                guard !state.purged.contains(scope) else { continue }
                for tip in try connection.points(replica, in: number) {
                    draft.add(CutOff(revocation.hash, after: tip).operation(), in: scope)
                }
            }
        }
        if !draft.isEmpty { try say(draft, wallMilliseconds: wallMilliseconds) }
    }

    private func say(_ draft: Draft, wallMilliseconds: UInt64) throws(StorageError) {
        do {
            _ = try act(.machine, wallMilliseconds: wallMilliseconds) { _ in draft }
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.inadmissible, "\(error)")
        }
    }

    private func covers(
        _ revocation: DeviceRevocation,
        _ replica: Int64
    ) throws(StorageError) -> Bool {
        let id = try connection.replica(numbered: replica).id
        guard let binding = try connection.binding(of: id) else { return false }
        return revocation.covers(binding.certificate.structure)
    }

    /// Cut-offs for feeds of revoked devices that came to this scope after the revocation: nothing
    /// of them counts (ID-17).
    private func lateCutOffs(
        for replicas: Set<Int64>,
        in scope: Scope,
        _ number: Int64
    ) throws(StorageError) -> [CutOff] {
        guard !state.revocations.isEmpty else { return [] }
        var known: [CutOff]?
        var cuts: [CutOff] = []
        for replica in replicas.sorted() {
            let id = try connection.replica(numbered: replica).id
            for revocation in state.revocations where try covers(revocation, replica) {
                if known == nil {
                    let reading = StatementReading(folding, state.revocations, scope, number)
                    known = try reading.statements(CutOff.self).map(\.statement)
                }
                let isCut = known?.contains {
                    $0.revocation == revocation.hash && $0.last?.replica == id
                }
                guard isCut == false else { continue }
                let nothing = FeedPoint(replica: id, sequence: 0, hash: .zero)
                cuts.append(CutOff(revocation.hash, after: nothing))
            }
        }
        return cuts
    }

    private func receipts(
        for news: [News],
        _ number: Int64,
        _ wall: UInt64
    ) throws(StorageError) -> [Receipt] {
        var points: [FeedPoint] = []
        for replica in Set(news.map(\.replica.number)).sorted() {
            points += try connection.points(replica, in: number)
        }
        return stride(from: 0, to: points.count, by: Receipt.feedsMax).map { start in
            let end = min(start + Receipt.feedsMax, points.count)
            return Receipt(Set(points[start..<end]), milliseconds: wall)
        }
    }

    /// A hub whose own clock cannot be right rules on nobody's (MERGE-15).
    private func isPlausible(_ wall: UInt64) -> Bool {
        let (bound, isOver) = wall.addingReportingOverflow(HybridClock.boundMilliseconds)
        let own = state.own.author.binding.certificate
        return state.authority.inForce(own).validity.contains(wall) && !isOver
            && state.lastIssued.milliseconds <= bound
    }

    private func clockVerdicts(
        on news: [News],
        _ number: Int64,
        _ wall: UInt64
    ) throws(StorageError) -> [ClockVerdict] {
        var stretches: [Int64: (first: UInt64, last: News)] = [:]
        var verdicts: [ClockVerdict] = []
        func close(_ replica: Int64) {
            guard let (first, last) = stretches.removeValue(forKey: replica) else { return }
            verdicts.append(ClockVerdict(from: first, to: last.point, milliseconds: wall))
        }
        for change in news {
            let replica = change.replica.number
            let isAhead = change.milliseconds > wall &+ HybridClock.boundMilliseconds
            let last = stretches[replica]?.last.point.sequence
            let follows = last.map { $0 &+ 1 == change.point.sequence } ?? false
            if !isAhead || !follows { close(replica) }
            guard isAhead else { continue }
            // A clone's branches are not one line: each of its changes is ruled on by itself.
            if try connection.isBranched(replica, in: number) { close(replica) }
            let first = stretches[replica]?.first ?? change.point.sequence
            stretches[replica] = (first, change)
        }
        for replica in stretches.keys.sorted() { close(replica) }
        return verdicts
    }
}

/// A change of a device that is no hub, as far as a hub's statements are concerned.
struct News {
    let replica: InternedReplica
    let point: FeedPoint
    /// Of its stamp; 0 for a body of a newer format.
    let milliseconds: UInt64
}

extension News {
    fileprivate init(_ change: LoggedChange) throws(StorageError) {
        self.init(
            replica: change.replica,
            point: change.point,
            milliseconds: try change.body()?.time.milliseconds ?? 0
        )
    }
}

extension Connection {
    /// The changes of devices that are no hubs above a position; of a block none of whose stamps
    /// is ahead of a time, the last one speaks for all.
    fileprivate func news(
        in scope: Int64,
        after: Int64,
        ahead milliseconds: UInt64
    ) throws(StorageError) -> [News] {
        var news: [News] = []
        var after = after
        while let block = try block(from: after + 1, in: scope) {
            try news += self.news(in: scope, after: after, before: block.first)
            let author = try replica(numbered: block.replica)
            if !author.isHub {
                if block.time.milliseconds > milliseconds {
                    for change in try changes(of: block) where change.position > after {
                        news.append(try News(change))
                    }
                } else {
                    let last = FeedPoint(
                        replica: author.id,
                        sequence: block.sequence,
                        hash: block.hash
                    )
                    let time = block.time.milliseconds
                    news.append(News(replica: author, point: last, milliseconds: time))
                }
            }
            after = block.position
        }
        return try news + self.news(in: scope, after: after, before: .max)
    }

    /// The same of the changes that have rows of their own.
    private func news(
        in scope: Int64,
        after: Int64,
        before: Int64
    ) throws(StorageError) -> [News] {
        let rows = try prepare(
            """
            SELECT replica, sequence, hash, position,
                CASE WHEN length IS NULL THEN substr(body, 1, 7) END
            FROM change WHERE scope = ? AND position > ? AND position < ? ORDER BY position
            """
        )
        .bind(scope).bind(after).bind(before)
        .all { row in
            let head = row.isNull(4) ? nil : row.bytes(4)
            return (row.integer(0), row.bits(1), row.hash(2), row.integer(3), head)
        }
        var news: [News] = []
        for (number, sequence, hash, position, head) in rows {
            let replica = try self.replica(numbered: number)
            guard !replica.isHub else { continue }
            guard let head else {
                // Large bodies lie compressed.
                news.append(try News(try change(at: position, in: scope)))
                continue
            }
            let point = FeedPoint(replica: replica.id, sequence: sequence, hash: hash ?? .zero)
            let time = head.dropFirst().reduce(0) { $0 << 8 | UInt64($1) }
            news.append(
                News(replica: replica, point: point, milliseconds: head.first == 1 ? time : 0)
            )
        }
        return news
    }

    /// The last changes of the feeds of a replica.
    fileprivate func points(
        _ replica: Int64,
        in scope: Int64
    ) throws(StorageError) -> [FeedPoint] {
        let id = try self.replica(numbered: replica).id
        return try feeds(replica, in: scope).map {
            FeedPoint(replica: id, sequence: $0.tip.sequence, hash: $0.tip.hash)
        }
    }
}
