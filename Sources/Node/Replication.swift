public import CRDT
import Domain
import Foundation
import Storage
public import Sync
import Synchronization
public import Transports
public import Wire

/// How this node talks to its peers: one conversation a channel, and what is remembered of each.
public struct Replication: Sendable {
    /// What people are told while it goes on.
    public enum Event: Sendable {
        case opened(peer: ID, address: String)
        case report(peer: ID, Session.Report)
        case ended(peer: ID, StoreSession.Ending?)
    }

    /// What this program calls itself to peers.
    private let software: String
    let node: LocalNode
    private let identity: LocalIdentity
    private let welcome: @Sendable (Certificate) async -> Void
    private let report: @Sendable (Event) -> Void
    private let seats = Seats<Conversation>(perDevice: 2)

    /// - Parameters:
    ///   - node: Whose store is kept in step.
    ///   - software: Name and version of this program, for the peers' people.
    ///   - welcome: What is done for a peer before a session begins: a hub renews here (ID-19).
    ///   - report: Called from any task.
    /// - Throws: `.damaged` if nothing proves the certificate.
    public init(
        of node: LocalNode,
        software: String,
        welcome: @escaping @Sendable (Certificate) async -> Void = { _ in },
        report: @escaping @Sendable (Event) -> Void
    ) throws {
        self.node = node
        self.software = software
        self.welcome = welcome
        self.report = report
        identity = try node.identity()
    }

    /// Opens a channel to an address.
    public func connect(to address: String) async throws -> any Channel {
        let connector = TCPConnector(identity: identity, entropy: node.chance.bytes)
        return try await connector.connect(to: address, expecting: await known(at: address))
    }

    /// Who was met last at an address, as the authority log knows it (TCP-8).
    private func known(at address: String) async -> Certificate? {
        await withCheckedContinuation { continuation in
            PeerNotes.queue.async { [node] in
                // Without the note XX does.
                let met = try? node.store.peers().filter { $0.address == address }
                    .max { $0.lastSeen < $1.lastSeen }
                let peer = met.flatMap { node.store.authority.known(device: $0.device) }
                continuation.resume(returning: peer)
            }
        }
    }

    /// Talks over a channel until it ends.
    ///
    /// - Parameters:
    ///   - channel: Authenticated; the caller closes it.
    ///   - endsWhenEqual: Whether to stop when both sides hold the same.
    /// - Returns: Why it ended; nil if the peer vanished.
    public func converse(
        over channel: any Channel,
        endsWhenEqual: Bool
    ) async -> StoreSession.Ending? {
        let peer = channel.peer.device
        let notes = PeerNotes(peer, at: channel.address, node)
        await welcome(channel.peer)
        report(.opened(peer: peer, address: channel.address))
        let answers = node.isHub && channel.role == .responder
        let watched = WitnessChannel(channel, at: node)
        let conversation = Conversation(
            over: answers ? HandOverChannel(watched, at: node) : watched,
            store: node.store,
            software: software,
            endsWhenEqual: endsWhenEqual,
            clock: ContinuousClock(),
            wall: { [node] in node.wallMilliseconds },
            listener: { [report] event in
                notes.take(event)
                report(.report(peer: peer, event))
            }
        )
        // A channel that fails here fails the session as well.
        try? await watched.ask()
        let ending = await withTaskGroup(of: Void.self) { group in
            group.addTask { await Self.watch(watched) }
            let isAnswer = channel.role == .responder
            let ending = await run(conversation, with: peer, isAnswer: isAnswer)
            group.cancelAll()
            return ending
        }
        notes.finish()
        report(.ended(peer: peer, ending))
        return ending
    }

    /// Asks for the newest checkpoint again and again; a channel that fails ends by itself.
    private static func watch(_ channel: WitnessChannel) async {
        while (try? await ContinuousClock().sleep(for: watchPause)) != nil {
            guard (try? await channel.ask()) != nil else { return }
        }
    }

    /// How long a session goes on before the log is looked at again.
    private static let watchPause = Duration.seconds(60)

    /// Runs a conversation; one that a peer began may take the place of its oldest.
    ///
    /// - Source: SYNC-19.
    private func run(
        _ conversation: Conversation,
        with peer: ID,
        isAnswer: Bool
    ) async -> StoreSession.Ending? {
        guard isAnswer else { return await conversation.run() }
        let (number, oldest) = seats.enter(conversation, of: peer)
        defer { seats.leave(number, of: peer) }
        return await withTaskGroup(of: Void.self) { group in
            if let oldest { group.addTask { await oldest.makeRoom() } }
            return await conversation.run()
        }
    }

    /// What a listener serves of this node.
    ///
    /// - Parameter redeemer: Who gives certificates for join tokens; nil if nobody can join here.
    /// - Returns: The tenant, with who this device is there.
    public func served(redeemer: (any Redeemer)?) -> ServedTenant {
        ServedTenant(identity, redeemer: redeemer)
    }
}

/// What is learned of a peer in one session, written down for people; it decides nothing.
private final class PeerNotes: Sendable {
    private let node: LocalNode
    private let note: Mutex<PeerNote>
    /// Whether the peer turned out to hold less than it once did.
    private let hasLost = Mutex(false)
    static let queue = DispatchQueue(label: "node.peers")

    init(_ peer: ID, at address: String, _ node: LocalNode) {
        self.node = node
        note = Mutex(
            PeerNote(
                device: peer,
                address: address,
                software: "",
                lastSeen: node.wallMilliseconds,
                lastEqual: 0,
                clockAhead: 0,
                schema: 0
            )
        )
    }

    func take(_ event: Session.Report) {
        let now = node.wallMilliseconds
        switch event {
        case .greeted(let clock, let schema):
            note.withLock {
                $0.clockAhead = Int64(clamping: clock) - Int64(clamping: now)
                $0.schema = schema
            }
        case .introduced(_, let software): note.withLock { $0.software = software }
        case .equal: note.withLock { $0.lastEqual = now }
        case .held(let position):
            // Each live change moves it: it is written down with the next thing that is.
            note.withLock { $0.held = max($0.held, position) }
            node.holdings.note(position, of: note.withLock { $0.device })
            return
        case .rolledBack:
            let hub = note.withLock { note in
                note.held = 0
                return note.device
            }
            hasLost.withLock { $0 = true }
            node.holdings.forget(hub)
            Self.queue.async { [node] in node.noteRollback(of: hub) }
        default: return
        }
        note.withLock { $0.lastSeen = now }
        Self.queue.async { self.save() }
    }

    /// The session is over: what was learned last is written down.
    func finish() { Self.queue.async { self.save() } }

    /// A note that cannot be written is lost: it would only have been shown.
    private func save() {
        var note = note.withLock { $0 }
        do {
            let held = try node.store.peers().first { $0.device == note.device }
            if note.software.isEmpty { note.software = held?.software ?? "" }
            note.lastEqual = max(note.lastEqual, held?.lastEqual ?? 0)
            if note.held == 0, !hasLost.withLock({ $0 }) { note.held = held?.held ?? 0 }
            try node.store.note(note)
        } catch {
            return
        }
    }
}
