import ArgumentParser
import Node

/// What the process that runs the node does with a command that reached it.
enum RunningNode {
    /// Parses the words again, here, and performs the command on the node of this process.
    ///
    /// - Returns: The exit status of the command.
    static func perform(
        _ request: ControlRequest,
        on node: LocalNode,
        by uid: UInt32,
        tell: @escaping @Sendable (ControlAnswer) -> Bool
    ) -> UInt8 {
        let isJSON = request.arguments.contains("--json")
        let console = Console.remote(isJSON: isJSON, tell)
        do {
            let command = try Path.$origin.withValue(request.directory) {
                try Gemba.parseAsRoot(request.arguments)
            }
            guard let command = command as? any NodeCommand else {
                throw CommandFault(
                    .inUse,
                    "this command needs the store to itself: end `gemba run`"
                )
            }
            try command.finish(on: node, by: uid, console, request.secrets)
            return 0
        } catch {
            return UInt8(truncatingIfNeeded: console.end(with: error))
        }
    }
}
