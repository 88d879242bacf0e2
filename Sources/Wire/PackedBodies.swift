public import Bytes

/// Bodies of one feed that follow each other, packed for a disk: the transfer form of SYNC-14,
/// compressed.
///
/// Small bodies of one place are alike, so together they take a fifth of the room; whoever wants
/// one of them has to unpack all.
public struct PackedBodies: Hashable, Sendable {
    /// One zstd frame.
    public let frame: [UInt8]
    /// The length of what it holds, in bytes.
    public let length: Int

    /// Takes what was stored; ``unpacked(count:)`` tells whether it is whole.
    public init(frame: [UInt8], length: Int) {
        self.frame = frame
        self.length = length
    }

    /// Packs canonical bodies, each with what it says; nil where that has to be read first.
    ///
    /// - Throws: If a body is not canonical, which no verified one is.
    public init(_ bodies: [(bytes: [UInt8], body: Body?)]) throws(Malformed) {
        var references: References? = References()
        var writer = Writer(capacity: 8_192)
        for (bytes, body) in bodies {
            try writer.body(bytes, saying: body, by: &references)
        }
        frame = try Zstd.compress(writer.bytes, .stored)
        length = writer.bytes.count
    }

    /// The bodies as they were hashed, each with what it says; nil for one of another format.
    ///
    /// - Parameter count: How many were packed.
    /// - Returns: As many bodies, in their order.
    /// - Throws: If anything is damaged.
    public func unpacked(count: Int) throws(Malformed) -> [(bytes: [UInt8], body: Body?)] {
        guard (0...Limits.frameBytesMax).contains(length) else {
            throw Malformed(.overLimit, "length", at: 0)
        }
        var reader = Reader(try Zstd.expand(frame, to: length))
        var references: References? = References()
        var bodies: [(bytes: [UInt8], body: Body?)] = []
        for _ in 0..<count {
            bodies.append(try reader.transferred(atMost: Limits.bodyBytesMax, by: &references))
        }
        try reader.end("bodies")
        return bodies
    }
}
