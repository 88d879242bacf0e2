import ArgumentParser
import Domain
import Node
import Storage
import Wire

struct LoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log people in from this account: one of them at a time acts.",
        subcommands: [
            Begin.self, Switch.self, List.self, ChangePIN.self, LoginAttempts.self,
            LoginSettings.self,
        ],
        defaultSubcommand: Begin.self
    )

    struct Begin: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "begin",
            abstract: "Log a person in with a PIN, or with a badge.",
            discussion: """
                The PIN is asked for at the terminal, or read from standard input; never from an \
                argument. What this account does from then on is that person's. Who is logged in \
                already is unlocked, and becomes the one who acts.

                gemba login --data DIR do.thi.j
                gemba login begin --data DIR do.thi.j
                gemba login --data DIR --badge < code

                JSON: {"user", "login", "method", "locked", "active"}.
                """
        )

        @OptionGroup var store: StoreOptions

        @Flag(help: "Read the code of a badge instead, and see whose it is.")
        var badge = false

        @Argument(help: "The person; with --badge nobody is named.")
        var user: String?

        func validate() throws {
            guard badge != (user != nil) else {
                throw ValidationError("say who: USER, or --badge")
            }
        }

        var secretPrompts: [String] { [badge ? "Badge" : "PIN"] }

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            guard let secret = caller.secrets.first else {
                throw CommandFault(.badInput, "nothing was given")
            }
            let login =
                try user.map { try node.login($0, pin: secret, by: caller) }
                ?? node.login(badge: secret, by: caller)
            return try login.reply(on: node, "is logged in")
        }
    }

    struct Switch: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "switch",
            abstract: "Let another of the people who are logged in act, with no PIN.",
            discussion: """
                A login that is locked asks for the PIN: gemba login USER.

                gemba login switch --data DIR ly.van.k

                JSON: as login begin.
                """
        )

        @OptionGroup var store: StoreOptions

        @Argument(help: "The person.")
        var user: String

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            try node.switchLogin(to: user, by: caller).reply(on: node, "acts now")
        }
    }

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List who is logged in from this account; an asterisk marks who acts.",
            discussion: """
                gemba login list --data DIR

                JSON: {"logins": [{"user", "login", "method", "locked", "active"}]}.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let names = try node.read { try Nicknames($0) }
            let (logins, active) = try node.logins(of: caller)
            var table = Table("USER", "METHOD", "SINCE", "STATE")
            for login in logins {
                table.add(
                    names.user(login.user) + (login.number == active ? " *" : ""),
                    "\(login.method.rawValue)",
                    SiteClock(zone: nil).text(milliseconds: Int64(clamping: login.started)),
                    login.isLocked ? "locked" : "open"
                )
            }
            let items = logins.map { $0.json(names, isActive: $0.number == active) }
            return Reply("logins", items, table, empty: "nobody is logged in")
        }
    }

    struct ChangePIN: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "pin",
            abstract: "Change one's own PIN; the hub hears of it at the next meeting.",
            discussion: """
                The old one and then the new one are asked for at the terminal, or read from \
                standard input, a line each.

                gemba login pin --data DIR do.thi.j

                JSON: {"user"}.
                """
        )

        @OptionGroup var store: StoreOptions

        @Argument(help: "The person.")
        var user: String

        var secretPrompts: [String] { ["Old PIN", "New PIN"] }

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            guard caller.secrets.count == 2 else {
                throw CommandFault(.badInput, "the old PIN and the new one are needed")
            }
            let id = try node.user(user).user
            try node.changePIN(from: caller.secrets[0], to: caller.secrets[1], of: id)
            return Reply(["user": .text(user)], "\(user) has a new PIN here")
        }
    }
}

struct Logout: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "End a login of this account: of who acts, or of somebody else.",
        discussion: """
            gemba logout --data DIR

            JSON: {"user"}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "The person; who acts if left out.")
    var user: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let ended = try node.logout(user, by: caller)
        let name = try node.read { try Nicknames($0).user(ended) }
        return Reply(["user": .text(name)], "\(name) is logged out")
    }
}

struct Lock: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Lock every login of this account: each asks for the PIN again.",
        discussion: """
            gemba lock --data DIR

            JSON: {"locked": number}.
            """
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        try node.lockLogins(of: caller)
        let count = try node.logins(of: caller).logins.count
        return Reply(["locked": .number(count)], "\(count) logins are locked")
    }
}

struct WhoAmI: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Say who acts when this account gives a command, and how they are known.",
        discussion: """
            gemba whoami --data DIR

            JSON: {"user", "login", "method", "account"}; method: 2 by the account, 3 by badge, \
            4 by PIN.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let name = try node.read { try Nicknames($0).user(actor.user) }
        return Reply(
            [
                "user": .text(name), "login": .number(actor.login),
                "method": .number(actor.method.rawValue), "account": .number(caller.uid),
            ],
            "\(name), known by method \(actor.method.rawValue)"
        )
    }
}

extension Login {
    fileprivate func json(_ names: Nicknames, isActive: Bool) -> JSON {
        [
            "user": .text(names.user(user)), "login": .number(number),
            "method": .number(method.rawValue), "locked": .bool(isLocked),
            "active": .bool(isActive),
        ]
    }

    fileprivate func reply(on node: LocalNode, _ what: String) throws -> Reply {
        let names = try node.read { try Nicknames($0) }
        return Reply(json(names, isActive: true), "\(names.user(user)) \(what)")
    }
}
