public import CRDT
import Storage
public import Wire

/// How a certificate stands, as `status` and `doctor` say it.
///
/// - Source: ID-19, TCP-6.
public struct CertificateStanding: Hashable, Sendable {
    /// From best to worst.
    public enum State: String, Hashable, Sendable {
        case valid
        /// The next meeting with a hub renews it.
        case due
        /// It ended, by signed time: hubs, and for the grace peers of its site, still meet it.
        case grace
        /// It ended longer ago than the grace: hubs alone meet it, to renew it.
        case ended
        /// Revoked or suspended.
        case barred
    }

    public let certificate: Certificate
    public let state: State

    init(_ certificate: Certificate, in log: AuthorityLog, now: UInt64, grace: UInt64) {
        self.certificate = certificate
        let (graceEnd, isForever) = certificate.notAfter.addingReportingOverflow(grace)
        if log.isBarred(certificate.device, serial: certificate.serial) {
            state = .barred
        } else if certificate.hasEnded(at: log.signedTime) {
            state = isForever || log.signedTime <= graceEnd ? .grace : .ended
        } else {
            state = max(now, log.signedTime) >= certificate.renewalDue ? .due : .valid
        }
    }
}

extension LocalNode {
    /// How the own certificate stands.
    public var certificateStanding: CertificateStanding { standing(of: store.certificate) }

    /// How the newest certificate of a device stands; nil if the authority log holds none.
    public func certificateStanding(of device: ID) -> CertificateStanding? {
        store.authority.known(device: device).map(standing)
    }

    private func standing(of certificate: Certificate) -> CertificateStanding {
        CertificateStanding(
            certificate,
            in: store.authority,
            now: wallMilliseconds,
            grace: Self.graceMilliseconds
        )
    }
}
