import ArgumentParser
import Domain
import Node

/// What the commands say that add and change people.
struct UserOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("As others see it; made of the names if left out.", valueName: "text")
    )
    var name: String?

    @Option(help: ArgumentHelp("At most 100 bytes.", valueName: "text"))
    var firstName: String?

    @Option(help: ArgumentHelp("At most 100 bytes.", valueName: "text"))
    var lastName: String?

    @Option(help: ArgumentHelp("An address that nobody else has.", valueName: "address"))
    var email: String?

    @Option(help: ArgumentHelp("At most 50 bytes.", valueName: "number"))
    var phone: String?

    @Option(help: ArgumentHelp("Where they work.", valueName: "text"))
    var department: String?

    @Option(help: ArgumentHelp("What they are.", valueName: "text"))
    var title: String?

    @Option(help: ArgumentHelp("A name such as Asia/Ho_Chi_Minh.", valueName: "zone"))
    var timezone: String?

    @Option(help: ArgumentHelp("A tag such as vi.", valueName: "tag"))
    var language: String?

    @Option(help: ArgumentHelp("Whom they report to.", valueName: "user"))
    var manager: String?

    func draft(on node: LocalNode) throws -> UserDraft {
        var draft = UserDraft()
        draft.displayName = name
        draft.firstName = firstName
        draft.lastName = lastName
        draft.email = email
        draft.phone = phone
        draft.department = department
        draft.jobTitle = title
        draft.timezone = timezone
        draft.language = language
        draft.manager = try manager.map { try node.user($0).user }
        return draft
    }
}

struct UserAdd: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a person, at the hub.",
        discussion: """
            gemba user add --data DIR --as admin do.thi.j --first-name "Thi J" --last-name Do

            JSON: as user show.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var fields: UserOptions

    @Flag(help: "They have not begun yet.")
    var invited = false

    @Argument(help: "What the person types to log in.")
    var user: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var draft = try fields.draft(on: node)
        draft.username = user
        _ = try node.addUser(draft, isInvited: invited, by: actor)
        let view = try node.user(user)
        return Reply(view.json, lines: view.lines)
    }
}

struct UserEdit: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change what is said of a person, at the hub.",
        discussion: """
            gemba user edit --data DIR --as admin do.thi.j --phone "+84 90 000 0000"

            JSON: as user show.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var fields: UserOptions

    @Option(help: ArgumentHelp("Another name to log in with.", valueName: "name"))
    var username: String?

    @Argument(help: "The person.")
    var user: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let id = try node.user(user).user
        var draft = try fields.draft(on: node)
        draft.username = username
        try node.editUser(user, draft, by: actor)
        let view = try node.user("\(id)")
        return Reply(view.json, lines: view.lines)
    }
}

struct UserSuspend: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Take a person's right to act away, at the hub, from now on.",
        discussion: """
            What they did before stands. What stations record of them later, not knowing, is set \
            aside at the hub.

            gemba user suspend --data DIR --as admin do.thi.j

            JSON: as user show.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Flag(help: "For good: the account is disabled.")
    var forGood = false

    @Argument(help: "The person.")
    var user: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.setStatus(forGood ? .disabled : .suspended, of: user, by: actor)
        let view = try node.user(user)
        return Reply(view.json, lines: view.lines)
    }
}

struct UserResume: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let a person act again, at the hub.",
        discussion: """
            gemba user resume --data DIR --as admin do.thi.j

            JSON: as user show.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The person.")
    var user: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.setStatus(.active, of: user, by: actor)
        let view = try node.user(user)
        return Reply(view.json, lines: view.lines)
    }
}

struct UserDisable: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "End a person's account, at the hub, from now on.",
        discussion: """
            They are logged out here at once, and may do nothing from then on; what they did and \
            signed stands. Their name, badges and keys are never anybody else's.

            gemba user disable --data DIR --as admin do.thi.j

            JSON: as user show.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The person.")
    var user: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.setStatus(.disabled, of: user, by: actor)
        let view = try node.user(user)
        return Reply(view.json, lines: view.lines)
    }
}

struct UserEnable: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Let a person whose account was ended act again, at the hub.",
        discussion: """
            gemba user enable --data DIR --as admin do.thi.j

            JSON: as user show.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The person.")
    var user: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.setStatus(.active, of: user, by: actor)
        let view = try node.user(user)
        return Reply(view.json, lines: view.lines)
    }
}

struct UserShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a person with roles, rights, managers and reports.",
        discussion: """
            gemba user show --data DIR do.thi.j

            JSON: {"id", "user", "state", "tenant", "roles": [{"role", "level", "from", "until", \
            "sites", "state"}], "levels", "permissions", "managers", "reports", "fields"}; state \
            of a role: coming, holds, ended.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "The person.")
    var user: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let view = try node.user(user)
        return Reply(view.json, lines: view.lines)
    }
}
