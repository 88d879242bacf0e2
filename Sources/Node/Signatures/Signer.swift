public import CRDT
import Domain
import Identity
public import Storage
public import Wire

/// What a person signs, beside who they are and when.
public struct SignatureContent: Hashable, Sendable {
    public var scope: Scope
    public var record: ID
    /// What `View.revision(of:in:)` gave when the form was made.
    public var revision: Hash
    /// The form that stood before the person, byte for byte.
    public var shown: [UInt8]
    public var meaning: ElectronicSignature.Meaning
    /// As the record will hold it.
    public var reason: String?

    public init(
        _ meaning: ElectronicSignature.Meaning,
        of record: ID,
        in scope: Scope,
        revision: Hash,
        shown: [UInt8],
        reason: String? = nil
    ) {
        self.scope = scope
        self.record = record
        self.revision = revision
        self.shown = shown
        self.meaning = meaning
        self.reason = reason
    }
}

/// How a person proves, for one signature, that they are who they say (SIG-7).
///
/// The name may be left out once something was signed in the login that still goes on.
public enum SignatureProof: Sendable {
    /// The PIN again, for this very act: the device attests it.
    case pin(String, name: String? = nil)
    /// The passphrase of the person's key at this device.
    case passphrase(String, name: String? = nil)

    var name: String? {
        switch self {
        case .pin(_, let name), .passphrase(_, let name): name
        }
    }

    var method: Wire.Method {
        switch self {
        case .pin: .secretForAct
        case .passphrase: .personalKey
        }
    }
}

/// A person who has proved who they are, for one signature.
///
/// A value without effects: an action may sign while it decides, with what it sees then.
public struct Signer: Sendable {
    /// With whom and by what method the change is written that carries the signature.
    public let actor: Actor
    private let key: SigningKey
    private let tenant: ID
    private let time: UInt64
    private let clock: ElectronicSignature.ClockQuality

    init(
        _ actor: Actor,
        with key: SigningKey,
        tenant: ID,
        at time: UInt64,
        clock: ElectronicSignature.ClockQuality
    ) {
        self.actor = actor
        self.key = key
        self.tenant = tenant
        self.time = time
        self.clock = clock
    }

    /// The structure and its signature; ``Signed/encoded`` of it is what a record keeps.
    public func sign(_ content: SignatureContent) -> Signed<ElectronicSignature> {
        let signature = ElectronicSignature(
            tenant: tenant,
            scope: content.scope,
            record: content.record,
            revision: content.revision,
            shown: ElectronicSignature.hash(shown: content.shown),
            meaning: content.meaning,
            reason: ElectronicSignature.hash(reason: content.reason),
            user: actor.user,
            time: time,
            clock: clock,
            method: actor.method
        )
        return Signed(signing: signature, with: key)
    }
}
