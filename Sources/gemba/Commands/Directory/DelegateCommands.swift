import ArgumentParser
import Domain
import Node

struct DelegateCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delegate",
        abstract: "Rights that people lend each other for some days.",
        subcommands: [Add.self, End.self, List.self]
    )

    struct Add: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Lend somebody one's rights, at the hub.",
            discussion: """
                What they do with them is recorded as theirs.

                gemba delegate add --data DIR --as pham.thi.d vu.thi.f --until 2026-12-24 \\
                    --reason "on leave"

                JSON: {"delegations": [{"user", "delegate", "role", "from", "until", "state", \
                "reason"}]}.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Option(help: ArgumentHelp("The first day; today if left out.", valueName: "day"))
        var from: String?

        @Option(help: ArgumentHelp("The first day on which it no longer holds.", valueName: "day"))
        var until: String

        @Option(help: ArgumentHelp("One role; all if left out.", valueName: "role"))
        var role: String?

        @Option(help: ArgumentHelp("Whose rights; one's own if left out.", valueName: "user"))
        var of: String?

        @Option(help: ArgumentHelp("Why.", valueName: "text"))
        var reason: String

        @Argument(help: "Who will act with them.")
        var delegate: String

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            var request = LocalNode.DelegationRequest(to: delegate, until: until)
            request.user = of
            request.from = from
            request.role = role
            request.reason = reason
            try node.delegate(request, by: node.actor(as: acting.user, by: caller))
            return try DelegateCommands.list(node)
        }
    }

    struct End: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "end",
            abstract: "Take back rights that were lent, at the hub, from now on.",
            discussion: """
                gemba delegate end --data DIR --as pham.thi.d vu.thi.f

                JSON: as delegate add.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Option(help: ArgumentHelp("Whose rights; one's own if left out.", valueName: "user"))
        var of: String?

        @Argument(help: "Who acts with them.")
        var delegate: String

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let actor = try node.actor(as: acting.user, by: caller)
            try node.endDelegation(of: of, to: delegate, by: actor)
            return try DelegateCommands.list(node)
        }
    }

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List what is lent and was.",
            discussion: """
                gemba delegate list --data DIR

                JSON: as delegate add; state: coming, holds, ended.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            try DelegateCommands.list(node)
        }
    }

    fileprivate static func list(_ node: LocalNode) throws -> Reply {
        var table = Table("RIGHTS OF", "ACTS", "ROLE", "FROM", "UNTIL", "STATE")
        let items = try node.delegations()
        for item in items {
            table.add(
                item.user,
                item.delegate,
                item.role ?? "all",
                item.from,
                item.until,
                item.state
            )
        }
        return Reply("delegations", items.map(\.json), table, empty: "nothing is lent")
    }
}
