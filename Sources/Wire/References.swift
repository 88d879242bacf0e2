import Bytes
import CRDT

/// What a chunk in transfer form has mentioned so far, so that it need not spell it again.
///
/// Sender and receiver build the same table from the same bytes. Everything that writes or reads
/// a part of a body takes one, and nil means the plain form: so there is one walk over a body.
///
/// - Invariant: No id stands in the table twice.
/// - Source: SYNC-14.
struct References {
    /// The stamp that differences are taken from: of the change at hand, and until its own is
    /// known, of the change before it.
    var stamp: UInt64 = 0
    private var ids: [ID] = []
    private var numbers: [ID: UInt64] = [:]

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
        guard ids.count < Limits.referencesMax else { return true }
        ids.append(id)
        numbers[id] = UInt64(ids.count)
        return true
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
