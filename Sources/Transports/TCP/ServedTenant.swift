import Identity

/// A tenant that a listener takes connections for.
///
/// One listener may serve several: which one a connection means is in its first bytes (TCP-13), and
/// from there on it meets that tenant's keys and certificates, and nothing of another's.
public struct ServedTenant: Sendable {
    /// Who this device is there.
    public let identity: LocalIdentity
    /// Who gives certificates for join tokens there; nil if nobody can join here.
    public let redeemer: (any Redeemer)?

    public init(_ identity: LocalIdentity, redeemer: (any Redeemer)? = nil) {
        self.identity = identity
        self.redeemer = redeemer
    }

    /// Whether a preamble means this tenant.
    func isMeant(by preamble: Preamble) -> Bool {
        preamble.realm == Preamble(.xx, tenant: identity.tenant).realm
    }
}
