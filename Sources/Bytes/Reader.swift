/// Reads fields in their canonical form, and refuses every other form.
///
/// ```swift
/// var reader = Reader([0xac, 0x02])
/// let count = try reader.varint("count")  // 300
/// try reader.end("example")
/// ```
///
/// Total on purpose: no input reaches a trap, and no length is believed before it was compared
/// with the limit that the caller names and with the bytes that are there.
///
/// - Invariant: 1. `offset <= end <= bytes.count`. 2. A failed read leaves the position undefined;
///   the caller gives up on the whole structure.
/// - Source: ENC-1 to ENC-4 in `protocol/encoding.md`.
public struct Reader: Sendable {
    private let bytes: [UInt8]
    private let end: Int
    /// The position of the next byte, from the start of the input.
    public private(set) var offset: Int

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    /// How many bytes are left.
    public var remaining: Int { end - offset }

    /// The next byte, left unread.
    public var peek: UInt8? { offset < end ? bytes[offset] : nil }

    /// Says that the field just read is wrong.
    public func malformed(_ code: Malformed.Code, _ field: String) -> Malformed {
        Malformed(code, field, at: offset)
    }

    /// Checks that nothing is left.
    public func end(_ structure: String) throws(Malformed) {
        guard offset == end else { throw malformed(.trailing, structure) }
    }
}

// MARK: - Numbers

extension Reader {
    public mutating func u8(_ field: String) throws(Malformed) -> UInt8 {
        guard offset < end else { throw malformed(.truncated, field) }
        defer { offset += 1 }
        return bytes[offset]
    }

    public mutating func u16(_ field: String) throws(Malformed) -> UInt16 {
        UInt16(truncatingIfNeeded: try fixed(2, field))
    }

    public mutating func u32(_ field: String) throws(Malformed) -> UInt32 {
        UInt32(truncatingIfNeeded: try fixed(4, field))
    }

    public mutating func u48(_ field: String) throws(Malformed) -> UInt64 {
        try fixed(6, field)
    }

    public mutating func u64(_ field: String) throws(Malformed) -> UInt64 {
        guard remaining >= 8 else { throw malformed(.truncated, field) }
        let word = bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        offset += 8
        return UInt64(bigEndian: word)
    }

    private mutating func fixed(_ width: Int, _ field: String) throws(Malformed) -> UInt64 {
        guard remaining >= width else { throw malformed(.truncated, field) }
        var value: UInt64 = 0
        for index in offset..<offset + width {
            value = value << 8 | UInt64(bytes[index])
        }
        offset += width
        return value
    }

    /// Reads an unsigned LEB128 integer of 64 bits in its shortest form.
    public mutating func varint(_ field: String) throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try u8(field)
            guard shift < 63 || byte <= 1 else { throw malformed(.invalid, field) }
            value |= UInt64(byte & 0x7f) << shift
            guard byte >= 0x80 else {
                guard byte != 0 || shift == 0 else { throw malformed(.notCanonical, field) }
                return value
            }
            shift += 7
            guard shift <= 63 else { throw malformed(.invalid, field) }
        }
    }

    /// Reads a signed integer that ``Writer/zigzag(_:)`` wrote.
    public mutating func zigzag(_ field: String) throws(Malformed) -> Int64 {
        let folded = try varint(field)
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    /// Reads a count and compares it with its limit before anything is allocated for it.
    ///
    /// - Parameters:
    ///   - limit: The most items that the structure may hold.
    ///   - field: The name for messages.
    /// - Returns: The count, 0 to `limit`.
    /// - Throws: `.overLimit` above the limit, or what a varint is refused for.
    public mutating func count(atMost limit: Int, _ field: String) throws(Malformed) -> Int {
        let value = try varint(field)
        guard value <= UInt64(limit) else { throw malformed(.overLimit, field) }
        return Int(value)
    }
}

// MARK: - Bytes

extension Reader {
    /// Takes exactly `count` bytes.
    public mutating func raw(_ count: Int, _ field: String) throws(Malformed) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw malformed(.truncated, field) }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// Takes all bytes that are left.
    public mutating func rest() -> [UInt8] {
        defer { offset = end }
        return Array(bytes[offset..<end])
    }

    /// The bytes between a position that was passed and the current one.
    public func passed(since start: Int) -> [UInt8] {
        Array(bytes[start..<offset])
    }

    /// Reads a length of at most `limit` and then that many bytes.
    public mutating func prefixed(atMost limit: Int, _ field: String) throws(Malformed) -> [UInt8] {
        try raw(try count(atMost: limit, field), field)
    }

    /// Reads a length of at most `limit` and then that many bytes, which must be valid UTF-8.
    public mutating func text(atMost limit: Int, _ field: String) throws(Malformed) -> String {
        let count = try count(atMost: limit, field)
        guard remaining >= count else { throw malformed(.truncated, field) }
        let utf8 = bytes[offset..<offset + count]
        offset += count
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw malformed(.invalid, field)
        }
        return text
    }

    /// Reads a domain-separation tag and refuses every other one.
    public mutating func tag(_ expected: StaticString) throws(Malformed) {
        var writer = Writer()
        writer.tag(expected)
        let found = try raw(writer.bytes.count, "tag")
        guard found == writer.bytes else { throw malformed(.invalid, "tag") }
    }
}
