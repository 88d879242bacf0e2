import ArgumentParser
import CRDT
import Domain
import Foundation
import Node
import Storage

struct UserCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "People of the tenant, and which accounts here are theirs.",
        subcommands: [
            List.self, UserAdd.self, UserEdit.self, UserSuspend.self, UserResume.self,
            UserDisable.self, UserEnable.self, UserShow.self, UserPIN.self, UserBadge.self,
            UserKey.self, UserPreferences.self, Bind.self,
        ]
    )

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the people with their roles; level 2 is a lead, 3 a manager.",
            discussion: "gemba user list --data /var/lib/gemba"
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            var table = Table("USER", "NAME", "ROLES", "ACCOUNT")
            let accounts = try node.accounts()
            let items = try node.read { view in
                let roles = try Self.roles(view)
                return try view.records(of: User.entity, sortedBy: User.username).map { record in
                    let fields = record.fields
                    let id = fields.id(User.user) ?? .zero
                    let held = (roles[id] ?? []).sorted()
                    let uids = accounts.filter { $0.user == id }.map(\.uid)
                    table.add(
                        fields.text(User.username) ?? "-",
                        fields.text(User.displayName) ?? "-",
                        held.joined(separator: " "),
                        uids.isEmpty ? "-" : uids.map(String.init).joined(separator: " ")
                    )
                    return [
                        "id": .text("\(id)"), "user": .text(orNull: fields.text(User.username)),
                        "name": .text(orNull: fields.text(User.displayName)),
                        "email": .text(orNull: fields.text(User.email)),
                        "roles": .list(held, JSON.text),
                        "accounts": .list(uids) { .number($0) },
                    ] as JSON
                }
            }
            return Reply("users", items, table, empty: "no people yet: gemba sync")
        }

        /// The roles of each person, as `production:2`.
        private static func roles(_ view: View) throws -> [ID: Set<String>] {
            var roles: [ID: Set<String>] = [:]
            for membership in try view.records(of: Membership.entity, in: .tenant) {
                let fields = membership.fields
                guard fields.integer(Membership.endedAt) == nil else { continue }
                guard let user = fields.id(Membership.user),
                    let role = fields.text(Membership.role)
                else { continue }
                let level = fields.integer(Membership.level) ?? 1
                roles[user, default: []].insert("\(role):\(level)")
            }
            return roles
        }
    }

    struct Bind: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "bind",
            abstract: "Say that an account of this machine is a person's.",
            discussion: """
                Commands of that account then act for that person without --as, and say that the \
                operating system knew them. The binding stays on this machine. Where PINs are in \
                use the person proves it with theirs.

                gemba user bind --uid 1000 do.thi.j
                gemba user bind --uid 1000 do.thi.j --pin
                gemba user bind --uid 1000 --nobody
                """
        )

        @OptionGroup var store: StoreOptions

        @Option(help: ArgumentHelp("The account; your own if it is left out.", valueName: "number"))
        var uid: UInt32?

        @Flag(help: "Take the binding away.")
        var nobody = false

        @Flag(help: "Ask for the person's PIN; from standard input in a script.")
        var pin = false

        @Argument(help: "The person.")
        var user: String?

        var secretPrompts: [String] { pin ? ["PIN of \(user ?? "the person")"] : [] }

        func validate() throws {
            guard nobody != (user != nil) else {
                throw ValidationError("say who: USER, or --nobody")
            }
        }

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let account = uid ?? caller.uid
            guard let user else {
                try node.bind(uid: account, to: nil)
                return Reply(["uid": .number(account), "user": .null], "\(account) is nobody's")
            }
            let (id, name) = try node.read { view in
                let fields = try view.user(named: user).fields
                return (fields.id(User.user), fields.text(User.username) ?? user)
            }
            guard let id else { throw CommandFault(.damaged, "\(user) has no id") }
            try node.bind(uid: account, to: id, proving: caller.secrets.first)
            return Reply(
                ["uid": .number(account), "user": .text(name)],
                "account \(account) of this machine is \(name)"
            )
        }
    }
}
