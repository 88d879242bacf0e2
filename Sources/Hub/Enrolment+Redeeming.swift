import CRDT
import Dispatch
import Domain
import Identity
import Node
import Storage
public import Transports
public import Wire

extension Enrolment: Redeemer {
    public func presharedKey(for tokenID: [UInt8]) -> [UInt8]? {
        do {
            guard let invitation = try invitation(of: tokenID),
                node.wallMilliseconds < invitation.expires
            else { return nil }
            return invitation.presharedKey
        } catch {
            report(.failed("\(error)"))
            return nil
        }
    }

    public func redeem(
        _ request: Signed<JoinRequest>,
        label: String,
        handshakeHash: [UInt8],
        channelKey: [UInt8]
    ) async -> Signed<Certificate>? {
        let words = Proquint.words(ofHandshake: handshakeHash)
        return await withCheckedContinuation { continuation in
            // The store waits for its disk, which no cooperative thread may.
            Self.queue.async {
                continuation.resume(returning: decide(request.structure, label, words))
            }
        }
    }

    static let queue = DispatchQueue(label: "hub.enrolment")

    private func decide(
        _ request: JoinRequest,
        _ label: String,
        _ words: String
    ) -> Signed<Certificate>? {
        do {
            let certificate = try node.inTurn { try answer(request, label, words) }
            if certificate != nil { report(.joined(label: label, words: words)) }
            return certificate
        } catch {
            report(.failed("\(CommandFault(error).message)"))
            return nil
        }
    }

    /// Gives what was given before, or a new certificate that is on disk when this returns.
    private func answer(
        _ request: JoinRequest,
        _ label: String,
        _ words: String
    ) throws -> Signed<Certificate>? {
        guard var invitation = try invitation(of: request.tokenID) else { return nil }
        if let redemption = invitation.redemption {
            let given = redemption.certificate.structure
            guard given.signKey == request.signKey, given.channelKey == request.channelKey else {
                node.countRefusal(from: given.device, code: RefusalCode.spentToken)
                report(.alarm("the token of \(redemption.label) was shown by another device"))
                return nil
            }
            try complete(redemption)
            return redemption.certificate
        }
        guard node.wallMilliseconds < invitation.expires else { return nil }
        let redemption = Invitation.Redemption(
            certificate: try certificate(for: request, invitation),
            label: label,
            words: words
        )
        invitation.redemption = redemption
        try save(invitation)
        try complete(redemption)
        return redemption.certificate
    }

    private func certificate(
        for request: JoinRequest,
        _ invitation: Invitation
    ) throws -> Signed<Certificate> {
        try issue { log in
            Certificate(
                tenant: log.tenant,
                serial: 0,
                device: node.chance.id,
                kind: invitation.kind,
                site: invitation.site,
                signKey: request.signKey,
                channelKey: request.channelKey,
                users: invitation.users,
                rights: 0,
                authorityEpoch: 0,
                notBefore: 0,
                notAfter: 0,
                issuer: .zero
            )
        }
    }

    /// Certifies as the operator: with the next serial, from now on, for as long as the kind has.
    ///
    /// - Throws: `.refused` where the operator is not, or no longer, the tenant's.
    func issue(_ subject: (AuthorityLog) -> Certificate) throws -> Signed<Certificate> {
        let log = node.store.authority
        let now = node.wallMilliseconds
        guard let key = node.store.keys.operator, let issuer = log.operatorHash else {
            throw CommandFault(.refused, "only a hub certifies devices", reason: "hub-only")
        }
        guard log.operatorKey == key.publicKey else {
            throw CommandFault(.refused, "another hub has replaced this one", reason: "replaced")
        }
        guard let validity = log.operatorValidity, validity.contains(now) else {
            throw CommandFault(
                .refused,
                "the clock is outside the operator's validity: set it, or gemba hub recover",
                reason: "operator-ended"
            )
        }
        var certificate = subject(log)
        certificate.serial = try nextSerial()
        certificate.authorityEpoch = log.rootNumber
        certificate.issuer = issuer
        certificate.notBefore = now - min(now, TenantFounding.leewayMilliseconds)
        certificate.notAfter = now + Self.life(of: certificate.kind)
        return Signed(signing: certificate, with: key)
    }

    /// For how long a certificate holds, milliseconds.
    private static func life(of kind: Certificate.Kind) -> UInt64 {
        switch kind {
        case .hub: TenantFounding.validityMilliseconds
        case .station: 365 * 86_400_000
        case .technician: 90 * 86_400_000
        case .siteIssuer: 30 * 86_400_000
        }
    }

    /// One above every serial given, those among them that the log does not hold yet.
    private func nextSerial() throws -> UInt64 {
        let logged = node.store.authority.certificates.map(\.structure.serial)
        let promised = try invitations().compactMap(\.redemption?.certificate.structure.serial)
        return ((logged + promised).max() ?? 0) + 1
    }

    /// What follows from a redemption, as far as it is not done yet: the statement and the record.
    private func complete(_ redemption: Invitation.Redemption) throws {
        let certificate = redemption.certificate
        if !node.store.authority.certificates.contains(certificate) {
            try declare(.certificate(certificate))
        }
        var values = FieldValues()
        values.set(Device.device, certificate.structure.device)
        values.set(Device.kind, "\(certificate.structure.kind)")
        values.set(Device.name, redemption.label)
        values.set(Device.site, certificate.structure.site)
        if case .named(let users) = certificate.structure.users, users.count == 1 {
            values.set(Device.owner, users[0])
        }
        values.set(Device.status, "active")
        let operation = Operation(
            creating: Device.entity,
            values,
            in: .tenant,
            tenant: node.store.tenant
        )
        _ = try node.act(.machine) { acting in
            var draft = Draft()
            let isHeld = try acting.view.records(of: Device.entity, in: .tenant)
                .contains { $0.fields.id(Device.device) == certificate.structure.device }
            guard !isHeld else { return draft }
            draft.add(operation, in: .tenant)
            return draft
        }
    }
}
