import CRDT
import Domain
import Foundation
import Identity
import Node
import Storage
import Testing
import Wire

private func reason(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return CommandFault(error).reason
    }
}

@Suite("What was tried")
struct LoginAttemptFactTests {
    private let desk: LoginDesk
    private var hub: LocalNode { desk.hub }

    init() throws {
        desk = try LoginDesk()
        try desk.add("do")
        try desk.add("ly", "production")
    }

    private func attempts(_ kind: LoginAttempt.Kind? = nil) throws -> [LoginAttempt] {
        try hub.loginAttempts().rows.map(\.attempt).filter {
            kind == nil || $0.content.kind == kind
        }
    }

    private func facts() throws -> [StoredEvent] {
        try hub.read { try $0.events(of: LoginAttempt.entity, in: LoginAttempt.hubScope) }
    }

    @Test("TV-049: who tried to log in is listed: user, success, reason, method, device, time")
    func listed() throws {
        defer { desk.workshop.clean() }
        _ = reason { _ = try hub.login("do", pin: "000111", by: desk.caller()) }
        _ = reason { _ = try hub.login("no.body", pin: "000111", by: desk.caller()) }
        desk.workshop.pass(milliseconds: 1_000)
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        try hub.logout(nil, by: desk.caller())
        let user = try hub.user("do").user
        let found = try attempts()

        #expect(found.count == 4)
        let right = found.first { $0.content.kind == .login && $0.content.isSuccess }
        #expect(right?.content.user == user && right?.content.method == 4)
        #expect(right?.content.account == 1_000)
        #expect(right?.first == Int64(Workshop.noon) + 1_000)
        let wrong = found.filter { !$0.content.isSuccess }
        #expect(wrong.allSatisfy { $0.content.reason == "wrong-secret" })
        #expect(Set(wrong.map(\.content.user)) == [user, nil])
        #expect(wrong.filter { $0.content.user == nil }.allSatisfy { $0.content.nameHash == nil })
        #expect(found.contains { $0.content.kind == .logout && $0.content.user == user })
        let rows = try hub.loginAttempts().rows
        #expect(rows.allSatisfy { $0.device == hub.store.device && !$0.isWaiting })
        var filter = LoginAttemptList.Filter()
        (filter.user, filter.failedOnly) = ("do", true)
        #expect(try hub.loginAttempts(filter).rows.count == 1)
        #expect(try facts().allSatisfy { $0.origin.method == .machine && $0.origin.user == .zero })
    }

    @Test("TV-049: a name that nobody has stands as a keyed hash, and a PIN nowhere (DOM-275)")
    func hashed() throws {
        defer { desk.workshop.clean() }
        // From the first badge on the tenant has its key.
        try hub.setBadge(LoginDesk.code, of: "do", by: desk.admin())
        for name in ["CANARY-NAME-9", "CANARY-NAME-9", "other"] {
            _ = reason { _ = try hub.login(name, pin: "CANARY-PIN-9", by: desk.caller()) }
        }
        let hashes = try attempts(.login).compactMap(\.content.nameHash)

        #expect(Set(hashes).count == 2 && hashes.allSatisfy { $0.count == 16 })
        let files = FileManager.default.enumerator(atPath: desk.workshop.folder)
        var looked = 0
        for case let path as String in files ?? .init() {
            guard let data = FileManager.default.contents(atPath: desk.workshop.folder + "/" + path)
            else { continue }
            looked += 1
            for canary in ["CANARY-NAME-9", "CANARY-PIN-9"] {
                #expect(data.range(of: Data(canary.utf8)) == nil, "\(path)")
            }
        }
        #expect(looked > 3)
    }

    @Test(
        "a guesser fills no store: what is alike is folded, and every attempt is counted (DOM-274)"
    )
    func bounded() throws {
        defer { desk.workshop.clean() }
        try hub.setBadge(LoginDesk.code, of: "do", by: desk.admin())
        let before = try facts().count
        for number in 0..<300 {
            desk.workshop.pass(milliseconds: 1_000)
            _ = reason { _ = try hub.login("guess-\(number)", pin: "000111", by: desk.caller()) }
        }
        for _ in 0..<40 {
            _ = reason { _ = try hub.login("do", pin: "000111", by: desk.caller()) }
        }
        let written = try facts().count - before
        let counted = try attempts().reduce(0) { $0 + $1.count }

        #expect(written < 150, "\(written)")
        // Three hundred names, forty of one person, and the lock-outs of both.
        let lockOuts = try attempts(.lockOut).reduce(0) { $0 + $1.count }
        #expect(counted == 340 + lockOuts && lockOuts >= 2)
        // When the hour is over what waited is written, and nothing is lost or told twice.
        desk.workshop.pass(milliseconds: AttemptTally.intervalMilliseconds)
        try hub.performDuties()
        #expect(try hub.loginAttempts().rows.allSatisfy { !$0.isWaiting })
        #expect(try attempts().reduce(0) { $0 + $1.count } == counted)
        // Another process finds what waits.
        #expect(try hub.store.localValues(prefix: "attempt/").isEmpty)
    }

