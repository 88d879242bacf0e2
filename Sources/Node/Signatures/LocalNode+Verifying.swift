import Bytes
public import CRDT
import Domain
import Identity
import Storage
import Wire

extension LocalNode {
    /// Says what a signature shows, and whether it holds: for its bytes alone, or where it stands
    /// with a record.
    ///
    /// - Parameters:
    ///   - bytes: The signed structure, as a record keeps it.
    ///   - subject: The record it is shown with; nil compares nothing but the signature itself.
    ///   - device: Who wrote the change that carries it; nil: any device of the tenant.
    /// - Returns: What is said of it; a signature that does not hold is a value, too.
    /// - Throws: `.badInput` for what is no signed structure.
    /// - Source: SIG-5, SIG-6, SIG-11.
    public func verify(
        signature bytes: [UInt8],
        of subject: SignedSubject? = nil,
        attestedBy device: ID? = nil
    ) throws -> SignatureView {
        let signed = try Signed<ElectronicSignature>(decoding: bytes)
        let signature = signed.structure
        return try read { view in
            let proof =
                signature.method == .personalKey
                ? try view.personalProof(of: signed, claimedHere: keyShelf)
                : try view.deviceProof(of: signed, deviceProofs(on: view, device))
            var faults = subject?.faults(of: signature) ?? []
            if signature.tenant != store.tenant { faults.insert(.otherTenant, at: 0) }
            if let fault = proof.fault { faults.append(fault) }
            let names = try Nicknames(view)
            let user = try view.records(of: User.entity, in: .tenant).first {
                $0.fields.id(User.user) == signature.user
            }
            let time = Int64(clamping: signature.time)
            let (clock, zone) = try view.zone(of: proof.device)
            let isReasonSigned = !faults.contains(.otherReason)
            return SignatureView(
                signature: signature,
                faults: faults,
                notes: proof.notes,
                printedName: user?.fields.text(User.displayName) ?? names.user(signature.user),
                username: names.user(signature.user),
                device: proof.device.map(names.device),
                key: proof.key.map(Hex.encode),
                time: "\(clock.zonedText(milliseconds: time)) (\(zone))",
                reason: isReasonSigned ? subject?.reason.text : nil
            )
        }
    }

    /// The certificates under which a signature may have been made: of every device, for their
    /// keys are looked up by trying.
    private func deviceProofs(on view: View, _ device: ID?) throws -> [DeviceProof] {
        let log = store.authority
        let certificates =
            [store.certificate] + log.certificates.map(\.structure)
            + (try view.certificates(of: device))
        let ofDevice = certificates.filter {
            $0.kind != .siteIssuer && (device == nil || $0.device == device)
        }
        return ofDevice.map { certificate in
            DeviceProof(
                certificate: certificate,
                isBarred: log.isBarred(certificate.device, serial: certificate.serial)
            )
        }
    }
}

/// A device that may have attested a person.
private struct DeviceProof {
    let certificate: Certificate
    let isBarred: Bool
}

/// Whose key made a signature.
private struct Proof {
    var fault: SignatureView.Fault?
    var notes: [String] = []
    var device: ID?
    var key: [UInt8]?
}

extension View {
    /// By the key of a device (method 5).
    fileprivate func deviceProof(
        of signed: Signed<ElectronicSignature>,
        _ devices: [DeviceProof]
    ) throws -> Proof {
        let signature = signed.structure
        var tried: Set<VerifyingKey> = []
        for proof in devices where tried.insert(proof.certificate.signKey).inserted {
            guard signed.isSigned(by: proof.certificate.signKey) else { continue }
            let same = devices.filter { $0.certificate.signKey == proof.certificate.signKey }
            var found = Proof(
                device: proof.certificate.device,
                key: proof.certificate.signKey.bytes
            )
            if !same.contains(where: { $0.certificate.validity.contains(signature.time) }) {
                found.notes.append("at that time the device had no valid certificate")
            }
            if same.contains(where: \.isBarred) {
                found.notes.append("the device was revoked or suspended since")
            }
            if !same.contains(where: { covers($0.certificate, signature.user) }) {
                found.fault = .notSigned
                found.notes.append("the device may not speak for that person")
            }
            return found
        }
        return Proof(fault: devices.isEmpty ? .unknownKey : .notSigned)
    }

