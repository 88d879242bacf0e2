import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing
import Wire

/// Messages from one site to somebody of another (DOM-292).
@Suite("Letters between sites")
struct LetterTests {
    private let firm: Firm

    /// Ngo Van I holds a role in HAN alone.
    init() throws {
        firm = try Firm()
        let user = try firm.hub.actor("ngo.van.i").user
        let han = firm.st3.node.site
        _ = try firm.hub.node.act(.machine) { acting in
            var draft = Draft()
            for record in try acting.view.records(of: Membership.entity, in: .tenant)
            where record.fields.id(Membership.user) == user {
                let edit = FieldEdit(
                    Membership.sites,
                    .add(.id(han), replacing: [])
                )
                draft.add(
                    Operation(Membership.number, .existing(record.id), edits: [edit]),
                    in: .tenant
                )
            }
            return draft
        }
        try firm.meetAll()
        firm.at("08:00")
    }

    private func contents(_ station: Station, _ user: String) throws -> [String] {
        try station.node.messages(of: station.actor(user)).map(\.message.content)
    }

    @Test("DOM-292: it reaches the other site by way of the hub, and the answer comes back")
    func letter() throws {
        var request = MessageRequest("is the jig with you?")
        request.recipient = "ngo.van.i"
        try firm.st1.node.send(request, by: firm.st1.actor("do.thi.j"))
        try firm.meet(firm.st1, firm.hub)
        #expect(try firm.hub.node.performDuties().opened == 1)
        #expect(try firm.hub.node.performDuties().opened == 0)
        try firm.meetAll()

        #expect(try contents(firm.st3, "ngo.van.i") == ["is the jig with you?"])
        #expect(try contents(firm.st2, "do.thi.j") == ["is the jig with you?"], "its sender")
        #expect(try contents(firm.st2, "ly.van.k") == [], "it is for one person")
        let inbox = try firm.st3.node.inbox(of: firm.st3.actor("ngo.van.i"))
        #expect(inbox.unread[.message] == 1)

        firm.pass(seconds: 60)
        let shown = try firm.st3.node.messages(of: firm.st3.actor("ngo.van.i"))
        var answer = MessageRequest("yes, on shelf 4")
        answer.replyTo = shown.first.map { "\($0.id)" }
        try firm.st3.node.send(answer, by: firm.st3.actor("ngo.van.i"))
        try firm.meetAll()
        #expect(
            try contents(firm.st1, "do.thi.j") == ["yes, on shelf 4", "is the jig with you?"]
        )
        #expect(try firm.differences() == [] && firm.faults() == [])
        #expect(try firm.hub.node.judgeArrivals() == 0)
    }

    @Test("DOM-292: both sites write first, without a link: it is one scope, and both arrive")
    func bothFirst() throws {
        var one = MessageRequest("from HCM")
        one.recipient = "ngo.van.i"
        try firm.st1.node.send(one, by: firm.st1.actor("do.thi.j"))
        var second = MessageRequest("from HCM again")
        (second.recipient, second.site) = ("ngo.van.i", "HAN")
        try firm.st2.node.send(second, by: firm.st2.actor("do.thi.j"))
        try firm.meetAll()
        #expect(try firm.hub.node.performDuties().opened == 1)
        try firm.meetAll()
        #expect(try contents(firm.st3, "ngo.van.i").sorted() == ["from HCM", "from HCM again"])
        let scopes = try firm.st3.node.read { view in
            try view.scopes(.subject).filter {
                try !view.events(of: Message.entity, in: $0).isEmpty
            }
        }
        #expect(scopes.count == 1)
    }

    @Test("DOM-292: a hub opens nothing else at a site because a station says so")
    func forged() throws {
        let subject = Scope.subject(ID(high: 1, low: 2))
        let (own, other) = (firm.st1.node.site, firm.st3.node.site)
        _ = try firm.st1.node.act(firm.st1.actor("do.thi.j")) { _ in
            var draft = Draft()
            draft.add(Opening(of: subject.key).operation(), in: .site(own))
            draft.add(Opened(at: own).operation(), in: subject)
            draft.add(Opened(at: other).operation(), in: subject)
            return draft
        }
        try firm.meet(firm.st1, firm.hub)
        #expect(try firm.hub.node.performDuties().opened == 0)
    }
}
