import CRDT
import Domain
import Node
import Simulation
import Storage
import Wire

/// What the policy views cost: the same questions with and without them, in one run.
enum PolicyFigures {
    static let names = ["policy-lookup", "policy-aggregate", "policy-index", "policy-rows"]

    private static let rows = 50_000
    private static let rounds = 7

    static func measure() throws {
        let folder = try Folder("policy")
        let kit = try TenantKit()
        let chance = Chance(seed: 3)
        let store = try Store.create(
            try kit.founding(.hub, site: .zero, chance: chance),
            at: Store.Place(
                directory: "\(folder.path)/data",
                stateRoot: "\(folder.path)/state",
                machine: Array("machine".utf8)
            ),
            schema: Catalogue.schema,
            wallMilliseconds: TenantKit.start,
            chance: chance
        )
        defer { store.close() }
        let person = ID(high: 0x70, low: 1)
        let scope = Scope.subject(ID(high: 0x5b, low: 1))
        let ids = try fill(store, scope, as: person)
        let reading = policy(of: person).reading(of: person, at: Occasion(day: "2025-11-21"))
        try compare("policy-lookup", store, reading) { view in
            var found = 0
            for id in ids.prefix(20_000) {
                found += try view.record(id, of: Defect.entity, in: scope) == nil ? 0 : 1
            }
            return found
        }
        try compare("policy-aggregate", store, reading) { view in
            try view.records(of: Defect.entity, in: scope).reduce(0) { sum, record in
                sum + (record.fields.text(Defect.code) == nil ? 0 : 1)
            }
        }
        try compare("policy-index", store, reading) { view in
            var sum = 0
            for number in 0..<200 {
                let lookUp = LookUp(
                    WorkTask.byAssignee,
                    of: WorkTask.entity,
                    [.id(ID(high: 0x72, low: UInt64(number)))]
                )
                sum += try view.records(lookUp).items.count
            }
            return sum
        }
        try compare("policy-rows", store, reading) { view in
            try view.events(of: Message.entity, in: scope).count
        }
    }

    /// The best of some rounds each, in turns.
    private static func compare(
        _ name: String,
        _ store: Store,
        _ reading: Reading,
        _ ask: (View) throws -> Int
    ) throws {
        var (plain, walled) = (Tally(), Tally())
        var best = (plain: Double.infinity, walled: Double.infinity)
        for round in 0..<(rounds + 1) {
            (plain, walled) = (Tally(), Tally())
            var (one, two) = (0, 0)
            try plain.measure(1) { one = try store.read(ask) }
            try walled.measure(1) { two = try store.read(as: reading, .standard, ask) }
            guard one == two else { note("\(name): \(one) against \(two)"); continue }
            // The first round fills the caches.
            guard round > 0 else { continue }
            best = (min(best.plain, plain.seconds), min(best.walled, walled.seconds))
        }
        try Figure(
            figure: name,
            value: best.walled * 1_000,
            unit: "ms",
            raw: best.plain * 1_000,
            ratio: best.plain / best.walled
        )
        .emit()
    }

    private static func policy(of person: ID) -> Policy {
        func fields(_ fill: (inout FieldValues) -> Void) -> Fields {
            var values = FieldValues()
            fill(&values)
            return Fields(of: Operation(0, .new, edits: values.edits))
        }
        return Policy(
            users: [fields { $0.set(User.user, person) }],
            roles: [fields { $0.set(Role.code, "production") }],
            memberships: [
                fields { values in
                    values.set(Membership.user, person)
                    values.set(Membership.role, "production")
                    values.set(Membership.effectiveFrom, "2025-01-01")
                    values.add(Membership.sites, [.id(site)])
                }
            ]
        )
    }

    private static let site = ID(high: 0x7369_7465, low: 1)

    /// Defects, tasks of 200 people, and messages, in one subject that was opened at the site.
    private static func fill(_ store: Store, _ scope: Scope, as person: ID) throws -> [ID] {
        let actor = Actor(user: ID(high: 0x71, low: 1), method: .secretInLogin)
        var ids: [ID] = []
        func write(_ operations: [Operation]) throws {
            _ = try store.act(actor, wallMilliseconds: TenantKit.start) { _ in
                var draft = Draft()
                draft.add(operations, in: scope)
                return draft
            }
        }
        try write([Opened(at: site).operation()])
        for first in stride(from: 0, to: rows, by: 1_000) {
            var operations: [Operation] = []
            for number in first..<(first + 1_000) {
                let defect = record(Defect.entity, in: scope, store.tenant) { values in
                    values.set(Defect.code, "D-\(number)")
                    values.set(Defect.description, "a crack in frame \(number)")
                }
                if case .natural(let id) = defect.target { ids.append(id) }
                operations.append(defect)
                if number % 10 == 0 {
                    operations.append(
                        record(WorkTask.entity, in: scope, store.tenant) { values in
                            values.set(WorkTask.code, "T-\(number)")
                            let person = ID(high: 0x72, low: UInt64(number / 10 % 200))
                            values.add(WorkTask.assignees, [.id(person)])
                        }
                    )
                }
                if number % 5 == 0 { operations.append(Message("note \(number)").operation()) }
            }
            try write(operations)
        }
        return ids
    }

    private static func record(
        _ entity: Entity,
        in scope: Scope,
        _ tenant: ID,
        _ fill: (inout FieldValues) -> Void
    ) -> Operation {
        var values = FieldValues()
        fill(&values)
        guard case .entity(let key) = entity.form else {
            return Operation(entity.number, .event, edits: values.edits)
        }
        let id = ID(
            naturalKey: key.map { values[$0] ?? .null },
            of: entity.number,
            in: scope,
            tenant: tenant
        )
        return Operation(entity.number, .natural(id), edits: values.edits)
    }
}
