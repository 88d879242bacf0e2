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

    /// Certifies as the operator or site issuer that this node is: with the next serial, from now
    /// on, for as long as the kind has.
    ///
    /// - Throws: `.refused` where the node is neither, or no longer.
    func issue(_ subject: (AuthorityLog) -> Certificate) throws -> Signed<Certificate> {
        let log = node.store.authority
        var certificate = subject(log)
        certificate.authorityEpoch = log.rootNumber
        let now = node.wallMilliseconds
        certificate.notBefore = now - min(now, TenantFounding.leewayMilliseconds)
        certificate.notAfter = now + Self.life(of: certificate.kind)
        guard let key = node.store.keys.operator else {
            guard let issuer = node.siteIssuer?.structure else { throw Self.notIssuer }
            certificate.issuer = issuer.hash
            certificate.serial = try nextSerial(by: issuer)
            certificate.notBefore = max(certificate.notBefore, issuer.notBefore)
            certificate.notAfter = now + Self.life(of: .technician)
            return Signed(signing: certificate, with: node.store.keys.sign)
        }
        certificate.issuer = try operatorInForce(key, in: log, at: now)
        certificate.serial = try nextSerial(in: log)
        return Signed(signing: certificate, with: key)
    }

    private func operatorInForce(
        _ key: SigningKey,
        in log: AuthorityLog,
        at now: UInt64
    ) throws -> Hash {
        guard let issuer = log.operatorHash, log.operatorKey == key.publicKey else {
            throw CommandFault(.refused, "another hub has replaced this one", reason: "replaced")
        }
        guard let validity = log.operatorValidity, validity.contains(now) else {
            throw CommandFault(
                .refused,
                "the clock is outside the operator's validity: set it, or gemba hub recover",
                reason: "operator-ended"
            )
        }
        return issuer
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

    /// One above every serial that operators gave, those among them that the log lacks yet.
    private func nextSerial(in log: AuthorityLog) throws -> UInt64 {
        let given = log.certificates.map(\.structure) + (try promised())
        let own = given.filter { log.siteIssuer($0.issuer) == nil }
        return (own.map(\.serial).max() ?? 0) + 1
    }

    /// The next serial of a site issuer; what it gave lies in its invitations alone.
    private func nextSerial(by issuer: Certificate) throws -> UInt64 {
        let given = try promised().filter { $0.issuer == issuer.hash }.count
        guard let serial = issuer.serial(ofGiven: UInt64(given) + 1) else {
            throw CommandFault(
                .refused,
                "this issuer has given all its certificates: gemba hub appoint",
                reason: "used-up"
            )
        }
        return serial
    }

    private func promised() throws -> [Certificate] {
        try invitations().compactMap(\.redemption?.certificate.structure)
    }

    /// What follows from a redemption, as far as it is not done yet: the statement and the record.
    ///
    /// A site issuer has neither log nor tenant scope to write: the first hub that meets the device
    /// renews its certificate, which is due from the beginning.
    private func complete(_ redemption: Invitation.Redemption) throws {
        guard node.store.keys.operator != nil else { return }
        let certificate = redemption.certificate
        if !node.store.authority.certificates.contains(certificate) {
            try declare(.certificate(certificate))
        }
        try record(certificate.structure, as: redemption.label)
    }

    /// Writes the record of a device, unless there is one.
    func record(_ certificate: Certificate, as name: String) throws {
        var values = FieldValues()
        values.set(Device.device, certificate.device)
        values.set(Device.kind, "\(certificate.kind)")
        values.set(Device.name, name)
        values.set(Device.site, certificate.site)
        if case .named(let users) = certificate.users, users.count == 1 {
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
                .contains { $0.fields.id(Device.device) == certificate.device }
            guard !isHeld else { return draft }
            draft.add(operation, in: .tenant)
            return draft
        }
    }
}
