public import CRDT

/// A statement of a hub, with the change that holds it.
public struct Stated<Statement: Sendable>: Sendable {
    public let author: FeedPoint
    public let statement: Statement

    public init(_ statement: Statement, by author: FeedPoint) {
        self.statement = statement
        self.author = author
    }
}

/// A revocation of the authority log, as far as one scope is concerned.
public struct Revocation: Hashable, Sendable {
    /// Its number in the log.
    public let number: UInt64
    /// The hash of its statement.
    public let hash: Hash
    /// The replicas that it covers, with whether each is a hub's.
    public let replicas: [ID: Bool]

    public init(number: UInt64, hash: Hash, replicas: [ID: Bool]) {
        self.number = number
        self.hash = hash
        self.replicas = replicas
    }
}

/// Why a change does not count.
public enum Exclusion: String, Hashable, Sendable {
    /// It lies above the cut-off of a revoked device.
    case cutOff = "cut-off"
    case rejected
    case quarantined
}

/// What statements make of one change.
public struct ChangeStanding: Hashable, Sendable {
    /// Whether it lies above the cut-off of a revoked device.
    public let isCut: Bool
    public let ruling: Ruling?

    public init(isCut: Bool, ruling: Ruling?) {
        self.isCut = isCut
        self.ruling = ruling
    }

    /// Whether every operation of the change counts.
    public var isPlain: Bool { !isCut && (ruling == nil || ruling == .accepted) }

    /// Why what the change says about an entity does not count; nil if it does.
    ///
    /// A verdict does not touch statements: they are in force unless their author is cut off.
    public func exclusion(of entity: UInt32) -> Exclusion? {
        if HubStatement.isOne(entity) { return isCut ? .cutOff : nil }
        switch ruling {
        case .accepted: return nil
        case .rejected: return .rejected
        case .quarantined: return .quarantined
        case nil: return isCut ? .cutOff : nil
        }
    }
}

/// Which changes of a scope are cut off, and at what times others rank.
///
/// A pure function of the changes and statements held and of the authority log: order of arrival,
/// clocks and peers have no part in it.
///
/// - Source: CHG-20 to CHG-24, MERGE-14; W6, W7 and W9 of the design's `merging.md`.
public struct Effectiveness: Sendable {
    /// For each revoked replica, for each revocation that limits it, what counts.
    private var limits: [ID: [[Line]]] = [:]
    private var clocks: [ID: [ClockRuling]] = [:]

    /// A clock verdict, resolved.
    public struct ClockRuling: Hashable, Sendable {
        public let first: UInt64
        public let last: FeedPoint
        public let line: Line
        public let time: HybridTime

        func rules(_ point: FeedPoint) -> Bool {
            first <= point.sequence && point.sequence <= last.sequence && line.contains(point)
        }
    }

    /// - Parameters:
    ///   - revocations: Those in force, as far as they cover replicas of the scope.
    ///   - cutOffs: Of the scope.
    ///   - receipts: Of the scope; asked for once, and only where a cut-off is missing.
    ///   - clockVerdicts: Of the scope.
    ///   - line: What lies at or before a change.
    /// - Throws: What `receipts` and `line` throw.
    public init<Failure: Error>(
        revocations: [Revocation],
        cutOffs: [Stated<CutOff>],
        receipts: () throws(Failure) -> [Stated<Receipt>],
        clockVerdicts: [Stated<ClockVerdict>],
        line: (FeedPoint) throws(Failure) -> Line
    ) throws(Failure) {
        // Who was revoked later may still have cut off who was revoked before; so the latest
        // revocations are settled first, and each is settled by statements that are settled.
        var earliest: [ID: UInt64] = [:]
        for revocation in revocations {
            for replica in revocation.replicas.keys {
                earliest[replica] = min(earliest[replica] ?? .max, revocation.number)
            }
        }
        var loaded: [Stated<Receipt>]?
        for revocation in revocations.sorted(by: { $0.number > $1.number }) {
            var settled: [ID: [Line]] = [:]
            func mayCut(_ author: FeedPoint) -> Bool {
                earliest[author.replica] ?? .max > revocation.number && !isCut(author)
            }
            for (replica, isHub) in revocation.replicas {
                var points = cutOffs.filter {
                    $0.statement.revocation == revocation.hash
                        && $0.statement.last?.replica == replica && mayCut($0.author)
                }
                .compactMap(\.statement.last)
                if points.isEmpty {
                    if isHub { continue }
                    if loaded == nil { loaded = try receipts() }
                    points = (loaded ?? []).filter { mayCut($0.author) }
                        .flatMap(\.statement.held).filter { $0.replica == replica }
                }
                var lines: [Line] = []
                for point in Set(points) { lines.append(try line(point)) }
                settled[replica] = lines
            }
            for (replica, lines) in settled { limits[replica, default: []].append(lines) }
        }
        try rule(clockVerdicts, line)
    }

    private mutating func rule<Failure: Error>(
        _ verdicts: [Stated<ClockVerdict>],
        _ line: (FeedPoint) throws(Failure) -> Line
    ) throws(Failure) {
        for verdict in verdicts where !isCut(verdict.author) {
            guard let last = verdict.statement.last else { continue }
            let ruling = ClockRuling(
                first: verdict.statement.first,
                last: last,
                line: try line(last),
                time: HybridTime(milliseconds: verdict.statement.milliseconds)
            )
            clocks[last.replica, default: []].append(ruling)
        }
    }
}

extension Effectiveness {
    /// The replicas of which something may be cut off.
    public var limited: Set<ID> { Set(limits.keys) }

    /// Whether a change lies above the cut-off of a revoked device.
    public func isCut(_ point: FeedPoint) -> Bool {
        guard let limits = limits[point.replica] else { return false }
        return limits.contains { lines in !lines.contains { $0.contains(point) } }
    }

    /// The sequence up to which nothing of a replica is cut off, whatever branches it has.
    public func uncut(of replica: ID) -> UInt64 {
        guard let limits = limits[replica] else { return .max }
        return limits.map { lines in
            lines.map { line in
                if case .upTo(let last) = line { last } else { 0 }
            }.max() ?? 0
        }.min() ?? .max
    }

    /// The clock verdicts in force, by the replica that they rule on.
    public var clockRulings: [ID: [ClockRuling]] { clocks }

    /// The time at which the writes of a change rank at most; nil if no verdict says so.
    public func time(of point: FeedPoint) -> HybridTime? {
        clocks[point.replica]?
            .filter { $0.rules(point) }
            .map(\.time).min()
    }
}
