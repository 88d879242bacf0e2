import Bytes
public import CRDT
import Domain
import Identity
public import Node
import Storage
public import Wire

/// How devices become a tenant's: invitations made, redeemed and cancelled.
///
/// - Invariant: 1. What was promised to a device is on disk before it is told. 2. One invitation
///   gives one certificate, however often it is redeemed.
/// - Source: ID-7, ID-13 to ID-16.
public struct Enrolment: Sendable {
    /// What people at the hub are told.
    public enum Event: Hashable, Sendable {
        case joined(label: String, words: String)
        /// A device, or this hub itself, has a certificate that holds longer (ID-19).
        case renewed(ID)
        /// A spent token came with other keys: somebody else has it.
        case alarm(String)
        case failed(String)
    }

    let node: LocalNode
    let report: @Sendable (Event) -> Void

    /// - Parameters:
    ///   - node: The node of a hub, or of a station, which a hub may make a site issuer.
    ///   - report: Called from any thread.
    /// - Throws: `.refused` for another kind of node.
    public init(_ node: LocalNode, report: @escaping @Sendable (Event) -> Void) throws {
        guard node.store.keys.operator != nil || node.store.certificate.kind == .station else {
            throw CommandFault(.refused, "only a hub invites devices", reason: "hub-only")
        }
        self.node = node
        self.report = report
    }
}

// MARK: - Inviting

extension Enrolment {
    /// Makes a token with which one device can join within 24 hours.
    ///
    /// - Parameters:
    ///   - kind: Station or technician.
    ///   - site: The site it will belong to.
    ///   - users: Whom it may speak for; none: anybody of the site.
    ///   - address: Where the device reaches this hub.
    /// - Returns: The token; nobody can read it again.
    /// - Throws: `.usage` for an address that is none or another kind of device.
    public func invite(
        _ kind: Certificate.Kind,
        to site: ID,
        users: [ID],
        address: String
    ) throws -> JoinToken {
        guard kind == .station || kind == .technician, users.count <= Invitation.usersMax else {
            throw CommandFault(.usage, "only stations and technicians are invited")
        }
        let isOperator = node.store.keys.operator != nil
        guard isOperator || node.siteIssuer?.structure.site == site else { throw Self.notIssuer }
        let secret = node.chance.bytes(16)
        let tenant = node.store.tenant
        guard let token = JoinToken(tenant: tenant, secret: secret, address: address) else {
            throw CommandFault(.usage, "\(address) is not HOST:PORT")
        }
        let invitation = Invitation(
            token,
            kind: kind,
            site: site,
            users: users.isEmpty ? .anyOfSite : .named(Set(users).sorted()),
            expires: node.wallMilliseconds + Invitation.validityMilliseconds
        )
        try node.inTurn {
            if isOperator { try declare(.invitation(Hash(Blake2b.hash256(token.id)) ?? .zero)) }
            try save(invitation)
        }
        return token
    }

    /// All invitations, the newest last.
    public func invitations() throws -> [Invitation] {
        try node.store.localValues(prefix: Self.prefix)
            // Those that a former operator sealed and a recovery did not save are lost.
            .compactMap { try? open($0.value) }
            .sorted { $0.expires < $1.expires }
    }

    /// Forgets an open invitation, so that its token is worth nothing.
    ///
    /// - Parameter id: The first digits of its id in hexadecimal, at least four.
    /// - Returns: What was forgotten.
    /// - Throws: `.notFound`, `.refused` if a device has joined with it.
    public func cancel(_ id: String) throws -> Invitation {
        try node.inTurn {
            let found = try invitations().filter { Hex.encode($0.id).hasPrefix(id.lowercased()) }
            guard id.count >= 4, found.count == 1, let invitation = found.first else {
                throw CommandFault(.notFound, "no single invitation begins with \(id)")
            }
            guard invitation.redemption == nil else {
                throw CommandFault(.refused, "a device has joined with it", reason: "redeemed")
            }
            try node.store.setLocalValue(nil, for: key(invitation.id))
            return invitation
        }
    }
}

// MARK: - Site issuers

extension Enrolment {
    static let notIssuer = CommandFault(
        .refused,
        "only a hub invites devices, and an issuer of the site: gemba hub appoint",
        reason: "hub-only"
    )

    /// Makes a station an issuer of its site for 30 days: it certifies devices with no hub near.
    ///
    /// - Parameters:
    ///   - device: The station.
    ///   - count: How many certificates it may give, 1 to 65,535.
    /// - Returns: The issuer's certificate, which the log brings to the station.
    /// - Throws: `.refused` for a device that is no station, or barred.
    /// - Source: ID-22.
    public func appoint(_ device: ID, count: UInt16) throws -> Certificate {
        try node.inTurn {
            let log = node.store.authority
            let station = log.certificates.last {
                $0.structure.device == device && $0.structure.kind == .station
            }
            guard count > 0, let station = station?.structure,
                !log.isBarred(device, serial: station.serial)
            else { throw CommandFault(.refused, "only stations become issuers", reason: "kind") }
            let issued = try issue { _ in
                var certificate = station
                certificate.kind = .siteIssuer
                certificate.users = .anyOfSite
                certificate.rights = UInt32(count)
                return certificate
            }
            try declare(.certificate(issued))
            return issued.structure
        }
    }
}

// MARK: - The authority log

extension Enrolment {
    /// Appends a statement of the operator to the authority log.
    ///
    /// - Precondition: Inside ``LocalNode/inTurn(_:)``.
    func declare(_ payload: Statement.Payload) throws {
        guard let key = node.store.keys.operator else {
            throw CommandFault(.refused, "only a hub says who belongs", reason: "hub-only")
        }
        let statement = node.store.authority.next(payload, issued: node.wallMilliseconds)
        let signed = Cosigned(signing: statement, with: [key])
        let fault = try node.store.adopt(
            roots: [],
            statements: [signed],
            wallMilliseconds: node.wallMilliseconds
        )
        if let fault {
            throw CommandFault(
                .refused,
                "the authority log does not take it (is the clock right?): \(fault)",
                reason: "authority"
            )
        }
    }
}

// MARK: - Keeping

extension Enrolment {
    private static let prefix = "invitation/"

    private func key(_ id: [UInt8]) -> String {
        Self.prefix + Hex.encode(id)
    }

    /// The key under which invitations lie sealed: a copied database holds no live token.
    private var sealingKey: [UInt8] {
        let seed = node.store.keys.operator?.seed ?? node.store.keys.sign.seed
        return Blake2b.hash(Array("gemba/invitation-seal/1".utf8), length: 32, key: seed)
    }

    func save(_ invitation: Invitation) throws {
        let sealed = try Sealed.seal(
            invitation.encoded,
            key: sealingKey,
            nonce: node.chance.bytes(24)
        )
        try node.store.setLocalValue(sealed, for: key(invitation.id))
    }

    /// The invitation of an id; nil if there is none.
    func invitation(of id: [UInt8]) throws -> Invitation? {
        try node.store.localValue(key(id)).map(open)
    }

    private func open(_ sealed: [UInt8]) throws -> Invitation {
        try Invitation(decoding: try Sealed.open(sealed, key: sealingKey))
    }
}
