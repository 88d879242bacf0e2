import CRDT
import Domain
import Foundation
import SeededRandom
import Simulation
@testable import Storage
import Testing
import Wire

/// Searching what a store holds, and what it costs to be found.
@Suite("Search")
struct SearchTests {
    private static let scope = Scope.subject(World.subjectP)
    private static let number: UInt32 = 1_301

    /// A kind as TV-170 has it: name, description and number.
    private static let part = Entity(
        number,
        "part",
        in: [.subject],
        form: .entity(key: []),
        fields: [
            Field(1, "name", .text), Field(2, "description", .text), Field(3, "number", .text),
        ],
        searched: [Searched(1, .name), Searched(2, .description), Searched(3, .number)]
    )
    private static let plain = Entity(
        1_302,
        "plain",
        in: [.subject],
        form: .entity(key: []),
        fields: [Field(1, "name", .text)]
    )
    private static let schema = Schema(
        version: 1,
        entities: [part, plain, Opening.entity, Opened.entity]
    )

    private func station() throws -> SimulatedNode {
        try SimulatedNode(
            "search",
            .station,
            site: World.siteA,
            kit: try TenantKit(),
            seed: 1,
            schema: Self.schema
        )
    }

    private func creation(_ texts: [String?], of entity: Entity = Self.part) -> CRDT.Operation {
        let edits = texts.enumerated().compactMap { index, text in
            text.map { FieldEdit(UInt32(index) + 1, .write(.text($0), replacing: [])) }
        }
        return Operation(entity.number, .new, edits: edits)
    }

    @discardableResult
    private func write(_ operation: CRDT.Operation, at store: Store) throws -> ID {
        let saved = try store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
            var draft = Draft()
            draft.add(operation, in: Self.scope)
            return draft
        }
        return ID(createdAt: saved.stamp, index: 0)
    }

    private func found(_ typed: String, at store: Store) throws -> [ID] {
        try store.read { try $0.search(SearchTerms(typed), limit: 100) }.map(\.id)
    }

    @Test("TV-170: a word in a name is found before one in a description, that before a number")
    func weights() throws {
        let node = try station()
        let store = node.store
        let number = try write(creation(["Pump", "for water", "VALVE-7"]), at: store)
        let description = try write(creation(["Pump", "with a valve", "P-1"]), at: store)
        let name = try write(creation(["Valve", "for water", "P-2"]), at: store)
        _ = try write(creation(["Seal", "rubber", "S-1"]), at: store)

        #expect(try found("valve", at: store) == [name, description, number])
        #expect(try found("VALV", at: store) == [name, description, number])
        #expect(try found("valve water", at: store) == [name, number])
        #expect(try store.read { try $0.search(SearchTerms("k1301"), limit: 9) }.isEmpty)
    }

    @Test("an edit changes what is found, a deletion ends it, and the index stays whole")
    func edits() throws {
        let node = try station()
        let store = node.store
        let id = try write(creation(["Động cơ", "検査結果", "１２．５"]), at: store)
        for typed in ["dong", "検査", "12,5"] { #expect(try found(typed, at: store) == [id]) }

        for (field, value) in [(1, Value.text("Bơm")), (0, .bool(true)), (0, .bool(false))] {
            let field = UInt32(field)
            let record = try #require(
                try store.read { try $0.record(id, of: Self.part, in: Self.scope) }
            )
            let edit = FieldEdit(field, .write(value, replacing: record.names(field)))
            try write(Operation(Self.number, .existing(id), edits: [edit]), at: store)
            let isShown = value != .bool(true)
            #expect(try found("dong", at: store) == [])
            #expect(try found("bom", at: store) == (isShown ? [id] : []))
            #expect(try found("検査", at: store) == (isShown ? [id] : []))
            #expect(try store.verify { _ in }.faults == [])
            try check(store)
        }
    }

    /// SQLite's own check of the index against what it was told.
    private func check(_ store: Store) throws {
        try store.writing { writer throws(StorageError) in
            try writer.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        }
    }

    @Test("no text that a person types is an error of the index")
    func anything() throws {
        let node = try station()
        let store = node.store
        for index in 0..<40 {
            try write(creation(["part \(index)", "NEAR(\"a\" b)*", "k1301 名\(index)"]), at: store)
        }
        let typed = [
            "\"", "\"\"\"", "a\"b", "NEAR(a b, 2)", "a AND", "OR", "NOT a", "name:part", "^part",
            "par*", "*", "a + b", "{name} : a", "-a", "(", ")", "'", ";--", "\u{0}a", "\\", "名",
            "code : k1301", "a\u{0301}\u{0302}", String(repeating: "a b ", count: 5_000),
            String(repeating: "名", count: 5_000), String(repeating: "\"", count: 999),
        ]
        for text in typed { _ = try found(text, at: store) }
        #expect(try found("near", at: store).count == 40)
        #expect(try found("part 7", at: store).count == 1)
        var random = SplitMix64(seed: 5)
        let signs = Array("ab7\"'*():^+-{}.,;\\ \u{0}\u{1}名がﾞé\u{301}NEAROD😀")
        for _ in 0..<1_500 {
            let text = String((0..<random.below(14)).map { _ in signs[random.below(signs.count)] })
            #expect(throws: Never.self, "\(text.debugDescription)") {
                _ = try found(text, at: store)
            }
        }
    }

    @Test("a kind that declares nothing costs no statement more, one that does at most eight")
    func costs() throws {
        let node = try station()
        let store = node.store
        func statements(_ operation: CRDT.Operation) throws -> Int {
            let first = try store.costs().statements
            let second = try store.costs().statements
            try write(operation, at: store)
            return try store.costs().statements - second - (second - first)
        }
        _ = try statements(creation(["first"], of: Self.plain))
        let plain = try statements(creation(["second"], of: Self.plain))
        let searched = try statements(creation(["Pump", "for water", "P-1"]))

        #expect(plain > 2 && plain <= 13, "\(plain)")
        #expect(searched - plain <= 3, "\(searched) for \(plain)")
        try store.reading { connection throws(StorageError) in
            let rows = try connection.prepare("SELECT count(*) FROM keyed").first { $0.integer(0) }
            let words = try connection.prepare("SELECT count(*) FROM searchable")
                .first { $0.integer(0) }
            #expect(rows == 0 && words == 1)
        }
    }
}
