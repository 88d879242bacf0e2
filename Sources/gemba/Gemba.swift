import ArgumentParser
import Foundation
import Node

/// The command line of gemba.
@main
struct Gemba: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gemba",
        abstract: "An offline-first node for the shop floor.",
        discussion: """
            Every station runs a node over one file. It works with no network for as long as it \
            takes, and comes to agree with the others when a link appears.

            Try it:     gemba demo
            By hand:    gemba hub init, gemba hub invite, gemba join, gemba run

            \(ExitStatus.help)
            """,
        version: Software.version,
        groupedSubcommands: CommandGroup.all
    )

    static func main() async {
        // Whatever this process makes is for its own account alone.
        umask(0o077)
        // Keys are in its memory: no picture of that is to lie on a disk.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        let arguments = Array(CommandLine.arguments.dropFirst())
        let console = Console.standard(isJSON: arguments.contains("--json"))
        do {
            var command = try parseAsRoot(arguments)
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
        } catch {
            Foundation.exit(console.end(with: error))
        }
    }

    /// Whether an error was made by the parser of arguments.
    static func isParserError(_ error: any Error) -> Bool {
        String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }
}

/// What this program calls itself to peers and people.
enum Software {
    static let version = "0.1.0"
    static let name = "gemba \(version)"
}

/// The exit statuses, for people.
enum ExitStatus {
    static var help: String {
        let rows = CommandFault.Code.allCases.map { code in
            "  \(code.exitStatus): \(code.rawValue)"
        }
        return """
            Exit status: 0 if it was done; otherwise nothing was changed unless it says so.
            \(rows.joined(separator: "\n"))
            """
    }
}
