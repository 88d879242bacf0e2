import CRDT
import Domain
import Foundation
import Simulation
@testable import Storage
import Testing
import Wire

/// Every person, kind, command and whose row it is: what the store does is what the matrix says.
@Suite("Tenancy matrix")
struct TenancyMatrixTests {
    typealias Command = TenancyMatrix.Command
    typealias Target = Realm.Target

    /// Two tenants: what is of the other has the ids that it has there.
    private static let realms: Result<(own: Realm, other: Realm), any Error> = Result {
        (
            try Realm(TenantKit()),
            try Realm(TenantKit(seed: 2), people: [Realm.people[0]], seed: 9)
        )
    }

    /// A cell whose answer is not the one that is written down.
    private struct Wrong: CustomStringConvertible {
        let description: String
    }

    @Test("AD-001, AD-002, FP-005, TV-001, TV-005: every kind of record has its line, and rule")
    func lines() {
        for entity in Catalogue.schema.entities {
            #expect(TenancyMatrix.lines[entity.name] != nil, "\(entity.name) is not in the matrix")
            #expect(ReadingRules.standard[entity.number] != nil, "\(entity.name) has no rule")
            #expect(
                TenancyMatrix.lines[entity.name]?.dataClass
                    == ReadingRules.standard[entity.number]?.dataClass.rawValue,
                "\(entity.name)"
            )
            #expect(TenancyMatrix.lines[entity.name]?.isSearched == !entity.searched.isEmpty)
        }
        let names = Set(Catalogue.schema.entities.map(\.name))
        #expect(Set(TenancyMatrix.lines.keys).subtracting(names) == [])
    }

    @Test(
        "P4, FP-008, FP-009, AD-003, AD-004: every cell of the matrix is as it is written",
        arguments: Realm.people.map(\.name)
    )
    func cells(name: String) throws {
        let (realm, other) = try Self.realms.get()
        let person = try #require(Realm.people.first { $0.name == name })
        var asked = 0
        let shared = try Shared(realm)
        let wrong = try realm.store.read { whole in
            try realm.store.read(as: realm.reading(of: person)) { view in
                try mismatches(of: person, in: realm, other, shared, view, whole) { asked += 1 }
            }
        }
        #expect(asked > 3_000)
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(12).map(\.description))")
    }

    // MARK: Asking

    private func mismatches(
        of person: Realm.Person,
        in realm: Realm,
        _ other: Realm,
        _ shared: Shared,
        _ view: View,
        _ whole: View,
        _ asked: () -> Void
    ) throws -> [Wrong] {
        var wrong: [Wrong] = []
        for entity in Catalogue.schema.entities {
            let exported = try exported(entity, on: view)
            for kind in entity.scopes {
                for target in Target.allCases {
                    let found = place(of: person, entity, kind, target, realm, other)
                    guard let place = found else {
                        wrong.append(Wrong(description: "\(entity.name) in \(kind) has no row"))
                        continue
                    }
                    let cell = Cell(
                        realm: realm,
                        person: person,
                        entity: entity,
                        place: place,
                        target: target,
                        exported: exported
                    )
                    let answers = try cell.answers(view, whole, shared)
                    for command in Command.allCases {
                        asked()
                        let expected = TenancyMatrix.expected(command, person, entity, kind, target)
                        guard answers[command] != expected else { continue }
                        let answer = answers[command].map { "\($0)" } ?? "nothing"
                        wrong.append(
                            Wrong(
                                description: "\(entity.name) in \(kind), \(target.rawValue), "
                                    + "\(command.rawValue): \(answer)"
                            )
                        )
                    }
                }
            }
        }
        return wrong
    }

    /// The rows of a kind that the person's own SQL gives.
    private func exported(_ entity: Entity, on view: View) throws -> Set<String> {
        guard view.copiedTables().contains(where: { $0.name == entity.name }) else { return [] }
        let answer = try view.query("SELECT _scope || ' ' || _id FROM \"\(entity.name)\"")
        return Set(
            answer.rows.compactMap { row in
                if case .text(let text) = row.first { text } else { nil }
            }
        )
    }

    private func place(
        of person: Realm.Person,
        _ entity: Entity,
        _ kind: Scope.Kind,
        _ target: Target,
        _ realm: Realm,
        _ other: Realm
    ) -> Realm.Place? {
        func key(_ name: String, _ target: Target) -> Realm.Key {
            Realm.Key(person: name, entity: entity.number, kind: kind, target: target)
        }
        switch target {
        case .own, .colleague, .elsewhere: return realm.places[key(person.name, target)]
        case .otherTenant: return other.places[key(Realm.people[0].name, .own)]
        case .missing:
            let scope = realm.places[key(person.name, .colleague)]?.scope
            return scope.map { Realm.Place(scope: $0, id: realm.id()) }
        }
    }
}

/// One person, one row.
private struct Cell {
    typealias Command = TenancyMatrix.Command

    let realm: Realm
    let person: Realm.Person
    let entity: Entity
    let place: Realm.Place
    let target: Realm.Target
    let exported: Set<String>

