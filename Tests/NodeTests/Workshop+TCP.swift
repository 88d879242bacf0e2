import Domain
import Hub
import Node
import Storage
import Sync
import Transports
import Wire

// A workshop whose nodes meet over the loopback interface.

extension Workshop {
    /// Runs the hub's listener while `body` works with its address.
    func withHub(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
        let enrolment = try enrolment()
        let replication = try Replication(
            of: hub,
            software: "test",
            welcome: { await enrolment.welcome($0) },
            report: { _ in }
        )
        try await listening(replication, redeemer: enrolment, body)
    }

    /// Runs a node's listener while `body` works with its address.
    func withListener(
        of node: LocalNode,
        redeemer: (any Redeemer)? = nil,
        _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let replication = try Replication(of: node, software: "test") { _ in }
        try await listening(replication, redeemer: redeemer, body)
    }

    private func listening(
        _ replication: Replication,
        redeemer: (any Redeemer)?,
        _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let listener = TCPListener(
            tenants: [replication.served(redeemer: redeemer)],
            entropy: Chance.seeded(9).bytes,
            report: { _, _ in }
        )
        let (addresses, ready) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Without an address there is nothing to wait for.
                defer { ready.finish() }
                try await listener.run(on: "127.0.0.1:0", ready: { ready.yield($0) }) { channel in
                    _ = await replication.converse(over: channel, endsWhenEqual: false)
                }
            }
            for await address in addresses.prefix(1) { try await body(address) }
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
        }
    }

    func place(_ name: String) -> Store.Place {
        Store.Place(directory: "\(folder)/\(name)", stateRoot: "\(folder)/state")
    }

    func join(_ name: String, _ token: JoinToken, seed: UInt64) async throws -> LocalNode {
        let joining = try Joining(token, at: place(name), chance: .seeded(seed))
        let (joined, keys) = try await joining.ask(label: name) { _ in }
        let wall = wall
        return try await joining.found(joined, keys: keys, schema: Catalogue.schema, wall: wall)
    }

    /// A device of the site that has joined and met the hub.
    func device(
        _ name: String,
        _ kind: Certificate.Kind,
        at address: String,
        seed: UInt64
    ) async throws -> LocalNode {
        let token = try enrolment().invite(kind, to: site, users: [], address: address)
        let node = try await join(name, token, seed: seed)
        try await meet(node, at: address)
        return node
    }

    /// Meets once, and comes into step if the peer lets it.
    @discardableResult
    func meet(_ node: LocalNode, at address: String) async throws -> StoreSession.Ending? {
        let replication = try Replication(of: node, software: "test") { _ in }
        let channel = try await replication.connect(to: address)
        let ending = await replication.converse(over: channel, endsWhenEqual: true)
        await channel.close()
        return ending
    }
}
