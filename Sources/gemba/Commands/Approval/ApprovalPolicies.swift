import ArgumentParser
import Domain
import Node

struct ApprovalPolicyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Who must approve what.",
        subcommands: [
            ApprovalPolicyList.self, ApprovalPolicyShow.self, ApprovalPolicyImporting.self,
            ApprovalPolicyPublish.self, ApprovalPolicyRetire.self,
        ],
        aliases: ["chain", "workflow"]
    )
}

struct ApprovalPolicyList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the policies, with all their versions.",
        discussion: """
            gemba approval policy list --data DIR

            JSON: {"policies": [{"policy", "version", "name", "subject_type", "approval_type", \
            "mode", "state", "precedence"}]}; state is draft, published or retired.
            """
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let policies = try node.approvalPolicies()
        var table = Table("POLICY", "VERSION", "TYPE", "STATE", "STEPS")
        for policy in policies {
            table.add(
                policy.slug,
                "\(policy.version)",
                policy.approvalType,
                policy.state,
                policy.steps.map(\.slug).joined(separator: ", ")
            )
        }
        let empty = "no policies yet, management decides: gemba approval policy import"
        return Reply("policies", policies.map(\.json), table, empty: empty)
    }
}

struct ApprovalPolicyShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a policy: its steps, conditions and tiers.",
        discussion: """
            gemba approval policy show --data DIR quote

            JSON: as `approval policy list` for one, with "when", "steps": [{"step", "order", \
            "who", "people", "method", "when"}], "tiers": [{"up_to", "steps"}], "sla_hours", \
            "remind_hours", "expiry_days", "reassigns".
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var meant: PolicyVersion

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let policy = try node.approvalPolicy(meant.policy, version: meant.version)
        return Reply(policy.whole, lines: policy.lines)
    }
}

/// Which version of a policy is meant.
struct PolicyVersion: ParsableArguments {
    @Argument(help: "The policy, by its slug or name.")
    var policy: String

    @Option(help: ArgumentHelp("Its version; the latest.", valueName: "number"))
    var version: Int64?
}

struct ApprovalPolicyImporting: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a file of policies, at the hub.",
        discussion: """
            All of it or nothing. What is there already is passed over; a published version never \
            changes. What uses a setting that the tenant has not set is not published.

            gemba approval policy import --data DIR --as nguyen.van.a \
            fixtures/approvals/advancing.json

            JSON: {"new", "changed", "settings"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "A JSON file: fixtures/approvals/README.md.", completion: .file())
    var path: Path

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let done = try node.importApprovalPolicies(path.text, by: actor)
        return Reply(done.json, lines: done.lines)
    }
}

struct ApprovalPolicyPublish: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Freeze a draft, so that requests follow it.",
        discussion: """
            gemba approval policy publish --data DIR --as nguyen.van.a quote --version 2

            JSON: that of `approval policy list` for one.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var meant: PolicyVersion

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let policy = try node.publishApprovalPolicy(meant.policy, version: meant.version, by: actor)
        return Reply(policy.json, "version \(policy.version) of \(policy.slug) is published")
    }
}

struct ApprovalPolicyRetire: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Let no new request follow a policy; those that do go on.",
        discussion: """
            gemba approval policy retire --data DIR --as nguyen.van.a quote

            JSON: {"policy", "active"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The policy, by its slug or name.")
    var policy: String

    @Flag(help: "Let new requests follow it again.")
    var undo = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.setActive(undo, approvalPolicy: policy, by: actor)
        let words = undo ? "is followed again" : "is followed by no new request"
        return Reply(["policy": .text(policy), "active": .bool(undo)], "\(policy) \(words)")
    }
}

struct ApprovalSetting: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "setting",
        abstract: "Show the numbers that policies ask for, or set one, at the hub.",
        discussion: """
            They have no default; hours in which an approval is due do: sla_hours_urgent 8, _high \
            24, _normal 48, _low 96. A rate says what one of a currency is worth: rate_EUR.

            gemba approval setting --data DIR --as nguyen.van.a large_spend_min 10000

            JSON: {"settings": {name: number as text}}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "Such as large_spend_min.")
    var name: String?

    @Argument(help: "A number.")
    var value: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        if let name {
            guard let value else {
                throw CommandFault(.usage, "say the number too", reason: "no-value")
            }
            let actor = try node.actor(as: acting.user, by: caller)
            try node.setApprovalSetting(name, value, by: actor)
        }
        let settings = try node.approvalSettings().values.sorted { $0.key < $1.key }
        let members = settings.map { JSON.Member($0.key, .text($0.value.description)) }
        let lines = settings.map { "\($0.key) \($0.value)" }
        return Reply(
            ["settings": .object(members)],
            lines: lines.isEmpty ? ["nothing is set"] : lines
        )
    }
}
