/// Appends fields in their canonical form.
///
/// ```swift
/// var writer = Writer()
/// writer.varint(300)
/// writer.bytes  // [0xac, 0x02]
/// ```
///
/// Fixed-width integers are big-endian; variable ones are LEB128 in their shortest form.
///
/// - Source: ENC-1 to ENC-4 in `protocol/encoding.md`.
public struct Writer: Sendable {
    @usableFromInline
    var written: [UInt8] = []

    /// What was written so far.
    @inlinable
    public var bytes: [UInt8] { written }

    public init(capacity: Int = 0) {
        written.reserveCapacity(capacity)
    }

    /// Forgets what was written and keeps the memory, for use in a loop.
    public mutating func removeAll() {
        written.removeAll(keepingCapacity: true)
    }

    @inlinable
    public mutating func u8(_ value: UInt8) {
        written.append(value)
    }

    public mutating func u16(_ value: UInt16) {
        fixed(UInt64(value), width: 2)
    }

    public mutating func u32(_ value: UInt32) {
        fixed(UInt64(value), width: 4)
    }

    /// Writes the low 48 bits.
    public mutating func u48(_ value: UInt64) {
        fixed(value, width: 6)
    }

    @inlinable
    public mutating func u64(_ value: UInt64) {
        fixed(value, width: 8)
    }

    @inlinable
    mutating func fixed(_ value: UInt64, width: Int) {
        withUnsafeBytes(of: value.bigEndian) { all in
            written.append(contentsOf: UnsafeRawBufferPointer(rebasing: all.suffix(width)))
        }
    }

    /// Writes an unsigned LEB128 integer, 1 to 10 bytes.
    @inlinable
    public mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            written.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        written.append(UInt8(rest))
    }

    /// Writes a signed integer, folded so that small magnitudes of either sign stay short.
    @inlinable
    public mutating func zigzag(_ value: Int64) {
        varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends bytes as they are, without a length.
    public mutating func raw(_ value: some Sequence<UInt8>) {
        written.append(contentsOf: value)
    }

    /// The same for an array: other modules cannot specialize the general one.
    @inlinable
    public mutating func raw(_ value: [UInt8]) {
        written.append(contentsOf: value)
    }

    /// Writes a length and then the bytes.
    public mutating func prefixed(_ value: some Collection<UInt8>) {
        varint(UInt64(value.count))
        written.append(contentsOf: value)
    }

    /// The same for an array.
    @inlinable
    public mutating func prefixed(_ value: [UInt8]) {
        varint(UInt64(value.count))
        written.append(contentsOf: value)
    }

    /// Writes a length and then the UTF-8 of a text.
    public mutating func text(_ value: String) {
        prefixed(value.utf8)
    }

    /// Writes a domain-separation tag: its ASCII letters and a zero byte.
    public mutating func tag(_ value: StaticString) {
        value.withUTF8Buffer { written.append(contentsOf: $0) }
        written.append(0)
    }
}
