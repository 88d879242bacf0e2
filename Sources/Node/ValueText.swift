public import CRDT
import Domain

extension Nicknames {
    /// A value of a field as a line shows it.
    public func text(_ value: Value?) -> String {
        switch value {
        case nil, .null: "-"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .decimal(let mantissa, let scale): Self.decimal(mantissa, scale)
        case .text(let text): text
        case .bytes(let bytes): bytes.map { Self.hex($0) }.joined()
        case .id(let id): person(id) ?? "\(id)"
        case .link(let scope, let id): "\(scope)/\(id)"
        case .list(let items): "[\(items.map { text($0) }.joined(separator: ", "))]"
        case .unknown(let kind, _): "unknown-\(kind)"
        }
    }

    /// A value of a field as a script reads it: decimals are texts, so that 0.50 stays so.
    public func json(_ value: Value?) -> JSON {
        switch value {
        case nil, .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .list(let items): .list(items) { json($0) }
        default: .text(text(value))
        }
    }

    private static func decimal(_ mantissa: Int64, _ scale: UInt8) -> String {
        DecimalNumber(mantissa: mantissa, scale: scale).map(\.description)
            ?? "\(mantissa)e-\(scale)"
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
