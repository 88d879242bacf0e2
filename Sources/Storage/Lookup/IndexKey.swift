import Bytes
import CRDT
import Wire

/// Values as bytes whose order is the order of the values: what rows of an index are sorted by.
///
/// Integers, texts, ids and truth values are in their own order; of other kinds equal values have
/// equal bytes, and no more. No key is the beginning of another of as many values.
struct IndexKey: Hashable {
    private(set) var bytes: [UInt8] = []

    init(_ values: some Sequence<Value> = []) {
        for value in values { append(value) }
    }

    /// Bytes of a text that count; longer ones are told apart by whoever reads the row.
    static let textMax = 200

    mutating func append(_ value: Value) {
        switch value {
        case .null: bytes.append(0)
        case .bool(let bool): bytes += [1, bool ? 1 : 0]
        case .integer(let integer):
            bytes.append(2)
            append(UInt64(bitPattern: integer) ^ 1 << 63)
        case .text(let text):
            bytes.append(4)
            append(text: text.utf8.prefix(Self.textMax))
        case .id(let id):
            bytes.append(6)
            bytes += id.bytes
        case .decimal, .bytes, .link, .list, .unknown:
            bytes.append(8)
            append(text: value.encoded.prefix(Self.textMax))
        }
    }

    private mutating func append(_ word: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
        }
    }

    /// A zero byte becomes two, and two others end the text, so that a shorter one is before.
    private mutating func append(text: some Sequence<UInt8>) {
        for byte in text {
            bytes.append(byte)
            if byte == 0 { bytes.append(0xff) }
        }
        bytes += [0, 0]
    }

    /// The first key after all that begin with this one.
    var end: [UInt8] { bytes + [0xff] }

    /// The id with which a key begins.
    static func firstID(of key: [UInt8]) -> ID? {
        key.first == 6 && key.count >= 17 ? ID(Array(key[1..<17])) : nil
    }

    /// How many bytes the first value of a key takes where that is an id.
    static let idCount = 17
}
