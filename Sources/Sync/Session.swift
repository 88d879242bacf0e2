public import CRDT
public import Wire

/// One meeting of two nodes, from hello to bye, as a value.
///
/// ```swift
/// var session = Session(configuration)
/// let effects = session.start()       // [.survey]
/// let more = session.take(.surveyed(survey))  // [.send(.hello(…))]
/// ```
///
/// It decides and never acts: frames, answers of the store and the passing of time go in, effects
/// come out. The same code runs behind TCP, in a file, and in a simulator that lives a year in a
/// minute.
///
/// - Invariant: 1. Nothing about the peer's position outlives the session. 2. A chunk is
///   acknowledged only after the store said that it is on disk. 3. At most eight chunks and four
///   mebibytes are unacknowledged in each direction. 4. After an `end` effect there are no others.
/// - Source: `protocol/sync.md`.
public struct Session: Sendable {
    /// Which side opened the connection.
    public enum Role: UInt8, Hashable, Sendable {
        case initiator = 1
        case responder = 2

        var other: Role { self == .initiator ? .responder : .initiator }
    }

    /// What a session is told before it begins.
    public struct Configuration: Hashable, Sendable {
        public var role: Role
        /// The handshake hash of the channel, 64 bytes.
        public var channelHash: [UInt8]
        /// This node's current replica.
        public var replica: ID
        public var schema: UInt64
        public var software: String
        /// Whether the session ends when both sides have what the other had.
        public var endsWhenEqual: Bool

        public init(
            role: Role,
            channelHash: [UInt8],
            replica: ID,
            schema: UInt64,
            software: String,
            endsWhenEqual: Bool
        ) {
            self.role = role
            self.channelHash = channelHash
            self.replica = replica
            self.schema = schema
            self.software = software
            self.endsWhenEqual = endsWhenEqual
        }
    }

    /// What the store says about itself and the peer, at one moment.
    public struct Survey: Hashable, Sendable {
        public var scopes: SharedScopes
        /// The last position of the log that the marks cover.
        public var position: Int64
        public var rootNumber: UInt32
        public var authorityNumber: UInt64
        public var authorityHash: Hash
        /// The wall clock, milliseconds since 1970.
        public var clock: UInt64

        public init(
            scopes: SharedScopes,
            position: Int64,
            rootNumber: UInt32,
            authorityNumber: UInt64,
            authorityHash: Hash,
            clock: UInt64
        ) {
            self.scopes = scopes
            self.position = position
            self.rootNumber = rootNumber
            self.authorityNumber = authorityNumber
            self.authorityHash = authorityHash
            self.clock = clock
        }
    }

    /// Which changes of a scope to read next.
    public struct ReadRequest: Hashable, Sendable {
        public var scope: Scope
        /// Changes after this position of the log.
        public var after: Int64
        /// Up to this position.
        public var upTo: Int64
        /// What the peer said it holds; nil if it was not asked.
        public var lacking: Frontier?
        /// Sequences up to which the peer is known to hold feeds, from this session.
        public var known: [ID: UInt64]
        /// Replicas whose binding was sent in this session.
        public var introduced: Set<ID>
    }

    /// What the store read for a request.
    public struct ReadResult: Hashable, Sendable {
        /// The items, in the log's order; nil if there was nothing that the peer lacks.
        public var chunk: Chunk?
        /// The last sequence of each feed in the chunk.
        public var sent: [ID: UInt64]
        /// Replicas whose binding is in the chunk.
        public var introduced: Set<ID>
        /// The position to go on from.
        public var position: Int64
        /// Whether the request is served to its end.
        public var isComplete: Bool

        public init(
            chunk: Chunk?,
            sent: [ID: UInt64],
            introduced: Set<ID>,
            position: Int64,
            isComplete: Bool
        ) {
            self.chunk = chunk
            self.sent = sent
            self.introduced = introduced
            self.position = position
            self.isComplete = isComplete
        }
    }

    /// What became of a chunk of the peer's, once it is on disk.
    public struct Stored: Hashable, Sendable {
        public var refused: [Frame.Refused]
        /// A change came before one that it names: the peer does not stream in order of arrival.
        public var isOrderBroken: Bool
        /// Which scopes are shared may have changed.
        public var changesShares: Bool

        public init(refused: [Frame.Refused], isOrderBroken: Bool, changesShares: Bool) {
            self.refused = refused
            self.isOrderBroken = isOrderBroken
            self.changesShares = changesShares
        }
    }

