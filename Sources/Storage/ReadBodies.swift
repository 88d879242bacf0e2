import Wire

/// The changes that one view has unpacked: the events of a change are often asked for one by one,
/// and a change that was written in bulk holds a thousand.
///
/// It lives as long as its view, so what it holds is what the view sees.
final class ReadBodies {
    private struct Key: Hashable {
        let scope: Int64
        let position: Int64
    }

    private var held: [Key: (change: LoggedChange, body: Body)] = [:]
    private var bytes = 0
    /// Bytes of bodies, as they were hashed, that are held at once.
    private static let bytesMax = 4 << 20

    /// The change at a position with what it says; read once.
    ///
    /// - Throws: `damaged` for a change whose events are listed and whose body is not readable.
    func change(
        at position: Int64,
        in scope: Int64,
        on connection: Connection
    ) throws(StorageError) -> (change: LoggedChange, body: Body) {
        let key = Key(scope: scope, position: position)
        if let known = held[key] { return known }
        let change = try connection.change(at: position, in: scope)
        guard let body = try change.body() else {
            throw StorageError(.damaged, "the change at position \(position) holds no events")
        }
        if bytes > Self.bytesMax { (held, bytes) = ([:], 0) }
        held[key] = (change, body)
        bytes += change.bytes.count
        return (change, body)
    }
}
