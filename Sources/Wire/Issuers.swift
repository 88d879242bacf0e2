import CRDT
import Identity

/// Those whose signature makes a certificate: the operators of a log, and its site issuers.
///
/// An index over what was checked already; it checks nothing.
struct Issuers: Hashable, Sendable {
    /// A key that roots made an operator.
    struct Operator: Hashable, Sendable {
        let hash: Hash
        let number: UInt64
        let key: VerifyingKey
        /// Milliseconds since 1970.
        let validity: ClosedRange<UInt64>
    }

    /// By number; at most one a number.
    private(set) var operators: [Operator] = []
    private(set) var sites: [Hash: Certificate] = [:]

    /// Takes what a statement says about issuers, if it says anything.
    mutating func add(_ statement: Statement) {
        switch statement.payload {
        case .operator(let key, _, let notBefore, let notAfter):
            guard !operators.contains(where: { $0.number == statement.number }) else { return }
            operators.append(
                Operator(
                    hash: statement.hash,
                    number: statement.number,
                    key: key,
                    validity: notBefore...max(notBefore, notAfter)
                )
            )
            operators.sort { $0.number < $1.number }
        case .certificate(let certificate):
            add(certificate)
        case .revocation, .suspend, .logEpoch, .minimumVersion, .invitation, .unknown:
            break
        }
    }

    /// Takes a certificate, if it is a site issuer's.
    mutating func add(_ certificate: Signed<Certificate>) {
        guard certificate.structure.kind == .siteIssuer else { return }
        sites[certificate.structure.hash] = certificate.structure
    }

    /// Whether an operator that was learned stands where a statement wants to.
    func contradicts(_ statement: Statement) -> Bool {
        operators.contains { $0.number == statement.number && $0.hash != statement.hash }
    }

    /// The key of whoever a certificate names as its issuer.
    func key(of issuer: Hash) -> VerifyingKey? {
        operators.first { $0.hash == issuer }?.key ?? sites[issuer]?.signKey
    }

    /// Whether an issuer is an operator that another follows before a number of the log.
    func isFollowed(_ issuer: Hash, at number: UInt64) -> Bool {
        guard let own = operators.first(where: { $0.hash == issuer }) else { return false }
        return operators.contains { $0.number > own.number && $0.number < number }
    }

    /// The operator that a statement finds in force: the newest before it, within its validity.
    func inForce(for statement: Statement) -> Operator? {
        guard let newest = operators.last(where: { $0.number < statement.number }),
            newest.validity.contains(statement.issued)
        else { return nil }
        return newest
    }
}
