import CRDT
import Domain
import Foundation
import Hub
import Identity
import Node
import SeededRandom
import Simulation
import Storage
import Testing
import Wire

/// A hub of a tenant that takes no name alone, and its administrator.
final class LoginDesk {
    let workshop: Workshop
    let hub: LocalNode
    private(set) var ticks: Int64 = 1_000
    private(set) var boot: UInt64 = 1
    static let pin = "724951"
    static let code = "BADGE-CANARY-0042"
    /// What an administrator sets.
    static let given = "FIRST-580316"

    init() throws {
        workshop = try Workshop(trustsLocal: false)
        hub = LocalNode(
            workshop.hub.store,
            wall: workshop.wall,
            chance: .seeded(7),
            secretCost: .least
        )
        let admin = try hub.read { try $0.user(named: "nguyen.van.a").fields.id(User.user) }
        try hub.bind(uid: 1, to: admin)
    }

    /// The administrator, known well enough.
    func admin() throws -> Actor {
        let user = try hub.actor(as: nil, by: caller(1)).user
        return Actor(user: user, method: .secretInLogin)
    }

    func caller(_ uid: UInt32 = 1_000, secrets: [String] = []) -> Caller {
        Caller(uid: uid, secrets: secrets) { _ in true }
    }

    /// A person with a role and a PIN.
    func add(_ name: String, _ role: String = "qa", pin: String? = LoginDesk.pin) throws {
        var draft = UserDraft()
        draft.username = name
        _ = try hub.addUser(draft, by: admin())
        try hub.grant(LocalNode.RoleGrant(role, to: name), by: admin())
        if let pin { try setPIN(pin, of: name) }
    }

    /// The first PIN is the administrator's; the person chooses the one they use.
    func setPIN(_ pin: String, of name: String) throws {
        try hub.setPIN(Self.given, of: name, by: admin())
        try hub.changePIN(from: Self.given, to: pin, of: hub.user(name).user)
    }
}

private func reason(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return CommandFault(error).reason
    }
}

@Suite("Logins")
struct LoginTests {
    private let desk: LoginDesk
    private var hub: LocalNode { desk.hub }

    init() throws {
        desk = try LoginDesk()
        try desk.add("do")
        try desk.add("ly")
    }

