public import CRDT
import Domain
import Storage
public import Wire

/// What a signature says and whether it holds, for people and scripts.
///
/// - Source: SIG-5, SIG-6, SIG-11.
public struct SignatureView: Sendable {
    /// What keeps a signature from holding where it is shown.
    public enum Fault: String, Hashable, Sendable, CaseIterable {
        /// Of another tenant.
        case otherTenant = "other-tenant"
        /// Made for another record or scope.
        case otherRecord = "other-record"
        /// The record was written to since, or it was made for another version of it.
        case otherRevision = "other-revision"
        /// Another form stood before the person.
        case otherForm = "other-form"
        /// The reason in the record is not the one that was signed.
        case otherReason = "other-reason"
        /// No key that could have made it is known here.
        case unknownKey = "unknown-key"
        /// None of the keys that could have made it has.
        case notSigned = "not-signed"
        /// The key had ended when it was made.
        case keyEnded = "key-ended"
    }

    public let signature: ElectronicSignature
    /// None: it holds.
    public let faults: [Fault]
    /// What a reader should know beside: a certificate that ended, a key that is not certified.
    public let notes: [String]
    /// The person's name as the directory has it, and what they log in with.
    public let printedName: String
    public let username: String
    /// The device whose key signed, or at which the person's key lies; nil where none is found.
    public let device: String?
    /// The public key that signed, in hexadecimal; nil where none is found.
    public let key: String?
    /// The date and the time with its zone.
    public let time: String
    /// As the record holds it, if it was given and is the one that was signed.
    public let reason: String?

    public var holds: Bool { faults.isEmpty }

    /// How the person was known, and who answers for it.
    public var attestation: String {
        let place = device ?? "an unknown device"
        return signature.method == .personalKey
            ? "signed with the personal key of \(username) at \(place)"
            : "PIN typed for this act, attested by \(place)"
    }

    public var json: JSON {
        [
            "holds": .bool(holds), "faults": .list(faults.map(\.rawValue), JSON.text),
            "notes": .list(notes, JSON.text), "name": .text(printedName),
            "user": .text(username), "user_id": .text("\(signature.user)"),
            "meaning": .text(signature.meaning.word), "time": .text(time),
            "milliseconds": .number(signature.time),
            "clock_quality": .text(signature.clock.word), "reason": .text(orNull: reason),
            "method": .text(signature.method.word), "attested_by": .text(orNull: device),
            "attestation": .text(attestation), "key": .text(orNull: key),
            "scope": .text("\(signature.scope)"), "record": .text("\(signature.record)"),
            "revision": .text("\(signature.revision)"), "shown": .text("\(signature.shown)"),
        ]
    }

    public var lines: [String] {
        var lines = [
            "\(signature.meaning.word) by \(printedName) (\(username))",
            "  \(time), clock \(signature.clock.word)",
        ]
        if let reason { lines.append("  reason: \(reason)") }
        lines.append("  \(attestation)")
        lines.append("  record \(signature.record) in \(signature.scope)")
        lines.append("  revision \(signature.revision)")
        lines += notes.map { "  note: \($0)" }
        let wrong = faults.map(\.rawValue).joined(separator: ", ")
        lines.append(holds ? "  the signature holds" : "  the signature DOES NOT HOLD: \(wrong)")
        return lines
    }
}

extension ElectronicSignature.Meaning {
    /// The meaning in a word, as it is printed.
    public var word: String {
        switch self {
        case .authored: "authored"
        case .reviewed: "reviewed"
        case .approved: "approved"
        case .rejected: "rejected"
        case .responsible: "responsible"
        case .verified: "verified"
        case .waived: "waived"
        case .released: "released"
        default: "meaning \(rawValue)"
        }
    }
}

extension ElectronicSignature.ClockQuality {
    /// The quality in a word.
    public var word: String {
        switch self {
        case .synchronized: "synchronized"
        case .unconfirmed: "unconfirmed"
        case .implausible: "implausible"
        }
    }
}

/// With what a signature is compared: the record where it is shown.
public struct SignedSubject: Hashable, Sendable {
    public var scope: Scope
    public var record: ID
    /// As the node computes it now, or as the decision names it; nil is not compared.
    public var revision: Hash?
    /// The form, where it was kept; nil is not compared.
    public var shown: [UInt8]?
    public var reason: Reason

    /// The reason in the record.
    public enum Reason: Hashable, Sendable {
        case notCompared
        case absent
        case text(String)

        /// The text, where there is one.
        var text: String? {
            if case .text(let text) = self { text } else { nil }
        }
    }

    public init(
        _ record: ID,
        in scope: Scope,
        revision: Hash? = nil,
        shown: [UInt8]? = nil,
        reason: Reason = .notCompared
    ) {
        self.scope = scope
        self.record = record
        self.revision = revision
        self.shown = shown
        self.reason = reason
    }

    /// What of a signature is about something else.
    func faults(of signature: ElectronicSignature) -> [SignatureView.Fault] {
        var faults: [SignatureView.Fault] = []
        if signature.scope != scope || signature.record != record { faults.append(.otherRecord) }
        if let revision, signature.revision != revision { faults.append(.otherRevision) }
        if let shown, signature.shown != ElectronicSignature.hash(shown: shown) {
            faults.append(.otherForm)
        }
        if reason != .notCompared,
            signature.reason != ElectronicSignature.hash(reason: reason.text)
        {
            faults.append(.otherReason)
        }
        return faults
    }
}
