import ArgumentParser
import Node

struct InboxCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract: "What a person is told of: handover notes, then notices.",
        subcommands: [InboxShow.self, InboxRead.self],
        defaultSubcommand: InboxShow.self
    )
}

struct InboxShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what has not been read, the newest first.",
        discussion: """
            Handover notes stand above all else until the person has taken note: gemba handover \
            ack. Notices of the last 90 days are derived from what this node holds.

            gemba inbox show --data DIR --as bui.thi.h

            JSON: {"user", "unread", "kinds": {"workflow", "approval", "document", "message", \
            "system", "sync", "conflict"}, "handovers": [a note of `handover list`], "notices": \
            [{"notice", "kind", "word", "priority", "scope", "title", "text", "by", "at", \
            "read_at"}]}; kinds count what is unread.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Flag(help: "With what was read.")
    var all = false

    @Option(help: ArgumentHelp("At most so many notices.", valueName: "number"))
    var limit = 50

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let inbox = try node.inbox(of: actor, withRead: all)
        let count = max(0, limit)
        return Reply(inbox.json(atMost: count), lines: inbox.lines(atMost: count))
    }
}

struct InboxRead: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Mark notices as read, on every node that the mark reaches.",
        discussion: """
            gemba inbox read --data DIR --as bui.thi.h 3fa91c02

            JSON: {"read"}: how many were unread.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The first digits of the notices' ids.")
    var notices: [String] = []

    @Flag(help: "All of them.")
    var all = false

    func validate() throws {
        guard all == notices.isEmpty else {
            throw ValidationError("say which notices, or --all")
        }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let count = try node.markRead(notices, by: actor)
        return Reply(["read": .number(count)], "\(count) marked as read")
    }
}
