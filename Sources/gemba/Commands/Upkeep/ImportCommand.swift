import ArgumentParser
import Node
import Storage

struct ImportCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a firm's sites, people, workflows and projects from a folder.",
        discussion: """
            At a hub only. What is there already is passed over, so importing twice changes nothing.

            gemba import --data /var/lib/gemba fixtures/factory-pulse
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(
        help: "A folder with company.json, workflows.json, quality.json, projects.json.",
        completion: .directory
    )
    var path: Path

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        caller.progress("reading \(path)")
        let counts = try node.importFolder(path.text, by: .machine)
        let total = counts.reduce(0) { $0 + $1.count }
        let members = counts.map { JSON.Member($0.kind, .number($0.count)) }
        return Reply(
            ["new": .number(total), "kinds": .object(members)],
            lines: total == 0
                ? ["nothing new"]
                : ["\(total) new records"] + counts.map { "  \($0.count) \($0.kind)" }
        )
    }
}
