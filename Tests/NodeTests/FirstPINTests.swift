import CRDT
import Domain
import Node
import Storage
import Testing
import Wire

/// How a tenant that trusts no names comes to its first PIN, and accounts to their people.
@Suite("The first PIN")
struct FirstPINTests {
    private let desk: LoginDesk
    private let bound: Actor
    private var hub: LocalNode { desk.hub }

    init() throws {
        desk = try LoginDesk()
        bound = try desk.hub.actor(as: nil, by: desk.caller(1))
    }

    private func reason(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return CommandFault(error).reason
        }
    }

    @Test("an administrator sets the first one, their own, from a bound account; others need it")
    func first() throws {
        defer { desk.workshop.clean() }
        try desk.add("do", pin: nil)
        #expect(bound.method == .account)
        #expect(reason { try hub.setPIN(LoginDesk.pin, of: "do", by: bound) } == "method-too-weak")

        try hub.setPIN(LoginDesk.pin, of: "nguyen.van.a", by: bound)

        #expect(reason { try hub.setPIN("975310", of: "nguyen.van.a", by: bound) } != nil)
        #expect(reason { try hub.setPIN(LoginDesk.pin, of: "do", by: bound) } != nil)
        let login = try hub.login("nguyen.van.a", pin: LoginDesk.pin, by: desk.caller(2))
        let admin = Actor(user: login.user, method: .secretInLogin)
        try hub.setPIN("135791", of: "do", by: admin)
        #expect(
            reason { _ = try hub.login("do", pin: "135791", by: desk.caller(3)) }
                == "pin-change-needed"
        )
        try hub.changePIN(from: "135791", to: "864209", of: hub.user("do").user)
        #expect(try hub.login("do", pin: "864209", by: desk.caller(3)).user != login.user)
    }

    @Test("whoever is no administrator sets no first PIN either")
    func notAnAdmin() throws {
        defer { desk.workshop.clean() }
        try desk.add("do", pin: nil)
        let user = try #require(try hub.read { try $0.user(named: "do").fields.id(User.user) })
        try hub.bind(uid: 9, to: user)
        let actor = try hub.actor(as: nil, by: desk.caller(9))

        #expect(reason { try hub.setPIN(LoginDesk.pin, of: "do", by: actor) } == "not-allowed")
    }

    @Test("where PINs are in use an account is bound by the PIN of the person, and not without")
    func proved() throws {
        defer { desk.workshop.clean() }
        try hub.bind(uid: 4, to: bound.user, proving: nil)
        try desk.add("do")

        #expect(
            reason { try hub.bind(uid: 5, to: bound.user, proving: nil) } == "secret-needed"
        )
        let user = try #require(try hub.read { try $0.user(named: "do").fields.id(User.user) })
        #expect(reason { try hub.bind(uid: 5, to: user, proving: "000000") } == "wrong-secret")
        #expect(try hub.user(boundTo: 5) == nil)
        try hub.bind(uid: 5, to: user, proving: LoginDesk.pin)
        #expect(try hub.user(boundTo: 5) == user)
    }
}
