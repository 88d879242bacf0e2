import CRDT
import Domain
import Hub
import Node
import Storage
import Sync
import Synchronization
import Testing
import Transports
import Wire

@Suite("Joining and meeting over TCP")
struct JoiningTests {
    private let workshop: Workshop

    init() throws {
        workshop = try Workshop()
    }

    @Test("a device joins, begins with the proof of its certificate, and comes into step")
    func deviceJoins() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let token = try workshop.enrolment()
                .invite(.station, to: workshop.site, users: [], address: address)
            let station = try await workshop.join("ST-1", token, seed: 7)
            defer { station.store.close() }

            try station.store.authority.verify(station.store.signedCertificate)
            #expect(station.store.authority.number == workshop.hub.store.authority.number)
            #expect(try station.hubAddress() == address)
            try await workshop.meet(station, at: address)

            let here = try station.store.digests().map(\.hash)
            #expect(try here == workshop.hub.store.digests().map(\.hash))
            let names = try station.read { try Nicknames($0) }
            #expect(names.device(station.store.device) == "ST-1")
        }
    }

    @Test("an answer that was lost is given again to the same device")
    func interruptedJoinIsRepeated() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let token = try workshop.enrolment()
                .invite(.station, to: workshop.site, users: [], address: address)
            let first = try Joining(token, at: workshop.place("ST-1"), chance: .seeded(7))
            let lost = try await first.ask(label: "ST-1") { _ in }

            let station = try await workshop.join("ST-1", token, seed: 8)
            defer { station.store.close() }

            #expect(station.store.signedCertificate == lost.0.certificate)
        }
    }

    @Test("another device gets nothing for a spent token")
    func spentTokenIsRefused() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let token = try workshop.enrolment()
                .invite(.station, to: workshop.site, users: [], address: address)
            let station = try await workshop.join("ST-1", token, seed: 7)
            defer { station.store.close() }
            let elsewhere = Store.Place(
                directory: "\(workshop.folder)/ST-2",
                stateRoot: "\(workshop.folder)/other-state"
            )

            let thief = try Joining(token, at: elsewhere, chance: .seeded(9))

            await #expect(throws: ChannelFault.self) { try await thief.ask(label: "ST-2") { _ in } }
            #expect(!Store.exists(at: elsewhere.directory))
        }
    }
}