    private func covers(_ certificate: Certificate, _ user: ID) -> Bool {
        certificate.covers(user: user, method: .secretForAct)
    }

    /// By the key of the person (method 6).
    fileprivate func personalProof(
        of signed: Signed<ElectronicSignature>,
        claimedHere shelf: PersonalKeyShelf
    ) throws -> Proof {
        let signature = signed.structure
        let records = try personalKeys(of: signature.user)
        for record in records {
            let fields = record.fields
            guard let bytes = fields.bytes(PersonalKey.key), let key = VerifyingKey(bytes),
                let claim = fields.bytes(PersonalKey.claim)
                    .flatMap({ try? Signed<PersonalKeyClaim>(decoding: $0) }),
                claim.isByItsOwnKey, claim.structure.key == key,
                claim.structure.user == signature.user, signed.isSigned(by: key)
            else { continue }
            var found = Proof(device: fields.id(PersonalKey.device), key: bytes)
            if let ended = fields.integer(PersonalKey.endedAt) {
                let isBefore = Int64(clamping: signature.time) < ended
                if !isBefore { found.fault = .keyEnded }
                let reason = fields.text(PersonalKey.endReason) ?? "no reason given"
                found.notes.append(
                    "the key ended \(Moment.text(milliseconds: UInt64(clamping: ended))): \(reason)"
                )
            }
            if let certified = fields.integer(PersonalKey.certifiedAt),
                Int64(clamping: signature.time) < certified
            {
                found.notes.append("it was made before a hub certified the key")
            }
            return found
        }
        for claim in try shelf.claims(of: signature.user)
        where signed.isSigned(by: claim.structure.key) {
            return Proof(
                notes: ["no hub has certified the key yet"],
                device: claim.structure.device,
                key: claim.structure.key.bytes
            )
        }
        return Proof(fault: records.isEmpty ? .unknownKey : .notSigned)
    }

    /// The clock of the place where a device stands, and what its zone is called.
    fileprivate func zone(of device: ID?) throws -> (clock: SiteClock, name: String) {
        let site = try device.flatMap { device in
            try records(of: Device.entity, in: .tenant)
                .first { $0.fields.id(Device.device) == device }?.fields.id(Device.site)
        }
        let record = try site.flatMap { site in
            try records(of: Site.entity, in: .tenant)
                .first { $0.fields.id(Site.site) == site }
        }
        let name = record?.fields.text(Site.timezone)
        return (SiteClock(zone: name), name ?? "UTC")
    }
}

extension LocalNode {
    /// The record that a signature names, as this node holds it now.
    ///
    /// - Parameters:
    ///   - bytes: The signed structure.
    ///   - isCurrent: Whether the revision is to be the one of now.
    ///   - form: What was shown, where it was kept.
    ///   - reason: As the record holds it; nil leaves the reason to the signature.
    /// - Returns: What to compare the signature with.
    /// - Throws: `.badInput`.
    public func subject(
        of bytes: [UInt8],
        isCurrent: Bool,
        shown form: [UInt8]? = nil,
        reason: String? = nil
    ) throws -> SignedSubject {
        let signature = try Signed<ElectronicSignature>(decoding: bytes).structure
        let revision =
            isCurrent
            ? try read { view in
                try view.approvedRevision(of: signature.record, in: signature.scope)
                    ?? view.revision(of: [signature.record], in: signature.scope) ?? .zero
            } : nil
        return SignedSubject(
            signature.record,
            in: signature.scope,
            revision: revision,
            shown: form,
            reason: reason.map(SignedSubject.Reason.text) ?? .notCompared
        )
    }
}
