import CRDT
import Domain
import SeededRandom
import Simulation
@testable import Storage
import Synchronization
import Wire

/// A hub's store with rows of every kind: of a person, of a colleague at the same site, and of
/// somebody elsewhere.
///
/// Written to while it is made, and only read from then on.
final class Realm: @unchecked Sendable {
    /// Whose a row is, as seen by the person who looks.
    enum Target: String, CaseIterable {
        case own
        /// Of the same site and another person.
        case colleague
        /// Of another site.
        case elsewhere
        /// Of another tenant's store.
        case otherTenant = "other tenant"
        case missing
    }

    /// Where a row stands.
    struct Place: Hashable {
        let scope: Scope
        let id: ID
    }

    /// A person who looks.
    struct Person {
        let name: String
        let user: ID
        /// Role and level; none: a person whom the tenant knows and who has none.
        let role: (code: String, level: Int64)?
        var sites: [ID] = [Realm.hcm]
        var status = "active"
        var isKnown = true
        var leader: String?
    }

    static let hcm = ID(high: 0x7369_7465, low: 1)
    static let han = ID(high: 0x7369_7465, low: 2)
    /// Where nobody has a role.
    static let far = ID(high: 0x7369_7465, low: 3)

    static let people: [Person] = {
        var people = RoleCatalogue.entries.enumerated().map { index, entry in
            Person(
                name: entry.code,
                user: ID(high: 0x70, low: UInt64(index) + 1),
                role: (entry.code, 1)
            )
        }
        people += [
            Person(name: "sales manager", user: ID(high: 0x70, low: 101), role: ("sales", 2)),
            Person(
                name: "director",
                user: ID(high: 0x70, low: 102),
                role: ("management", 1),
                sites: []
            ),
            Person(name: "no role", user: ID(high: 0x70, low: 103), role: nil),
            Person(
                name: "suspended",
                user: ID(high: 0x70, low: 104),
                role: ("management", 1),
                status: "suspended"
            ),
            Person(name: "stranger", user: ID(high: 0x70, low: 105), role: nil, isKnown: false),
            Person(
                name: "stand-in",
                user: ID(high: 0x70, low: 106),
                role: nil,
                leader: "finance"
            ),
        ]
        return people
    }()

    static let colleague = ID(high: 0x71, low: 1)
    static let day = "2025-11-21"

    let node: SimulatedNode
    /// A machine of the site of most people.
    let station: SimulatedNode
    let policy: Policy
    private let random: Mutex<SplitMix64>
    private(set) var places: [Key: Place] = [:]
    /// Stands in every text of the rows that are being written.
    private var word = ""

    /// A company each, by whose it is: of one's own, by person.
    private(set) var companies: [CompanyKey: ID] = [:]

    struct CompanyKey: Hashable {
        let target: Target
        let person: String
    }

    struct Key: Hashable {
        let person: String
        let entity: UInt32
        let kind: Scope.Kind
        let target: Target
    }

    var store: Store { node.store }

    init(_ kit: TenantKit, people: [Person] = Realm.people, seed: UInt64 = 1) throws {
        node = try SimulatedNode(
            "realm",
            .hub,
            site: .zero,
            kit: kit,
            seed: seed,
            schema: Catalogue.schema
        )
        station = try SimulatedNode(
            "station",
            .station,
            site: Self.hcm,
            kit: kit,
            seed: seed + 50,
            schema: Catalogue.schema
        )
        policy = Self.policy
        random = Mutex(SplitMix64(seed: seed))
        try writeSpecial()
        let (colleague, elsewhere) = (id(), id())
        for target in [Target.colleague, .elsewhere] {
            let subject = target == .colleague ? colleague : elsewhere
            try write(as: Self.colleague, subject: subject, target, for: people.map(\.name))
        }
        for person in people {
            try write(as: person.user, subject: id(), .own, for: [person.name])
        }
    }

