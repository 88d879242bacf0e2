public import CRDT
public import Identity

// What the log says about certificates, bindings and devices (ID-5, 8, 11).

extension AuthorityLog {
    /// Checks that a certificate is of this tenant and was issued by someone who may.
    ///
    /// Validity is not judged here: it limits sessions, never changes.
    public func verify(_ certificate: Signed<Certificate>) throws(AuthorityFault) {
        let claims = certificate.structure
        guard claims.tenant == tenant else {
            throw AuthorityFault(.wrongTenant, "the certificate is of another tenant")
        }
        guard let key = issuers.key(of: claims.issuer) else {
            throw AuthorityFault(.unknownIssuer, "nobody known issued the certificate")
        }
        if let issuer = issuers.sites[claims.issuer] {
            guard claims.kind == .station || claims.kind == .technician,
                claims.site == issuer.site, issuer.validity.contains(claims.notBefore),
                issuer.mayGive(serial: claims.serial)
            else { throw AuthorityFault(.beyondIssuer, "not for the site issuer to certify") }
        }
        guard certificate.isSigned(by: key) else {
            throw AuthorityFault(.badSignature, "the certificate is not signed by its issuer")
        }
    }

    /// Checks that a certificate opens sessions: a stolen operator's key makes none that do, once
    /// the root has replaced it (ID-8).
    func checkOpensSessions(_ certificate: Signed<Certificate>) throws(AuthorityFault) {
        let isFollowed = issuers.isFollowed(certificate.structure.issuer, at: .max)
        guard !isFollowed || holds(certificate) else {
            throw AuthorityFault(.unknownIssuer, "its operator was replaced before it was known")
        }
    }

    private func holds(_ certificate: Signed<Certificate>) -> Bool {
        statements.contains { $0.structure.payload == .certificate(certificate) }
    }

    /// Checks a binding: the certificate, the statement, and that they speak of one device.
    public func verify(_ binding: Binding) throws(AuthorityFault) -> VerifiedBinding {
        try verify(binding.certificate)
        let statement = binding.statement.structure
        let certificate = binding.certificate.structure
        guard statement.tenant == tenant else {
            throw AuthorityFault(.wrongTenant, "the replica statement is of another tenant")
        }
        guard statement.certificate == certificate.hash,
            statement.device == certificate.device,
            statement.signKey == certificate.signKey
        else { throw AuthorityFault(.mismatch, "the replica statement names another device") }
        guard binding.statement.isSigned(by: statement.signKey) else {
            throw AuthorityFault(.badSignature, "the replica statement is not signed by its key")
        }
        return VerifiedBinding(binding)
    }

    /// Whether a device is revoked or suspended: it opens no session, and its changes count on.
    ///
    /// The serial is that of its certificate; a statement about serial 0 is about all of them.
    public func isBarred(_ device: ID, serial: UInt64) -> Bool {
        var suspended: [UInt64: Bool] = [:]
        for statement in statements {
            switch statement.structure.payload {
            case .revocation(device, let revoked, _, let effectiveAt)
            where effectiveAt <= number && (revoked == 0 || revoked == serial):
                return true
            case .suspend(device, let about, let isOn):
                suspended[about] = isOn
            default:
                break
            }
        }
        return suspended[0] == true || suspended[serial] == true
    }

    /// Whether a revocation in force covers a certificate: its device is sent nothing more.
    public func isRevoked(_ certificate: Certificate) -> Bool {
        revocations.contains { $0.covers(certificate) }
    }

    /// The revocations in force, the oldest first.
    public var revocations: [DeviceRevocation] {
        statements.compactMap { statement in
            guard
                case .revocation(let device, let serial, _, let effectiveAt) = statement.structure
                    .payload, effectiveAt <= number
            else { return nil }
            return DeviceRevocation(
                number: statement.structure.number,
                hash: statement.structure.hash,
                device: device,
                serial: serial
            )
        }
    }

    /// The hash of the newest operator's statement; what a certificate names as its issuer.
    public var operatorHash: Hash? { issuers.operators.last?.hash }

    /// The key of the newest operator.
    public var operatorKey: VerifyingKey? { issuers.operators.last?.key }

    /// When the newest operator may sign, milliseconds since 1970.
    public var operatorValidity: ClosedRange<UInt64>? { issuers.operators.last?.validity }

    /// The certificate of a site issuer by its hash.
    public func siteIssuer(_ hash: Hash) -> Certificate? { issuers.sites[hash] }

    /// All certificates that statements hold.
    public var certificates: [Signed<Certificate>] {
        statements.compactMap { statement in
            guard case .certificate(let certificate) = statement.structure.payload else {
                return nil
            }
            return certificate
        }
    }

    /// Checks that those signed a statement who may say such a thing.
    func checkSigners(of statement: Cosigned<Statement>) throws(AuthorityFault) {
        let root = try root(statement.structure.authorityEpoch)
        switch statement.structure.payload {
        case .operator, .logEpoch:
            try statement.checkThreshold(of: root)
        case .certificate(let certificate):
            try verify(certificate)
            guard !issuers.isFollowed(certificate.structure.issuer, at: statement.structure.number)
            else { throw AuthorityFault(.notAuthorized, "another operator followed the issuer") }
            let `operator` = issuers.inForce(for: statement.structure)?.key
            let keys = [issuers.key(of: certificate.structure.issuer), `operator`]
            try statement.checkSigned(byOneOf: keys.compactMap(\.self))
        case .revocation, .suspend, .minimumVersion, .invitation:
            try statement.checkSigned(by: issuers.inForce(for: statement.structure)?.key)
        case .unknown:
            if let key = issuers.inForce(for: statement.structure)?.key,
                statement.signatures.entries.contains(where: { $0.key == key })
            {
                try statement.checkSigned(by: key)
            } else {
                try statement.checkThreshold(of: root)
            }
        }
    }
}

/// A revocation that is in force (ID-5).
public struct DeviceRevocation: Hashable, Sendable {
    /// Its number in the authority log.
    public let number: UInt64
    /// The hash of its statement; what cut-offs name.
    public let hash: Hash
    public let device: ID
    /// Of the certificate that it is about; 0: all of the device.
    public let serial: UInt64

    /// Whether it is about what was signed under a certificate.
    public func covers(_ certificate: Certificate) -> Bool {
        device == certificate.device && (serial == 0 || serial == certificate.serial)
    }
}

extension Cosigned<Statement> {
    /// Checks that every signature is valid, and that a key is among the signers.
    fileprivate func checkSigned(by key: VerifyingKey?) throws(AuthorityFault) {
        try checkSigned(byOneOf: key.map { [$0] } ?? [])
    }

    fileprivate func checkSigned(byOneOf keys: [VerifyingKey]) throws(AuthorityFault) {
        guard let signers else { throw AuthorityFault(.badSignature, "a signature is not valid") }
        guard !signers.isDisjoint(with: keys) else {
            throw AuthorityFault(.notAuthorized, "not signed by whoever may say this")
        }
    }
}
