public import CRDT

/// The evidence that a scope was purged, and the order to every node to drop it.
///
/// - Source: DOM-253, RET-5.
public struct PurgeCertificate: Fact {
    public static let number: UInt32 = 250
    private static let scopeField: UInt32 = 1
    private static let frontierField: UInt32 = 2
    private static let countsField: UInt32 = 3
    private static let changesField: UInt32 = 4
    private static let firstField: UInt32 = 5
    private static let lastField: UInt32 = 6
    private static let archiveField: UInt32 = 7
    private static let rootField: UInt32 = 8
    private static let keptField: UInt32 = 9
    private static let timeField: UInt32 = 10
    private static let reasonField: UInt32 = 11

    public static let entity = Entity(
        number,
        "purge_certificate",
        in: [.tenant],
        form: .event(stream: []),
        writer: .hub,
        fields: [
            Field(scopeField, "scope", .bytes, .fixed),
            Field(frontierField, "frontier", .bytes, .fixed),
            Field(countsField, "counts", .list, .set),
            Field(changesField, "changes", .integer, .fixed),
            Field(firstField, "first_time", .integer, .fixed),
            Field(lastField, "last_time", .integer, .fixed),
            Field(archiveField, "archive", .bytes, .fixed),
            Field(rootField, "root", .bytes, .fixed),
            Field(keptField, "kept_until", .integer, .fixed),
            Field(timeField, "time", .integer, .fixed),
            Field(reasonField, "reason", .text, .fixed),
        ]
    )

    /// nil: the certificate says nothing, and orders nothing.
    public let scope: Scope?
    /// What the archive holds, feed by feed: whoever holds more keeps it.
    public let frontier: Frontier
    /// How many records and events of each table there were.
    public let counts: [String: Int64]
    public let changes: Int64
    /// The first and the last stamp, milliseconds since 1970.
    public let times: ClosedRange<UInt64>
    /// The hash of the archive file.
    public let archive: Hash
    /// The state hash of the scope (CHG-19).
    public let root: Hash
    /// When the longest duty to keep any of it ended, milliseconds since 1970.
    public let keptUntil: UInt64
    /// The hub's time, milliseconds since 1970.
    public let time: UInt64
    public let reason: String?

    /// Feeds that one certificate names: what a value of bytes holds (ENC-9).
    public static let feedsMax = 700

    public init(
        of scope: Scope,
        upTo frontier: Frontier,
        counts: [String: Int64],
        changes: Int64,
        times: ClosedRange<UInt64>,
        archive: Hash,
        root: Hash,
        keptUntil: UInt64,
        time: UInt64,
        reason: String
    ) {
        self.scope = scope
        self.frontier = frontier
        self.counts = counts
        self.changes = changes
        self.times = times
        self.archive = archive
        self.root = root
        self.keptUntil = keptUntil
        self.time = time
        self.reason = reason
    }

    public init(_ fields: Fields) {
        let frontier = fields.bytes(Self.frontierField).flatMap(Frontier.init(retained:))
        let named = fields.bytes(Self.scopeField).flatMap(Scope.init(bytes:))
        let archive = fields.bytes(Self.archiveField).flatMap { Hash($0) }
        // One thing wrong, and it orders nothing; and no other kind of scope can be dropped.
        scope = frontier == nil || archive == nil || named?.kind != .subject ? nil : named
        self.frontier = frontier ?? Frontier()
        self.archive = archive ?? .zero
        root = fields.bytes(Self.rootField).flatMap { Hash($0) } ?? .zero
        changes = fields.integer(Self.changesField) ?? 0
        let first = Self.time(fields, Self.firstField)
        times = first...max(first, Self.time(fields, Self.lastField))
        keptUntil = Self.time(fields, Self.keptField)
        time = Self.time(fields, Self.timeField)
        reason = fields.text(Self.reasonField)
        let pairs = fields.elements(Self.countsField).compactMap { element -> (String, Int64)? in
            guard case .list(let items) = element, items.count == 2,
                case .text(let table) = items[0], case .integer(let count) = items[1]
            else { return nil }
            return (table, count)
        }
        counts = Dictionary(pairs) { max($0, $1) }
    }