    @Test("TV-017: a login has a number and a method, which are in every change of it")
    func login() throws {
        defer { desk.workshop.clean() }
        let login = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        let actor = try hub.actor(as: nil, by: desk.caller())

        #expect(actor == Actor(user: login.user, login: login.number, method: .secretInLogin))
        let saved = try hub.act(actor) { _ in
            var draft = Draft()
            draft.add(Opening(of: .zero).operation(), in: .site(ID(high: 1, low: 1)))
            return draft
        }
        let written = try hub.read { view in
            try view.arrivals(in: saved.changes[0].scope, after: 0, upTo: .max)
        }
        #expect(written.last?.origin.method == .secretInLogin)
        #expect(written.last?.origin.login == login.number && login.number > 0)
        #expect(
            reason { _ = try hub.login("do", pin: "nonsense", by: desk.caller()) } == "wrong-secret"
        )
        #expect(
            reason { _ = try hub.login("nobody", pin: LoginDesk.pin, by: desk.caller()) }
                == "wrong-secret"
        )
        #expect(reason { _ = try hub.actor(as: "ly", by: desk.caller()) } == "not-bound")
    }

    @Test("TV-017: several people are logged in from one account, one of them acts")
    func switching() throws {
        defer { desk.workshop.clean() }
        let one = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        let two = try hub.login("ly", pin: LoginDesk.pin, by: desk.caller())

        #expect(one.number != two.number)
        #expect(try hub.actor(as: nil, by: desk.caller()).user == two.user)
        #expect(try hub.switchLogin(to: "do", by: desk.caller()) == one)
        #expect(try hub.actor(as: nil, by: desk.caller()).user == one.user)
        #expect(try hub.logins(of: desk.caller()).logins.count == 2)
        #expect(try hub.logins(of: desk.caller(2_000)).logins.isEmpty)
        #expect(reason { _ = try hub.actor(as: nil, by: desk.caller(2_000)) } == "nobody-named")
        try hub.lockLogins(of: desk.caller())
        #expect(reason { _ = try hub.actor(as: nil, by: desk.caller()) } == "locked")
        #expect(reason { _ = try hub.switchLogin(to: "ly", by: desk.caller()) } == "locked")
        #expect(try hub.login("ly", pin: LoginDesk.pin, by: desk.caller()).number == two.number)
        #expect(try hub.actor(as: nil, by: desk.caller()).user == two.user)
        try hub.logout(nil, by: desk.caller())
        #expect(reason { _ = try hub.switchLogin(to: "ly", by: desk.caller()) } == "not-logged-in")
        #expect(reason { _ = try hub.actor(as: nil, by: desk.caller()) } == "nobody-named")
    }

    @Test("TV-017: a login that lies idle for five minutes is locked, and use keeps it open")
    func idle() throws {
        defer { desk.workshop.clean() }
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        for _ in 0..<4 {
            desk.workshop.pass(milliseconds: 200_000)
            _ = try hub.actor(as: nil, by: desk.caller())
        }
        desk.workshop.pass(milliseconds: 300_000)
        #expect(reason { _ = try hub.actor(as: nil, by: desk.caller()) } == "locked")
        #expect(try hub.logins(of: desk.caller()).logins.first?.isLocked == true)
    }

    @Test("TV-020: the fifth wrong PIN locks a person out for a quarter of an hour, at this node")
    func lockout() throws {
        defer { desk.workshop.clean() }
        func attempt(_ pin: String, _ user: String = "do") -> String? {
            reason { _ = try hub.login(user, pin: pin, by: desk.caller()) }
        }

        for _ in 0..<4 { #expect(attempt("000111") == "wrong-secret") }
        #expect(attempt(LoginDesk.pin) == nil)
        for _ in 0..<5 { #expect(attempt("000111") == "wrong-secret") }
        #expect(attempt(LoginDesk.pin) == "locked-out")
        #expect(attempt(LoginDesk.pin, "ly") == nil)
        // The counter lies on disk: another process finds it.
        let again = LocalNode(hub.store, wall: desk.workshop.wall, chance: .seeded(9))
        #expect(
            reason { _ = try again.login("do", pin: LoginDesk.pin, by: desk.caller()) }
                == "locked-out"
        )
        desk.workshop.pass(milliseconds: 899_000)
        #expect(attempt(LoginDesk.pin) == "locked-out")
        desk.workshop.pass(milliseconds: 2_000)
        #expect(attempt(LoginDesk.pin) == nil)
    }

    @Test("TV-018: an act that needs a PIN takes one for itself alone, and no badge (DOM-31)")
    func strength() throws {
        defer { desk.workshop.clean() }
        try hub.setBadge(LoginDesk.code, of: "do", by: desk.admin())
        let login = try hub.login(badge: LoginDesk.code, by: desk.caller())
        let byBadge = try hub.actor(as: nil, by: desk.caller())
        #expect(byBadge.method == .badge && byBadge.user == login.user)
        #expect(throws: RuleFault.self) {
            try Act.measure.check(method: byBadge.method.rawValue, trustsLocal: false)
        }
        let once = try hub.actor(as: nil, by: desk.caller(secrets: [LoginDesk.pin]))
        #expect(once == Actor(user: login.user, login: login.number, method: .secretForAct))
        try Act.measure.check(method: once.method.rawValue, trustsLocal: false)
        #expect(try hub.actor(as: nil, by: desk.caller()).method == .badge)
        #expect(
            reason { _ = try hub.actor(as: "ly", by: desk.caller(secrets: ["111222"])) }
                == "wrong-secret"
        )
    }

    @Test(
        "P14: a badge is one person's for ever: nobody else gets it, not even once it is taken away"
    )
    func badges() throws {
        defer { desk.workshop.clean() }
        try hub.setBadge(LoginDesk.code, of: "do", by: desk.admin())
        #expect(reason { try hub.setBadge(LoginDesk.code, of: "ly", by: desk.admin()) } == "taken")
        #expect(reason { _ = try hub.login(badge: "another", by: desk.caller()) } == "wrong-secret")
        try hub.setBadge(nil, of: "do", by: desk.admin())
        #expect(
            reason { _ = try hub.login(badge: LoginDesk.code, by: desk.caller()) } == "wrong-secret"
        )
        #expect(reason { try hub.setBadge(LoginDesk.code, of: "ly", by: desk.admin()) } == "taken")
        try hub.setBadge(LoginDesk.code, of: "do", by: desk.admin())
        let login = try hub.login(badge: LoginDesk.code, by: desk.caller())
        #expect(try hub.user("do").user == login.user)
    }

    @Test("who is suspended is logged in nowhere, and cannot log in")
    func suspended() throws {
        defer { desk.workshop.clean() }
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        try hub.setStatus(.suspended, of: "do", by: desk.admin())
        #expect(reason { _ = try hub.actor(as: nil, by: desk.caller()) } == "nobody-named")
        #expect(
            reason { _ = try hub.actor(as: "do", by: desk.caller(secrets: [LoginDesk.pin])) }
                == "user-disabled"
        )
        #expect(
            reason { _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller()) }
                == "user-disabled"
        )
    }

    @Test("a PIN is six letters or more, and no run; only the hub's admin sets one")
    func pins() throws {
        defer { desk.workshop.clean() }
        for weak in ["", "12345", "123456", "654321", "777777", String(repeating: "ab", count: 65)]
        {
            #expect(reason { try hub.setPIN(weak, of: "do", by: desk.admin()) } != nil, "\(weak)")
        }
        let own = try hub.login("do", pin: LoginDesk.pin, by: desk.caller()).user
        let actor = Actor(user: own, method: .secretInLogin)
        #expect(reason { try hub.setPIN("998877", of: "ly", by: actor) } == "not-allowed")
        #expect(
            reason { try hub.changePIN(from: "000000", to: "135791", of: own) } == "wrong-secret"
        )
        try hub.changePIN(from: LoginDesk.pin, to: "135791", of: own)
        #expect(
            reason { _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller()) }
                == "wrong-secret"
        )
        _ = try hub.login("do", pin: "135791", by: desk.caller())
    }

    @Test("TV-019: no PIN, badge or verifier stands in the store's files, a backup or an export")
    func canaries() throws {
        defer { desk.workshop.clean() }
        try hub.setBadge(LoginDesk.code, of: "do", by: desk.admin())
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        _ = reason { _ = try hub.login("do", pin: "CANARY-WRONG", by: desk.caller()) }
        let backup = desk.workshop.folder + "/backup.sqlite"
        try hub.store.backup(to: backup)
        let canaries = [LoginDesk.pin, LoginDesk.code, "CANARY-WRONG"].map { Data($0.utf8) }
        let files = FileManager.default.enumerator(atPath: desk.workshop.folder)
        var looked = 0
        for case let path as String in files ?? .init() {
            guard let data = FileManager.default.contents(atPath: desk.workshop.folder + "/" + path)
            else { continue }
            looked += 1
            for canary in canaries { #expect(data.range(of: canary) == nil, "\(path)") }
        }
        #expect(looked > 3)
        let copy = try Data(contentsOf: URL(fileURLWithPath: backup))
        #expect(copy.range(of: Data("credential/".utf8)) == nil)
        #expect(copy.range(of: Data("lockout/".utf8)) == nil)
    }
}
