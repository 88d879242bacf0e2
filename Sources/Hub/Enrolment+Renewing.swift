import CRDT
import Dispatch
import Node
import Storage
public import Wire

extension Enrolment {
    /// Renews what is due when a device comes, and this hub's own certificate; on disk when it
    /// returns, so that the session that follows brings it.
    ///
    /// What fails is reported, and the session goes on without.
    ///
    /// - Parameter peer: The certificate that the device has shown.
    /// - Source: ID-19.
    public func welcome(_ peer: Certificate) async {
        guard node.store.keys.operator != nil else { return }
        await withCheckedContinuation { continuation in
            // The store waits for its disk, which no cooperative thread may.
            Self.queue.async {
                renewIfDue(peer)
                renewOwn()
                continuation.resume()
            }
        }
    }

    /// Renews this hub's own certificate if that is due.
    ///
    /// Blocking.
    public func renewOwn() {
        guard node.store.keys.operator != nil else { return }
        renewIfDue(node.store.certificate)
    }

    private func renewIfDue(_ shown: Certificate) {
        do {
            guard try node.inTurn({ try renew(shown) }) else { return }
            report(.renewed(shown.device))
        } catch {
            report(.failed("\(CommandFault(error).message)"))
        }
    }

    /// - Returns: Whether there is a new certificate.
    private func renew(_ shown: Certificate) throws -> Bool {
        let log = node.store.authority
        let old = log.inForce(shown)
        let now = max(node.wallMilliseconds, log.signedTime)
        let isGiven = log.siteIssuer(old.issuer) != nil
        guard isGiven || now >= old.renewalDue, !log.isBarred(old.device, serial: old.serial) else {
            return false
        }
        let renewed = try issue { _ in old }
        // A clock that was ahead once gave a longer one: that stays in force.
        guard isGiven || renewed.structure.notAfter > old.notAfter else { return false }
        try declare(.certificate(renewed))
        if isGiven {
            // What the issuer's people call it stays with them: it needs some name here.
            try record(renewed.structure, as: "\(old.kind) \(Nicknames.short(old.device))")
        }
        return true
    }
}
