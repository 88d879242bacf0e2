public import Bytes
public import CRDT
public import Identity

extension Run {
    /// Whether a receiver looks at the run at all: counts, lengths and sequence numbers (CHG-12).
    public var isWithinLimits: Bool {
        guard (1...Limits.runChangesMax).contains(bodies.count), signature.count == 64,
            sequence >= 1, !sequence.addingReportingOverflow(UInt64(bodies.count)).overflow,
            bodies.allSatisfy({ $0.count <= Limits.bodyBytesMax })
        else { return false }
        return bodies.count == 1 || bodies.reduce(0) { $0 + $1.count } <= Limits.runBytesMax
    }

    /// The changes that the run claims, each linked to the one before; nothing of them is checked.
    ///
    /// - Parameters:
    ///   - scope: The scope of the chunk that the run came in.
    ///   - tenant: Whose changes they are.
    ///   - previous: The hash that the first of them links to.
    /// - Returns: No changes if the run is not within its limits.
    public func linked(in scope: Scope, tenant: ID, after previous: Hash) -> [Change] {
        guard isWithinLimits else { return [] }
        let feed = Change.Feed(tenant: tenant, scope: scope, replica: replica)
        var changes: [Change] = []
        changes.reserveCapacity(bodies.count)
        for body in bodies {
            changes.append(
                Change(
                    feed: feed,
                    sequence: sequence + UInt64(changes.count),
                    previous: changes.last?.hash ?? previous,
                    body: body
                )
            )
        }
        return changes
    }

    /// Whether the run's signature is a key's over a change, and so over all before it.
    public func isSigned(over last: Change, by key: VerifyingKey) -> Bool {
        key.isValid(
            signature,
            for: Change.signedBytes(feed: last.feed, sequence: last.sequence, hash: last.hash)
        )
    }

    /// Checks the run as the continuation of a feed, all of it or nothing.
    ///
    /// - Parameters:
    ///   - scope: The scope of the chunk that the run came in.
    ///   - binding: Whom the replica belongs to.
    ///   - tip: Where the feed stands.
    /// - Returns: The changes; the last has the signature.
    /// - Throws: Why it is refused; every node comes to the same verdict (CHG-14).
    public func verified(
        in scope: Scope,
        by binding: VerifiedBinding,
        after tip: FeedTip
    ) throws(Inadmissible) -> [VerifiedChange] {
        guard replica == binding.replica else { throw .unbound }
        guard isWithinLimits else { throw .malformed }
        guard tip.sequence < .max, sequence == tip.sequence + 1, previous ?? tip.hash == tip.hash
        else { throw .brokenChain }
        let tenant = binding.statement.tenant
        let changes = linked(in: scope, tenant: tenant, after: tip.hash)
        guard let last = changes.last, isSigned(over: last, by: binding.statement.signKey) else {
            throw .badSignature
        }
        return try Admission.admit(changes[...], of: self, by: binding, after: tip)
    }
}

/// The checks that depend on nothing but a change, its feed and its author's certificate.
///
/// - Source: CHG-11, CHG-14, CHG-15.
public enum Admission {
    /// Admits linked changes that lie under a checked signature, all of them or none.
    ///
    /// - Parameters:
    ///   - changes: The last of the run, ascending: all of them, or those that are new.
    ///   - run: The run they came in, whose signature the caller has checked.
    ///   - binding: Whom the replica belongs to.
    ///   - tip: Where the feed stands before the first of them.
    /// - Returns: The changes; the last has the signature.
    /// - Throws: Why the first that is not admissible is refused.
    public static func admit(
        _ changes: ArraySlice<Change>,
        of run: Run,
        by binding: VerifiedBinding,
        after tip: FeedTip
    ) throws(Inadmissible) -> [VerifiedChange] {
        var admitted: [VerifiedChange] = []
        admitted.reserveCapacity(changes.count)
        var tip = tip
        for (index, change) in zip(changes.indices, changes) {
            let isLast = index == changes.endIndex - 1
            let verified = try admit(
                change,
                saying: run.reading(at: change.sequence),
                signature: isLast ? run.signature : nil,
                by: binding,
                after: tip
            )
            tip = verified.tip
            admitted.append(verified)
        }
        return admitted
    }

    /// Admits one change; `known` is what its bytes are proved to say, nil to read them.
    static func admit(
        _ change: Change,
        saying known: Body? = nil,
        signature: [UInt8]?,
        by binding: VerifiedBinding,
        after tip: FeedTip
    ) throws(Inadmissible) -> VerifiedChange {
        try check(change.feed, by: binding)
        try checkLink(of: change, after: tip)
        let body = if let known { known } else { try decoded(change.body) }
        if let body { try check(body, of: change, by: binding.certificate, after: tip) }
        return VerifiedChange(change: change, body: body, signature: signature, after: tip)
    }

    private static func check(
        _ feed: Change.Feed,
        by binding: VerifiedBinding
    ) throws(Inadmissible) {
        let certificate = binding.certificate
        guard feed.tenant == certificate.tenant, feed.tenant == binding.statement.tenant else {
            throw .wrongTenant
        }
        guard feed.replica == binding.replica else { throw .unbound }
        guard certificate.mayWrite(feed.scope) else { throw .scopeNotWritable }
    }

    private static func checkLink(
        of change: Change,
        after tip: FeedTip
    ) throws(Inadmissible) {
        let next = tip.sequence.addingReportingOverflow(1)
        guard !next.overflow, change.sequence == next.partialValue, change.previous == tip.hash
        else { throw .brokenChain }
    }

    private static func check(
        _ body: Body,
        of change: Change,
        by certificate: Certificate,
        after tip: FeedTip
    ) throws(Inadmissible) {
        guard !body.namesItsOwn(replica: change.feed.replica) else { throw .malformed }
        guard body.time > tip.time else { throw .staleStamp }
        guard body.authority >= tip.authority else { throw .staleAuthority }
        guard certificate.covers(user: body.user, method: body.method) else {
            throw .userNotCovered
        }
    }

    /// What a change says, if this version can read it.
    private static func decoded(_ bytes: [UInt8]) throws(Inadmissible) -> Body? {
        do throws(Malformed) {
            return try Body.readable(bytes)
        } catch {
            throw .malformed
        }
    }
}

extension VerifiedChange {
    /// Takes what a store reads back from its own disk: the hash and the signature are believed.
    ///
    /// - Parameters:
    ///   - change: A change that was verified before it was stored.
    ///   - signature: As it was stored.
    ///   - before: Where the feed stood before it; only a body of another format needs it.
    /// - Throws: If the body is damaged: what was stored could be read once.
    public init(
        trusting change: Change,
        signature: [UInt8]?,
        after before: FeedTip? = nil
    ) throws(Malformed) {
        self.init(
            change: change,
            body: try Body.readable(change.body),
            signature: signature,
            after: before
        )
    }
}

extension Body {
    /// Reads a body of the format of this version; one of another format gives nil.
    fileprivate static func readable(_ bytes: [UInt8]) throws(Malformed) -> Body? {
        guard let format = format(of: bytes) else { throw Malformed(.truncated, "body", at: 0) }
        guard bytes.count <= Limits.bodyBytesMax else {
            throw Malformed(.overLimit, "body", at: 0)
        }
        return format == Self.format ? try Body(decoding: bytes) : nil
    }
}
