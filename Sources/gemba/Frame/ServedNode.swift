import CRDT
import Foundation
import Hub
import Node
import ServiceLifecycle
import Storage
import Sync
import Transports
import Wire

/// One node that this process runs: its store, what it says, and the services around it.
///
/// A process runs one, or at a hub one for each tenant, which share a port and nothing else.
struct ServedNode {
    let node: LocalNode
    let directory: DataDirectory
    let events: RunningEvents
    let replication: Replication
    let enrolment: Enrolment?

    init(at place: Store.Place, _ console: Console) throws {
        directory = try DataDirectory(place.directory)
        node = try Self.open(place)
        events = RunningEvents(node, console)
        let kind = node.store.certificate.kind
        let enrolment =
            kind == .hub || kind == .station ? try Enrolment(node, report: events.take) : nil
        self.enrolment = enrolment
        enrolment?.renewOwn()
        replication = try Replication(
            of: node,
            software: Software.name,
            welcome: { peer in await enrolment?.welcome(peer) },
            report: events.take
        )
    }

    /// Opens the node; another command may hold the store for a moment.
    private static func open(_ place: Store.Place) throws -> LocalNode {
        for _ in 1..<attemptsMax {
            do throws(StorageError) {
                return try Machine.openNode(at: place)
            } catch {
                guard error.code == .inUse else { throw error }
                usleep(attemptMicroseconds)
            }
        }
        return try Machine.openNode(at: place)
    }

    private static let attemptsMax = 40
    private static let attemptMicroseconds: UInt32 = 50_000

    var tenant: ID { node.store.tenant }

    /// What the node does whether or not it listens.
    ///
    /// - Parameters:
    ///   - peers: Whom to stay in step with.
    ///   - usesHub: Whether the hub of the join token is one of them.
    /// - Returns: The services, to be run together.
    /// - Throws: What the disk says.
    func services(peers: [String], usesHub: Bool) throws -> [any Service] {
        let hub = try usesHub ? node.hubAddress() : nil
        let addresses = (peers + [hub].compactMap(\.self)).uniqued
        var services: [any Service] = [
            ControlService(node: node, directory: directory), ListService(node: node),
            DutiesService(node: node), UpkeepService(node: node),
        ]
        if !addresses.isEmpty { services.append(replicator(to: addresses)) }
        if node.isHub {
            services += [AttestService(node: node), ApprovalClockService(node: node)]
        }
        if let hub, !node.isHub {
            services.append(CredentialService(replication: replication, hub: hub))
        }
        return services
    }

    /// What keeps the node in step with its peers, for as long as it runs.
    private func replicator(to addresses: [String]) -> Replicator {
        Replicator(
            peers: addresses,
            backoff: Backoff(least: .seconds(1), most: .seconds(60)),
            chance: Machine.chance,
            clock: ContinuousClock(),
            connect: { [replication, events] address in
                do {
                    return try await replication.connect(to: address)
                } catch {
                    events.unreachable(address, error)
                    throw error
                }
            },
            converse: { [replication] channel in
                let ending = await replication.converse(over: channel, endsWhenEqual: false)
                await channel.close()
                return ending
            }
        )
    }
}

extension [ServedNode] {
    /// What takes connections for all of them.
    ///
    /// - Parameters:
    ///   - address: Where; port 0 takes any that is free.
    ///   - console: Where refusals are said that are nobody's: of a tenant that is not here.
    /// - Returns: The service that listens.
    func listenerService(on address: String, _ console: Console) -> ListenerService {
        let byTenant = Dictionary(map { ($0.tenant, $0) }) { first, _ in first }
        let only = count == 1 ? first : nil
        let listener = TCPListener(
            tenants: map { $0.replication.served(redeemer: $0.enrolment) },
            entropy: Machine.chance.bytes,
            report: { address, fault in
                let asked = fault.tenant.flatMap { byTenant[$0] } ?? only
                guard let asked else { return console.note("\(address): refused: \(fault)") }
                asked.events.refused(address, fault)
            }
        )
        return ListenerService(
            listener: listener,
            address: address,
            ready: { [self] address in forEach { $0.events.ready(address) } },
            serve: { channel in
                guard let served = byTenant[channel.peer.tenant] else { return }
                _ = await served.replication.converse(over: channel, endsWhenEqual: false)
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
