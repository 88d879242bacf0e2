public import CRDT
public import Domain
public import Storage
public import Wire

// What the hub of a simulated tenant says: who is out, and what counts.

extension World {
    public enum HubFault: Error { case refused(AuthorityFault) }

    /// The hub's operator revokes a device, with all its certificates.
    public func revoke(_ node: SimulatedNode) throws {
        let log = hub.store.authority
        let payload = Statement.Payload.revocation(
            device: node.store.device,
            serial: 0,
            reason: 1,
            effectiveAt: log.number + 1
        )
        let statement = Statement(
            tenant: kit.tenant,
            number: log.number + 1,
            previous: log.lastHash,
            authorityEpoch: 1,
            issued: max(now, log.signedTime),
            payload: payload
        )
        let fault = try hub.store.adopt(
            roots: [],
            statements: [Cosigned(signing: statement, with: [kit.operatorKey])],
            wallMilliseconds: hub.wall(now)
        )
        if let fault { throw HubFault.refused(fault) }
    }

    /// Somebody at the hub rules on changes.
    public func rule(
        _ ruling: Ruling,
        on changes: [FeedPoint],
        in scope: Scope
    ) throws {
        _ = try hub.store.rule(
            ruling,
            on: changes.map { (scope, $0) },
            reason: "\(ruling)",
            by: History.actor,
            wallMilliseconds: hub.wall(now)
        )
    }

    /// The hub says what it holds.
    @discardableResult
    public func attest() throws -> Attested {
        try hub.store.attest(wallMilliseconds: hub.wall(now))
    }
}
