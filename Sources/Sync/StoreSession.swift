import CRDT
public import Storage
public import Wire

/// A session together with the store it speaks for.
///
/// It performs the store's part of every effect at once and hands out what is left: frames to send,
/// and the end. So a driver only moves frames, and the simulator needs no driver at all.
public struct StoreSession: Sendable {
    /// What is left to do after an input was taken.
    public struct Outcome: Sendable {
        /// Frames to send, in order.
        public var frames: [Frame] = []
        public var reports: [Session.Report] = []
        /// Why the session is over; nil while it goes on.
        public var ending: Ending?
    }

    /// How a session ended.
    public struct Ending: Hashable, Sendable {
        public let code: Frame.Bye
        public let text: String

        public init(code: Frame.Bye, text: String) {
            self.code = code
            self.text = text
        }
    }

    private var session: Session
    private let store: Store
    private let peer: Certificate
    private let wall: @Sendable () -> UInt64
    private let attests: Bool
    /// Replicas of which the peer showed a branch that was not held here, by scope.
    private var doubted: [Scope: Set<ID>] = [:]
    /// The peer's clock as its hello said it, milliseconds since 1970.
    private var peerClock: UInt64 = 0

    /// - Parameters:
    ///   - session: A session that has not begun.
    ///   - store: The store of this node.
    ///   - peer: The peer's certificate, as the channel checked it.
    ///   - wall: The wall clock, milliseconds since 1970.
    ///   - attests: Whether this node, if it is a hub, says at the end of each round what it holds,
    ///     so that the peer takes the receipt along.
    public init(
        _ session: Session,
        store: Store,
        peer: Certificate,
        wall: @escaping @Sendable () -> UInt64,
        attests: Bool = false
    ) {
        self.session = session
        self.store = store
        self.peer = peer
        self.wall = wall
        self.attests = attests
    }

    /// Begins the session.
    public mutating func start() -> Outcome {
        var outcome = Outcome()
        perform(session.start(), into: &outcome)
        return outcome
    }

    /// Takes one input from outside.
    public mutating func take(_ input: Session.Input) -> Outcome {
        var outcome = Outcome()
        if attests, case .frame(.done) = input { attest(into: &outcome) }
        if case .frame(.frontiers(_, _, let frontiers)) = input { doubt(frontiers) }
        if peer.kind == .hub, case .frame(let frame) = input { watch(frame, &outcome) }
        perform(session.take(input), into: &outcome)
        return outcome
    }

    /// Notes where the peer holds a branch that is not held here: what it sends may name it.
    private mutating func doubt(_ frontiers: [Frame.ScopeFrontier]) {
        for entry in frontiers where session.survey?.scopes.contains(entry.scope) == true {
            // A store that fails says so at its next work for the session.
            let forks = try? store.forks(in: entry.frontier, of: entry.scope)
            doubted[entry.scope] = forks?.isEmpty == false ? forks : nil
        }
    }

    /// Looks whether a hub holds what it gave receipts for (SYNC-22).
    private mutating func watch(_ frame: Frame, _ outcome: inout Outcome) {
        switch frame {
        case .hello(let hello): peerClock = hello.clock
        case .frontiers(_, _, let frontiers):
            for shown in frontiers {
                let isRolledBack = try? store.isRolledBack(
                    shown.frontier,
                    in: shown.scope,
                    at: peer.device,
                    since: peerClock
                )
                if isRolledBack == true { outcome.reports.append(.rolledBack(shown.scope)) }
            }
        default: break
        }
    }

    /// The peer has sent all it had: the receipt goes out in this session.
    private mutating func attest(into outcome: inout Outcome) {
        let before = store.position
        // A store that fails says so at its next work for the session.
        _ = try? store.attest(wallMilliseconds: wall())
        guard store.position != before else { return }
        perform(session.take(.grew(to: store.position, changesShares: false)), into: &outcome)
    }

    /// Whether the peer is revoked and this is a hub: what it hands over is taken, and it is sent
    /// nothing (SYNC-20).
    private var isUploadOnly: Bool {
        store.certificate.kind == .hub && store.authority.isRevoked(peer)
    }

