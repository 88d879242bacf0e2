import ArgumentParser
import Node

struct SearchCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find names, numbers and notes of what this node holds.",
        discussion: """
            All words must be found; each may be cut short. Case, marks on letters and the width \
            of signs do not matter, and no sign is an operator: dong finds Động, 12,5 finds １２．５.

            gemba search --data DIR "frame crack" --kind qc_defect

            JSON: {"hits": [{"kind", "label", "snippet", "project", "id", "scope", "by", "at"}]}; \
            "project" is null for what belongs to none, "by" and "at" for a record.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "Words, or beginnings of words.")
    var text: [String]

    @Option(help: ArgumentHelp("Of this kind alone, such as project.", valueName: "kind"))
    var kind: [String] = []

    @Option(help: ArgumentHelp("Most hits.", valueName: "count"))
    var limit = 20

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is 1 or more") }
        guard text.contains(where: { $0.contains { $0.isLetter || $0.isNumber } }) else {
            throw ValidationError("say what to look for: letters or digits")
        }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        var request = SearchRequest(text.joined(separator: " "))
        request.kinds = kind
        request.limit = limit
        let found = try node.search(request)
        return Reply(found.json, lines: found.lines)
    }
}
