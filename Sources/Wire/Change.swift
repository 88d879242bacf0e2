public import CRDT

/// What one action of a person did in one scope, as its author wrote it.
///
/// - Source: CHG-1 in `protocol/changes.md`.
public struct Body: Hashable, Sendable {
    /// The author's stamp; the replica half of it is the feed's.
    public var time: HybridTime
    /// The number of the last authority statement that the author knew.
    public var authority: UInt64
    /// The person; zero for the machine itself.
    public var user: ID
    /// The person's session at that device; 0 if there is none.
    public var login: UInt64
    public var method: Method
    /// The author's schema version.
    public var schema: UInt64
    public var operations: [Operation]

    public init(
        time: HybridTime,
        authority: UInt64,
        user: ID,
        login: UInt64,
        method: Method,
        schema: UInt64,
        operations: [Operation]
    ) {
        self.time = time
        self.authority = authority
        self.user = user
        self.login = login
        self.method = method
        self.schema = schema
        self.operations = operations
    }
}

/// How the node knew the person who acted.
///
/// - Source: CHG-2.
public struct Method: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let machine = Method(rawValue: 0)
    public static let asserted = Method(rawValue: 1)
    public static let account = Method(rawValue: 2)
    public static let badge = Method(rawValue: 3)
    public static let secretInLogin = Method(rawValue: 4)
    public static let secretForAct = Method(rawValue: 5)
    public static let personalKey = Method(rawValue: 6)
}

/// A body in its place in a feed, with the hash that names it.
///
/// - Invariant: `hash` is the hash of the header and the body (CHG-9).
public struct Change: Hashable, Sendable {
    /// The feed that the change belongs to.
    public let feed: Feed
    /// The place in the feed, from 1.
    public let sequence: UInt64
    /// The hash of the change before it, or of the feed's beginning.
    public let previous: Hash
    /// The canonical body, as it was hashed.
    public let body: [UInt8]
    public let hash: Hash

    /// The feed of one replica in one scope.
    public struct Feed: Hashable, Sendable {
        public let tenant: ID
        public let scope: Scope
        public let replica: ID

        public init(tenant: ID, scope: Scope, replica: ID) {
            self.tenant = tenant
            self.scope = scope
            self.replica = replica
        }
    }

    /// Puts together what a store wrote down.
    ///
    /// - Precondition: The hash is that of the header and the body; it is not computed again.
    public init(feed: Feed, sequence: UInt64, previous: Hash, body: [UInt8], trusting hash: Hash) {
        self.feed = feed
        self.sequence = sequence
        self.previous = previous
        self.body = body
        self.hash = hash
    }
}

/// Where a feed stands: what the next change of it must continue.
public struct FeedTip: Hashable, Sendable {
    /// The last sequence; 0 before the first change.
    public let sequence: UInt64
    /// The last hash; before the first change, the feed's beginning (CHG-10).
    public let hash: Hash
    /// The last stamp.
    public let time: HybridTime
    /// The last authority number.
    public let authority: UInt64

    public init(sequence: UInt64, hash: Hash, time: HybridTime, authority: UInt64) {
        self.sequence = sequence
        self.hash = hash
        self.time = time
        self.authority = authority
    }
}

/// A stretch of a feed as it travels: bodies, and the signature over the last of them.
///
/// Nothing of it is believed before ``verified`` has looked at it.
///
/// - Source: CHG-12, SYNC-13.
public struct Run: Hashable, Sendable {
    public var replica: ID
    /// The sequence of the first change.
    public var sequence: UInt64
    /// The hash that the first change links to, where the replica has branches; otherwise nil.
    public var previous: Hash?
    /// Canonical bodies, 1 to 128.
    public var bodies: [[UInt8]] {
        didSet { readings = [] }
    }
    /// 64 bytes.
    public var signature: [UInt8]
    /// What the bodies say, where they were put together from that: one a body, or none at all.
    private var readings: [Body?]

    public init(
        replica: ID,
        sequence: UInt64,
        previous: Hash?,
        bodies: [[UInt8]],
        signature: [UInt8]
    ) {
        self.init(replica, sequence, previous, bodies, saying: [], signature)
    }

    /// - Precondition: Each of the readings, if there are any, is what its body says.
    init(
        _ replica: ID,
        _ sequence: UInt64,
        _ previous: Hash?,
        _ bodies: [[UInt8]],
        saying readings: [Body?],
        _ signature: [UInt8]
    ) {
        self.replica = replica
        self.sequence = sequence
        self.previous = previous
        self.bodies = bodies
        self.readings = readings
        self.signature = signature
    }

    /// What the body of a change says, if that is known without reading it.
    func reading(at sequence: UInt64) -> Body? {
        let place = sequence &- self.sequence
        return place < UInt64(readings.count) ? readings[Int(place)] : nil
    }

    public static func == (left: Run, right: Run) -> Bool {
        left.replica == right.replica && left.sequence == right.sequence
            && left.previous == right.previous && left.bodies == right.bodies
            && left.signature == right.signature
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(replica)
        hasher.combine(sequence)
        hasher.combine(previous)
        hasher.combine(bodies)
        hasher.combine(signature)
    }
}

/// A change that may be stored: decoded, linked, and under a checked signature.
///
/// Only verification makes one, so the type carries the trust.
public struct VerifiedChange: Hashable, Sendable {
    public let change: Change
    /// What the body says; nil for a format of a newer version, which is kept unread.
    public let body: Body?
    /// The signature, at the end of a run; nil inside one.
    public let signature: [UInt8]?
    /// Where the feed stands after it; a body of another format moves neither time nor authority.
    public let tip: FeedTip

    /// Follows where the feed stood before, which a body that cannot be read leaves as it is.
    init(change: Change, body: Body?, signature: [UInt8]?, after before: FeedTip?) {
        self.change = change
        self.body = body
        self.signature = signature
        tip = FeedTip(
            sequence: change.sequence,
            hash: change.hash,
            time: body?.time ?? before?.time ?? .zero,
            authority: body?.authority ?? before?.authority ?? 0
        )
    }
}

/// Why a change, and what follows it in its feed, is refused by every node alike.
///
/// - Source: CHG-14; the raw values are the codes on the wire.
public enum Inadmissible: UInt16, Error, Hashable, Sendable, CaseIterable {
    case malformed = 1
    case unbound = 2
    case badSignature = 3
    case brokenChain = 4
    case staleStamp = 5
    case staleAuthority = 6
    case scopeNotWritable = 7
    case userNotCovered = 8
    case wrongTenant = 9
    case tooManyBranches = 10
}
