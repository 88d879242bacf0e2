public import CRDT
import Identity

/// Everything a tenant has signed about who may say what: roots, and one hash-linked log.
///
/// A value: a store keeps the bytes, and rebuilds this from them. What it appends it has checked,
/// so what it holds is believed.
///
/// - Invariant: 1. Root statement n+1 carries the thresholds of n and of its own keys.
///   2. Statement n links to statement n-1 and is signed by those who may say it.
///   3. It only grows.
/// - Source: ID-5 to ID-8.
public struct AuthorityLog: Hashable, Sendable {
    /// The tenant that the first root statement founds.
    public let tenant: ID
    public private(set) var roots: [Cosigned<RootStatement>]
    public private(set) var statements: [Cosigned<Statement>] = []
    /// The hash of the last statement; zero if there are none.
    public private(set) var lastHash: Hash = .zero
    /// The newest time that anything in the log was issued at, milliseconds since 1970.
    public private(set) var signedTime: UInt64
    /// Operators that credentials showed, ahead of the log.
    public private(set) var learnedOperators: [Cosigned<Statement>] = []
    /// Site issuers that credentials showed.
    public private(set) var learnedSiteIssuers: [Signed<Certificate>] = []
    /// Those who issue certificates.
    private(set) var issuers = Issuers()
    /// The certificate that ends last of those that statements hold for each holder.
    private var newest: [Certificate.Holder: Signed<Certificate>] = [:]
    /// Who opens sessions with a static key.
    private var holders: [[UInt8]: [Certificate.Holder]] = [:]

    /// Begins a log with its chain of roots.
    ///
    /// - Parameter roots: From number 1.
    /// - Throws: If they are no chain, or one of them lacks signatures.
    public init(roots: [Cosigned<RootStatement>]) throws(AuthorityFault) {
        guard let first = roots.first else {
            throw AuthorityFault(.discontinuous, "no root statement")
        }
        guard first.structure.number == 1, first.structure.previous == .zero else {
            throw AuthorityFault(.discontinuous, "the first root statement is not number 1")
        }
        try first.checkThreshold(of: first.structure)
        tenant = ID(tenantOf: first.structure)
        signedTime = first.structure.issued
        self.roots = [first]
        for root in roots.dropFirst() {
            try append(root)
        }
    }

    /// The number of the newest root statement.
    public var rootNumber: UInt32 { roots.last?.structure.number ?? 0 }

    /// The number of the last statement; 0 if there are none.
    public var number: UInt64 { UInt64(statements.count) }
}

// MARK: - Growing

extension AuthorityLog {
    /// Appends what continues the log; what is held already is passed over.
    ///
    /// - Throws: If anything neither continues nor equals what is held; nothing changes then.
    public mutating func append(
        roots: [Cosigned<RootStatement>],
        statements: [Cosigned<Statement>]
    ) throws(AuthorityFault) {
        var grown = self
        for root in roots {
            try grown.append(root)
        }
        for statement in statements {
            try grown.append(statement)
        }
        self = grown
    }

    /// Takes an operator whose place in the log is not known yet, from a peer's credentials: the
    /// roots signed it, so it issues certificates.
    public mutating func learn(operator statement: Cosigned<Statement>) throws(AuthorityFault) {
        guard case .operator = statement.structure.payload else {
            throw AuthorityFault(.mismatch, "not a statement about an operator")
        }
        guard statement.structure.tenant == tenant else {
            throw AuthorityFault(.wrongTenant, "the operator is of another tenant")
        }
        guard !isHeld(statement.structure) else { return }
        guard statement.structure.number > number else {
            throw AuthorityFault(.forked, "the log holds another statement at this number")
        }
        guard statement.structure.authorityEpoch >= statements.last?.structure.authorityEpoch ?? 1
        else { throw AuthorityFault(.notAuthorized, "the operator is of a root that was replaced") }
        try statement.checkThreshold(of: root(statement.structure.authorityEpoch))
        issuers.add(statement.structure)
        learnedOperators.append(statement)
    }

    /// Takes a site issuer's certificate that an operator signed.
    public mutating func learn(siteIssuer certificate: Signed<Certificate>) throws(AuthorityFault) {
        guard certificate.structure.kind == .siteIssuer else {
            throw AuthorityFault(.mismatch, "not the certificate of a site issuer")
        }
        try verify(certificate)
        issuers.add(certificate)
        learnedSiteIssuers.append(certificate)
    }

