import ArgumentParser
import CRDT
import Domain
import Node

struct RightCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "right",
        abstract: "What roles may do.",
        subcommands: [List.self, GrantRight.self, RevokeRight.self]
    )

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List what may be done, and which roles it needs.",
            discussion: """
                gemba right list --data DIR

                JSON: {"rights": [{"permission", "category", "needs": [text], "method"}]}; method: \
                how well a person must be known, 4 is a login with PIN.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let grants = try node.policy().grants
            var table = Table("PERMISSION", "CATEGORY", "METHOD", "NEEDS")
            let items = Act.allCases.map { act in
                let needs = grants.reaching(act.permission).map { $0.words() }
                table.add(
                    act.permission,
                    act.category.rawValue,
                    "\(act.leastMethod)",
                    needs.joined(separator: ", or ")
                )
                return [
                    "permission": .text(act.permission), "category": .text(act.category.rawValue),
                    "needs": .list(needs, JSON.text), "method": .number(act.leastMethod),
                ] as JSON
            }
            return Reply("rights", items, table, empty: "nothing may be done")
        }
    }
}

/// The arguments that name a row of rights.
struct RightOptions: ParsableArguments {
    @Argument(help: "A role, or @member, @responsible, @assignee.")
    var role: String

    @Argument(help: "A permission such as project:update, or project:* or *.")
    var permission: String

    func grant(level: Int, conditions: [String], sites: Set<ID> = []) throws -> Grant {
        guard let pattern = PermissionPattern(permission) else {
            throw RuleFault(.unknownValue, "a permission is as project:update, project:* or *")
        }
        let known = try conditions.map { name in
            guard let condition = Grant.Condition(rawValue: name) else {
                let names = Grant.Condition.allCases.map(\.rawValue).joined(separator: ", ")
                throw RuleFault(.unknownValue, "a condition is one of \(names)")
            }
            return condition
        }
        return Grant(
            Grant.Holder(code: role),
            pattern,
            level: level,
            sites: sites,
            conditions: Set(known)
        )
    }
}

struct GrantRight: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Let a role do something, at the hub.",
        discussion: """
            It stands in the place of what the program says of that role and permission.

            gemba right grant --data DIR --as admin engineering "project:*" --level 2
            gemba right grant --data DIR --as admin qa stage:override --site HCM

            JSON: {"role", "permission", "level", "active", "sites"}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: ArgumentHelp("The least level, 1 to 3.", valueName: "level"))
    var level = 1

    @Option(
        name: .customLong("condition"),
        help: ArgumentHelp("own_assignments or own_duties; may be repeated.", valueName: "name")
    )
    var conditions: [String] = []

    @Option(
        name: .customLong("site"),
        help: ArgumentHelp(
            "A site where it holds; may be repeated; everywhere if left out.",
            valueName: "code"
        )
    )
    var sites: [String] = []

    @OptionGroup var right: RightOptions

    func validate() throws {
        guard (1...3).contains(level) else { throw ValidationError("a level is 1, 2 or 3") }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let ids = try node.sites(named: sites)
        let grant = try right.grant(level: level, conditions: conditions, sites: ids)
        let actor = try node.actor(as: acting.user, by: caller)
        try node.setRight(grant, isActive: true, by: actor)
        return grant.reply(isActive: true, at: sites)
    }
}

struct RevokeRight: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take away what a role may do, at the hub.",
        discussion: """
            gemba right revoke --data DIR --as admin sales project:update

            JSON: {"role", "permission", "level", "active", "sites"}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var right: RightOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let grant = try right.grant(level: 1, conditions: [])
        let actor = try node.actor(as: acting.user, by: caller)
        try node.setRight(grant, isActive: false, by: actor)
        return grant.reply(isActive: false)
    }
}

extension Grant {
    fileprivate func reply(isActive: Bool, at sites: [String] = []) -> Reply {
        let place = sites.isEmpty ? "" : " at " + sites.joined(separator: ", ")
        return Reply(
            [
                "role": .text(holder.code), "permission": .text("\(pattern)"),
                "level": .number(level), "active": .bool(isActive),
                "sites": .list(sites, JSON.text),
            ],
            "\(holder.code) \(isActive ? "may" : "no longer may") \(pattern)\(place)"
        )
    }
}
