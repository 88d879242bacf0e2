public import CRDT
public import Domain
import Wire

/// A change as it arrived, counting or not.
public struct ArrivedChange: Sendable {
    public let origin: Origin
    public let point: FeedPoint
    public let operations: [Operation]
}

extension View {
    /// The changes of a scope above a position and not above another, in order of arrival; those of
    /// a newer format left out.
    public func arrivals(
        in scope: Scope,
        after: Int64,
        upTo: Int64
    ) throws(StorageError) -> [ArrivedChange] {
        guard let number = try connection.number(of: scope) else { return [] }
        var arrived: [ArrivedChange] = []
        try connection.forEachChange(in: number, after: after, upTo: upTo) {
            change throws(StorageError) in
            if let body = try change.body(), try reads(scope: number) {
                arrived.append(
                    ArrivedChange(
                        origin: Origin(change, body, scope: scope),
                        point: change.point,
                        operations: try shown(body, change, in: number)
                    )
                )
            }
            return true
        }
        return arrived
    }
}
