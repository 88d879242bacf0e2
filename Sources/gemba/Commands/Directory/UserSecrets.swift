import ArgumentParser
import Node
import Storage

struct UserPIN: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Set a person's PIN, at the hub; the stations of their sites hear of it.",
        discussion: """
            The PIN is asked for at the terminal, or read from standard input; never from an \
            argument. It is kept nowhere: only what it can be checked against. The person must \
            choose another before it is good for anything else (gemba login pin), and is logged \
            out here. One's own PIN is changed by gemba login pin.

            gemba user pin --data DIR --as admin do.thi.j

            JSON: {"user"}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The person.")
    var user: String

    var secretPrompts: [String] {
        (acting.asksPIN ? ["Your own PIN"] : []) + ["New PIN of \(user)"]
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let (actor, pin) = try acting.actorAndSecret(on: node, by: caller)
        try node.setPIN(pin, of: user, by: actor)
        return Reply(["user": .text(user)], "\(user) has a new PIN, to be changed by them")
    }
}

struct UserBadge: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "badge",
        abstract: "Give a person a badge, at the hub, or take theirs away.",
        discussion: """
            The code of the badge is read from standard input, or asked for at the terminal. A \
            badge that was one person's is never another's.

            gemba user badge --data DIR --as admin do.thi.j < code
            gemba user badge --data DIR --as admin do.thi.j --none

            JSON: {"user"}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Flag(help: "Take all badges of the person away.")
    var none = false

    @Argument(help: "The person.")
    var user: String

    var secretPrompts: [String] {
        (acting.asksPIN ? ["Your own PIN"] : []) + (none ? [] : ["Badge"])
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        guard !none else {
            let actor = try node.actor(as: acting.user, by: caller)
            try node.setBadge(nil, of: user, by: actor)
            return Reply(["user": .text(user)], "\(user) has no badge")
        }
        let (actor, code) = try acting.actorAndSecret(on: node, by: caller)
        try node.setBadge(code, of: user, by: actor)
        return Reply(["user": .text(user)], "\(user) has the badge")
    }
}

extension ActingOptions {
    /// Who acts, and the secret that the command is about, which was asked for last.
    func actorAndSecret(
        on node: LocalNode,
        by caller: Caller
    ) throws -> (actor: Actor, secret: String) {
        guard let secret = caller.secrets.last, caller.secrets.count == (asksPIN ? 2 : 1) else {
            throw CommandFault(.badInput, "nothing was given")
        }
        let own = Array(caller.secrets.dropLast())
        return (try node.actor(as: user, by: caller.with(secrets: own)), secret)
    }
}
