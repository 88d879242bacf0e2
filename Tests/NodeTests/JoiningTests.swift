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

    /// Runs the hub's listener while `body` works with its address.
    private func withHub(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
        let hub = try Replication(of: workshop.hub, software: "test") { _ in }
        let listener = hub.listener(redeemer: try workshop.enrolment()) { _, _ in }
        let (addresses, ready) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await listener.run(on: "127.0.0.1:0", ready: { ready.yield($0) }) { channel in
                    _ = await hub.converse(over: channel, endsWhenEqual: false)
                }
            }
            for await address in addresses.prefix(1) { try await body(address) }
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
        }
    }

    private func place(_ name: String) -> Store.Place {
        Store.Place(
            directory: "\(workshop.folder)/\(name)",
            stateRoot: "\(workshop.folder)/state"
        )
    }

    private func join(_ name: String, _ token: JoinToken, seed: UInt64) async throws -> LocalNode {
        let joining = try Joining(token, at: place(name), chance: .seeded(seed))
        let (joined, keys) = try await joining.ask(label: name) { _ in }
        return try await joining.found(
            joined,
            keys: keys,
            schema: Catalogue.schema,
            wall: { Workshop.noon }
        )
    }

    private func meet(_ node: LocalNode, at address: String) async throws {
        let replication = try Replication(of: node, software: "test") { _ in }
        let channel = try await replication.connect(to: address)
        _ = await replication.converse(over: channel, endsWhenEqual: true)
    }

    @Test("a device joins, begins with the proof of its certificate, and comes into step")
    func deviceJoins() async throws {
        defer { workshop.clean() }
        try await withHub { address in
            let token = try workshop.enrolment()
                .invite(.station, to: workshop.site, users: [], address: address)
            let station = try await join("ST-1", token, seed: 7)
            defer { station.store.close() }

            try station.store.authority.verify(station.store.signedCertificate)
            #expect(station.store.authority.number == workshop.hub.store.authority.number)
            #expect(try station.hubAddress() == address)
            try await meet(station, at: address)

            let here = try station.store.digests().map(\.hash)
            #expect(try here == workshop.hub.store.digests().map(\.hash))
            let names = try station.read { try Nicknames($0) }
            #expect(names.device(station.store.device) == "ST-1")
        }
    }

    @Test("an answer that was lost is given again to the same device")
    func interruptedJoinIsRepeated() async throws {
        defer { workshop.clean() }
        try await withHub { address in
            let token = try workshop.enrolment()
                .invite(.station, to: workshop.site, users: [], address: address)
            let first = try Joining(token, at: place("ST-1"), chance: .seeded(7))
            let lost = try await first.ask(label: "ST-1") { _ in }

            let station = try await join("ST-1", token, seed: 8)
            defer { station.store.close() }

            #expect(station.store.signedCertificate == lost.0.certificate)
        }
    }

    @Test("another device gets nothing for a spent token")
    func spentTokenIsRefused() async throws {
        defer { workshop.clean() }
        try await withHub { address in
            let token = try workshop.enrolment()
                .invite(.station, to: workshop.site, users: [], address: address)
            let station = try await join("ST-1", token, seed: 7)
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
