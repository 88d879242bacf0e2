import ArgumentParser
import Domain
import Node

struct LoginAttempts: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "attempts",
        abstract: "List logins, log-outs, lock-outs and refused commands: here, and at a hub of "
            + "every site.",
        discussion: """
            Attempts that are alike are counted together after the first ones. A name that nobody \
            has stands as a hash; a PIN stands nowhere.

            gemba login attempts --data DIR --failed
            gemba login attempts --data DIR --user do.thi.j --limit 20

            JSON: {"attempts": [{"kind", "success", "user", "name_hash", "reason", "act", \
            "method", "device", "account", "count", "first", "last", "waiting"}]}; kind: login, \
            logout, lock_out, refusal, signature; waiting: counted here, not written yet.
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("Of this person alone.", valueName: "user"))
    var user: String?

    @Flag(help: "Only what did not succeed.")
    var failed = false

    @Option(help: ArgumentHelp("Most lines.", valueName: "number"))
    var limit = 200

    func validate() throws {
        guard (1...100_000).contains(limit) else {
            throw ValidationError("a limit is from 1 to 100000")
        }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        var filter = LoginAttemptList.Filter()
        (filter.user, filter.failedOnly, filter.limit) = (user, failed, limit)
        let list = try node.loginAttempts(filter)
        return Reply("attempts", list.json, list.table, empty: "nobody has tried anything")
    }
}

struct LoginSettings: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Show what holds for logins in the tenant, or set it at the hub.",
        discussion: """
            gemba login settings --data DIR
            gemba login settings --data DIR --as admin --failures 10 --lock-minutes 30

            JSON: {"idle_minutes", "failures_max", "lock_minutes", "offline_days"}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: ArgumentHelp("After how long a login asks again.", valueName: "number"))
    var idleMinutes: Int64?

    @Option(help: ArgumentHelp("How many wrong PINs lock a person out.", valueName: "number"))
    var failures: Int64?

    @Option(help: ArgumentHelp("For how long.", valueName: "number"))
    var lockMinutes: Int64?

    @Option(
        help: ArgumentHelp(
            "For how long people log in at a node that met no hub.",
            valueName: "number"
        )
    )
    var offlineDays: Int64?

    private var typed: [(setting: LoginRules.Setting, value: Int64)] {
        let all: [(LoginRules.Setting, Int64?)] = [
            (.idleMinutes, idleMinutes), (.failuresMax, failures), (.lockMinutes, lockMinutes),
            (.offlineDays, offlineDays),
        ]
        return all.compactMap { setting, value in value.map { (setting, $0) } }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        if !typed.isEmpty {
            let actor = try node.actor(as: acting.user, by: caller)
            try node.setLoginSettings(typed, by: actor)
        }
        let settings = try node.loginSettings()
        return Reply(
            .object(settings.map { JSON.Member($0.setting.rawValue, .number($0.value)) }),
            lines: settings.map { "\($0.setting.rawValue): \($0.value)" }
        )
    }
}
