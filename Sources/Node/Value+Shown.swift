import Bytes
public import CRDT

extension Value {
    /// The value for people; it may be foreign text.
    public var shown: String {
        switch self {
        case .null: "-"
        case .bool(let bool): bool ? "yes" : "no"
        case .integer(let integer): String(integer)
        case .decimal(let mantissa, let scale): Self.digits(mantissa, scale)
        case .text(let text): text
        case .bytes(let bytes): Hex.encode(bytes)
        case .id(let id): "\(id)"
        case .link(let scope, let id): "\(scope)/\(id)"
        case .list(let items): items.map(\.shown).joined(separator: ", ")
        case .unknown: "(of a newer version)"
        }
    }

    /// The value for scripts; decimals are texts, so that 0.50 keeps its places.
    public var json: JSON {
        switch self {
        case .null: .null
        case .bool(let bool): .bool(bool)
        case .integer(let integer): .integer(integer)
        case .list(let items): .list(items.map(\.json))
        case .decimal, .text, .bytes, .id, .link, .unknown: .text(shown)
        }
    }

    private static func digits(_ mantissa: Int64, _ scale: UInt8) -> String {
        let places = Int(scale)
        guard places > 0 else { return String(mantissa) }
        let digits = String(mantissa.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = mantissa < 0 ? "-" : ""
        return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }
}
