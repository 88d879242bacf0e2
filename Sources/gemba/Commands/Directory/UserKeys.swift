import ArgumentParser
import Bytes
import Node
import Storage

struct UserKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Keys with which people sign in their own name.",
        subcommands: [New.self, List.self, End.self],
        defaultSubcommand: List.self
    )

    struct New: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Make a key of your own at this device, under a passphrase.",
            discussion: """
                The passphrase, of eight characters or more, is asked for at the terminal, or read \
                from standard input after the PIN; it is kept nowhere. A hub certifies the key: at \
                once, or at the next meeting. The key that you had here before ends; what it \
                signed stands.

                gemba user key new --data DIR --as do.thi.j --pin

                JSON: {"user", "key"}.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        var secretPrompts: [String] {
            (acting.asksPIN ? ["Your PIN"] : []) + ["Passphrase of the new key"]
        }

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let (actor, passphrase) = try acting.actorAndSecret(on: node, by: caller)
            let key = Hex.encode(try node.newPersonalKey(passphrase: passphrase, by: actor))
            let name = try node.read { try Nicknames($0).user(actor.user) }
            return Reply(
                ["user": .text(name), "key": .text(key)],
                "\(name) signs here with the key \(key.prefix(16))…"
            )
        }
    }

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the keys of people, and those that ended.",
            discussion: """
                gemba user key list --data DIR do.thi.j

                JSON: {"keys": [{"user", "key", "device", "state", "certified", "ended", "reason", \
                "here"}]}; state: asked-for, certified, ended.
                """
        )

        @OptionGroup var store: StoreOptions

        @Argument(help: "The person; everybody if left out.")
        var user: String?

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let keys = try node.personalKeys(of: user)
            var table = Table("USER", "KEY", "DEVICE", "STATE", "WHY")
            for key in keys {
                table.add(
                    key.user,
                    String(key.key.prefix(16)),
                    key.device + (key.isHere ? " *" : ""),
                    key.state,
                    key.endReason ?? "-"
                )
            }
            return Reply("keys", keys.map(\.json), table, empty: "nobody has a key of their own")
        }
    }

    struct End: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "end",
            abstract: "End a key: your own anywhere, somebody else's as administrator at the hub.",
            discussion: """
                What it signed before stands; what it signs later does not hold.

                gemba user key end --data DIR --as do.thi.j 3f9a01bc --reason "phone lost"

                JSON: {"key"}.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Option(help: ArgumentHelp("Why.", valueName: "text"))
        var reason: String

        @Argument(help: "At least the first eight digits of the key.")
        var key: String

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let actor = try node.actor(as: acting.user, by: caller)
            try node.endPersonalKey(key, reason: reason, by: actor)
            return Reply(["key": .text(key)], "the key \(key) has ended")
        }
    }
}
