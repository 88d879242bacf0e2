import ArgumentParser
import CRDT
import Domain
import Node

/// What the parser of arguments makes of words that are no plain texts or numbers.
enum Typed {
    static func seen(_ text: String) throws -> Seen {
        guard let seen = Seen(text: text) else {
            throw ValidationError("--seen takes what --json printed as \"seen\"")
        }
        return seen
    }

    static func cursor(_ text: String) throws -> TimelineCursor {
        guard let cursor = TimelineCursor(text: text) else {
            throw ValidationError("\(text.prefix(40)) is no cursor: take one of --json")
        }
        return cursor
    }

    static func id(_ text: String) throws -> ID {
        guard let id = ID(text: text) else {
            throw ValidationError("\(text.prefix(40)) is no id: 32 hexadecimal digits")
        }
        return id
    }
}

extension ArgumentHelp {
    /// The help of the argument that says which project is meant.
    static let project = ArgumentHelp("A number such as PRJ-000123, a title or an id.")

    /// The help of the option that carries what a form showed.
    static func seen(_ what: String) -> ArgumentHelp {
        ArgumentHelp(
            "What a form showed of \(what), as \"seen\" of --json; what this node shows.",
            valueName: "names"
        )
    }
}

extension Typed {
    static func severity(_ text: String) throws -> Defect.Severity {
        guard let severity = Defect.Severity(rawValue: text.uppercased()) else {
            throw ValidationError("a severity is MINOR, MAJOR or CRITICAL")
        }
        return severity
    }

    static func evidence(_ text: String) throws -> Evidence.Kind {
        guard let kind = Evidence.Kind(rawValue: text.lowercased()) else {
            throw ValidationError("evidence is a photo, document or signature")
        }
        return kind
    }

    static func decision(_ text: String) throws -> Waiver.Decision {
        switch text.lowercased() {
        case "waived": return .waived
        case "conditional": return .conditionalPass
        case "refused": return .refused
        default: throw ValidationError("a decision is waived, conditional or refused")
        }
    }

    /// Percent as typed, such as 62.5 or 62,5, in hundredths of a percent.
    static func basisPoints(_ text: String) throws -> Int64 {
        let number = try DecimalNumber(entered: text)
        let places = Int(number.scale)
        guard places <= 2, (0...10_000_000).contains(number.mantissa) else {
            throw RuleFault(.outOfRange, "percent are 0 to 100, with at most two places")
        }
        return number.mantissa * (places == 0 ? 100 : places == 1 ? 10 : 1)
    }
}