    private static func time(_ fields: Fields, _ field: UInt32) -> UInt64 {
        UInt64(clamping: fields.integer(field) ?? 0)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values[Self.scopeField] = scope.map { .bytes($0.bytes) }
        values[Self.frontierField] = .bytes(frontier.retained)
        values.add(Self.countsField, counts.map { .list([.text($0.key), .integer($0.value)]) })
        values.set(Self.changesField, changes)
        values.set(Self.firstField, Int64(clamping: times.lowerBound))
        values.set(Self.lastField, Int64(clamping: times.upperBound))
        values[Self.archiveField] = .bytes(archive.bytes)
        values[Self.rootField] = .bytes(root.bytes)
        values.set(Self.keptField, Int64(clamping: keptUntil))
        values.set(Self.timeField, Int64(clamping: time))
        values.set(Self.reasonField, reason)
        return values
    }

    /// Whether the archive holds everything up to a frontier.
    ///
    /// A feed without branches that ends below the certificate's is part of it; of one with
    /// branches each end must be one that the certificate names.
    public func covers(_ held: Frontier) -> Bool {
        held.tips.allSatisfy { tip in
            let archived = frontier.tips(of: tip.replica)
            if archived.contains(where: { $0.sequence == tip.sequence && $0.hash == tip.hash }) {
                return true
            }
            guard archived.count == 1, archived[0].branch == .zero, tip.branch == .zero else {
                return false
            }
            return tip.sequence < archived[0].sequence
        }
    }
}

/// What is purged, by all the certificates and holds that are held: a pure function of them.
///
/// - Source: RET-6: a hold that stands takes the force from every certificate of its scope.
public struct Purges: Hashable, Sendable {
    /// The certificates in force, by scope.
    public let certificates: [Scope: [PurgeCertificate]]

    public init(_ certificates: [PurgeCertificate], holds: LegalHolds) {
        var inForce: [Scope: [PurgeCertificate]] = [:]
        for certificate in certificates {
            guard let scope = certificate.scope, holds.on(scope).isEmpty else { continue }
            inForce[scope, default: []].append(certificate)
        }
        self.certificates = inForce
    }

    /// Whether everything that a node holds of a scope lies in an archive.
    public func covers(_ held: Frontier, of scope: Scope) -> Bool {
        certificates[scope]?.contains { $0.covers(held) } ?? false
    }
}

extension Frontier {
    private static let tipBytes = 88

    /// Each tip in 88 bytes: replica, branch, sequence, hash.
    var retained: [UInt8] {
        var bytes: [UInt8] = []
        for tip in tips {
            bytes += tip.replica.bytes
            bytes += tip.branch.bytes
            for shift in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: tip.sequence >> (56 - 8 * shift)))
            }
            bytes += tip.hash.bytes
        }
        return bytes
    }

    /// Nil for bytes that are none, or that say it in another way.
    init?(retained bytes: [UInt8]) {
        guard bytes.count.isMultiple(of: Self.tipBytes) else { return nil }
        var tips: [Tip] = []
        for start in stride(from: 0, to: bytes.count, by: Self.tipBytes) {
            let part = bytes[start..<(start + Self.tipBytes)]
            guard let replica = ID(part.prefix(16)), let hash = Hash(part.suffix(32)),
                let branch = Hash(part.dropFirst(16).prefix(32))
            else { return nil }
            let sequence: UInt64 = part.dropFirst(48).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            tips.append(Tip(replica: replica, branch: branch, sequence: sequence, hash: hash))
        }
        self.init(tips)
        guard retained == bytes else { return nil }
    }
}
