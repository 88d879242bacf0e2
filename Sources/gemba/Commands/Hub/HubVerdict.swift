import ArgumentParser
import Domain
import Node

struct HubVerdict: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict",
        abstract: "Rule on changes: from then on they count everywhere, or nowhere.",
        discussion: """
            What is rejected or quarantined is kept and shown in the history; what it had replaced \
            stands again. Accepting releases what was set aside, as if it had never been away.

            gemba hub verdict --data DIR --as nguyen.van.a accept 3fa91c02ab04 --reason "honest"

            JSON: {"ruling", "changes"}.
            """
    )

    /// What is ruled, as a person says it.
    enum Word: String, ExpressibleByArgument, CaseIterable {
        case accept, reject, quarantine

        var ruling: Ruling {
            switch self {
            case .accept: .accepted
            case .reject: .rejected
            case .quarantine: .quarantined
            }
        }
    }

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "accept, reject or quarantine.")
    var word: Word

    @Argument(help: "The first digits of the changes' hashes: see `gemba aside` and `history`.")
    var changes: [String]

    @Option(help: ArgumentHelp("Why: everybody reads it.", valueName: "text"))
    var reason: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let ruled = try node.rule(word.ruling, on: changes, reason: reason, by: actor)
        return Reply(
            ["ruling": .text(word.ruling.rawValue), "changes": .list(ruled) { .text($0) }],
            "\(word.ruling.rawValue): \(ruled.count) changes"
        )
    }
}

struct AsideCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "aside",
        abstract: "List the changes that do not count because a hub says so.",
        discussion: """
            They are kept and forwarded: the hub can release them with `hub verdict accept`.

            gemba aside --data DIR

            JSON: {"changes": [{"change", "scope", "why", "reason", "writes", "by"}]}; why: \
            cut-off, rejected, quarantined.
            """
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let changes = try node.setAside()
        var table = Table("CHANGE", "WHY", "REASON", "WRITES", "BY")
        for change in changes {
            table.add(change.short, change.why, change.reason ?? "-", change.what, change.author)
        }
        return Reply("changes", changes.map(\.json), table, empty: "nothing is set aside")
    }
}
