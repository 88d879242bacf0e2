import ArgumentParser
import Domain
import Foundation
import Hub
import Logging
import Node
import ServiceLifecycle
import Storage
import Sync
import Wire

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the node: listen, stay in step with peers, take commands.",
        discussion: """
            Prints one line when it is ready. Other commands on the same data directory reach it \
            through a private socket. SIGTERM or SIGINT ends it in order; a second one at once.

            gemba run --data /var/lib/gemba --listen 0.0.0.0:7400 --advertise hub.example.com:7400
            gemba run --data /var/lib/gemba --peer 192.168.1.20:7400
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

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let console = Console.standard(isJSON: store.isJSON)
        let place = try store.place()
        let directory = try DataDirectory(place.directory)
        let node = try open(place)
        defer { node.store.close() }
        if let advertise { try node.setAdvertisedAddress(advertise) }
        let events = RunningEvents(node, console)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: try services(node, directory, console, events),
                gracefulShutdownSignals: [],
                logger: Logger(label: "gemba", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        )
        let signals = EndSignals { await group.triggerGracefulShutdown() }
        defer { signals.cancel() }
        try await group.run()
        _ = console.progress("ended in order")
    }

    /// Opens the node; another command may hold the store for a moment.
    private func open(_ place: Store.Place) throws -> LocalNode {
        for _ in 1..<Self.attemptsMax {
            do throws(StorageError) {
                return try Machine.openNode(at: place)
            } catch {
                guard error.code == .inUse else { throw error }
                usleep(Self.attemptMicroseconds)
            }
        }
        return try Machine.openNode(at: place)
    }

    private static let attemptsMax = 40
    private static let attemptMicroseconds: UInt32 = 50_000

    private func services(
        _ node: LocalNode,
        _ directory: DataDirectory,
        _ console: Console,
        _ events: RunningEvents
    ) throws -> [ServiceGroupConfiguration.ServiceConfiguration] {
        let kind = node.store.certificate.kind
        let enrolment =
            kind == .hub || kind == .station ? try Enrolment(node, report: events.take) : nil
        enrolment?.renewOwn()
        let replication = try Replication(
            of: node,
            software: Software.name,
            welcome: { peer in await enrolment?.welcome(peer) },
            report: events.take
        )
        let hub = try noHub ? nil : node.hubAddress()
        let addresses = (peers + [hub].compactMap(\.self)).uniqued
        var services: [any Service] = [
            ControlService(node: node, directory: directory), ListService(node: node),
        ]
        if !addresses.isEmpty {
            services.append(replicator(to: addresses, by: replication, events))
        }
        if node.isHub { services.append(AttestService(node: node)) }
        services += [DutiesService(node: node), UpkeepService(node: node)] as [any Service]
        if let hub, !node.isHub {
            services.append(CredentialService(replication: replication, hub: hub))
        }
        if let listen {
            services.append(
                ListenerService(
                    listener: replication.listener(redeemer: enrolment, refused: events.refused),
                    address: listen,
                    ready: { address in events.ready(address) },
                    serve: { channel in
                        _ = await replication.converse(over: channel, endsWhenEqual: false)
                    }
                )
            )
        } else {
            services.append(IdleService(ready: { events.ready(nil) }))
        }
        return services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }
    }

    /// What keeps the node in step with its peers, for as long as it runs.
    private func replicator(
        to addresses: [String],
        by replication: Replication,
        _ events: RunningEvents
    ) -> Replicator {
        Replicator(
            peers: addresses,
            backoff: Backoff(least: .seconds(1), most: .seconds(60)),
            chance: Machine.chance,
            clock: ContinuousClock(),
            connect: { address in
                do {
                    return try await replication.connect(to: address)
                } catch {
                    events.unreachable(address, error)
                    throw error
                }
            },
            converse: { channel in
                let ending = await replication.converse(over: channel, endsWhenEqual: false)
                await channel.close()
                return ending
            }
        )
    }
}

extension [String] {
    /// Each once, in the order of its first place.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
