import CRDT
public import Domain
public import Storage
import Sync
public import Transports
public import Wire

/// Asks a peer for the authority log, before there is a store to keep it.
///
/// A session like any other that shares no scope and ends when the log has come: a store is never
/// created on half of the proof.
///
/// - Source: SYNC-7.
public struct AuthorityFetch {
    private let channel: any Channel
    private let wallMilliseconds: UInt64
    private var session: Session
    private var log: AuthorityLog
    /// How long the peer's log is, once it has said so.
    private var peerNumber: UInt64?
    /// The newest checkpoint of the audit log that the peer holds, once it has told (WIT-6).
    private(set) var held: SignedCheckpoint?

    /// - Parameters:
    ///   - channel: To the redeemer, authenticated with the new certificate.
    ///   - log: The roots, and the operator as the credentials show it.
    ///   - replica: A random id: the peer ends a session with its own replica.
    ///   - schema: The kinds of record of this version.
    ///   - wallMilliseconds: The wall clock, since 1970.
    init(
        over channel: any Channel,
        from log: AuthorityLog,
        replica: ID,
        schema: Schema,
        wallMilliseconds: UInt64
    ) {
        self.channel = channel
        self.log = log
        self.wallMilliseconds = wallMilliseconds
        session = Session(
            Session.Configuration(
                role: channel.role,
                channelHash: channel.channelHash,
                replica: replica,
                schema: UInt64(schema.version),
                software: "joining",
                endsWhenEqual: true
            )
        )
    }

    /// Talks until the log is here.
    ///
    /// - Throws: `.unavailable` if the peer ends before.
    mutating func run() async throws -> AuthorityLog {
        try await perform(session.start())
        while peerNumber.map({ log.number < $0 }) ?? true {
            guard let bytes = try await channel.receive() else { throw Self.ended }
            if take(told: bytes) { continue }
            let frame = try Frame(decoding: bytes)
            if case .details(let details) = frame { peerNumber = details.authorityNumber }
            try await perform(session.take(.frame(frame)))
        }
        for case .send(let frame) in session.take(.stop) {
            try await channel.send(frame.encoded())
        }
        return log
    }

    /// Takes what a peer tells of the audit log; whether it was that.
    private mutating func take(told bytes: [UInt8]) -> Bool {
        guard WitnessExchange.takes(bytes) else { return false }
        if case .held(let told)? = try? WitnessFrame(decoding: bytes) { held = told.checkpoint }
        return true
    }

    /// Waits a moment for what the peer holds of the audit log, and closes the channel.
    ///
    /// A witness tells it first of all, to whoever is a hub; what it does not hold never comes.
    private mutating func awaitHeld() async {
        let channel = channel
        let bytes = await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                while let bytes = try? await channel.receive() {
                    if WitnessExchange.takes(bytes) { return bytes }
                }
                return nil
            }
            group.addTask {
                try? await ContinuousClock().sleep(for: Self.patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            await channel.close()
            return first
        }
        if let bytes { _ = take(told: bytes) }
    }

    private static let patience = Duration.seconds(2)

    /// Connects to a peer, and asks it for all of the log.
    ///
    /// - Parameters:
    ///   - address: `HOST:PORT` of a peer.
    ///   - identity: Who asks.
    ///   - roots: A log of roots alone, which the peer's must continue.
    ///   - schema: The kinds of record of this version.
    ///   - wallMilliseconds: The wall clock, since 1970.
    ///   - chance: Random bytes.
    /// - Returns: The log of the peer.
    /// - Throws: A `ChannelFault`; `.unavailable` if the peer ends before.
    public static func log(
        at address: String,
        as identity: LocalIdentity,
        from roots: AuthorityLog,
        schema: Schema,
        wallMilliseconds: UInt64,
        chance: Chance
    ) async throws -> AuthorityLog {
        let connector = TCPConnector(identity: identity, entropy: chance.bytes)
        let channel = try await connector.connect(to: address)
        var fetch = AuthorityFetch(
            over: channel,
            from: roots,
            replica: chance.id,
            schema: schema,
            wallMilliseconds: wallMilliseconds
        )
        do {
            let log = try await fetch.run()
            await channel.close()
            return log
        } catch {
            await channel.close()
            throw error
        }
    }

    /// Connects to a witness as a hub, and asks what it holds of the audit log.
    ///
    /// - Returns: Its newest checkpoint, not yet checked; nil if it holds none.
    /// - Throws: A `ChannelFault`.
    public static func checkpoint(
        at address: String,
        as identity: LocalIdentity,
        from roots: AuthorityLog,
        schema: Schema,
        wallMilliseconds: UInt64,
        chance: Chance
    ) async throws -> SignedCheckpoint? {
        let connector = TCPConnector(identity: identity, entropy: chance.bytes)
        var fetch = AuthorityFetch(
            over: try await connector.connect(to: address),
            from: roots,
            replica: chance.id,
            schema: schema,
            wallMilliseconds: wallMilliseconds
        )
        await fetch.awaitHeld()
        return fetch.held
    }

    private static let ended = CommandFault(
        .unavailable,
        "the peer ended before it had told who may do what: try again"
    )

    private mutating func perform(_ effects: [Session.Effect]) async throws {
        var pending = effects
        while !pending.isEmpty {
            switch pending.removeFirst() {
            case .send(let frame):
                try await channel.send(frame.encoded())
            case .survey:
                pending += session.take(.surveyed(survey))
            case .adopt(let roots, let statements):
                try log.append(roots: roots, statements: statements)
                pending += session.take(.adopted(number: log.number))
            case .end:
                throw Self.ended
            case .report(.equal):
                peerNumber = log.number
            case .report, .readFrontiers, .readStatements, .read, .findArrivals, .store:
                break
            }
        }
    }

    private var survey: Session.Survey {
        Session.Survey(
            scopes: SharedScopes([]),
            position: 0,
            rootNumber: log.rootNumber,
            authorityNumber: log.number,
            authorityHash: log.lastHash,
            clock: wallMilliseconds
        )
    }
}
