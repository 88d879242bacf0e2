import CRDT
import Domain
import Foundation
import Hub
import Node
import Storage
import Sync
import Testing
import Transports
import Wire

@Suite("Handing over PINs", .serialized)
struct HandOverTests {
    private static let pin = "724951"

    /// People of two sites with PINs, at a hub that stations reach.
    private func workshop() throws -> (Workshop, Actor) {
        let workshop = try Workshop()
        let hub = workshop.hub
        let admin = try hub.actor(as: "nguyen.van.a", by: .tester)
        let tenant = hub.store.tenant
        _ = try hub.act(.machine) { _ in
            var values = FieldValues()
            values.set(Site.site, ID(high: 9, low: 9))
            values.set(Site.code, "HAN")
            var draft = Draft()
            draft.add(
                Operation(creating: Site.entity, values, in: .tenant, tenant: tenant),
                in: .tenant
            )
            return draft
        }
        for (name, site) in [("do", "HCM"), ("han", "HAN")] {
            var draft = UserDraft()
            draft.username = name
            _ = try hub.addUser(draft, by: admin)
            var grant = LocalNode.RoleGrant("qa", to: name)
            grant.sites = [site]
            try hub.grant(grant, by: admin)
            try hub.setPIN("FIRST-5803", of: name, by: admin)
            try hub.changePIN(from: "FIRST-5803", to: Self.pin, of: hub.user(name).user)
        }
        return (workshop, admin)
    }

    private func fetch(_ node: LocalNode, _ address: String) async throws -> Bool {
        try await Replication(of: node, software: "test") { _ in }.fetchCredentials(from: address)
    }

    @Test("TV-007: a PIN set at the hub works at the stations of the person's sites, and no other")
    func handed() async throws {
        let (workshop, admin) = try workshop()
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let station = try await workshop.device("ST-1", .station, at: address, seed: 3)
            #expect(
                refusal { try station.login("do", pin: Self.pin, by: .tester) }
                    == "offline-too-long"
            )
            #expect(try await fetch(station, address))
            let login = try station.login("do", pin: Self.pin, by: .tester)
            #expect(try station.actor(as: nil, by: .tester).login == login.number)
            #expect(
                refusal { try station.login("han", pin: Self.pin, by: .tester) } == "wrong-secret"
            )
            try workshop.hub.setBadge("BADGE-1", of: "do", by: admin)
            #expect(try await fetch(station, address))
            #expect(try station.login(badge: "BADGE-1", by: .tester).method == .badge)
            try workshop.hub.endRole("qa", of: "do", by: admin)
            #expect(try await fetch(station, address))
            #expect(
                refusal { try station.login("do", pin: Self.pin, by: .tester) } == "wrong-secret"
            )
            #expect(refusal { try station.login(badge: "BADGE-1", by: .tester) } == "wrong-secret")
        }
    }

    @Test("a PIN changed at a station is the hub's after they meet; who is offline too long waits")
    func changed() async throws {
        let (workshop, _) = try workshop()
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let station = try await workshop.device("ST-1", .station, at: address, seed: 3)
            _ = try await fetch(station, address)
            let user = try station.user("do").user
            workshop.pass(milliseconds: 1_000)
            try station.changePIN(from: Self.pin, to: "135791", of: user)
            _ = try station.login("do", pin: "135791", by: .tester)
            #expect(
                refusal { try workshop.hub.login("do", pin: "135791", by: .tester) }
                    == "wrong-secret"
            )
            #expect(try await fetch(station, address))
            _ = try workshop.hub.login("do", pin: "135791", by: .tester)
            #expect(try await fetch(station, address))
            _ = try station.login("do", pin: "135791", by: .tester)
            workshop.pass(days: 29)
            _ = try station.login("do", pin: "135791", by: .tester)
            workshop.pass(days: 2)
            #expect(
                refusal { try station.login("do", pin: "135791", by: .tester) }
                    == "offline-too-long"
            )
        }
    }

    @Test("a request that the hub cannot read gets no answer, and the session goes on (TCP-10)")
    func unreadable() async throws {
        let (workshop, _) = try workshop()
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let station = try await workshop.device("ST-1", .station, at: address, seed: 3)
            let replication = try Replication(of: station, software: "test") { _ in }
            for request: [UInt8] in [[0x48], [0x48, 9], [0x48, 1, 0xff], [0x48, 1, 1, 2, 3]] {
                let channel = try await replication.connect(to: address)
                try await channel.send(request)
                let ending = await replication.converse(over: channel, endsWhenEqual: true)
                #expect(ending?.code == .done, "\(request)")
                await channel.close()
            }
        }
    }

    @Test("no node but a hub answers, and a station keeps nothing readable of what it was told")
    func sealed() async throws {
        let (workshop, _) = try workshop()
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let station = try await workshop.device("ST-1", .station, at: address, seed: 3)
            _ = try await fetch(station, address)
            _ = try station.login("do", pin: Self.pin, by: .tester)
            let here = Set(try station.store.localValues(prefix: "credential/").map(\.value))
            let there = Set(
                try workshop.hub.store.localValues(prefix: "credential/").map(\.value)
            )
            #expect(here.count == 1 && there.count == 2 && here.isDisjoint(with: there))
            let other = try await workshop.device("ST-2", .station, at: address, seed: 4)
            try await workshop.withListener(of: station) { peer in
                let isAnswered = try await fetch(other, peer)
                #expect(!isAnswered)
                let replication = try Replication(of: other, software: "test") { _ in }
                let channel = try await replication.connect(to: peer)
                try await channel.send([0x48, 1, 0])
                try await channel.send(Frame.bye(.done, "").encoded())
                var types: [UInt8] = []
                while let bytes = try? await channel.receive() { types.append(bytes.first ?? 0) }
                let first = types.first { $0 < 0x40 }
                #expect(first == 0x01 && !types.contains(0x49), "\(types)")
                await channel.close()
            }
            let folder = workshop.place("ST-1").directory
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            for file in files {
                let data = FileManager.default.contents(atPath: "\(folder)/\(file)") ?? Data()
                #expect(data.range(of: Data(Self.pin.utf8)) == nil, "\(file)")
            }
        }
    }
}

private func refusal(_ body: () throws -> Login) -> String? {
    do {
        _ = try body()
        return nil
    } catch {
        return CommandFault(error).reason
    }
}