    func answers(_ view: View, _ whole: View, _ shared: Shared) throws -> [Command: Bool] {
        let reading = realm.reading(of: person)
        let found = try find(on: view)
        let ids = try listed(on: view)
        let reads = found != nil
        return [
            .read: reads,
            .list: ids.contains(place.id),
            .count: try counted(on: view, ids),
            .search: try isFound(found, on: view),
            .export: exported.contains("\(place.scope) \(place.id)"),
            .auditRead: try !view.history(of: place.id, entity: entity.number, in: place.scope)
                .isEmpty,
            .approve: reads && allows(Self.approving[entity.number]),
            .sign: reads && allows(Self.signing[entity.number]),
            .insert: try isRow && whole.admits(draft(creation), of: reading),
            .updateOld: try edits(on: whole, reading, 1),
            .updateNew: try edits(on: whole, reading, 2),
            .delete: try edits(on: whole, reading, FieldEdit.deleted),
            .syncPull: isRow && shared.pulled.contains(place.scope),
            .subscribe: isRow && shared.subscribed.contains(place.scope),
            .syncPush: isRow && shared.station.mayWrite(place.scope),
        ]
    }

    /// Whether the row is one of this store: what is of another, or nowhere, has no place to act.
    private var isRow: Bool { target != .missing && target != .otherTenant }

    private func find(on view: View) throws -> Fields? {
        try entity.isEvent
            ? view.event(place.id, of: entity, in: place.scope)?.fields
            : view.record(place.id, of: entity, in: place.scope)?.fields
    }

    private func listed(on view: View) throws -> Set<ID> {
        try Set(
            entity.isEvent
                ? view.events(of: entity, in: place.scope).map(\.id)
                : view.records(of: entity, in: place.scope).map(\.id)
        )
    }

    /// Whether the row is counted by SQL itself, and nothing that is not listed is.
    private func counted(on view: View, _ ids: Set<ID>) throws -> Bool {
        guard let number = try view.connection.number(of: place.scope) else { return false }
        let table = entity.isEvent ? "event" : "record"
        let count = try view.connection.prepare(
            "SELECT count(*) FROM \(table) WHERE scope = ? AND entity = ?"
        )
        .bind(number).bind(Int64(entity.number)).first { $0.integer(0) }
        return Int(count ?? 0) == ids.count && ids.contains(place.id)
    }

    private func isFound(_ fields: Fields?, on view: View) throws -> Bool {
        guard let searched = entity.searched.first(where: { fields?.text($0.field) != nil }),
            let text = fields?.text(searched.field)
        else { return false }
        return try view.search(SearchTerms(text), for: [entity], limit: 500)
            .contains { $0.id == place.id && $0.scope == place.scope }
    }

    // MARK: Writing

    private func draft(_ operation: CRDT.Operation) -> Draft {
        var draft = Draft()
        draft.add(operation, in: place.scope)
        return draft
    }

    /// A row like the one there, of the person who looks.
    private var creation: CRDT.Operation {
        let company = realm.companies[.init(target: target, person: person.name)] ?? realm.id()
        let values = realm.values(entity, company, realm.id(), Realm.hcm, person.user)
        var fresh = values
        if entity.number == Company.number { fresh.set(Company.company, realm.id()) }
        if entity.number == Preferences.number { fresh.set(Preferences.user, realm.id()) }
        return realm.operation(entity, fresh, in: place.scope)
    }

    private func edits(on view: View, _ reading: Reading, _ field: UInt32) throws -> Bool {
        guard !entity.isEvent, isRow else { return false }
        let edit = FieldEdit(field, .write(.bool(true), replacing: []))
        let operation = Operation(entity.number, .existing(place.id), edits: [edit])
        return try view.admits(draft(operation), of: reading)
    }

    // MARK: Deciding

    private static let approving: [UInt32: Act] = [
        Company.number: .decideCompany, Waiver.number: .decideWaiver, Defect.number: .waiveDefect,
    ]
    private static let signing: [UInt32: Act] = [Inspection.number: .openInspection]

    private func allows(_ act: Act?) -> Bool {
        guard let act else { return false }
        let occasion = Occasion(day: Realm.day)
        return realm.policy.allows(Policy.Request(act, by: person.user, at: occasion))
    }
}

/// What a machine of the colleague's site is given, whoever stands before it.
private struct Shared {
    let station: Certificate
    let pulled: Set<Scope>
    let subscribed: Set<Scope>

    init(_ realm: Realm) throws {
        let station = realm.station.store.certificate
        let own = realm.store.certificate
        (pulled, subscribed) = try realm.store.reading { connection throws(StorageError) in
            let sharing = Sharing(connection: connection, own: own, peer: station)
            let held = Set(try connection.heldScopes().map(\.scope))
            var pulled: Set<Scope> = []
            for scope in held where try sharing.shares(scope) { pulled.insert(scope) }
            return (pulled, try sharing.scopes(held: held))
        }
        self.station = station
    }
}
