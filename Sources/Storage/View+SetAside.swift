public import CRDT
public import Domain
import Wire

/// A change that statements of hubs set aside: kept, forwarded, and listed for a person.
public struct ExcludedChange: Sendable {
    public let origin: Origin
    public let point: FeedPoint
    public let exclusion: Exclusion
    /// What the hub gave as its reason; nil where a cut-off says enough.
    public let reason: String?
    /// The entities that the change writes, each once, in the order of its operations.
    public let entities: [UInt32]
}

/// A hub's word that it holds a change.
public struct HeldAtHub: Hashable, Sendable {
    /// The hub's device.
    public let hub: ID
    /// The time of the receipt, milliseconds since 1970.
    public let milliseconds: UInt64
}

extension View {
    /// The changes that are set aside, in one scope or in all, in order of arrival.
    public func setAside(in scope: Scope? = nil) throws(StorageError) -> [ExcludedChange] {
        var excluded: [ExcludedChange] = []
        for (place, number, _) in try readScopes() where scope ?? place == place {
            let standing = try connection.standing(of: number)
            for (position, change) in standing.changes.sorted(by: { $0.key < $1.key }) {
                // A statement stays in force; what counts of the change is asked of the rest.
                guard let exclusion = change.exclusion(of: 0) else { continue }
                let logged = try connection.change(at: position, in: number)
                guard let body = try logged.body() else { continue }
                excluded.append(
                    ExcludedChange(
                        origin: Origin(logged, body, scope: place),
                        point: logged.point,
                        exclusion: exclusion,
                        reason: try reason(of: logged.point, in: place),
                        entities: try shown(body, logged, in: number).map(\.entity).uniqued
                    )
                )
            }
        }
        return excluded
    }

    /// What the hub gave as the reason of its ruling on a change; nil without one.
    public func reason(of point: FeedPoint, in scope: Scope) throws(StorageError) -> String? {
        let id = ID(
            naturalKey: Verdict.key(of: point),
            of: Verdict.number,
            in: scope,
            tenant: tenant
        )
        return try record(id, of: Verdict.entity, in: scope)?.fields.text(Verdict.reason)
    }

    /// The receipt of a hub that covers a change; nil if none is held.
    public func receipt(of origin: Origin) throws(StorageError) -> HeldAtHub? {
        guard let number = try connection.number(of: origin.scope) else { return nil }
        let rows = try connection.prepare(
            """
            SELECT hub, sequence, hash, time FROM receipt WHERE scope = ? AND replica = ?
            AND hub NOT IN (\(WitnessTables.distrusted))
            """
        )
        .bind(number).bind(origin.replica.bytes)
        .all { ($0.integer(0), $0.bits(1), $0.bytes(2), $0.bits(3)) }
        guard !rows.isEmpty, let author = try connection.replica(origin.replica) else { return nil }
        let logged = try connection.change(at: origin.position, in: number)
        let isBranched = try connection.isBranched(author.number, in: number)
        for (hub, sequence, hash, time) in rows {
            let line: Line
            if isBranched {
                let tree = try connection.tree(author.number, in: number)
                line = .changes(tree.line(to: Hash(hash) ?? .zero))
            } else {
                line = .upTo(sequence)
            }
            guard line.contains(logged.point) else { continue }
            return HeldAtHub(
                hub: try connection.replica(numbered: hub).device,
                milliseconds: time
            )
        }
        return nil
    }

    /// The changes whose hashes begin with the given bytes: for a person who typed one.
    ///
    /// Reads the whole log.
    public func changes(
        hashPrefix: [UInt8]
    ) throws(StorageError) -> [(scope: Scope, point: FeedPoint)] {
        var found: [(scope: Scope, point: FeedPoint)] = []
        for (scope, number, _) in try readScopes() {
            try connection.forEachChange(in: number, after: 0, upTo: .max) { change in
                if change.hash.bytes.starts(with: hashPrefix) {
                    found.append((scope, change.point))
                }
                return true
            }
        }
        return found
    }
}

extension [UInt32] {
    /// Each once, in the order of its first place.
    fileprivate var uniqued: [UInt32] {
        var seen: Set<UInt32> = []
        return filter { seen.insert($0).inserted }
    }
}

extension LoggedChange {
    /// The change as statements call it.
    var point: FeedPoint { FeedPoint(replica: replica.id, sequence: sequence, hash: hash) }
}
