public import CRDT

/// A decimal as it was typed or measured: 0.50 keeps its two places.
///
/// - Shape: `mantissa` times ten to the power of minus `scale`; as a field, `Value.decimal`.
/// - Invariant: `scale` is at most 18, so that any two compare exactly in 128 bits.
public struct DecimalNumber: Hashable, Sendable {
    public let mantissa: Int64
    /// Digits after the point, 0 to 18.
    public let scale: UInt8

    /// - Returns: nil for a scale above 18.
    public init?(mantissa: Int64, scale: UInt8) {
        guard scale <= Self.scaleMax else { return nil }
        self.mantissa = mantissa
        self.scale = scale
    }

    /// Takes the value of a field; nil for any that is not a decimal or an integer.
    public init?(_ value: Value?) {
        switch value {
        case .decimal(let mantissa, let scale): self.init(mantissa: mantissa, scale: scale)
        case .integer(let integer): self.init(mantissa: integer, scale: 0)
        default: return nil
        }
    }

    /// Reads a number that a person typed: digits, at most one point, at most one sign.
    ///
    /// - Parameter typed: Such as "0.42" or "-3"; nothing around it.
    /// - Throws: `decimalComma`, `notANumber` or `tooManyDigits`.
    public init(typed: String) throws(RuleFault) {
        guard !typed.utf8.contains(UInt8(ascii: ",")) else {
            throw RuleFault(.decimalComma, "write a point, not a comma: 0.42")
        }
        let isNegative = typed.utf8.first == UInt8(ascii: "-")
        let hasSign = isNegative || typed.utf8.first == UInt8(ascii: "+")
        let parts = typed.utf8.dropFirst(hasSign ? 1 : 0)
            .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isDigits) else {
            throw RuleFault(.notANumber, "write digits and at most one point: 0.42")
        }
        let places = parts.count == 2 ? parts[1].count : 0
        let digits = parts.joined()
        guard digits.count <= Int(Self.scaleMax) else {
            throw RuleFault(.tooManyDigits, "write at most \(Self.scaleMax) digits")
        }
        let magnitude = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        mantissa = isNegative ? -magnitude : magnitude
        scale = UInt8(places)
    }

    public var value: Value { .decimal(mantissa: mantissa, scale: scale) }

    /// Whether this is at most another, exactly: 0.5 is at most 0.50.
    public func isAtMost(_ other: DecimalNumber) -> Bool { widened <= other.widened }

    /// The number in units of 10^-18, which 128 bits hold for every mantissa.
    private var widened: Int128 {
        (scale..<Self.scaleMax).reduce(Int128(mantissa)) { product, _ in product * 10 }
    }

    private static let scaleMax: UInt8 = 18

    private static func isDigits(_ part: Substring.UTF8View.SubSequence) -> Bool {
        !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension DecimalNumber: CustomStringConvertible {
    /// The digits as they were typed, without a plus sign.
    public var description: String {
        let digits = String(mantissa.magnitude)
        let sign = mantissa < 0 ? "-" : ""
        guard scale > 0 else { return sign + digits }
        let missing = max(0, Int(scale) + 1 - digits.count)
        let padded = String(repeating: "0", count: missing) + digits
        return sign + padded.dropLast(Int(scale)) + "." + padded.suffix(Int(scale))
    }
}
