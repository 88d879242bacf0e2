public import Bytes
public import CRDT

/// What a person signs: that they saw one revision of one record, and what they meant by it.
///
/// It stands by itself, beside the change that carries it: the change says which device wrote,
/// this says which person decided. Nothing of it can be moved to another record, revision, meaning,
/// reason or time without breaking the signature.
///
/// - Shape: 184 bytes; signed, 248.
/// - Source: SIG-1 to SIG-5 in `protocol/signatures.md`.
public struct ElectronicSignature: Hashable, Sendable {
    /// What a person means by signing.
    public struct Meaning: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        public static let authored = Meaning(rawValue: 1)
        public static let reviewed = Meaning(rawValue: 2)
        public static let approved = Meaning(rawValue: 3)
        public static let rejected = Meaning(rawValue: 4)
        public static let responsible = Meaning(rawValue: 5)
        public static let verified = Meaning(rawValue: 6)
        public static let waived = Meaning(rawValue: 7)
        public static let released = Meaning(rawValue: 8)
    }

    /// How far the clock that gave the time could be trusted.
    public enum ClockQuality: UInt8, Hashable, Sendable, CaseIterable {
        /// Most peers that were met agreed with it.
        case synchronized = 1
        /// No peer was met.
        case unconfirmed = 2
        /// Peers, or the certificate of the device, contradict it.
        case implausible = 3
    }

    public var tenant: ID
    public var scope: Scope
    public var record: ID
    /// The hash of the records as they were shown (SIG-3).
    public var revision: Hash
    /// The hash of the form that the person had before them (SIG-4).
    public var shown: Hash
    public var meaning: Meaning
    /// The hash of the reason (SIG-4); zero where none was given.
    public var reason: Hash
    public var user: ID
    /// Milliseconds since 1970, by the clock of the device.
    public var time: UInt64
    public var clock: ClockQuality
    /// ``Method/secretForAct`` or ``Method/personalKey``.
    public var method: Method

    public init(
        tenant: ID,
        scope: Scope,
        record: ID,
        revision: Hash,
        shown: Hash,
        meaning: Meaning,
        reason: Hash,
        user: ID,
        time: UInt64,
        clock: ClockQuality,
        method: Method
    ) {
        self.tenant = tenant
        self.scope = scope
        self.record = record
        self.revision = revision
        self.shown = shown
        self.meaning = meaning
        self.reason = reason
        self.user = user
        self.time = time
        self.clock = clock
        self.method = method
    }
}

extension ElectronicSignature: Signable {
    /// Bytes of one that is signed.
    public static let signedBytes = 248

    /// Appends the fields of SIG-1.
    public func write(to writer: inout Writer) {
        writer.tag("gemba/esign/1")
        writer.id(tenant)
        writer.scope(scope)
        writer.id(record)
        writer.hash(revision)
        writer.hash(shown)
        writer.u8(meaning.rawValue)
        writer.hash(reason)
        writer.id(user)
        writer.u48(time)
        writer.u8(clock.rawValue)
        writer.u8(method.rawValue)
    }

    /// Reads the fields of SIG-1, and refuses what no person can have signed (SIG-2).
    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/esign/1")
        tenant = try reader.id("tenant")
        scope = try reader.scope("scope")
        record = try reader.id("record")
        guard record != .zero else { throw reader.malformed(.invalid, "record") }
        revision = try reader.hash("revision")
        guard revision != .zero else { throw reader.malformed(.invalid, "revision") }
        shown = try reader.hash("shown form")
        guard shown != .zero else { throw reader.malformed(.invalid, "shown form") }
        meaning = Meaning(rawValue: try reader.u8("meaning"))
        guard meaning.rawValue != 0 else { throw reader.malformed(.invalid, "meaning") }
        reason = try reader.hash("reason")
        user = try reader.id("user")
        guard user != .zero else { throw reader.malformed(.invalid, "user") }
        time = try reader.u48("time")
        guard let clock = ClockQuality(rawValue: try reader.u8("clock quality")) else {
            throw reader.malformed(.invalid, "clock quality")
        }
        self.clock = clock
        method = Method(rawValue: try reader.u8("method"))
        guard method == .secretForAct || method == .personalKey else {
            throw reader.malformed(.invalid, "method")
        }
    }
}

// MARK: - Hashes

extension ElectronicSignature {
    /// The hash of what stood before the person, byte for byte (SIG-4).
    public static func hash(shown form: [UInt8]) -> Hash {
        var writer = Writer(capacity: form.count + 16)
        writer.tag("gemba/shown/1")
        writer.raw(form)
        return Hash(of: writer.bytes)
    }

    /// The hash of a reason as it stands in the record; zero for none (SIG-4).
    public static func hash(reason: String?) -> Hash {
        guard let reason, !reason.isEmpty else { return .zero }
        var writer = Writer(capacity: reason.utf8.count + 16)
        writer.tag("gemba/reason/1")
        writer.raw(Array(reason.utf8))
        return Hash(of: writer.bytes)
    }

    /// The hash of records as a node holds them: another write to any of them gives another.
    ///
    /// - Parameters:
    ///   - forms: The canonical forms (CHG-18), ascending by the ids of the records.
    ///   - scope: Where the records are.
    ///   - tenant: Whose they are.
    /// - Returns: What a signature names.
    /// - Source: SIG-3.
    public static func revision(of forms: [[UInt8]], in scope: Scope, tenant: ID) -> Hash {
        var writer = Writer(capacity: 256)
        writer.tag("gemba/revision/1")
        writer.id(tenant)
        writer.scope(scope)
        for form in forms {
            writer.u32(UInt32(truncatingIfNeeded: form.count))
            writer.raw(form)
        }
        return Hash(of: writer.bytes)
    }
}