    /// The directory, as plain rows.
    static let policy: Policy = {
        func fields(_ fill: (inout FieldValues) -> Void) -> Fields {
            var values = FieldValues()
            fill(&values)
            return Fields(of: Operation(0, .new, edits: values.edits))
        }
        let users = people.filter(\.isKnown).map { person in
            fields { values in
                values.set(User.user, person.user)
                values.set(User.status, person.status)
            }
        }
        let roles = RoleCatalogue.entries.map { entry in
            fields { values in
                values.set(Role.code, entry.code)
                values.set(Role.parent, entry.parent)
            }
        }
        let memberships = people.compactMap { person in
            person.role.map { role in
                fields { values in
                    values.set(Membership.user, person.user)
                    values.set(Membership.role, role.code)
                    values.set(Membership.level, role.level)
                    values.set(Membership.effectiveFrom, "2025-01-01")
                    values.add(Membership.sites, person.sites.map(Value.id))
                }
            }
        }
        let delegations = people.compactMap { person in
            people.first { $0.name == person.leader }.map { leader in
                fields { values in
                    values.set(Delegation.user, leader.user)
                    values.set(Delegation.delegate, person.user)
                    values.set(Delegation.from, "2025-11-01")
                    values.set(Delegation.until, "2025-12-01")
                }
            }
        }
        return Policy(
            users: users,
            roles: roles,
            memberships: memberships,
            delegations: delegations
        )
    }()

    func reading(
        of person: Person,
        enforcing rules: Set<Reading.Rule> = Set(Reading.Rule.allCases)
    ) -> Reading {
        policy.reading(of: person.user, at: Occasion(day: Self.day), enforcing: rules)
    }

    func id() -> ID { ID(high: number() | 1, low: number()) }

    private func number() -> UInt64 { random.withLock { $0.next() } }

    /// Kinds that live in the directory of companies, and not in subjects.
    static let ofDirectory: Set<UInt32> = [
        Company.number, CompanyAddress.number, Contact.number, VendorRating.number,
    ]

    private func scope(
        _ kind: Scope.Kind,
        _ entity: Entity,
        _ subject: ID,
        _ target: Target
    ) -> Scope {
        switch kind {
        case .tenant: .tenant
        case .site: .site(target == .elsewhere ? Self.han : Self.hcm)
        case .subject:
            Self.ofDirectory.contains(entity.number) ? Company.directory : .subject(subject)
        case .restricted:
            Self.ofDirectory.contains(entity.number) ? Company.commercial : .restricted(subject)
        }
    }

    private func write(
        as author: ID,
        subject: ID,
        _ target: Target,
        for names: [String]
    ) throws {
        let company = id()
        for name in names { companies[CompanyKey(target: target, person: name)] = company }
        word = target == .own ? "mine" : "hidden"
        let site = target == .own ? Self.far : target == .colleague ? Self.hcm : Self.han
        var draft = Draft()
        var made: [(UInt32, Scope.Kind, Scope, ID?, Int)] = []
        for entity in Catalogue.schema.entities {
            for kind in entity.scopes {
                let scope = scope(kind, entity, subject, target)
                let values = values(entity, company, subject, site, author)
                let operation = operation(entity, values, in: scope)
                var natural: ID?
                if case .natural(let id) = operation.target { natural = id }
                made.append((entity.number, kind, scope, natural, draft.add(operation, in: scope)))
            }
        }
        let actor = Actor(user: author, method: .secretInLogin)
        let written = draft
        let saved = try store.act(actor, wallMilliseconds: TenantKit.start) { _ in written }
        for (entity, kind, scope, natural, index) in made {
            let id = natural ?? ID(createdAt: saved.stamp, index: UInt16(index))
            for name in names {
                let key = Key(person: name, entity: entity, kind: kind, target: target)
                places[key] = Place(scope: scope, id: id)
            }
        }
    }

    // MARK: What one rule alone decides

    /// A row that a person may read, or not, by a rule of its own.
    struct Special {
        let person: String
        let entity: Entity
        let place: Place
        let isRead: Bool
    }

    private(set) var special: [Special] = []

