/// Bytes from the network until they are whole messages: a u16 length and that many bytes.
///
/// - Invariant: It holds less than one message beyond what was appended last.
/// - Source: TCP-3.
struct MessageBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    /// Bytes that were not taken yet.
    var count: Int { bytes.count - start }

    mutating func append(_ more: [UInt8]) {
        guard start < bytes.count else {
            bytes = more
            start = 0
            return
        }
        bytes.removeFirst(start)
        start = 0
        bytes += more
    }

    /// Takes exactly so many bytes; nil while there are fewer.
    mutating func take(_ wanted: Int) -> [UInt8]? {
        guard count >= wanted else { return nil }
        defer { start += wanted }
        return Array(bytes[start..<start + wanted])
    }

    /// The bytes that are there, left in place.
    var waiting: [UInt8] { Array(bytes[start...]) }

    /// Takes the next message; nil while it is not whole.
    ///
    /// A message that says to be longer than the limit is refused before its bytes are awaited.
    mutating func next(atMost limit: Int = 65_535) throws(ChannelFault) -> [UInt8]? {
        guard count >= 2 else { return nil }
        let length = Int(bytes[start]) << 8 | Int(bytes[start + 1])
        guard length <= limit else {
            throw ChannelFault(.overLimit, "a message of \(length) bytes where \(limit) are most")
        }
        guard count >= 2 + length else { return nil }
        start += 2
        return take(length)
    }

    /// A message with its length before it.
    ///
    /// - Precondition: At most 65,535 bytes, which every Noise message is.
    static func framed(_ message: [UInt8]) -> [UInt8] {
        precondition(message.count <= 65_535, "a Noise message has at most 65,535 bytes")
        var framed: [UInt8] = []
        framed.reserveCapacity(2 + message.count)
        framed.append(UInt8(message.count >> 8))
        framed.append(UInt8(message.count & 0xff))
        framed += message
        return framed
    }
}
