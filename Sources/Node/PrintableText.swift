/// Foreign text made harmless for a terminal.
///
/// A project's title comes from another station, and what a terminal reads as a command or as a
/// turn of direction could hide or forge a line of output.
public enum PrintableText {
    /// One line: every control, line break and turn of direction stands as a replacement mark.
    public static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            line.append(isHarmful(scalar) ? "\u{FFFD}" : scalar)
        }
        return String(line)
    }

    /// Whether a terminal might do anything with a character but show it.
    static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: isDirectional(scalar)
        default: false
        }
    }

    /// Whether a character turns the direction of the text after it (Unicode Standard Annex 9).
    private static func isDirectional(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