    private mutating func append(_ root: Cosigned<RootStatement>) throws(AuthorityFault) {
        let number = Int(root.structure.number)
        if number >= 1, number <= roots.count {
            guard roots[number - 1].structure == root.structure else {
                throw AuthorityFault(.forked, "another root statement \(number)")
            }
            return
        }
        guard let last = roots.last, number == roots.count + 1 else {
            throw AuthorityFault(.discontinuous, "root statement \(number) comes too early")
        }
        guard root.structure.previous == last.structure.hash else {
            throw AuthorityFault(.forked, "root statement \(number) continues another chain")
        }
        try root.checkThreshold(of: last.structure)
        try root.checkThreshold(of: root.structure)
        roots.append(root)
        signedTime = max(signedTime, root.structure.issued)
    }

    private mutating func append(_ statement: Cosigned<Statement>) throws(AuthorityFault) {
        let new = statement.structure
        guard new.tenant == tenant else {
            throw AuthorityFault(.wrongTenant, "statement \(new.number) is of another tenant")
        }
        guard !isHeld(new) else { return }
        guard new.number > number else {
            throw AuthorityFault(.forked, "another statement \(new.number)")
        }
        guard new.number - number == 1 else {
            throw AuthorityFault(.discontinuous, "statement \(new.number) comes too early")
        }
        guard new.previous == linkHash, !issuers.contradicts(new) else {
            throw AuthorityFault(.forked, "statement \(new.number) continues another log")
        }
        guard new.authorityEpoch >= statements.last?.structure.authorityEpoch ?? 1 else {
            throw AuthorityFault(.discontinuous, "the authority epoch falls")
        }
        try checkSigners(of: statement)
        statements.append(statement)
        learnedOperators.removeAll { $0.structure == new }
        lastHash = new.hash
        signedTime = max(signedTime, new.issued)
        issuers.add(new)
        if case .certificate(let certificate) = new.payload { follow(certificate) }
    }

    private mutating func follow(_ certificate: Signed<Certificate>) {
        let holder = certificate.structure.holder
        if let held = newest[holder]?.structure, follows(held, certificate.structure) { return }
        if newest[holder] == nil, holder.kind != .siteIssuer {
            holders[holder.channelKey, default: []].append(holder)
        }
        newest[holder] = certificate
    }

    /// Whether a certificate takes the place of another of its holder (ID-20).
    private func follows(_ new: Certificate, _ old: Certificate) -> Bool {
        let isGiven = issuers.sites[new.issuer] != nil
        let wasGiven = issuers.sites[old.issuer] != nil
        return isGiven == wasGiven ? new.notAfter > old.notAfter : wasGiven
    }

    /// The certificate in force where one is shown or named: the log's for the same holder, if
    /// it follows (ID-20).
    public func inForce(_ certificate: Signed<Certificate>) -> Signed<Certificate> {
        guard let newest = newest[certificate.structure.holder],
            follows(newest.structure, certificate.structure)
        else { return certificate }
        return newest
    }

    /// The certificate in force of the one device that holds a static key; nil if the log holds
    /// none, or those of more than one (TCP-8).
    public func known(channelKey: [UInt8]) -> Certificate? {
        let found = holders[channelKey, default: []].compactMap { newest[$0]?.structure }
        guard Set(found.map(\.device)).count == 1 else { return nil }
        return found.max { $0.notAfter < $1.notAfter }
    }

    /// The certificate in force of a device, by which it opens sessions.
    public func known(device: ID) -> Certificate? {
        newest.values.map(\.structure)
            .filter { $0.device == device && $0.kind != .siteIssuer }
            .max { $0.notAfter < $1.notAfter }
    }

    /// The same without its signature.
    public func inForce(_ certificate: Certificate) -> Certificate {
        guard let newest = newest[certificate.holder]?.structure, follows(newest, certificate)
        else { return certificate }
        return newest
    }

    /// What the next statement links to.
    private var linkHash: Hash {
        number > 0 ? lastHash : roots.first?.structure.hash ?? .zero
    }

    private func isHeld(_ statement: Statement) -> Bool {
        statement.number >= 1 && statement.number <= number
            && statements[Int(statement.number) - 1].structure == statement
    }

    func root(_ epoch: UInt32) throws(AuthorityFault) -> RootStatement {
        guard epoch >= 1, epoch <= rootNumber else {
            throw AuthorityFault(.discontinuous, "root statement \(epoch) is not held")
        }
        return roots[Int(epoch) - 1].structure
    }
}

extension Cosigned where Structure: Signable {
    /// Checks that every signature is valid, and that enough of a root's keys signed.
    func checkThreshold(of root: RootStatement) throws(AuthorityFault) {
        guard let signers else { throw AuthorityFault(.badSignature, "a signature is not valid") }
        guard signers.intersection(root.keys).count >= Int(root.threshold) else {
            throw AuthorityFault(.notAuthorized, "fewer root keys signed than the threshold")
        }
    }
}
