import Bytes
import CRDT

// A run as it travels, plain (SYNC-13) or in transfer form (SYNC-14, SYNC-21).

extension Writer {
    /// Writes a run, and its signature unless the chunk tells signatures apart.
    mutating func run(_ run: Run, by references: inout References?) throws(Malformed) {
        guard (1...Limits.runChangesMax).contains(run.bodies.count), run.signature.count == 64
        else { throw Malformed(.overLimit, "run", at: 0) }
        id(run.replica, by: &references)
        sequence(run.sequence, of: run.replica, by: references)
        u8(run.previous == nil ? 0 : 1)
        if let previous = run.previous { hash(previous) }
        varint(UInt64(run.bodies.count))
        references?.expect(run.sequence &+ UInt64(run.bodies.count), of: run.replica)
        for (index, body) in run.bodies.enumerated() {
            guard body.count <= Limits.bodyBytesMax else {
                throw Malformed(.overLimit, "body", at: 0)
            }
            let sequence = run.sequence &+ UInt64(index)
            try self.body(body, saying: run.reading(at: sequence), by: &references)
        }
        if references?.isStream != true { raw(run.signature) }
    }

    /// Writes a canonical body; `known` is what it says, nil to read it where that is needed.
    mutating func body(
        _ body: [UInt8],
        saying known: Body?,
        by references: inout References?
    ) throws(Malformed) {
        guard references != nil else { return prefixed(body) }
        if let known { return self.body(known, by: &references) }
        guard let format = Body.format(of: body) else {
            throw Malformed(.truncated, "body", at: 0)
        }
        guard format != Body.format else {
            return self.body(try Body(decoding: body), by: &references)
        }
        u8(format)
        prefixed(body.dropFirst())
    }
}

extension Reader {
    /// Reads a run, and takes its bodies from the room that the chunk still has for them, in bytes;
    /// the signature is given where the chunk tells it apart.
    mutating func run(
        by references: inout References?,
        room: inout Int,
        signature: [UInt8]? = nil
    ) throws(Malformed) -> Run {
        let replica = try id("replica", by: &references)
        let sequence = try sequence(of: replica, by: references)
        let link = try u8("link")
        guard link <= 1 else { throw malformed(.invalid, "link") }
        let previous = link == 1 ? try hash("previous") : nil
        let count = try count(atMost: Limits.runChangesMax, "changes")
        guard count >= 1 else { throw malformed(.invalid, "changes") }
        references?.expect(sequence &+ UInt64(count), of: replica)
        var bodies: [[UInt8]] = []
        bodies.reserveCapacity(count)
        var readings: [Body?] = []
        for _ in 0..<count {
            let limit = min(room, Limits.bodyBytesMax)
            guard references != nil else {
                bodies.append(try prefixed(atMost: limit, "body"))
                room -= bodies[bodies.endIndex - 1].count
                continue
            }
            let (bytes, body) = try transferred(atMost: limit, by: &references)
            room -= bytes.count
            bodies.append(bytes)
            readings.append(body)
        }
        let signed = if let signature { signature } else { try raw(64, "signature") }
        return Run(replica, sequence, previous, bodies, saying: readings, signed)
    }

    /// Reads a body in transfer form, and puts it back into its canonical one.
    mutating func transferred(
        atMost limit: Int,
        by references: inout References?
    ) throws(Malformed) -> (bytes: [UInt8], body: Body?) {
        guard let format = peek, format != Body.format else {
            let body = try body(by: &references)
            let bytes = body.encoded()
            guard bytes.count <= limit else { throw malformed(.overLimit, "body") }
            return (bytes, body)
        }
        let start = try raw(1, "format")
        return (start + (try prefixed(atMost: max(limit - 1, 0), "body")), nil)
    }
}
