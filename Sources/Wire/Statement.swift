public import CRDT
public import Identity

/// The keys that stand above everything a tenant signs.
///
/// - Source: ID-3.
public struct RootStatement: Hashable, Sendable {
    /// From 1.
    public var number: UInt32
    /// How many of the keys must sign.
    public var threshold: UInt8
    /// Sorted, unique, 1 to 16.
    public var keys: [VerifyingKey]
    /// The hash of the root statement before; zero for number 1.
    public var previous: Hash
    /// Milliseconds since 1970.
    public var issued: UInt64

    public init(
        number: UInt32,
        threshold: UInt8,
        keys: [VerifyingKey],
        previous: Hash,
        issued: UInt64
    ) {
        self.number = number
        self.threshold = threshold
        self.keys = keys
        self.previous = previous
        self.issued = issued
    }
}

/// One entry of a tenant's authority log.
///
/// - Source: ID-5.
public struct Statement: Hashable, Sendable {
    /// What an entry says.
    public enum Payload: Hashable, Sendable {
        case `operator`(
            key: VerifyingKey,
            logKey: VerifyingKey,
            notBefore: UInt64,
            notAfter: UInt64
        )
        case certificate(Signed<Certificate>)
        case revocation(device: ID, serial: UInt64, reason: UInt8, effectiveAt: UInt64)
        case suspend(device: ID, serial: UInt64, isOn: Bool)
        case logEpoch(UInt32, checkpoint: Hash)
        case minimumVersion(UInt8)
        /// The hash of an invitation's id.
        case invitation(Hash)
        /// A kind of a newer version: kept.
        case unknown(kind: UInt8, bytes: [UInt8])
    }

    public var tenant: ID
    /// From 1.
    public var number: UInt64
    /// The hash of the statement before; of root statement 1 for number 1.
    public var previous: Hash
    /// The number of the root statement in force.
    public var authorityEpoch: UInt32
    /// Milliseconds since 1970.
    public var issued: UInt64
    public var payload: Payload

    public init(
        tenant: ID,
        number: UInt64,
        previous: Hash,
        authorityEpoch: UInt32,
        issued: UInt64,
        payload: Payload
    ) {
        self.tenant = tenant
        self.number = number
        self.previous = previous
        self.authorityEpoch = authorityEpoch
        self.issued = issued
        self.payload = payload
    }
}

/// Signatures of several keys over one structure.
///
/// - Source: ID-3: count, then key and signature, ascending by key.
public struct SignatureSet: Hashable, Sendable {
    /// One key's signature.
    public struct Entry: Hashable, Sendable {
        public let key: VerifyingKey
        /// 64 bytes.
        public let signature: [UInt8]

        public init(key: VerifyingKey, signature: [UInt8]) {
            self.key = key
            self.signature = signature
        }
    }

    /// Sorted by key, unique.
    public let entries: [Entry]

    public init(_ entries: [Entry]) {
        self.entries = entries
    }
}

/// A structure with the signatures of several keys over its bytes.
public struct Cosigned<Structure: Hashable & Sendable>: Hashable, Sendable {
    public let structure: Structure
    /// Not yet checked.
    public let signatures: SignatureSet

    public init(_ structure: Structure, signatures: SignatureSet) {
        self.structure = structure
        self.signatures = signatures
    }
}
