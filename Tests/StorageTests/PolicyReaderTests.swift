import CRDT
import Domain
import Foundation
import Simulation
@testable import Storage
import Testing
import Wire

/// What gets through the views that stand before the tables, and through a private copy.
@Suite("Policy readers")
struct PolicyReaderTests {
    private static let realm: Result<Realm, any Error> = Result { try Realm(TenantKit()) }

    private func realm() throws -> Realm { try Self.realm.get() }

    private func person(_ name: String) throws -> Realm.Person {
        try #require(Realm.people.first { $0.name == name })
    }

    /// The texts of the rows that nobody without a role may read.
    private static let hidden = Array("hidden".utf8)

    private static func leaks(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= hidden.count else { return false }
        return (0...(bytes.count - hidden.count)).contains { start in
            bytes[start..<(start + hidden.count)].elementsEqual(hidden)
        }
    }

    /// Runs a text on a policy reader as if it were ours.
    private func run(_ text: String, on view: View) throws -> [[UInt8]] {
        var cells: [[UInt8]] = []
        try view.connection.prepare(text).forEach { row throws(StorageError) in
            for column in 0..<row.count { cells.append(row.bytes(column)) }
            guard cells.count < 100_000 else {
                throw StorageError(.inadmissible, "too many rows")
            }
            return true
        }
        return cells
    }

    @Test("there are more than 95 hostile texts, each once")
    func texts() {
        let texts = HostileTexts.all.flatMap(\.texts)
        #expect(texts.count >= 95)
        #expect(Set(texts).count == texts.count)
    }

    @Test(
        "FP-005, TV-005: a hostile text on a policy reader is refused or sees nothing",
        arguments: HostileTexts.all.map(\.way)
    )
    func hostileOnReaders(way: String) throws {
        let realm = try realm()
        let texts = try #require(HostileTexts.all.first { $0.way == way }?.texts)
        let nobody = realm.reading(of: try person("no role"))
        for text in texts {
            let sql = text.replacing("$T", with: "record").replacing("$C", with: "state")
            try realm.store.read(as: nobody) { view throws in
                view.connection.session?.stepsMax = 3_000_000
                let cells = (try? run(sql, on: view)) ?? []
                #expect(!cells.contains(where: Self.leaks), "\(sql.prefix(200))")
            }
        }
        // Nothing that a text did is left behind.
        try realm.store.read(as: nobody) { view throws in
            #expect(try view.scopes().contains(.tenant))
        }
    }

    @Test(
        "FP-005, TV-005: a hostile text on a private copy is refused or sees nothing",
        arguments: HostileTexts.all.map(\.way)
    )
    func hostileOnCopies(way: String) throws {
        let realm = try realm()
        let texts = try #require(HostileTexts.all.first { $0.way == way }?.texts)
        // Who has no order of a customer: of companies there are only their own.
        let assembler = realm.reading(of: try person("assembler"))
        var limits = PrivateCopy.Limits()
        limits.steps = 2_000_000
        try realm.store.read(as: assembler) { view throws in
            #expect(try view.query("SELECT name FROM company").rows == [[.text("mine")]])
            for text in texts {
                let sql = text.replacing("$T", with: "company").replacing("$C", with: "name")
                let answer = try? view.query(sql, limits)
                let cells = answer?.rows.joined().map(\.bytes) ?? []
                #expect(!cells.contains(where: Self.leaks), "\(sql.prefix(200))")
            }
        }
    }

    @Test("whoever may read sees through the views what there is, whole")
    func whole() throws {
        let realm = try realm()
        let store = realm.store
        let admin = realm.reading(of: try person("director"))
        let counts = try store.read { view in
            try view.scopes().map { scope in
                try Catalogue.schema.entities.map { entity in
                    try entity.isEvent
                        ? view.events(of: entity, in: scope).count
                        : view.records(of: entity, in: scope).count
                }.reduce(0, +)
            }.reduce(0, +)
        }
        let shown = try store.read(as: admin) { view in
            try view.scopes().map { scope in
                try Catalogue.schema.entities.map { entity in
                    try entity.isEvent
                        ? view.events(of: entity, in: scope).count
                        : view.records(of: entity, in: scope).count
                }.reduce(0, +)
            }.reduce(0, +)
        }
        #expect(counts > 500)
        // What others keep for themselves is theirs, also before a director.
        #expect(shown < counts)
        #expect(shown > counts * 17 / 20)
    }

    @Test("every table of a store is shown by a rule, and no other table is")
    func tables() throws {
        let realm = try realm()
        let names = try realm.store.reading { connection throws(StorageError) in
            try connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
                .all { $0.text(0) }
        }
        let tables = Set(names.filter { !$0.hasPrefix("sqlite_") })
        #expect(tables.subtracting(PolicyViews.tables.keys) == [])
        #expect(Set(PolicyViews.tables.keys).subtracting(tables) == [])
    }

    @Test("a pooled reader changes the person by one assignment, and keeps nothing of the other")
    func switching() throws {
        let realm = try realm()
        let director = realm.reading(of: try person("director"))
        let nobody = realm.reading(of: try person("no role"))
        for _ in 0..<3 {
            let all = try realm.store.read(as: director) { try $0.scopes().count }
            let none = try realm.store.read(as: nobody) { view in
                try view.scopes().reduce(0) { sum, scope in
                    try sum + view.records(of: Project.entity, in: scope).count
                        + view.records(of: Company.entity, in: scope).count
                }
            }
            #expect(all > 10)
            #expect(none == 0)
        }
    }

    @Test("P25, TV-059: a field of another class is left out of record, history, log and copy")
    func fields() throws {
        let realm = try realm()
        let (finance, sales) = (try person("finance"), try person("sales"))
        func limit(_ person: Realm.Person) throws -> (Int64?, Bool, Bool) {
            let key = Realm.Key(
                person: person.name,
                entity: Company.number,
                kind: .subject,
                target: .own
            )
            let place = try #require(realm.places[key])
            return try realm.store.read(as: realm.reading(of: person)) { view throws in
                let record = try #require(
                    try view.record(place.id, of: Company.entity, in: place.scope)
                )
                let history = try view.history(
                    of: place.id,
                    entity: Company.number,
                    in: place.scope
                )
                let columns = view.copiedTables().first { $0.name == "company" }?.columns ?? []
                return (
                    record.fields.integer(Company.creditLimit),
                    history.contains {
                        $0.operation.edits.contains { $0.field == Company.creditLimit }
                    },
                    columns.contains { $0.name == "credit_limit" }
                )
            }
        }
        #expect(try limit(finance) == (1, true, true))
        #expect(try limit(sales) == (nil, false, false))
    }
}

extension QueryAnswer.Cell {
    fileprivate var bytes: [UInt8] {
        switch self {
        case .text(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .null, .integer, .real: []
        }
    }
}
