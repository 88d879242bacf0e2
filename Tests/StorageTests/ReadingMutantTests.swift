import CRDT
import Domain
import Simulation
@testable import Storage
import Testing

/// Each rule of the reading policy, left out: the rows that are read show that it is gone.
@Suite("Weakened reading policies")
struct ReadingMutantTests {
    private static let realm: Result<Realm, any Error> = Result { try Realm(TenantKit()) }

    @Test("with all its rules the policy reads what is written down, row by row")
    func whole() throws {
        let wrong = try mismatches(enforcing: Set(Reading.Rule.allCases))
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(10))")
    }

    @Test(
        "P4: a policy without one of its rules reads what it must not, or not what it may",
        arguments: Reading.Rule.allCases
    )
    func mutant(without rule: Reading.Rule) throws {
        let rules = Set(Reading.Rule.allCases).subtracting([rule])
        #expect(try !mismatches(enforcing: rules).isEmpty, "\(rule.rawValue) is not missed")
    }

    /// What is not as it is written, in words.
    private func mismatches(enforcing rules: Set<Reading.Rule>) throws -> [String] {
        let realm = try Self.realm.get()
        var wrong: [String] = []
        for person in Realm.people {
            let reading = realm.reading(of: person, enforcing: rules)
            wrong += try realm.store.read { view in
                try mismatches(of: person, in: realm, on: view.asRead(by: reading))
            }
        }
        return wrong + (try unknownKind(realm, rules))
    }

    private func mismatches(
        of person: Realm.Person,
        in realm: Realm,
        on view: View
    ) throws -> [String] {
        var wrong: [String] = []
        for (key, place) in realm.places where key.person == person.name {
            guard let entity = Catalogue.schema[key.entity] else { continue }
            let fields = try fields(of: entity, at: place, on: view)
            let expected = TenancyMatrix.reads(person, entity, key.kind, key.target)
            if (fields != nil) != expected {
                wrong.append("\(person.name): \(entity.name), \(key.kind), \(key.target)")
            }
            if let fields, entity.number == Company.number {
                let shows = fields.integer(Company.creditLimit) != nil
                if shows != TenancyMatrix.standing(of: person).readsRestricted {
                    wrong.append("\(person.name): credit limit")
                }
            }
        }
        for special in realm.special where special.person == person.name {
            let fields = try fields(of: special.entity, at: special.place, on: view)
            if (fields != nil) != special.isRead {
                wrong.append("\(person.name): special \(special.entity.name)")
            }
        }
        return wrong
    }

    private func fields(
        of entity: Entity,
        at place: Realm.Place,
        on view: View
    ) throws -> Fields? {
        try entity.isEvent
            ? view.event(place.id, of: entity, in: place.scope)?.fields
            : view.record(place.id, of: entity, in: place.scope)?.fields
    }

    /// A kind without a rule is read by nobody.
    private func unknownKind(_ realm: Realm, _ rules: Set<Reading.Rule>) throws -> [String] {
        let standard = ReadingRules.standard
        let poorer = ReadingRules(
            standard.rules.filter { $0.key != Role.number },
            subject: standard.subject,
            assignments: standard.assignments
        )
        let director = try #require(Realm.people.first { $0.name == "director" })
        let reading = realm.reading(of: director, enforcing: rules)
        let found = try realm.store.read { view in
            try view.asRead(by: reading, poorer).records(of: Role.entity, in: .tenant)
        }
        return found.isEmpty ? [] : ["a kind without a rule"]
    }
}
