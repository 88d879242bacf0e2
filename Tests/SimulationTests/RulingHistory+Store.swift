import CRDT
import Domain
import Simulation
@testable import Storage
import Testing
import Wire

// What stores make of the changes and the log, whatever comes first.

extension RulingHistory {
    /// A vector, checked with stores that take changes and log in several orders.
    func vector(_ name: String) throws -> Vector {
        let (cast, changes, orders) = (history.cast, history.changes, history.orders)
        let found = try stored(orders[0], adoptingAt: 0)
        let others = [
            (orders[1], changes.count), (orders[0], changes.count / 2),
        ]
        for (order, moment) in others {
            let other = try stored(order, adoptingAt: moment)
            for (key, value) in found where value != other[key] {
                Issue.record("\(name): the order decides on \(key)")
            }
        }
        let authority: [String: JSON] = [
            "roots": .list(log.roots.map { .hex($0.encoded) }),
            "statements": .list(log.statements.map { .hex($0.encoded) }),
        ]
        let given: [String: JSON] = [
            "tenant": cast.kit.tenant.json, "scope": history.scope.json,
            "authority": .object(authority),
            "bindings": .list(authors.map { .hex($0.binding.encoded) }),
            "runs": .list(try changes.map { .hex(try $0.run.plain()) }),
            "orders": .list(orders.map { .list($0.map { .number($0) }) }),
        ]
        return Vector(name, "rulings", "ok", given.merging(found) { $1 })
    }

    /// The writers who wrote.
    private var authors: [VectorCast.Writer] {
        let places = Set(history.changes.map(\.author)).sorted()
        return places.map { history.writers[$0] }
    }

    /// What a store shows that takes the changes in an order, and the log after some of them.
    private func stored(_ order: [Int], adoptingAt moment: Int) throws -> [String: JSON] {
        let node = try SimulatedNode(
            "vector",
            .station,
            site: VectorCast.site,
            kit: history.cast.kit,
            seed: 1,
            schema: VectorSchema.ruled
        )
        let bindings = authors.map { Chunk.Item.binding($0.binding) }
        for (count, index) in order.enumerated() {
            if count == moment { try adopt(node.store) }
            let run = Chunk.Item.run(history.changes[index].run)
            let ingested = try node.store.ingest(
                Chunk(scope: history.scope, items: bindings + [run]),
                from: .zero,
                wallMilliseconds: TenantKit.start
            )
            #expect(ingested.refused.isEmpty && !ingested.isOrderBroken, "\(index) of \(order)")
        }
        if moment >= order.count { try adopt(node.store) }
        #expect(try node.store.verify { _ in }.faults == [])
        var found = try node.store.read { try judged($0) }
        found["stateHash"] =
            try node.store.digests().first { $0.scope == history.scope }?.hash.json
        node.store.close()
        return found
    }

    private func adopt(_ store: Store) throws {
        let fault = try store.adopt(
            roots: [],
            statements: log.statements,
            wallMilliseconds: TenantKit.start
        )
        #expect(fault == nil)
    }

    // MARK: - What a store shows

    private func judged(_ view: View) throws -> [String: JSON] {
        let number = try required(try view.connection.number(of: history.scope))
        return [
            "changes": try changes(view, number), "records": try records(view, number),
            "events": try events(view),
        ]
    }

    /// What is cut off, what is ruled, what does not count, and when writes rank.
    private func changes(_ view: View, _ number: Int64) throws -> JSON {
        let folder = Folder(
            connection: view.connection,
            schema: view.schema,
            tenant: view.tenant
        )
        var reading = StatementReading(folder, log.revocations, history.scope, number)
        let cut = try reading.cut(by: try reading.effectiveness())
        let rulings = try reading.rulings()
        let standing = try view.connection.standing(of: number)
        let positions = try view.connection.prepare("SELECT position FROM change WHERE scope = ?")
            .bind(number).all { $0.integer(0) }
        var found: [Hash: JSON] = [:]
        for position in positions {
            let logged = try view.connection.change(at: position, in: number)
            guard let body = try logged.body() else { continue }
            let rank = logged.rank(body)
            let exclusion = standing.exclusion(at: position, of: 0)
            found[logged.hash] = .object([
                "isCutOff": .bool(cut.contains(position)),
                "ruling": rulings[position].map { .text($0.rawValue) } ?? .null,
                "counts": .bool(exclusion == nil),
                "time": .decimal(standing.rank(rank).time.raw),
            ])
        }
        return .list(try history.changes.map { try required(found[$0.change.hash]) })
    }

    /// The records that any operation that counts is on: form, whether it exists, what it shows.
    private func records(_ view: View, _ number: Int64) throws -> JSON {
        let keys = try view.connection.prepare(
            "SELECT id, entity FROM record WHERE scope = ? ORDER BY id, entity"
        )
        .bind(number).all { ($0.bytes(0), UInt32(clamping: $0.integer(1))) }
        return .list(
            try keys.compactMap { bytes, entity in
                let id = try required(ID(bytes))
                guard let record = try view.connection.record(id, of: entity, in: number) else {
                    return nil
                }
                let shown = record.shown(view.schema[entity]).map { JSON.list($0) }
                return .object([
                    "form": .hex(CanonicalForm.entity(record, entity: entity, id: id)),
                    "exists": .bool(record.exists),
                    "shown": .list(shown.sorted { $0.form < $1.form }),
                ])
            }
        )
    }

    /// The events, set aside or not, each with the change that holds it and what it had seen.
    private func events(_ view: View) throws -> JSON {
        let events = try VectorSchema.ruled.entities.filter(\.isEvent).flatMap { entity in
            try view.events(of: entity, in: history.scope).map { event -> JSON in
                .object([
                    "entity": .number(Int(entity.number)), "id": event.id.json,
                    "change": event.origin.change.json,
                    "after": .list(event.after.map(\.json)),
                    "counts": .bool(event.exclusion == nil),
                ])
            }
        }
        return .list(events.sorted { $0.form < $1.form })
    }
}
