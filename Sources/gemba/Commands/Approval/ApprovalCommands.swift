import ArgumentParser
import Domain
import Node

struct ApprovalCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approval",
        abstract: "Ask for approvals, decide on them, and say who does.",
        subcommands: [
            ApprovalList.self, ApprovalShow.self, ApprovalAsking.self, ApprovalCommenting.self,
            ApprovalDecide.self, ApprovalHandOn.self, ApprovalCancel.self,
            ApprovalPolicyCommands.self, ApprovalSetting.self,
        ],
        aliases: ["approvals"]
    )
}

struct ApprovalList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what waits for approval, and what did.",
        discussion: """
            gemba approval list --data DIR --as hoang.van.e --mine --status pending

            JSON: {"approvals": [{"approval", "project", "approval_type", "subject", "attempt", \
            "revision", "status", "outdated", "priority", "amount", "currency", "requested_by", \
            "requested_at", "hub_received_at", "sla_due_at", "age_hours", "overdue", "policy", \
            "policy_version", "current_step", "current_approvers", "approved_by", "approved_at", \
            "flags", "authoritative", "as_of"}]}; at a station "authoritative" is false, and \
            "as_of" says when it met the hub.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Flag(help: "Only what waits for you, waited for you, or was asked by you.")
    var mine = false

    @Option(
        help: ArgumentHelp(
            "pending, in_review, approved, rejected, cancelled or expired.",
            valueName: "word"
        ),
        transform: Typed.approvalStatus
    )
    var status: ApprovalProgress.Status?

    @Option(help: .project)
    var project: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        var query = ApprovalQuery()
        (query.isMine, query.status, query.project) = (mine, status, project)
        let actor = mine ? try node.actor(as: acting.user, by: caller) : nil
        let shown = try node.approvals(query, of: actor)
        var table = Table("ID", "PROJECT", "TYPE", "SUBJECT", "STATUS", "DUE (UTC)", "WITH")
        for one in shown { table.add(row: one.line) }
        return Reply("approvals", shown.map(\.json), table, empty: "nothing is to be approved")
    }
}

struct ApprovalShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a request, its chain and its history.",
        discussion: """
            gemba approval show --data DIR 0190c2f4

            JSON: as `approval list` for one, with "comment", "vendor", "part_of", "facts", \
            "mode", "steps": [{"step", "order", "who", "people", "method", "decided_by", \
            "assigned"}], "attachments": [{"name", "hash", "by"}], "history": [{"action", "step", \
            "by", "on_behalf_of", "people", "comment", "recommends", "signed", "old_status", \
            "new_status", "recorded"}], "signatures": [that of `signature verify`].
            """,
        aliases: ["history"]
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .approval)
    var approval: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let shown = try node.approvalView(approval)
        return Reply(shown.whole, lines: shown.lines)
    }
}

extension ArgumentHelp {
    static let approval = ArgumentHelp("The first digits of its id, as `approval list` shows it.")
    static let attachment = ArgumentHelp(
        "A document that lies beside it: NAME=HASH, 64 hexadecimal digits; may be repeated.",
        valueName: "text"
    )
}

extension Typed {
    /// Reads the status of a request.
    static func approvalStatus(_ text: String) throws -> ApprovalProgress.Status {
        guard let status = ApprovalProgress.Status(rawValue: text) else {
            let known = ApprovalProgress.Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("a status is one of \(known)")
        }
        return status
    }
}

extension Reply {
    /// A request as it is after a command.
    static func approval(_ found: ApprovalCase, on node: LocalNode) throws -> Reply {
        let shown = try node.approvalView("\(found.id)")
        return Reply(shown.json, lines: shown.lines)
    }
}
