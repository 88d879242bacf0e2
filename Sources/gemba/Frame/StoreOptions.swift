import ArgumentParser
import Foundation
import Node
import Storage

/// The options of every command that works on a store.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: ArgumentHelp(
            "The data directory of the node; $GEMBA_DATA if it is left out.",
            valueName: "dir"
        ),
        completion: .directory
    )
    var data: Path?

    @Flag(name: .customLong("json"), help: "Print the result as one line of JSON.")
    var isJSON = false

    /// Where the store lies.
    func place() throws -> Store.Place {
        Store.Place(directory: try directory(), stateRoot: Machine.stateRoot)
    }

    /// The data directory, absolute.
    func directory() throws -> String {
        if let data { return data.text }
        let named = ProcessInfo.processInfo.environment["GEMBA_DATA"] ?? ""
        guard let path = Path(argument: named) else {
            throw CommandFault(.usage, "say where the store is: --data DIR, or $GEMBA_DATA")
        }
        return path.text
    }
}

/// The option of every command that a person acts with.
struct ActingOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Who acts; left out, who is logged in, or the user that this account is bound to.",
            valueName: "user"
        )
    )
    var user: String?

    static let pinFlag = "--pin"

    @Flag(
        name: .customLong("pin"),
        help: "Ask for the PIN of who acts, for this act alone; from standard input in a script."
    )
    var asksPIN = false
}
