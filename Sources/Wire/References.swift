import Bytes
import CRDT

/// What a chunk in transfer form, or a stream of them, has mentioned so far, so that it need not
/// spell it again.
///
/// Sender and receiver build the same table from the same bytes. Everything that writes or reads
/// a part of a body takes one, and nil means the plain form: so there is one walk over a body.
///
/// - Invariant: 1. No id stands in the table twice. 2. In a stream, each id has a sequence.
/// - Source: SYNC-14, SYNC-21.
struct References: Sendable {
    /// Whether the table outlives a chunk: then the newest id replaces the oldest.
    let isStream: Bool
    /// The stamp that differences are taken from: of the change at hand, and until its own is
    /// known, of the change before it.
    var stamp: UInt64 = 0
    private var ids: [ID] = []
    private var numbers: [ID: UInt64] = [:]
    /// The sequence that is expected next of each id, as far as it is a replica's.
    private var sequences: [UInt64] = []
    /// The place of the oldest id, once the table of a stream is full.
    private var oldest = 0

    init(isStream: Bool = false) {
        self.isStream = isStream
    }

    /// The stamp's milliseconds since 1970.
    var milliseconds: Int64 { Int64(stamp >> 16) }

    /// The number of an id that was mentioned, from 1.
    func number(of id: ID) -> UInt64? { numbers[id] }

    /// The id that a number stands for.
    func id(at number: UInt64) -> ID? {
        guard number >= 1, number <= UInt64(ids.count) else { return nil }
        return ids[Int(number) - 1]
    }

    /// Takes up an id that was spelled out, while there is room.
    ///
    /// - Returns: false if it had a number already.
    @discardableResult
    mutating func mention(_ id: ID) -> Bool {
        guard numbers[id] == nil else { return false }
        guard ids.count == (isStream ? Limits.streamReferencesMax : Limits.referencesMax) else {
            ids.append(id)
            numbers[id] = UInt64(ids.count)
            if isStream { sequences.append(1) }
            return true
        }
        if isStream { replaceOldest(by: id) }
        return true
    }

    private mutating func replaceOldest(by id: ID) {
        numbers[ids[oldest]] = nil
        ids[oldest] = id
        sequences[oldest] = 1
        numbers[id] = UInt64(oldest) + 1
        oldest = (oldest + 1) % ids.count
    }

    /// The sequence that the next run of a replica is told relative to.
    func sequence(of replica: ID) -> UInt64 {
        numbers[replica].map { sequences[Int($0) - 1] } ?? 1
    }

    /// Notes the sequence after the last change of a run, in a stream.
    mutating func expect(_ sequence: UInt64, of replica: ID) {
        guard isStream, let number = numbers[replica] else { return }
        sequences[Int(number) - 1] = sequence
    }
}

extension Writer {
    mutating func id(_ id: ID, by references: inout References?) {
        guard references != nil else { return self.id(id) }
        if let number = references?.number(of: id) { return varint(number) }
        varint(0)
        self.id(id)
        references?.mention(id)
    }

    /// Writes the sequence of a run, of which the replica was just written.
    mutating func sequence(_ sequence: UInt64, of replica: ID, by references: References?) {
        guard let references, references.isStream else { return varint(sequence) }
        zigzag(Int64(bitPattern: sequence &- references.sequence(of: replica)))
    }

    /// Writes the stamp of a change; what follows of the change is told relative to it.
    mutating func stamp(_ time: HybridTime, by references: inout References?) {
        guard let before = references?.stamp else { return u64(time.raw) }
        zigzag(Int64(bitPattern: time.raw &- before))
        references?.stamp = time.raw
    }

    mutating func names(_ names: [Name], by references: inout References?) {
        varint(UInt64(names.count))
        for name in names {
            guard let stamp = references?.stamp else {
                self.name(name)
                continue
            }
            zigzag(Int64(bitPattern: stamp &- name.stamp.time.raw))
            id(name.stamp.replica, by: &references)
            u64(name.hash)
        }
    }
}

extension Reader {
    mutating func id(
        _ field: String,
        by references: inout References?
    ) throws(Malformed) -> ID {
        guard references != nil else { return try id(field) }
        let number = try varint(field)
        guard number == 0 else {
            guard let known = references?.id(at: number) else { throw malformed(.invalid, field) }
            return known
        }
        let spelled = try id(field)
        guard references?.mention(spelled) == true else { throw malformed(.notCanonical, field) }
        return spelled
    }

    mutating func sequence(
        of replica: ID,
        by references: References?
    ) throws(Malformed) -> UInt64 {
        guard let references, references.isStream else { return try varint("sequence") }
        return references.sequence(of: replica) &+ UInt64(bitPattern: try zigzag("sequence"))
    }

    mutating func stamp(
        _ field: String,
        by references: inout References?
    ) throws(Malformed) -> HybridTime {
        guard let before = references?.stamp else { return HybridTime(raw: try u64(field)) }
        let time = before &+ UInt64(bitPattern: try zigzag(field))
        references?.stamp = time
        return HybridTime(raw: time)
    }

    mutating func names(
        _ field: String,
        by references: inout References?
    ) throws(Malformed) -> [Name] {
        let count = try count(atMost: Limits.namesMax, field)
        var names: [Name] = []
        names.reserveCapacity(count)
        for _ in 0..<count {
            let name = try self.name(field, by: &references)
            if let last = names.last, name <= last { throw malformed(.notCanonical, field) }
            names.append(name)
        }
        return names
    }

    private mutating func name(
        _ field: String,
        by references: inout References?
    ) throws(Malformed) -> Name {
        guard let stamp = references?.stamp else { return try name(field) }
        let time = stamp &- UInt64(bitPattern: try zigzag(field))
        let replica = try id(field, by: &references)
        return Name(Stamp(HybridTime(raw: time), replica), hash: try u64(field))
    }
}
