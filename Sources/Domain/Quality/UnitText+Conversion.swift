extension UnitText {
    /// How many powers of ten lie between two units of one quantity: from m to mm it is 3.
    ///
    /// Only metric prefixes, and only exact: inches, minutes and degrees are never converted.
    ///
    /// - Returns: nil where the two are not known to be of one quantity.
    /// - Source: DOM-138.
    public static func exponent(from unit: String?, to other: String?) -> Int? {
        let (unit, other) = (plain(unit), plain(other))
        for quantity in quantities {
            if let from = quantity[unit], let to = quantity[other] { return from - to }
        }
        return nil
    }

    /// The units that are known, by quantity: each with its power of ten.
    private static let quantities: [[String: Int]] = [
        ["nm": -9, "\u{b5}m": -6, "um": -6, "mm": -3, "cm": -2, "dm": -1, "m": 0, "km": 3],
        ["\u{b5}g": -6, "mg": -3, "g": 0, "kg": 3, "t": 6],
        ["\u{b5}l": -6, "ml": -3, "cl": -2, "dl": -1, "l": 0],
        ["\u{b5}l/min": -6, "ml/min": -3, "l/min": 0],
        ["mm/s": -3, "m/s": 0],
        ["ns": -9, "\u{b5}s": -6, "ms": -3, "s": 0],
        ["\u{b5}V": -6, "mV": -3, "V": 0, "kV": 3],
        ["nA": -9, "\u{b5}A": -6, "mA": -3, "A": 0],
        ["m\u{3a9}": -3, "\u{3a9}": 0, "k\u{3a9}": 3, "M\u{3a9}": 6],
        ["mW": -3, "W": 0, "kW": 3, "MW": 6],
        ["Hz": 0, "kHz": 3, "MHz": 6, "GHz": 9],
        ["Pa": 0, "hPa": 2, "mbar": 2, "kPa": 3, "bar": 5, "MPa": 6],
        ["mN": -3, "N": 0, "kN": 3],
        ["mNm": -3, "Nm": 0, "kNm": 3],
    ]

    /// The unit with the spellings folded that ``isSame(_:_:)`` takes for one; litres as l.
    private static func plain(_ unit: String?) -> String {
        var text = ""
        for scalar in folded(unit).compactMap(Unicode.Scalar.init) {
            text.unicodeScalars.append(scalar)
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, first.last == "L" else { return text }
        let litres = first.dropLast() + "l"
        return ([String(litres)] + parts.dropFirst().map(String.init)).joined(separator: "/")
    }
}

extension DecimalNumber {
    /// The number times a power of ten, exactly: the point moves, no digit is lost.
    ///
    /// - Throws: `tooManyDigits` where it does not fit.
    func scaled(byTenToThe exponent: Int) throws(RuleFault) -> DecimalNumber {
        let places = Int(scale) - exponent
        if places >= 0,
            let moved = UInt8(exactly: places).flatMap({ scale in
                DecimalNumber(mantissa: mantissa, scale: scale)
            })
        {
            return moved
        }
        var product = mantissa
        for _ in 0..<min(20, max(0, -places)) {
            let (next, overflow) = product.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw tooLong }
            product = next
        }
        guard places < 0, let moved = DecimalNumber(mantissa: product, scale: 0) else {
            throw tooLong
        }
        return moved
    }

    private var tooLong: RuleFault {
        RuleFault(.tooManyDigits, "in the unit of the item this has too many digits")
    }
}
