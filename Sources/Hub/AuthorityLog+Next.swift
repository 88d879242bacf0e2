import CRDT
import Identity
import Node
import Storage
import Wire

extension AuthorityLog {
    /// The statement that would continue the log; it is still to be signed.
    ///
    /// - Parameters:
    ///   - payload: What it says.
    ///   - issued: Milliseconds since 1970.
    /// - Returns: A statement with the next number, linked to the last.
    func next(_ payload: Statement.Payload, issued: UInt64) -> Statement {
        Statement(
            tenant: tenant,
            number: number + 1,
            previous: number > 0 ? lastHash : roots.first?.structure.hash ?? .zero,
            authorityEpoch: rootNumber,
            issued: issued,
            payload: payload
        )
    }
}

extension AuthorityLog {
    /// Has the root make an operator, and the operator certify a hub.
    ///
    /// - Parameters:
    ///   - keys: The hub's, with those of the operator.
    ///   - device: The hub.
    ///   - root: A root key; alone it must reach the threshold.
    ///   - number: Of the operator statement; nil for the one that continues the log.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Returns: The statement and the hub's certificate, which is still to be logged.
    /// - Throws: `.damaged` where the keys are not those of a hub.
    func installing(
        _ keys: DeviceKeys,
        of device: ID,
        by root: SigningKey,
        number: UInt64? = nil,
        wallMilliseconds: UInt64
    ) throws -> (Cosigned<Statement>, Signed<Certificate>) {
        guard let operatorKey = keys.operator, let log = keys.log else {
            throw CommandFault(.damaged, "a hub's keys are those of an operator as well")
        }
        let leeway = min(wallMilliseconds, TenantFounding.leewayMilliseconds)
        let notBefore = wallMilliseconds - leeway
        let notAfter = notBefore + TenantFounding.validityMilliseconds
        var statement = next(
            .operator(
                key: operatorKey.publicKey,
                logKey: log.publicKey,
                notBefore: notBefore,
                notAfter: notAfter
            ),
            issued: wallMilliseconds
        )
        statement.number = number ?? statement.number
        let certificate = Certificate(
            tenant: tenant,
            serial: (certificates.map(\.structure.serial).max() ?? 0) + 1,
            device: device,
            kind: .hub,
            site: .zero,
            signKey: keys.sign.publicKey,
            channelKey: keys.channel.publicKey,
            users: .anyOfSite,
            rights: 0,
            authorityEpoch: rootNumber,
            notBefore: notBefore,
            notAfter: notAfter,
            issuer: statement.hash
        )
        return (
            Cosigned(signing: statement, with: [root]),
            Signed(signing: certificate, with: operatorKey)
        )
    }

    /// Does that, and appends both to the log.
    mutating func install(
        _ keys: DeviceKeys,
        of device: ID,
        by root: SigningKey,
        wallMilliseconds: UInt64
    ) throws -> Signed<Certificate> {
        let (statement, certificate) = try installing(
            keys,
            of: device,
            by: root,
            wallMilliseconds: wallMilliseconds
        )
        try append(roots: [], statements: [statement])
        let certified = next(.certificate(certificate), issued: wallMilliseconds)
        let signers = [keys.operator].compactMap(\.self)
        try append(roots: [], statements: [Cosigned(signing: certified, with: signers)])
        return certificate
    }

    /// Has the root begin a new epoch of the audit log (WIT-11).
    ///
    /// - Parameters:
    ///   - cited: The largest checkpoint that anybody could show; nil if there was none.
    ///   - root: A root key; alone it must reach the threshold.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Throws: An `AuthorityFault` where it does not.
    mutating func openAuditEpoch(
        citing cited: SignedCheckpoint?,
        by root: SigningKey,
        wallMilliseconds: UInt64
    ) throws {
        let payload = Statement.Payload.logEpoch(
            auditEpoch.number + 1,
            checkpoint: cited?.checkpoint.hash ?? .zero
        )
        let statement = next(payload, issued: max(wallMilliseconds, signedTime))
        try append(roots: [], statements: [Cosigned(signing: statement, with: [root])])
    }
}