    @Test("what waits survives a restart, and a clock that is set back loses none")
    func restart() throws {
        defer { desk.workshop.clean() }
        for _ in 0..<30 {
            _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        }
        let start = Workshop.noon
        let again = LocalNode(
            hub.store,
            wall: { start - 86_400_000 },
            chance: .seeded(9),
            secretCost: .least
        )
        _ = try again.login("do", pin: LoginDesk.pin, by: desk.caller())

        #expect(try attempts(.login).reduce(0) { $0 + $1.count } == 31)
        #expect(try hub.loginAttempts().rows.allSatisfy { !$0.isWaiting })
    }

    @Test("TV-049: a command that a rule of rights refuses is told with what was wanted")
    func refusals() throws {
        defer { desk.workshop.clean() }
        _ = try hub.login("ly", pin: LoginDesk.pin, by: desk.caller())
        let actor = try hub.actor(as: nil, by: desk.caller())
        var draft = UserDraft()
        draft.username = "intruder"
        for _ in 0..<3 {
            #expect(reason { _ = try hub.addUser(draft, by: actor) } == "not-allowed")
        }
        #expect(reason { try hub.setPIN("778899", of: "do", by: actor) } == "not-allowed")
        _ = reason { _ = try hub.actor(as: "do", by: desk.caller()) }
        let told = try attempts(.refusal)

        let acts = Dictionary(grouping: told.filter { $0.content.act != nil }) { $0.content.act }
        #expect(acts["user:manage"]?.reduce(0) { $0 + $1.count } == 3)
        #expect(acts["secret:set"]?.count == 1)
        #expect(acts.values.joined().allSatisfy { $0.content.user == actor.user })
        let claim = told.first { $0.content.reason == "not-bound" }
        #expect(try claim?.content.user == hub.user("do").user)
    }

