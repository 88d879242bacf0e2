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
    private let turn = Mutex(())
    /// Held while attempts are counted.
    let attempts = Mutex(())
    let refusals = RefusalCounter()
    /// What running sessions know of peers and have not written down.
    let holdings = Holdings()
    let directories = DirectoryCache()
    let notices = NoticeCache()
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
    }

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

    /// Reads one consistent state.
    public func read<Result>(_ body: (View) throws -> Result) throws -> Result {
        try store.read(body)
    }

    /// Runs `body` while nobody else runs one: for what reads and then writes outside an action,
    /// such as the next statement of the authority log.
    public func inTurn<Result: Sendable>(_ body: () throws -> Result) rethrows -> Result {
        try turn.withLock { _ in try body() }
    }
}
