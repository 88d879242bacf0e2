public import Bytes
import CRDT

// How a body becomes bytes (CHG-1 to 7).

extension Body {
    /// The format of bodies that this version reads.
    static let format: UInt8 = 1

    /// The body as it stands; whether anyone would admit it, ``checked()`` says.
    public func encoded() -> [UInt8] {
        var writer = Writer(capacity: 64 + 64 * operations.count)
        var plain: References?
        writer.body(self, by: &plain)
        return writer.bytes
    }

    /// Reads a body of format 1.
    ///
    /// - Throws: For anything but the one encoding of a body within every limit.
    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        guard bytes.count <= Limits.bodyBytesMax else {
            throw reader.malformed(.overLimit, "body")
        }
        var plain: References?
        self = try reader.body(by: &plain)
        try reader.end("body")
    }

    /// The bytes of a body that every receiver reads as what it is.
    ///
    /// An author runs this before it commits, so that it can never differ from those who judge;
    /// what it returns need not be decoded again. Tests hold each rule against the reader.
    public func checked() throws(Malformed) -> [UInt8] {
        guard (1...Limits.operationsMax).contains(operations.count) else {
            throw Malformed(.overLimit, "operations", at: 0)
        }
        var ids: Set<ID> = []
        for index in operations.indices {
            try operations[index].check()
            if let id = operations[index].target.spelledID, !ids.insert(id).inserted {
                throw Malformed(.invalid, "record", at: 0)
            }
        }
        let bytes = encoded()
        guard bytes.count <= Limits.bodyBytesMax else { throw Malformed(.overLimit, "body", at: 0) }
        return bytes
    }

    /// The format that a body claims; nil if it is empty.
    public static func format(of bytes: [UInt8]) -> UInt8? { bytes.first }

    /// Whether the change edits what it creates itself: an id of kind 2 or 3 that is derived from
    /// its own stamp.
    ///
    /// - Source: CHG-6.
    func namesItsOwn(replica: ID) -> Bool {
        operations.contains { operation in
            guard let id = operation.target.spelledID else { return false }
            let index = UInt16(truncatingIfNeeded: id.low >> 48)
            return id == ID(createdAt: Stamp(time, replica), index: index)
                && operations.indices.contains(Int(index))
                && operations[Int(index)].target.hasDerivedID
        }
    }
}

extension Writer {
    mutating func body(_ body: Body, by references: inout References?) {
        u8(Body.format)
        stamp(body.time, by: &references)
        varint(body.authority)
        id(body.user, by: &references)
        varint(body.login)
        u8(body.method.rawValue)
        varint(body.schema)
        varint(UInt64(body.operations.count))
        for operation in body.operations {
            self.operation(operation, by: &references)
        }
    }
}

extension Reader {
    mutating func body(by references: inout References?) throws(Malformed) -> Body {
        guard try u8("format") == Body.format else { throw malformed(.invalid, "format") }
        return Body(
            time: try stamp("stamp", by: &references),
            authority: try varint("authority"),
            user: try id("user", by: &references),
            login: try varint("login"),
            method: Method(rawValue: try u8("method")),
            schema: try varint("schema"),
            operations: try operations(by: &references)
        )
    }

    private mutating func operations(
        by references: inout References?
    ) throws(Malformed) -> [Operation] {
        let count = try count(atMost: Limits.operationsMax, "operations")
        guard count >= 1 else { throw malformed(.invalid, "operations") }
        var operations: [Operation] = []
        operations.reserveCapacity(min(count, remaining))
        var ids: Set<ID> = []
        for _ in 0..<count {
            let operation = try operation(by: &references)
            if let id = operation.target.spelledID, !ids.insert(id).inserted {
                throw malformed(.invalid, "record")
            }
            operations.append(operation)
        }
        return operations
    }
}
