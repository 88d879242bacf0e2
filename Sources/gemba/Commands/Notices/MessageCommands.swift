import ArgumentParser
import Node

struct MessageCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message",
        abstract: "Write to people, to a role, or to everybody.",
        subcommands: [MessageSend.self, MessageList.self, MessageRead.self]
    )
}

struct MessageSend: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a message; it is never edited and never taken back.",
        discussion: """
            On a project it goes wherever the project goes. Without one it stays at the site of \
            this station; from a hub it goes to a site or to all. With neither --to nor --role it \
            is for everybody there.

            gemba message send --data DIR --as do.thi.j --project PRJ-000123 --to bui.thi.h \
            "The frame is ready for testing"

            JSON: {"message"}: its id.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "What is said.")
    var content: String

    @Option(help: ArgumentHelp("A heading.", valueName: "text"))
    var title: String?

    @Option(help: .project)
    var project: String?

    @Option(help: ArgumentHelp("Whom it is for.", valueName: "user"))
    var to: String?

    @Option(help: ArgumentHelp("Whom it is for: whoever holds the role.", valueName: "code"))
    var role: String?

    @Option(help: ArgumentHelp("At a hub: to this site alone.", valueName: "code"))
    var site: String?

    @Option(
        name: .customLong("reply-to"),
        help: ArgumentHelp("The message that it answers.", valueName: "message")
    )
    var replyTo: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = MessageRequest(content)
        request.title = title
        request.project = project
        request.recipient = to
        request.role = role
        request.site = site
        request.replyTo = replyTo
        let id = try node.send(request, by: actor)
        return Reply(["message": .text("\(id)")], "sent: \(Nicknames.event(id))")
    }
}

struct MessageList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what a person sent and was sent, the newest first.",
        discussion: """
            gemba message list --data DIR --as bui.thi.h --unread

            JSON: {"messages": [{"message", "title", "content", "project", "scope", "to", "role", \
            "reply_to", "by", "own", "read_at", "unread"}]}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: .project)
    var project: String?

    @Flag(help: "Only what has not been read.")
    var unread = false

    @Option(help: ArgumentHelp("At most so many.", valueName: "number"))
    var limit = 50

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let all = try node.messages(of: actor, on: project)
        let wanted = unread ? all.filter(\.isUnread) : all
        let shown = wanted.prefix(max(0, limit))
        return Reply(
            ["messages": .list(shown, \.json)],
            lines: shown.isEmpty ? ["no messages"] : shown.flatMap(\.lines)
        )
    }
}

struct MessageRead: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Show messages and mark them as read.",
        discussion: """
            gemba message read --data DIR --as bui.thi.h 01a20023131400a5

            JSON: {"messages": [a message of `message list`]}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The first digits of the messages' ids.")
    var messages: [String]

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let read = try node.readMessages(messages, by: actor)
        return Reply(["messages": .list(read, \.json)], lines: read.flatMap(\.lines))
    }
}
