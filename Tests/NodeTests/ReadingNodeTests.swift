import CRDT
import Domain
import Node
import Storage
import Testing
import Wire

/// A node as people see it: lists, details, search, export, counts, errors, writes and SQL.
@Suite("Reading for a person")
struct ReadingNodeTests {
    private let firm: Firm

    init() throws { firm = try Firm(seed: 41) }

    /// The hub as a person sees it.
    private func hub(as user: String) throws -> LocalNode {
        firm.hub.node.asSeen(by: try firm.hub.actor(user).user)
    }

    /// A customer whom the administrator entered.
    private func customer(_ name: String) throws -> ID {
        try firm.hub.node.addCompany(
            ["name": .text(name), "kinds": ["customer"]],
            by: firm.hub.actor("nguyen.van.a")
        )
    }

    private func fault(_ body: () throws -> Void) -> CommandFault? {
        do {
            try body()
            return nil
        } catch {
            return CommandFault(error)
        }
    }

    @Test("FP-008, FP-009: what is not yours and what is not there are the same, byte for byte")
    func sameBytes() throws {
        let id = try customer("Hidden Works")
        let seller = try hub(as: "vu.thi.f")
        for (there, nowhere) in [
            ("Hidden Works", "Absent Works"), ("\(id)", "\(ID(high: 0x99, low: 1))"),
        ] {
            let one = fault { _ = try seller.company(there) }
            let other = fault { _ = try seller.company(nowhere) }
            #expect(one != nil)
            #expect(one?.code == other?.code)
            #expect(
                one?.json.text.replacing(there, with: "X")
                    == other?.json.text
                    .replacing(nowhere, with: "X")
            )
        }
        #expect(try seller.search(SearchRequest("hidden")).hits.isEmpty)
        #expect(try seller.export(.companies).rows.isEmpty)
        #expect(try hub(as: "nguyen.van.a").search(SearchRequest("hidden")).hits.count == 1)
    }

    @Test("FP-005: what a person may not read they cannot write either, nor learn of by trying")
    func writes() throws {
        let id = try customer("Hidden Works")
        let before = firm.hub.node.store.position
        let seller = try firm.hub.actor("vu.thi.f")
        let node = try hub(as: "vu.thi.f")
        let one = fault { try node.editCompany("\(id)", ["notes": "mine"], by: seller) }
        let absent = ID(high: 0x99, low: 1)
        let other = fault { try node.editCompany("\(absent)", ["notes": "mine"], by: seller) }
        // Whatever a command found before, the action itself finds nothing.
        #expect(
            fault { try firm.hub.node.editCompany("\(id)", ["notes": "mine"], by: seller) } != nil
        )
        #expect(one?.code == .notFound)
        #expect(
            one?.json.text.replacing("\(id)", with: "X")
                == other?.json.text.replacing("\(absent)", with: "X")
        )
        #expect(firm.hub.node.store.position == before)
    }

    @Test("C-79: a role that ends in the middle ends what is read, and one that comes opens it")
    func midSession() throws {
        _ = try customer("Hidden Works")
        let node = try hub(as: "vu.thi.f")
        #expect(try node.export(.companies).rows.isEmpty)
        func put(_ isActive: Bool) throws {
            let tenant = firm.hub.node.store.tenant
            _ = try firm.hub.node.act(.machine) { acting in
                var values = FieldValues()
                values.set(RolePermission.role, "@member")
                values.set(RolePermission.permission, "customers:read_all")
                values.set(RolePermission.isActive, isActive)
                let operation = Operation(
                    creating: RolePermission.entity,
                    values,
                    in: .tenant,
                    tenant: tenant
                )
                var draft = Draft()
                guard case .natural(let id) = operation.target,
                    let held = try acting.view.record(id, of: RolePermission.entity, in: .tenant)
                else {
                    draft.add(operation, in: .tenant)
                    return draft
                }
                let edit = FieldEdit(
                    RolePermission.isActive,
                    .write(.bool(isActive), replacing: held.names(RolePermission.isActive))
                )
                draft.add(
                    Operation(RolePermission.number, .existing(id), edits: [edit]),
                    in: .tenant
                )
                return draft
            }
        }
        try put(true)
        #expect(try node.export(.companies).rows.count == 1)
        try put(false)
        #expect(try node.export(.companies).rows.isEmpty)
    }

    @Test("a list, a project, an inbox and a timeline are those of before, for who may read all")
    func everything() throws {
        _ = try customer("Acme")
        let director = try hub(as: "nguyen.van.a")
        let whole = firm.hub.node
        #expect(
            try director.projects(ProjectQuery()).rows.map(\.text)
                == whole.projects(ProjectQuery()).rows.map(\.text)
        )
        #expect(
            try director.progress(of: Firm.project).json.text
                == whole.progress(of: Firm.project).json.text
        )
        #expect(
            try director.search(SearchRequest("widget")).json.text
                == whole.search(SearchRequest("widget")).json.text
        )
        let actor = try firm.hub.actor("nguyen.van.a")
        #expect(try director.inbox(of: actor).items.count == whole.inbox(of: actor).items.count)
        #expect(
            try director.timeline(TimelineRequest()).json.text
                == whole.timeline(TimelineRequest()).json.text
        )
    }

    @Test("SQL of a person sees their rows and columns, is one statement, and says why not")
    func query() throws {
        _ = try customer("Hidden Works")
        let node = firm.hub.node
        let (chief, seller) = (
            try firm.hub.actor("nguyen.van.a").user, try firm.hub.actor("vu.thi.f").user
        )
        let text = "SELECT name, kinds FROM company ORDER BY name"
        #expect(
            try node.query(text, by: chief).json.text
                == #"{"columns":["name","kinds"],"rows":[["Hidden Works","[\"customer\"]"]]}"#
        )
        #expect(try node.query(text, by: seller).answer.rows.isEmpty)
        #expect(try node.query("SELECT count(*) FROM user;", by: seller).answer.rows.count == 1)
        let faults: [(String, QueryFault.Code)] = [
            ("", .notOneStatement), ("SELECT 1; SELECT 2", .notOneStatement),
            ("SELECT credit_limit FROM company", .notUnderstood),
            ("SELECT never FROM company", .notUnderstood), ("SELECT * FROM never", .notUnderstood),
            ("DELETE FROM company", .notReadOnly), ("EXPLAIN SELECT 1", .notReadOnly),
            ("SELECT * FROM sqlite_master", .forbiddenWord),
            (String(repeating: " ", count: 20_001), .tooLong),
            (
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
                .tooMuch
            ),
        ]
        for (text, code) in faults {
            let fault = #expect(throws: QueryFault.self) { try node.query(text, by: seller) }
            #expect(fault?.code == code, "\(text.prefix(60))")
        }
    }

    @Test("a statement of a person is stopped by steps and by memory, and says so")
    func limits() throws {
        let user = try firm.hub.actor("nguyen.van.a").user
        var limits = PrivateCopy.Limits()
        limits.steps = 100_000
        let endless =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let slow = #expect(throws: QueryFault.self) {
            try firm.hub.node.query(endless, by: user, limits)
        }
        #expect(slow?.code == .tooSlow)
        limits = PrivateCopy.Limits()
        limits.memoryBytes = 8 << 20
        let greedy =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            + "SELECT i, replace(hex(i), '3', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy') AS s "
            + "FROM n ORDER BY s"
        let large = #expect(throws: QueryFault.self) {
            try firm.hub.node.query(greedy, by: user, limits)
        }
        #expect(large?.code == .tooMuchMemory)
    }
}
