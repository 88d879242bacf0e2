import ArgumentParser
import Node

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this program."
    )

    @Flag(name: .customLong("json"), help: "Print the result as one line of JSON.")
    var isJSON = false

    func run() throws {
        let reply = Reply(["version": .text(Software.version)], Software.name)
        _ = Console.standard(isJSON: isJSON).show(reply)
    }
}