    @Test("P17: wrong PINs lock a person out and are told at once; settings say how many (DOM-278)")
    func lockOut() throws {
        defer { desk.workshop.clean() }
        try hub.setLoginSettings([(.failuresMax, 10)], by: desk.admin())
        for _ in 0..<9 { _ = reason { _ = try hub.login("do", pin: "000111", by: desk.caller()) } }
        #expect(try attempts(.lockOut).isEmpty)
        _ = reason { _ = try hub.login("do", pin: "000111", by: desk.caller()) }

        let told = try #require(try attempts(.lockOut).first)
        #expect(try told.content.user == hub.user("do").user && told.count == 1)
        #expect(
            reason { _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller()) }
                == "locked-out"
        )
        #expect(reason { try hub.setLoginSettings([(.failuresMax, 0)], by: desk.admin()) } != nil)
        let ly = Actor(user: try hub.user("ly").user, method: .secretInLogin)
        #expect(
            reason { try hub.setLoginSettings([(.failuresMax, 100)], by: ly) } == "not-allowed"
        )
    }

    @Test("P17: badges that nobody has lock badges out at the node, and PINs go on (ID-30)")
    func badgeLockOut() throws {
        defer { desk.workshop.clean() }
        try hub.setBadge(LoginDesk.code, of: "do", by: desk.admin())
        func badge(_ code: String) -> String? {
            reason { _ = try hub.login(badge: code, by: desk.caller()) }
        }

        for number in 0..<4 { #expect(badge("wrong-\(number)") == "wrong-secret") }
        // A right badge in between clears nothing.
        #expect(badge(LoginDesk.code) == nil)
        #expect(badge("wrong-4") == "wrong-secret")
        #expect(badge(LoginDesk.code) == "locked-out")
        #expect(try attempts(.lockOut).first?.content.method == Wire.Method.badge.rawValue)
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        desk.workshop.pass(milliseconds: 901_000)
        #expect(badge(LoginDesk.code) == nil)
        // Wrong ones fade.
        for number in 0..<4 { #expect(badge("again-\(number)") == "wrong-secret") }
        desk.workshop.pass(milliseconds: 901_000)
        for number in 0..<4 { #expect(badge("later-\(number)") == "wrong-secret") }
        #expect(badge(LoginDesk.code) == nil)
    }

    @Test("who is suspended or disabled is logged out at once, from every account (DOM-277)")
    func ended() throws {
        defer { desk.workshop.clean() }
        for uid: UInt32 in [1_000, 1_001] {
            _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller(uid))
        }
        _ = try hub.login("ly", pin: LoginDesk.pin, by: desk.caller())
        try hub.setStatus(.disabled, of: "do", by: desk.admin())

        #expect(try hub.logins(of: desk.caller(1_001)).logins.isEmpty)
        let left = try hub.logins(of: desk.caller()).logins.map(\.user)
        #expect(try left == [hub.user("ly").user])
        let told = try attempts(.logout)
        #expect(told.map(\.content.reason) == ["user-disabled", "user-disabled"])
        try hub.setStatus(.active, of: "do", by: desk.admin())
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
    }

    @Test("P18: nothing is released without a person: the machine rules on no change")
    func release() throws {
        defer { desk.workshop.clean() }
        let saved = try hub.act(.machine) { _ in
            var draft = Draft()
            draft.add(Opening(of: .zero).operation(), in: .site(ID(high: 1, low: 1)))
            return draft
        }
        let change = "\(saved.changes[0].hash)"
        func rule(_ actor: Actor) -> String? {
            reason { _ = try hub.rule(.accepted, on: [change], reason: "seen", by: actor) }
        }

        #expect(rule(.machine) == "not-allowed")
        #expect(try rule(desk.admin()) == "not-allowed")
        let asserted = Actor(user: try hub.user("do").user, method: .asserted)
        #expect(rule(asserted) == "not-allowed")
        try desk.add("boss", "management")
        let boss = Actor(user: try hub.user("boss").user, method: .secretInLogin)
        #expect(rule(boss) == nil)
        let weak = Actor(user: boss.user, method: .account)
        #expect(rule(weak) == "method-too-weak")
    }

    @Test("P7: once PINs are in use whoever runs the machine takes in no records (DOM-271)")
    func machine() throws {
        defer { desk.workshop.clean() }
        let folder = "\(Sources.top)/fixtures/factory-pulse"

        #expect(reason { _ = try hub.importFolder(folder, by: .machine) } == "not-allowed")
        let ly = Actor(user: try hub.user("ly").user, method: .secretInLogin)
        #expect(reason { _ = try hub.importFolder(folder, by: ly) } == "not-allowed")
        #expect(reason { _ = try hub.importFolder(folder, by: desk.admin()) } == nil)
    }

    @Test("P14: neither an id nor a name of a person is given to another, also once they are gone")
    func neverReassigned() throws {
        defer { desk.workshop.clean() }
        func add(_ name: String, _ node: LocalNode) -> String? {
            var draft = UserDraft()
            draft.username = name
            return reason { _ = try node.addUser(draft, by: desk.admin()) }
        }
        func again() -> LocalNode {
            LocalNode(hub.store, wall: desk.workshop.wall, chance: .seeded(77), secretCost: .least)
        }
        #expect(add("first", again()) == nil)
        // The same chance gives the same id.
        #expect(add("second", again()) == "taken")
        var edit = UserDraft()
        edit.username = "first.renamed"
        try hub.editUser("first", edit, by: desk.admin())
        try hub.setStatus(.disabled, of: "first.renamed", by: desk.admin())
        #expect(add("first", hub) == "taken")
        #expect(add("First.Renamed", hub) == "taken")
        #expect(add("third", hub) == nil)
    }
}

@Suite("What was tried at stations", .serialized)
struct StationAttemptTests {
    @Test("TV-049: what is refused at a station is listed at the hub after they meet (DOM-273)")
    func hub() throws {
        let firm = try Firm()
        let worker = try firm.st1.actor("do.thi.j")
        #expect(throws: RuleFault.self) {
            _ = try firm.st1.node.create(NewProject("Mine"), by: worker)
        }
        try firm.meetAll()

        let here = try firm.st1.node.loginAttempts().rows
        let there = try firm.hub.node.loginAttempts().rows
        #expect(!here.isEmpty && here.map(\.attempt) == there.map(\.attempt))
        #expect(there.allSatisfy { $0.device == firm.st1.node.store.device })
        #expect(try firm.differences().isEmpty)
    }

    @Test("P24: a key claimed at a station is certified by the hub, once, and by no forged claim")
    func claimed() throws {
        let firm = try Firm()
        let user = try firm.st1.actor("do.thi.j").user
        let actor = Actor(user: user, method: .secretInLogin)
        let key = try firm.st1.node.newPersonalKey(passphrase: "correct horse 42", by: actor)
        #expect(try firm.st1.node.personalKeys(of: "do.thi.j").map(\.state) == ["asked-for"])
        // Somebody else asks for the same key, and for a key whose claim another key signed.
        let thief = try firm.st2.actor("ly.van.k").user
        let other = try #require(SigningKey(seed: [UInt8](repeating: 3, count: 32)))
        let stolen = PersonalKeyClaim(
            tenant: firm.hub.node.store.tenant,
            user: thief,
            device: firm.st2.node.store.device,
            key: try #require(VerifyingKey(key))
        )
        let scope = Scope.site(firm.st2.node.site)
        _ = try firm.st2.node.act(Actor(user: thief, method: .secretInLogin)) { _ in
            var step = CredentialStep(.keyClaimed, of: thief)
            step.claim = Signed(signing: stolen, with: other).encoded
            var draft = Draft()
            draft.add(step.operation(), in: scope)
            return draft
        }
        try firm.meetAll()
        let duties = try firm.hub.node.performDuties()
        #expect(duties.keys == 1)
        #expect(try firm.hub.node.performDuties().keys == 0)
        try firm.meetAll()

        let keys = try firm.st2.node.personalKeys()
        #expect(keys.map(\.user) == ["do.thi.j"] && keys.map(\.state) == ["certified"])
        try firm.st1.node.endPersonalKey(
            String(keys[0].key.prefix(8)),
            reason: "no longer used",
            by: actor
        )
        try firm.meetAll()
        #expect(try firm.hub.node.performDuties().keys == 1)
        #expect(try firm.hub.node.personalKeys().map(\.state) == ["ended"])
    }
}
