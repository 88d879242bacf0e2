extension DecimalNumber {
    /// Reads a number as people write it: with a decimal point or comma, in ASCII or full-width
    /// digits, with blanks around it.
    ///
    /// What could be a group of thousands is refused, never guessed: 1,000 is one in Hanoi and a
    /// thousand in Osaka. A point is always a decimal point, as instruments print it.
    ///
    /// - Parameter entered: Such as "12,5", "１２．５" or "-0.42".
    /// - Throws: `thousands`, `notANumber`, `tooManyDigits`.
    /// - Source: DOM-35.
    public init(entered: String) throws(RuleFault) {
        var text = ""
        for scalar in entered.unicodeScalars { text.unicodeScalars.append(Self.plain(scalar)) }
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        let commas = text.count { $0 == "," }
        let points = text.count { $0 == "." }
        let hasGap = text.contains { Self.gaps.contains($0) }
        if hasGap || (commas > 0 && points > 0) || commas > 1 || points > 1 {
            let groups = text.split(omittingEmptySubsequences: false) { !$0.isASCII || $0.isMark }
            let digits = groups.dropFirst().allSatisfy { $0.allSatisfy(\.isNumber) && !$0.isEmpty }
            throw digits && groups.count > 1 ? Self.thousands : Self.noNumber
        }
        if commas == 1 {
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let whole = parts[0].drop { "+-".contains($0) }
            if parts[1].count == 3, (1...3).contains(whole.count), whole.first != "0" {
                throw Self.thousands
            }
        }
        try self.init(typed: String(text.map { $0 == "," ? "." : $0 }))
    }

    /// Blanks and strokes that group thousands.
    private static let gaps: Set<Character> = [" ", "'", "\u{2019}", "_"]

    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xff01...0xff5e: Unicode.Scalar(scalar.value - 0xfee0) ?? scalar
        case 0x2212: "-"
        case 0x3000, 0xa0, 0x2009, 0x202f: " "
        default: scalar
        }
    }

    private static var thousands: RuleFault {
        RuleFault(.thousands, "write no thousands: 1000 or 1.000, so that it reads one way")
    }

    private static var noNumber: RuleFault {
        RuleFault(.notANumber, "write digits and at most one point or comma: 0.42")
    }

    /// The sum of two numbers, at the finer scale.
    ///
    /// - Returns: nil if it has more digits than a decimal holds.
    public func adding(_ other: DecimalNumber) -> DecimalNumber? {
        let scale = max(scale, other.scale)
        guard let left = mantissa(at: scale), let right = other.mantissa(at: scale) else {
            return nil
        }
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : DecimalNumber(mantissa: sum, scale: scale)
    }

    /// The number with its sign turned; nil for the least mantissa, which has no counterpart.
    public var negated: DecimalNumber? {
        mantissa == .min ? nil : DecimalNumber(mantissa: -mantissa, scale: scale)
    }

    private func mantissa(at finer: UInt8) -> Int64? {
        (scale..<finer).reduce(Optional(mantissa)) { product, _ in
            guard let (next, overflow) = product?.multipliedReportingOverflow(by: 10) else {
                return nil
            }
            return overflow ? nil : next
        }
    }
}

extension Character {
    /// Whether the character can stand between groups of digits.
    fileprivate var isMark: Bool { ",. '_".contains(self) }
}

/// Units as people write them.
public enum UnitText {
    /// Longest unit, in bytes of UTF-8.
    public static let bytesMax = 20

    /// Whether two spellings are one unit, in full-width letters or with either sign for micro.
    ///
    /// Case matters: mW is not MW.
    public static func isSame(_ left: String?, _ right: String?) -> Bool {
        folded(left) == folded(right)
    }

    static func folded(_ unit: String?) -> [UInt32] {
        (unit ?? "").unicodeScalars.compactMap { scalar in
            switch scalar.value {
            case 0xff01...0xff5e: scalar.value - 0xfee0
            case 0x3bc: 0xb5
            case 0x2126: 0x3a9
            case 0x20, 0x3000, 0xa0: nil
            default: scalar.value
            }
        }
    }
}
