import ArgumentParser
import Foundation
import Logging
import Node
import ServiceLifecycle
import Storage

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the node: listen, stay in step with peers, take commands.",
        discussion: """
            Prints one line when it is ready. Other commands on the same data directory reach it \
            through a private socket. SIGTERM or SIGINT ends it in order; a second one at once.

            gemba run --data /var/lib/gemba --listen 0.0.0.0:7400 --advertise hub.example.com:7400
            gemba run --data /var/lib/gemba --peer 192.168.1.20:7400
            gemba run --data /var/lib/gemba/acme --also /var/lib/gemba/globex --listen 0.0.0.0:7400
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(
        help: ArgumentHelp(
            "Where peers and joining devices are taken; port 0 takes any that is free.",
            valueName: "host:port"
        )
    )
    var listen: String?

    @Option(
        help: ArgumentHelp("Where others reach this node, for invitations.", valueName: "host:port")
    )
    var advertise: String?

    @Option(
        name: .customLong("peer"),
        help: ArgumentHelp(
            "A peer to stay in step with, beside the hub of the token; may be repeated.",
            valueName: "host:port"
        )
    )
    var peers: [String] = []

    @Flag(help: "Stay in step with the peers named here alone, not with the hub of the token.")
    var noHub = false

    @Option(
        name: .customLong("also"),
        help: ArgumentHelp(
            "At a hub, the data directory of another tenant, to serve on the same port as well.",
            valueName: "dir"
        ),
        completion: .directory
    )
    var others: [Path] = []

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let console = Console.standard(isJSON: store.isJSON)
        let served = try open(console)
        defer { for one in served { one.node.store.close() } }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: try services(served, console).map {
                    ServiceGroupConfiguration.ServiceConfiguration(service: $0)
                },
                gracefulShutdownSignals: [],
                logger: Logger(label: "gemba", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        )
        let signals = EndSignals { await group.triggerGracefulShutdown() }
        defer { signals.cancel() }
        try await group.run()
        _ = console.progress("ended in order")
    }

    /// Opens the node, and at a hub those of the other tenants.
    ///
    /// - Throws: `.usage` where one is no hub, or two are of one tenant.
    private func open(_ console: Console) throws -> [ServedNode] {
        let places =
            try [store.place()]
            + others.map {
                Store.Place(directory: $0.text, stateRoot: Machine.stateRoot)
            }
        var served: [ServedNode] = []
        do {
            for place in places { served.append(try ServedNode(at: place, console)) }
            guard served.count == 1 || served.allSatisfy(\.node.isHub) else {
                throw CommandFault(.usage, "only hubs serve several tenants", reason: "hub-only")
            }
            guard Set(served.map(\.tenant)).count == served.count else {
                throw CommandFault(.usage, "two of the directories are of one tenant")
            }
            if let advertise { for one in served { try one.node.setAdvertisedAddress(advertise) } }
        } catch {
            for one in served { one.node.store.close() }
            throw error
        }
        return served
    }

    private func services(_ served: [ServedNode], _ console: Console) throws -> [any Service] {
        var services: [any Service] = []
        for (index, one) in served.enumerated() {
            // Peers are named for the first: the others are found by who calls.
            services += try one.services(peers: index == 0 ? peers : [], usesHub: !noHub)
        }
        if let listen {
            services.append(served.listenerService(on: listen, console))
        } else {
            services.append(IdleService { for one in served { one.events.ready(nil) } })
        }
        return services
    }
}
