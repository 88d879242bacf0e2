public import CRDT
public import Identity
public import Storage
import Synchronization

/// What the monotonic clock of a machine says.
public struct Ticks: Hashable, Sendable {
    /// Milliseconds since the machine started.
    public let milliseconds: Int64
    /// Names one boot of one machine.
    public let boot: ID

    public init(milliseconds: Int64, boot: ID) {
        self.milliseconds = milliseconds
        self.boot = boot
    }
}

/// The node of this machine: its store, with the clock and the chance of the process around it.
///
/// Every command works on one of these, whether the command opened the store itself or reached the
/// process that runs the node.
public final class LocalNode: Sendable {
    public let store: Store
    /// Random bytes, as many as asked for.
    public let chance: Chance
    private let wall: @Sendable () -> UInt64
    private let ticks: @Sendable () -> Ticks?
    /// Through whose eyes; nil: the machine's, which sees all that it holds.
    let person: ID?
    private let turn: Turn
    /// Held while attempts are counted.
    let attempts: Turn
    let refusals: RefusalCounter
    /// What running sessions know of peers and have not written down.
    let holdings: Holdings
    let directories: DirectoryCache
    let readings: ReadingCache
    let notices: NoticeCache
    /// What a guess of a PIN costs.
    let secretCost: Sealed.Cost

    /// - Parameters:
    ///   - store: Open, and not used by anyone else.
    ///   - wall: The wall clock, milliseconds since 1970.
    ///   - chance: Where random bytes come from.
    ///   - ticks: The monotonic clock; nil where there is none.
    ///   - secretCost: What a guess of a PIN shall cost; less is for tests.
    public init(
        _ store: Store,
        wall: @escaping @Sendable () -> UInt64,
        chance: Chance,
        ticks: @escaping @Sendable () -> Ticks? = { nil },
        secretCost: Sealed.Cost = .standard
    ) {
        self.store = store
        self.wall = wall
        self.ticks = ticks
        self.chance = chance
        self.secretCost = secretCost
        person = nil
        (turn, attempts) = (Turn(), Turn())
        refusals = RefusalCounter()
        holdings = Holdings()
        directories = DirectoryCache()
        readings = ReadingCache()
        notices = NoticeCache()
    }

    private init(_ node: LocalNode, seenBy person: ID) {
        self.person = person
        (store, chance, wall, ticks) = (node.store, node.chance, node.wall, node.ticks)
        (turn, attempts) = (node.turn, node.attempts)
        (refusals, holdings) = (node.refusals, node.holdings)
        (directories, readings, notices) = (node.directories, node.readings, node.notices)
        secretCost = node.secretCost
    }

    /// The same node as one person may see it: what they may not read is not there.
    ///
    /// - Source: DOM-238.
    public func asSeen(by person: ID) -> LocalNode { LocalNode(self, seenBy: person) }

    /// The wall clock, milliseconds since 1970.
    public var wallMilliseconds: UInt64 { wall() }

    /// The monotonic clock of this boot.
    var monotonic: Ticks? { ticks() }

    /// Performs one action: `decide` sees one state and says what to write; all of it is on disk
    /// when this returns, or nothing was written.
    ///
    /// Blocking. What `decide` throws refuses the action. It may run twice, so it only decides.
    public func act(
        _ actor: Actor,
        _ decide: @escaping @Sendable (borrowing Acting) throws -> Draft
    ) throws -> Saved {
        try store.act(actor, wallMilliseconds: wall(), decide)
    }

    /// Reads one consistent state: of a node that a person sees, what they may read of it.
    public func read<Result>(_ body: (View) throws -> Result) throws -> Result {
        guard let person else { return try store.read(body) }
        return try store.read(as: try reading(of: person)) { try body($0) }
    }

    /// Reads one consistent state with all that is held, whoever looks: for who people are, what
    /// rules ask, and what is kept for everybody.
    func readWhole<Result>(_ body: (View) throws -> Result) throws -> Result {
        try store.read(body)
    }

    /// Runs `body` while nobody else runs one: for what reads and then writes outside an action,
    /// such as the next statement of the authority log.
    public func inTurn<Result: Sendable>(_ body: () throws -> Result) rethrows -> Result {
        try turn.held.withLock { _ in try body() }
    }
}

/// What only one may have at a time.
final class Turn: Sendable {
    let held = Mutex(())
}
