/// Why an evidence pack proves nothing.
///
/// - Source: EVD-9.
public struct EvidenceFault: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Not a pack in its one form, or a file is missing.
        case container
        /// A file is not the one that was hashed.
        case sums
        /// Not the tenant whose root is trusted, or a log that nobody may have signed.
        case authority
        /// Not signed by a hub of the tenant.
        case signature
        /// The checkpoint is not the log's, or not the one that the head names.
        case checkpoint
        /// The entries do not add up to the checkpoint.
        case tree
        /// A checkpoint that a station cosigned is not of this log, or the cosignature is not its.
        case witness
        /// An entry says something else than its leaf commits to.
        case entry
        /// A change is not what its author signed, or one before it is missing.
        case change
        /// Something that was asked for is not there, or more than was asked for.
        case completeness
        /// The log does not continue the checkpoint that the auditor holds.
        case consistency
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}

/// What a pack proves.
public struct EvidenceReport: Hashable, Sendable {
    public var head: EvidenceHead
    public var checkpoint: SignedCheckpoint
    /// Entries by what the pack holds of them.
    public var opened = 0
    public var closed = 0
    public var erased = 0
    /// Opened entries of refused changes.
    public var refusals = 0
    /// Opened entries of rulings: what was set aside and released, and why.
    public var rulings = 0
    public var changes = 0
    public var feeds = 0
    /// Changes whose stamps lie over 10 minutes ahead of the hub's clock when it recorded them.
    public var clocksApart = 0
    /// The devices that cosigned, each with the largest size that it did.
    public var witnesses: [Witness] = []
    public var revocations = 0
    /// The size that the auditor held, if a checkpoint was given.
    public var continues: UInt64?

    public struct Witness: Hashable, Sendable {
        public var device: String
        public var size: UInt64
        /// Seconds since 1970.
        public var time: UInt64
    }
}