    /// What goes in.
    public enum Input: Sendable {
        case frame(Frame)
        case surveyed(Survey)
        case frontiers([Frame.ScopeFrontier])
        case statements(roots: [Cosigned<RootStatement>], statements: [Cosigned<Statement>])
        /// The log after the peer's statements were added; nil if they contradict it.
        case adopted(number: UInt64?)
        case read(ReadResult)
        case stored(Stored)
        /// The log has grown to this position; `changesShares` as in ``Stored``.
        case grew(to: Int64, changesShares: Bool)
        /// Which scopes have changes after a position, and the position looked up to.
        case arrivals([Scope], upTo: Int64)
        /// The monotonic clock, milliseconds.
        case tick(UInt64)
        case storageFailed
        /// The peer sent bytes that are no frame.
        case malformed(String)
        /// The peer's device has opened a newer session.
        case replaced
        case stop
    }

    /// What comes out.
    public enum Effect: Sendable {
        case send(Frame)
        /// Answer with ``Input/surveyed(_:)``.
        case survey
        /// Answer with ``Input/frontiers(_:)``: those of the scopes that are held, and empty ones.
        case readFrontiers([Scope])
        /// Answer with ``Input/statements(roots:statements:)``: those above the numbers.
        case readStatements(rootsAbove: UInt32, above: UInt64)
        /// Answer with ``Input/adopted(number:)``.
        case adopt(roots: [Cosigned<RootStatement>], statements: [Cosigned<Statement>])
        /// Answer with ``Input/read(_:)``.
        case read(ReadRequest)
        /// Answer with ``Input/arrivals(_:upTo:)``.
        case findArrivals(after: Int64, upTo: Int64)
        /// Answer with ``Input/stored(_:)``, in order.
        case store(Chunk)
        case report(Report)
        /// Close the channel. Nothing follows.
        case end(Frame.Bye, String)
    }

    /// What is worth showing to people.
    public enum Report: Hashable, Sendable {
        /// The peer's hello: its wall clock and schema version.
        case greeted(clock: UInt64, schema: UInt64)
        case introduced(replica: ID, software: String)
        /// The two sides hold the same.
        case equal
        /// The peer has stored all that is shared and lies in the log up to a position.
        case held(upTo: Int64)
        /// The peer refused a run of ours, or one that we relayed.
        case refusedByPeer(Frame.Refused)
        case refusedHere(Frame.Refused)
        case sentChunk(Scope)
        case receivedChunk(Scope)
        /// The peer, a hub, holds less of a scope than its receipts say.
        case rolledBack(Scope)
        /// The channel broke without a goodbye.
        case lost(String)
    }

    let configuration: Configuration
    var phase = Phase.opening
    /// The survey that the hello or the current round is about.
    var survey: Survey?
    var peerHello: Frame.Hello?
    var peerDetails: Frame.Details?
    var round = Round(number: 0)
    var outbox = Outbox()
    var inbox = Inbox()
    var silence = Silence()
    var stall = Stall()
    var patience = Patience()
    /// Up to where the peer was last said to hold the log.
    var peerHolds: Int64 = 0
    /// Whether the peer refused something, so that nobody knows what it holds.
    var isRefused = false
    /// When the first tick came.
    private var began: UInt64?

    public init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Where the session stands.
    enum Phase: Hashable, Sendable {
        /// The first survey is being made.
        case opening
        /// Hello is sent.
        case greeting
        /// The two differ; details are sent.
        case detailing
        /// The peer's statements are being fetched.
        case learning
        /// In rounds, and live between them.
        case running
        case ended
    }
}

// MARK: - Entry points

extension Session {
    /// Begins: the first effects.
    public mutating func start() -> [Effect] { [.survey] }

    /// Takes one input and says what to do.
    public mutating func take(_ input: Input) -> [Effect] {
        guard phase != .ended else { return [] }
        switch input {
        case .frame(let frame): return receive(frame)
        case .surveyed(let survey): return surveyed(survey)
        case .frontiers(let frontiers): return tellFrontiers(frontiers)
        case .statements(let roots, let statements):
            return tellStatements(roots: roots, statements: statements)
        case .adopted(let number): return adopted(number)
        case .read(let result): return sendRead(result)
        case .stored(let stored): return acknowledge(stored)
        case .grew(let position, let changesShares): return grew(to: position, changesShares)
        case .arrivals(let scopes, let position): return serveArrivals(scopes, upTo: position)
        case .tick(let now): return tick(now)
        case .storageFailed: return end(.storageFailed, "the store failed")
        case .malformed(let fault): return end(.malformed, fault)
        case .replaced: return end(.replaced, "a newer session of this device")
        case .stop: return end(.shuttingDown, "shutting down")
        }
    }

