public import Bytes
public import CRDT
public import Identity

/// Why a replica cannot write what it was asked to.
public enum AuthoringFault: Error, Hashable, Sendable {
    /// The body is not one that a receiver would read.
    case malformed(Malformed)
    /// A receiver would refuse the change.
    case inadmissible(Inadmissible)
}

/// A replica's own key with its binding: what writes changes.
public struct Author: Sendable {
    public let binding: VerifiedBinding
    private let key: SigningKey

    /// - Returns: nil if the key is not the one that the replica statement names.
    public init?(_ binding: VerifiedBinding, key: SigningKey) {
        guard key.publicKey == binding.statement.signKey else { return nil }
        self.binding = binding
        self.key = key
    }

    /// Writes and signs the next change of a feed, by the same checks that its receivers make.
    ///
    /// - Parameters:
    ///   - body: What it says; its stamp must follow that of the tip.
    ///   - scope: Where it is written.
    ///   - tip: Where the replica's own feed in the scope stands.
    /// - Returns: The signed change, a run of one.
    /// - Throws: Why every receiver would refuse it.
    public func write(
        _ body: Body,
        in scope: Scope,
        after tip: FeedTip
    ) throws(AuthoringFault) -> VerifiedChange {
        let bytes = try checked(body)
        let feed = Change.Feed(
            tenant: binding.statement.tenant,
            scope: scope,
            replica: binding.replica
        )
        let change = Change(
            feed: feed,
            sequence: tip.sequence &+ 1,
            previous: tip.hash,
            body: bytes
        )
        let signed = Change.signedBytes(feed: feed, sequence: change.sequence, hash: change.hash)
        return try admitted(change, saying: body, signature: key.sign(signed), after: tip)
    }

    private func checked(_ body: Body) throws(AuthoringFault) -> [UInt8] {
        do throws(Malformed) {
            return try body.checked()
        } catch {
            throw .malformed(error)
        }
    }

    private func admitted(
        _ change: Change,
        saying body: Body,
        signature: [UInt8],
        after tip: FeedTip
    ) throws(AuthoringFault) -> VerifiedChange {
        do throws(Inadmissible) {
            return try Admission.admit(
                change,
                saying: body,
                signature: signature,
                by: binding,
                after: tip
            )
        } catch {
            throw .inadmissible(error)
        }
    }
}
