public import Bytes
public import CRDT
import Identity

/// What a device shows at first contact: everything from the tenant's first root to its own
/// certificate, so that a peer needs nothing but the tenant's id to judge it.
///
/// - Source: TCP-6.
public struct Credentials: Hashable, Sendable {
    /// From number 1, 1 to 8.
    public var roots: [Cosigned<RootStatement>]
    public var operatorStatement: Cosigned<Statement>
    /// The issuer of the certificate, if that is not the operator.
    public var siteIssuer: Signed<Certificate>?
    public var certificate: Signed<Certificate>

    public init(
        roots: [Cosigned<RootStatement>],
        operatorStatement: Cosigned<Statement>,
        siteIssuer: Signed<Certificate>?,
        certificate: Signed<Certificate>
    ) {
        self.roots = roots
        self.operatorStatement = operatorStatement
        self.siteIssuer = siteIssuer
        self.certificate = certificate
    }

    public var encoded: [UInt8] {
        var writer = Writer(capacity: 2_048)
        writer.u8(UInt8(truncatingIfNeeded: roots.count))
        for root in roots {
            writer.sized(root.encoded)
        }
        writer.sized(operatorStatement.encoded)
        writer.u8(siteIssuer == nil ? 0 : 1)
        if let siteIssuer { writer.sized(siteIssuer.encoded) }
        writer.sized(certificate.encoded)
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        let count = try reader.u8("roots")
        guard (1...Limits.credentialsRootsMax).contains(Int(count)) else {
            throw reader.malformed(.overLimit, "roots")
        }
        roots = []
        for _ in 0..<count {
            roots.append(try Cosigned(decoding: try reader.sized("root statement")))
        }
        operatorStatement = try Cosigned(decoding: try reader.sized("operator statement"))
        switch try reader.u8("site issuer") {
        case 0: siteIssuer = nil
        case 1: siteIssuer = try Signed(decoding: try reader.sized("site issuer"))
        default: throw reader.malformed(.overLimit, "site issuer")
        }
        certificate = try Signed(decoding: try reader.sized("certificate"))
        try reader.end("credentials")
    }

    /// Proves the chain from the tenant's first root to the certificate.
    ///
    /// - Parameters:
    ///   - tenant: Whom the certificate must belong to.
    ///   - channelKey: The peer's static key of the handshake.
    ///   - log: What this node holds of the authority log, if anything; where it knows more than
    ///     the credentials say, it judges.
    ///   - admitsRevoked: Whether a device that is revoked may come in, to hand over its work.
    /// - Returns: Who the peer is. Whether its validity covers the present is the caller's to see.
    /// - Throws: What of the chain is missing, wrong or revoked; `mismatch` for another's key.
    public func verified(
        tenant: ID,
        channelKey: [UInt8],
        against log: AuthorityLog?,
        admitsRevoked: Bool = false
    ) throws(AuthorityFault) -> Certificate {
        var judge: AuthorityLog
        if let log {
            judge = log
            try judge.append(roots: roots, statements: [])
        } else {
            judge = try AuthorityLog(roots: roots)
        }
        guard judge.tenant == tenant else {
            throw AuthorityFault(.wrongTenant, "the credentials lead to another tenant")
        }
        try judge.learn(operator: operatorStatement)
        if let siteIssuer {
            try judge.learn(siteIssuer: siteIssuer)
            try judge.checkOpensSessions(siteIssuer)
            try judge.checkNotBarred(siteIssuer.structure)
        }
        try judge.verify(certificate)
        try judge.checkOpensSessions(certificate)
        if !(admitsRevoked && judge.isRevoked(certificate.structure)) {
            try judge.checkNotBarred(certificate.structure)
        }
        guard certificate.structure.channelKey == channelKey else {
            throw AuthorityFault(.mismatch, "the channel key is not the certificate's")
        }
        return certificate.structure
    }
}

extension AuthorityLog {
    fileprivate func checkNotBarred(_ certificate: Certificate) throws(AuthorityFault) {
        guard !isBarred(certificate.device, serial: certificate.serial) else {
            throw AuthorityFault(.barred, "the device is revoked or suspended")
        }
    }
}