    private mutating func receive(_ frame: Frame) -> [Effect] {
        silence.heard()
        guard patience.bears(cost(of: frame)) else {
            return end(.overLimit, "too much that nothing here asked for")
        }
        switch frame {
        case .hello(let hello): return greet(hello)
        case .details(let details): return takeDetails(details)
        case .authority(let roots, let statements): return learn(roots, statements)
        case .ranges(let number, let ranges): return compare(ranges, inRound: number)
        case .frontiers(let number, let isAnswer, let frontiers):
            return takeFrontiers(frontiers, isAnswer: isAnswer, inRound: number)
        case .again: return askedAgain()
        case .chunk(let chunk): return takeChunk(chunk)
        case .stored(let count): return takeStored(count)
        case .refused(let refused):
            patience.refusals += 1
            isRefused = true
            return [.report(.refusedByPeer(refused))]
        case .done(let number): return takeDone(number)
        case .bye(let code, let text):
            phase = .ended
            return [.end(code, text)]
        case .ping(let nonce): return [.send(.pong(nonce))]
        case .pong, .ignored: return []
        case .join, .joined: return end(.notAllowed, "joining is over")
        }
    }

    /// Ends the session, telling the peer why.
    mutating func end(_ code: Frame.Bye, _ text: String) -> [Effect] {
        phase = .ended
        return [.send(.bye(code, text)), .end(code, text)]
    }
}

// MARK: - Silence

extension Session {
    /// When the peer was last heard.
    struct Silence: Hashable, Sendable {
        /// After this much silence the peer is asked whether it lives.
        static let pingMilliseconds: UInt64 = 30_000
        /// After this much it is given up.
        static let endMilliseconds: UInt64 = 90_000

        private var now: UInt64?
        private var lastHeard: UInt64?
        private var hasAsked = false

        mutating func heard() {
            lastHeard = now
            hasAsked = false
        }

        enum Step { case none, ask, end }

        mutating func pass(to now: UInt64) -> Step {
            self.now = now
            let since = lastHeard ?? now
            lastHeard = since
            let silent = now >= since ? now - since : 0
            if silent >= Self.endMilliseconds { return .end }
            guard silent >= Self.pingMilliseconds, !hasAsked else { return .none }
            hasAsked = true
            return .ask
        }
    }

    /// Since when nothing that was sent has been acknowledged.
    struct Stall: Hashable, Sendable {
        /// After this much without an acknowledgement a peer is given up, however alive it is.
        static let endMilliseconds: UInt64 = 600_000

        private var acknowledged: UInt64 = 0
        private var since: UInt64?

        /// - Returns: Whether it was too long.
        mutating func pass(to now: UInt64, isWaiting: Bool, acknowledged count: UInt64) -> Bool {
            if !isWaiting || count != acknowledged { since = nil }
            acknowledged = count
            guard isWaiting else { return false }
            let begun = since ?? now
            since = begun
            return now > begun && now - begun >= Self.endMilliseconds
        }
    }

    /// After this much a session ends in a quiet moment (SYNC-17).
    private static let dayMilliseconds: UInt64 = 86_400_000

    private mutating func tick(_ now: UInt64) -> [Effect] {
        patience.pass(to: now)
        let isStalled = stall.pass(
            to: now,
            isWaiting: !outbox.isAcknowledged,
            acknowledged: outbox.acknowledgedCount
        )
        guard !isStalled else { return end(.tooSlow, "nothing of what was sent is acknowledged") }
        let began = began ?? now
        self.began = began
        let isQuiet = outbox.isIdle && outbox.isAcknowledged && inbox.isEmpty
        if now > began, now - began >= Self.dayMilliseconds, isQuiet, phase == .running {
            return end(.done, "a day is over: meet again, and certificates are judged anew")
        }
        return switch silence.pass(to: now) {
        case .none: []
        case .ask: [.send(.ping(now))]
        case .end: end(.tooSlow, "nothing heard for \(Silence.endMilliseconds / 1000) seconds")
        }
    }
}
