import ArgumentParser
import CRDT
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
