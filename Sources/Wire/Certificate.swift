public import CRDT
public import Identity

/// Who a device is, and which people it may speak for.
///
/// - Source: ID-7, ID-8 in `protocol/identity.md`.
public struct Certificate: Hashable, Sendable {
    /// The kinds of certified device.
    public enum Kind: UInt8, Hashable, Sendable {
        case hub = 1
        case station = 2
        case technician = 3
        case siteIssuer = 4
    }

    /// Which users the device may speak for.
    public enum Users: Hashable, Sendable {
        case anyOfSite
        /// Sorted, unique.
        case named([ID])
    }

    public var tenant: ID
    public var serial: UInt64
    public var device: ID
    public var kind: Kind
    /// Zero for a hub.
    public var site: ID
    /// The Ed25519 key of the device, admitted (ID-2).
    public var signKey: VerifyingKey
    /// The X25519 key of the device, 32 bytes, admitted.
    public var channelKey: [UInt8]
    public var users: Users
    public var rights: UInt32
    public var authorityEpoch: UInt32
    /// Milliseconds since 1970.
    public var notBefore: UInt64
    /// Milliseconds since 1970.
    public var notAfter: UInt64
    /// The hash of the operator statement, or of the site issuer's certificate.
    public var issuer: Hash

    public init(
        tenant: ID,
        serial: UInt64,
        device: ID,
        kind: Kind,
        site: ID,
        signKey: VerifyingKey,
        channelKey: [UInt8],
        users: Users,
        rights: UInt32,
        authorityEpoch: UInt32,
        notBefore: UInt64,
        notAfter: UInt64,
        issuer: Hash
    ) {
        self.tenant = tenant
        self.serial = serial
        self.device = device
        self.kind = kind
        self.site = site
        self.signKey = signKey
        self.channelKey = channelKey
        self.users = users
        self.rights = rights
        self.authorityEpoch = authorityEpoch
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.issuer = issuer
    }
}

/// A device's declaration that it opens a feed in every scope under one key.
///
/// - Source: ID-10.
public struct ReplicaStatement: Hashable, Sendable {
    /// Why a replica was opened.
    public enum Reason: UInt8, Hashable, Sendable {
        case first = 1
        case restored = 2
        case cloned = 3
        case key = 4
        case fork = 5
    }

    public var tenant: ID
    public var device: ID
    public var replica: ID
    /// From 1.
    public var incarnation: UInt32
    public var signKey: VerifyingKey
    /// The hash of the certificate.
    public var certificate: Hash
    /// Zero for the first replica of a device.
    public var previousReplica: ID
    public var reason: Reason
    /// Milliseconds since 1970.
    public var opened: UInt64

    public init(
        tenant: ID,
        device: ID,
        replica: ID,
        incarnation: UInt32,
        signKey: VerifyingKey,
        certificate: Hash,
        previousReplica: ID,
        reason: Reason,
        opened: UInt64
    ) {
        self.tenant = tenant
        self.device = device
        self.replica = replica
        self.incarnation = incarnation
        self.signKey = signKey
        self.certificate = certificate
        self.previousReplica = previousReplica
        self.reason = reason
        self.opened = opened
    }
}

/// A structure with the signature of one key over its bytes.
///
/// - Source: ID-1.
public struct Signed<Structure: Hashable & Sendable>: Hashable, Sendable {
    public let structure: Structure
    /// 64 bytes; not yet checked.
    public let signature: [UInt8]

    public init(_ structure: Structure, signature: [UInt8]) {
        self.structure = structure
        self.signature = signature
    }
}

/// A replica statement and the certificate it names, as they travel before a replica's changes.
///
/// - Source: ID-11.
public struct Binding: Hashable, Sendable {
    public let statement: Signed<ReplicaStatement>
    public let certificate: Signed<Certificate>

    public init(statement: Signed<ReplicaStatement>, certificate: Signed<Certificate>) {
        self.statement = statement
        self.certificate = certificate
    }
}

/// A binding whose signatures, issuer and agreement were checked against an authority log.
///
/// Only ``AuthorityLog`` makes one.
public struct VerifiedBinding: Hashable, Sendable {
    public let binding: Binding

    init(_ binding: Binding) {
        self.binding = binding
    }

    public var statement: ReplicaStatement { binding.statement.structure }
    public var certificate: Certificate { binding.certificate.structure }
    public var replica: ID { statement.replica }
}