    private mutating func perform(_ effects: [Session.Effect], into outcome: inout Outcome) {
        var pending = effects
        pending.reverse()
        while let effect = pending.popLast() {
            switch effect {
            case .send(let frame): outcome.frames.append(frame)
            case .report(let report): outcome.reports.append(report)
            case .end(let code, let text):
                outcome.ending = Ending(code: code, text: text)
                return
            case .survey, .readFrontiers, .readStatements, .adopt, .read, .findArrivals, .store:
                pending.append(contentsOf: session.take(answer(to: effect)).reversed())
            }
        }
    }

    /// Asks the store; a store that fails ends the session and nothing else.
    private func answer(to effect: Session.Effect) -> Session.Input {
        do throws(StorageError) {
            return try askStore(effect)
        } catch {
            return .storageFailed
        }
    }

    private func askStore(_ effect: Session.Effect) throws(StorageError) -> Session.Input {
        switch effect {
        case .survey:
            return .surveyed(try survey())
        case .readFrontiers(let scopes):
            let frontiers = try store.frontiers(of: scopes)
            return .frontiers(
                scopes.map { Frame.ScopeFrontier(scope: $0, frontier: frontiers[$0] ?? Frontier()) }
            )
        case .readStatements(let roots, let number):
            let log = store.authority
            return .statements(
                roots: log.roots.filter { $0.structure.number > roots },
                statements: log.statements.filter { $0.structure.number > number }
            )
        case .adopt(let roots, let statements):
            let fault = try store.adopt(
                roots: roots,
                statements: statements,
                wallMilliseconds: wall()
            )
            return .adopted(number: fault == nil ? store.authority.number : nil)
        case .read(let request) where isUploadOnly:
            let nothing = Session.ReadResult(
                chunk: nil,
                sent: [:],
                introduced: [],
                position: request.upTo,
                isComplete: true
            )
            return .read(nothing)
        case .read(let request):
            return .read(try read(request))
        case .findArrivals(_, let upTo) where isUploadOnly:
            return .arrivals([], upTo: upTo)
        case .findArrivals(let after, let upTo):
            return .arrivals(try store.scopesWithArrivals(after: after, upTo: upTo), upTo: upTo)
        case .store(let chunk):
            let ingested = try store.ingest(
                chunk,
                from: peer.device,
                doubting: doubted[chunk.scope] ?? [],
                wallMilliseconds: wall()
            )
            return .stored(
                Session.Stored(
                    refused: ingested.refused,
                    isOrderBroken: ingested.isOrderBroken,
                    changesShares: ingested.changesShares
                )
            )
        case .send, .report, .end:
            preconditionFailure("only effects of the store are answered")
        }
    }

    private func survey() throws(StorageError) -> Session.Survey {
        let survey = try store.survey(for: peer)
        let authority = store.authority
        return Session.Survey(
            scopes: SharedScopes(
                survey.scopes.map { SharedScopes.Entry(scope: $0.scope, mark: $0.mark) },
                isOpen: store.certificate.kind == .hub && peer.kind == .hub
            ),
            position: survey.position,
            rootNumber: authority.rootNumber,
            authorityNumber: authority.number,
            authorityHash: authority.lastHash,
            clock: wall()
        )
    }

    private func read(
        _ request: Session.ReadRequest
    ) throws(StorageError) -> Session.ReadResult {
        let read = try store.readChunk(
            of: request.scope,
            after: request.after,
            upTo: request.upTo,
            lacking: request.lacking,
            known: request.known,
            introduced: request.introduced
        )
        var sent: [ID: UInt64] = [:]
        var introduced: Set<ID> = []
        for item in read.items {
            switch item {
            case .run(let run): sent[run.replica] = run.sequence + UInt64(run.bodies.count) - 1
            case .binding(let binding): introduced.insert(binding.statement.structure.replica)
            case .ignored: break
            }
        }
        return Session.ReadResult(
            chunk: read.items.isEmpty ? nil : Chunk(scope: request.scope, items: read.items),
            sent: sent,
            introduced: introduced,
            position: read.position,
            isComplete: read.isComplete
        )
    }
}
