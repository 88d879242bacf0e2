import CRDT
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
