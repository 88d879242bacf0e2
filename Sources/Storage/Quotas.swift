import CRDT
import Domain
import Wire

/// What a device may add to a store in a day, so that one member fills nobody's disk.
///
/// - Source: SYNC-23.
public struct Quota: Hashable, Sendable {
    /// Bytes of bodies a day.
    public static let bytesMax: UInt64 = 64 << 20
    /// Scopes a day in which it is the first to write.
    public static let scopesMax: UInt64 = 256
    /// Replicas of one device, ever.
    public static let replicasMax: Int64 = 32
    /// The code of refused that says: not now.
    public static let refusalCode: UInt16 = 256

    /// Days since 1970.
    public let day: UInt64
    public private(set) var bytes: UInt64
    public private(set) var scopes: UInt64
    /// Whether something was left out: then everything is until the day has passed, for what
    /// follows in a feed needs what was before it.
    public private(set) var isSpent: Bool

    public init(day: UInt64, bytes: UInt64 = 0, scopes: UInt64 = 0, isSpent: Bool = false) {
        self.day = day
        self.bytes = bytes
        self.scopes = scopes
        self.isSpent = isSpent
    }

    /// The day of a time, milliseconds since 1970.
    public static func day(of milliseconds: UInt64) -> UInt64 { milliseconds / 86_400_000 }

    /// Takes what comes, all of it or nothing.
    ///
    /// - Returns: Whether there was room.
    public mutating func take(bytes more: UInt64, newScopes: UInt64) -> Bool {
        let (sum, isOver) = bytes.addingReportingOverflow(more)
        guard !isSpent, !isOver, sum <= Self.bytesMax, newScopes <= Self.scopesMax,
            scopes <= Self.scopesMax - newScopes
        else {
            isSpent = true
            return false
        }
        bytes = sum
        scopes += newScopes
        return true
    }
}

/// A quota as the writer knows it, and as it was written down last.
///
/// A crash may forget what is not written down: too little to matter, and so most actions need not
/// write it.
struct CountedQuota: Sendable {
    var quota: Quota
    var written: Quota?

    /// More bytes than this are not left to memory.
    private static let forgettableBytes: UInt64 = 65_536

    var isWorthWriting: Bool {
        guard let written, written.day == quota.day else { return quota.bytes > 0 }
        return quota.isSpent != written.isSpent || quota.scopes != written.scopes
            || quota.bytes - written.bytes > Self.forgettableBytes
    }
}

/// The quotas of the devices that one chunk or one action touches.
struct Quotas {
    static let definition = """
        CREATE TABLE IF NOT EXISTS quota (
            device BLOB    PRIMARY KEY CHECK (length(device) = 16),
            day    INTEGER NOT NULL,
            bytes  INTEGER NOT NULL,
            scopes INTEGER NOT NULL,
            spent  INTEGER NOT NULL CHECK (spent IN (0, 1))
        ) STRICT, WITHOUT ROWID
        """

    private let connection: Connection
    private let day: UInt64
    /// How many devices are remembered: those of a large site.
    private static let devicesMax = 1_024
    /// A device without limit, beside hubs: the own one, whose changes come back after a restore.
    private let own: ID
    private let isFree: Bool
    /// Those that the writer knows.
    private(set) var counted: [ID: CountedQuota]
    /// Whether some device has left out something today.
    private(set) var isAnySpent = false

    /// Goes on counting; where `isFree`, as in what a hub sends, nothing counts.
    init(
        _ connection: Connection,
        _ counted: [ID: CountedQuota],
        own: ID,
        isFree: Bool,
        wallMilliseconds: UInt64
    ) {
        self.connection = connection
        self.counted = counted
        self.own = own
        self.isFree = isFree
        day = Quota.day(of: wallMilliseconds)
    }

    /// Whether the runs of a replica are left out today without a look.
    mutating func isSpent(_ replica: InternedReplica) throws(StorageError) -> Bool {
        guard isCounted(replica) else { return false }
        let isSpent = try quota(of: replica.device).isSpent
        isAnySpent = isAnySpent || isSpent
        return isSpent
    }

    /// Counts changes of a replica; `isFirst` if nothing was held of it in the scope.
    ///
    /// - Returns: Whether there is room.
    mutating func take(
        _ changes: [VerifiedChange],
        of replica: InternedReplica,
        in scope: Int64,
        isFirst: Bool
    ) throws(StorageError) -> Bool {
        guard isCounted(replica) else { return true }
        let bytes = changes.reduce(UInt64(0)) { $0 + UInt64($1.change.body.count) }
        let isNew = isFirst ? try connection.isEmpty(scope) : false
        return try take(bytes: bytes, newScopes: isNew ? 1 : 0, of: replica.device)
    }

    mutating func take(
        bytes: UInt64,
        newScopes: UInt64,
        of device: ID
    ) throws(StorageError) -> Bool {
        var quota = try quota(of: device)
        let isTaken = quota.take(bytes: bytes, newScopes: newScopes)
        counted[device]?.quota = quota
        isAnySpent = isAnySpent || !isTaken
        return isTaken
    }

    /// Writes down what was counted, where it is worth that.
    mutating func save() throws(StorageError) {
        for (device, quota) in counted.filter(\.value.isWorthWriting).mapValues(\.quota) {
            try connection.prepare(
                """
                INSERT INTO quota VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                    day = excluded.day, bytes = excluded.bytes, scopes = excluded.scopes,
                    spent = excluded.spent
                """
            )
            .bind(device).bind(bits: quota.day).bind(bits: quota.bytes).bind(bits: quota.scopes)
            .bind(quota.isSpent ? 1 : 0)
            .run()
            counted[device]?.written = quota
        }
    }

    private func isCounted(_ replica: InternedReplica) -> Bool {
        !isFree && !replica.isHub && replica.device != own
    }

    private mutating func quota(of device: ID) throws(StorageError) -> Quota {
        if let known = counted[device]?.quota, known.day == day { return known }
        let held = try connection.prepare(
            "SELECT day, bytes, scopes, spent FROM quota WHERE device = ?"
        )
        .bind(device)
        .first {
            Quota(
                day: $0.bits(0),
                bytes: $0.bits(1),
                scopes: $0.bits(2),
                isSpent: $0.integer(3) == 1
            )
        }
        let quota = held.flatMap { $0.day == day ? $0 : nil } ?? Quota(day: day)
        if counted.count >= Self.devicesMax { counted = counted.filter(\.value.isWorthWriting) }
        counted[device] = CountedQuota(quota: quota, written: held)
        return quota
    }
}

extension Connection {
    /// Whether no change of a scope is held.
    fileprivate func isEmpty(_ scope: Int64) throws(StorageError) -> Bool {
        try prepare("SELECT 1 FROM feed WHERE scope = ? LIMIT 1").bind(scope)
            .first { $0.integer(0) } == nil
    }

    /// Whether a device has as many replicas as it may.
    func hasEnoughReplicas(_ device: ID) throws(StorageError) -> Bool {
        let count = try prepare("SELECT count(*) FROM replica WHERE device = ?").bind(device)
            .first { $0.integer(0) }
        return count ?? 0 >= Quota.replicasMax
    }
}