    /// An order elsewhere that is given to the person of logistics, with its customer; a message
    /// for a role; preferences that another machine kept for somebody.
    private func writeSpecial() throws {
        word = "hidden"
        let (subject, customer) = (id(), id())
        let scope = Scope.subject(subject)
        func person(_ name: String) -> ID { Self.people.first { $0.name == name }?.user ?? .zero }
        var draft = Draft()
        func add(
            _ entity: Entity,
            in scope: Scope,
            for readers: [String],
            not others: [String],
            _ fill: (inout FieldValues) -> Void
        ) -> (Int, Entity, Scope, ID?, [String], [String]) {
            var values = values(entity, customer, subject, Self.far, Self.colleague)
            fill(&values)
            let operation = operation(entity, values, in: scope)
            var natural: ID?
            if case .natural(let id) = operation.target { natural = id }
            return (draft.add(operation, in: scope), entity, scope, natural, readers, others)
        }
        let rows = [
            add(Project.entity, in: scope, for: ["logistics"], not: ["production"]) { values in
                values.set(Project.customer, customer)
                values.set(Project.assignedTo, person("logistics"))
            },
            add(Company.entity, in: Company.directory, for: ["logistics"], not: ["production"]) {
                _ in
            },
            add(Contact.entity, in: Company.directory, for: ["logistics"], not: ["production"]) {
                _ in
            },
            add(Message.entity, in: .tenant, for: ["qa"], not: ["production", "qa lead"]) {
                values in
                values.set(Message.recipientField, ID?.none)
                values.set(Message.roleField, "qa")
            },
            add(Preferences.entity, in: .tenant, for: ["service"], not: ["production"]) { values in
                values.set(Preferences.user, person("service"))
            },
        ]
        let written = draft
        let actor = Actor(user: Self.colleague, method: .secretInLogin)
        let saved = try store.act(actor, wallMilliseconds: TenantKit.start) { _ in written }
        for (index, entity, scope, natural, readers, others) in rows {
            let id = natural ?? ID(createdAt: saved.stamp, index: UInt16(index))
            let place = Place(scope: scope, id: id)
            special += (readers + others).map { name in
                Special(
                    person: name,
                    entity: entity,
                    place: place,
                    isRead: readers.contains(name)
                )
            }
        }
    }

    func operation(_ entity: Entity, _ values: FieldValues, in scope: Scope) -> Operation {
        let target: Operation.Target =
            switch entity.form {
            case .event: .event
            case .entity(let key) where key.isEmpty: .new
            case .entity(let key):
                .natural(
                    ID(
                        naturalKey: key.map { values[$0] ?? .null },
                        of: entity.number,
                        in: scope,
                        tenant: store.tenant
                    )
                )
            }
        return Operation(entity.number, target, edits: values.edits)
    }

    /// Values for all fields of a kind; what the policy asks for says whose the row is.
    func values(
        _ entity: Entity,
        _ company: ID,
        _ subject: ID,
        _ site: ID,
        _ author: ID
    ) -> FieldValues {
        var values = FieldValues()
        for field in entity.fields {
            let value = value(field)
            switch field.merge {
            case .set: values.add(field.number, [value])
            case .counter, .map: break
            default: values[field.number] = value
            }
        }
        switch entity.number {
        case Company.number:
            values = FieldValues()
            values.set(Company.company, company)
            values.set(Company.name, word)
            values.add(Company.kinds, [.text("customer")])
            values.set(Company.creditLimit, Int64(1))
        case CompanyAddress.number: values.set(CompanyAddress.company, company)
        case Contact.number: values.set(Contact.company, company)
        case VendorRating.number: values.set(VendorRating.companyField, company)
        case Project.number:
            values.set(Project.subject, subject)
            values.set(Project.customer, ID?.none)
            values.set(Project.assignedTo, ID?.none)
        case SubStageNote.number: values.set(SubStageNote.assignedTo, ID?.none)
        case Opened.number: values.set(Opened.siteField, site)
        case HoursEvent.number: values.set(HoursEvent.personField, author)
        case Preferences.number: values.set(Preferences.user, author)
        case Message.number: values.set(Message.recipientField, author)
        default: break
        }
        return values
    }

    private func value(_ field: Field) -> Value {
        switch field.kind {
        case .bool: .bool(true)
        case .integer: .integer(Int64(number() >> 40))
        case .decimal: .decimal(mantissa: 1_250, scale: 2)
        case .text: .text("\(word) w\(number() >> 32)")
        case .bytes: .bytes(id().bytes)
        case .id: .id(id())
        case .link: .link(.tenant, id())
        case .list: .list([.text(word)])
        }
    }
}
