public import Bytes
public import CRDT

// How ids, scopes, values and names become bytes (ENC-4 to 8), plain or by reference (SYNC-14).

extension Writer {
    public mutating func id(_ id: ID) {
        u64(id.high)
        u64(id.low)
    }

    public mutating func hash(_ hash: Hash) {
        u64(hash.words.0)
        u64(hash.words.1)
        u64(hash.words.2)
        u64(hash.words.3)
    }

    public mutating func scope(_ scope: Scope) {
        u8(scope.kind.rawValue)
        id(scope.key)
    }

    public mutating func value(_ value: Value) {
        var plain: References?
        self.value(value, by: &plain)
    }

    public mutating func name(_ name: Name) {
        u64(name.stamp.time.raw)
        id(name.stamp.replica)
        u64(name.hash)
    }

    /// Writes names in the order given.
    public mutating func names(_ names: [Name]) {
        var plain: References?
        self.names(names, by: &plain)
    }

    /// Writes a u16 length and then the bytes.
    mutating func sized(_ bytes: [UInt8]) {
        u16(UInt16(truncatingIfNeeded: bytes.count))
        raw(bytes)
    }
}

extension Reader {
    public mutating func id(_ field: String) throws(Malformed) -> ID {
        ID(high: try u64(field), low: try u64(field))
    }

    public mutating func hash(_ field: String) throws(Malformed) -> Hash {
        Hash(words: (try u64(field), try u64(field), try u64(field), try u64(field)))
    }

    public mutating func scope(_ field: String) throws(Malformed) -> Scope {
        guard let scope = Scope(kind: try u8(field), key: try id(field)) else {
            throw malformed(.invalid, field)
        }
        return scope
    }

    public mutating func value(_ field: String) throws(Malformed) -> Value {
        var plain: References?
        return try value(field, by: &plain)
    }

    public mutating func name(_ field: String) throws(Malformed) -> Name {
        let time = HybridTime(raw: try u64(field))
        return Name(Stamp(time, try id(field)), hash: try u64(field))
    }

    /// Reads at most 256 names, strictly ascending.
    public mutating func names(_ field: String) throws(Malformed) -> [Name] {
        var plain: References?
        return try names(field, by: &plain)
    }

    /// Reads a u16 length and that many bytes.
    mutating func sized(_ field: String) throws(Malformed) -> [UInt8] {
        try raw(Int(try u16(field)), field)
    }
}

extension Value {
    /// The bytes by which values are equal and ordered (ENC-7).
    public var encoded: [UInt8] {
        var writer = Writer()
        writer.value(self)
        return writer.bytes
    }
}

extension ID {
    /// The id of a record with a natural key: everyone who writes the key writes one record.
    ///
    /// The values are the key fields in the order of the entity's key.
    ///
    /// - Source: CHG-8.
    public init(naturalKey values: [Value], of entity: UInt32, in scope: Scope, tenant: ID) {
        var writer = Writer(capacity: 128)
        writer.tag("gemba/natural/1")
        writer.id(tenant)
        writer.scope(scope)
        writer.u32(entity)
        for value in values {
            writer.value(value)
        }
        self.init(startOf: Hash(of: writer.bytes))
    }
}
