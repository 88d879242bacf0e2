import CRDT
import Domain
import Foundation
import Node
import Storage
import Testing
import Wire

@Suite("Import")
struct ImportTests {
    private static let sample =
        URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/factory-pulse").path

    @Test("importing again changes nothing")
    func importIsIdempotent() throws {
        let workshop = try Workshop()
        defer { workshop.clean() }

        let first = try workshop.hub.importFolder(Self.sample, by: .machine)
        let digests = try workshop.hub.store.digests().map(\.hash)
        let again = try workshop.hub.importFolder(Self.sample, by: .machine)

        #expect(first.reduce(0) { $0 + $1.count } > 80)
        #expect(again.isEmpty)
        #expect(try workshop.hub.store.digests().map(\.hash) == digests)
    }

    @Test("a site and a person that the founder made are the ones that the files mean")
    func foundersRecordsAreMeant() throws {
        let workshop = try Workshop()
        defer { workshop.clean() }
        _ = try workshop.hub.importFolder(Self.sample, by: .machine)

        let (sites, people, memberships) = try workshop.hub.read { view in
            (
                try view.records(of: Site.entity, in: .tenant),
                try view.records(of: User.entity, in: .tenant),
                try view.records(of: Membership.entity, in: .tenant)
            )
        }

        #expect(sites.compactMap { $0.fields.text(Site.code) }.sorted() == ["HAN", "HCM"])
        let founder = people.filter { $0.fields.text(User.username) == "nguyen.van.a" }
        #expect(founder.count == 1)
        let roles = memberships.filter {
            $0.fields.id(Membership.user) == founder.first?.fields.id(User.user)
        }
        #expect(
            Set(roles.compactMap { $0.fields.text(Membership.role) }) == ["admin", "management"]
        )
    }

    @Test("a folder without a file of ours, and a file that is no JSON, are named")
    func badFoldersAreNamed() throws {
        let workshop = try Workshop()
        defer { workshop.clean() }
        let empty = #expect(throws: CommandFault.self) {
            try workshop.hub.importFolder(workshop.folder, by: .machine)
        }
        try Data("{".utf8).write(to: URL(fileURLWithPath: workshop.folder + "/company.json"))
        let broken = #expect(throws: CommandFault.self) {
            try workshop.hub.importFolder(workshop.folder, by: .machine)
        }

        #expect(empty?.code == .notFound)
        #expect(broken?.code == .badInput)
        #expect(broken?.message.contains("company.json") == true)
    }
}

@Suite("Who acts")
struct ActorTests {
    @Test("a bound account acts for its user; a name alone only where stations are trusted")
    func methods() throws {
        for trusts in [true, false] {
            let workshop = try Workshop(trustsLocal: trusts)
            defer { workshop.clean() }
            let hub = workshop.hub
            let named = try? hub.actor(as: "nguyen.van.a", by: .tester)
            let user = try hub.read { try $0.user(named: "nguyen.van.a").fields.id(User.user) }

            try hub.bind(uid: Caller.tester.uid, to: user)

            #expect(named?.method == (trusts ? .asserted : nil))
            #expect(try hub.actor(as: nil, by: .tester).method == .account)
            #expect(try hub.actor(as: "NGUYEN.VAN.A", by: .tester).user == user)
        }
    }

    @Test("nobody acts as a person who is not known, or without saying as whom")
    func unknownPeople() throws {
        let workshop = try Workshop()
        defer { workshop.clean() }

        let unknown = #expect(throws: CommandFault.self) {
            try workshop.hub.actor(as: "nobody", by: .tester)
        }
        let unnamed = #expect(throws: CommandFault.self) {
            try workshop.hub.actor(as: nil, by: .tester)
        }

        #expect(unknown?.code == .notFound)
        #expect(unnamed?.code == .notPermitted)
    }
}
