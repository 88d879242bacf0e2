import ArgumentParser
import Domain
import Node
import Storage

struct RoleCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Roles, and who holds them.",
        subcommands: [List.self, GrantRole.self, EndRole.self]
    )

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the roles; who holds one holds its parent too.",
            discussion: """
                gemba role list --data DIR

                JSON: {"roles": [{"role", "name", "parent", "level", "active"}]}.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            var table = Table("ROLE", "NAME", "PARENT", "LEVEL")
            let items = try node.roles().map { record in
                let fields = record.fields
                let code = fields.text(Role.code) ?? "-"
                let level = fields.integer(Role.level) ?? 1
                let isActive = fields.bool(Role.isActive) != false
                table.add(
                    code + (isActive ? "" : " (not in use)"),
                    fields.text(Role.name) ?? "-",
                    fields.text(Role.parent) ?? "-",
                    "\(level)"
                )
                return [
                    "role": .text(code), "name": .text(orNull: fields.text(Role.name)),
                    "parent": .text(orNull: fields.text(Role.parent)), "level": .number(level),
                    "active": .bool(isActive),
                ] as JSON
            }
            return Reply("roles", items, table, empty: "no roles yet: gemba sync")
        }
    }
}

struct GrantRole: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Give a person a role, at the hub.",
        discussion: """
            Names of other systems are understood: "QC Inspector" is qa, "Sales Manager" is sales \
            at level 2.

            gemba role grant --data DIR --as admin do.thi.j production --level 2 --site HCM

            JSON: as user show.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: ArgumentHelp("1 member, 2 lead, 3 manager.", valueName: "level"))
    var level: Int?

    @Option(help: ArgumentHelp("The first day; today if left out.", valueName: "day"))
    var from: String?

    @Option(help: ArgumentHelp("The first day on which it no longer holds.", valueName: "day"))
    var until: String?

    @Option(
        name: .customLong("site"),
        help: ArgumentHelp("Where it holds; may be repeated. Everywhere if left out.")
    )
    var sites: [String] = []

    @Argument(help: "The person.")
    var user: String

    @Argument(help: "The role.")
    var role: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        var grant = LocalNode.RoleGrant(role, to: user)
        grant.level = level
        grant.from = from
        grant.until = until
        grant.sites = sites
        try node.grant(grant, by: node.actor(as: acting.user, by: caller))
        let view = try node.user(user)
        return Reply(view.json, lines: view.lines)
    }
}

struct EndRole: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End a role that a person holds, at the hub: now, or on a day.",
        discussion: """
            gemba role end --data DIR --as admin vu.thi.f sales
            gemba role end --data DIR --as admin vu.thi.f sales --on 2026-12-01

            JSON: as user show.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: ArgumentHelp("The first day on which it no longer holds.", valueName: "day"))
    var on: String?

    @Argument(help: "The person.")
    var user: String

    @Argument(help: "The role.")
    var role: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.endRole(role, of: user, on: on, by: actor)
        let view = try node.user(user)
        return Reply(view.json, lines: view.lines)
    }
}
