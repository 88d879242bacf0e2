import ArgumentParser
import Bytes
import Domain
import Node

struct ApprovalAsking: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for an approval that no finish asks for by itself.",
        discussion: """
            A station asks while it is alone; time counts once the hub has it. Asked again with \
            other words it takes the place of what was asked before.

            gemba approval request --data DIR --as do.thi.j PRJ-000123 --type advance_item \
            --subject advance_item:PA-SYSTEM --amount 5000.00 --vendor "Sound Co"

            JSON: that of `approval list` for one.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Option(help: ArgumentHelp("Such as quote_approval or advance_item.", valueName: "word"))
    var type: String

    @Option(help: ArgumentHelp("What it is about: KIND:NAME, as quote:Q-17.", valueName: "text"))
    var subject: String

    @Option(help: ArgumentHelp("low, normal, high or urgent.", valueName: "word"))
    var priority: String?

    @Option(help: ArgumentHelp("What it costs in all.", valueName: "number"))
    var amount: String?

    @Option(help: ArgumentHelp("Its currency; the tenant's.", valueName: "code"))
    var currency: String?

    @Option(
        name: .customLong("fact"),
        help: ArgumentHelp("What policies ask of: NAME=VALUE; may be repeated.", valueName: "text")
    )
    var facts: [String] = []

    @Option(help: ArgumentHelp("From whom.", valueName: "name"))
    var vendor: String?

    @Option(help: ArgumentHelp("What it is a part of, such as an advance.", valueName: "name"))
    var partOf: String?

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var comment: String?

    @Option(name: .customLong("attach"), help: .attachment)
    var attachments: [String] = []

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let parts = subject.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let kind = ApprovalSubject.Kind(word: parts[0]) else {
            let known = ApprovalSubject.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFault(.usage, "a subject is KIND:NAME, the kind one of \(known)")
        }
        var demand = ApprovalDemand(project, type, of: ApprovalSubject(kind, parts[1]))
        (demand.priority, demand.amount, demand.currency) = (priority, amount, currency)
        (demand.vendor, demand.partOf, demand.comment) = (vendor, partOf, comment)
        demand.facts = try facts.map { text in
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw CommandFault(.usage, "a fact is NAME=VALUE") }
            return (parts[0], parts[1])
        }
        demand.attachments = try Set(attachments.map(Typed.attachment))
        return try .approval(node.requestApproval(demand, by: actor), on: node)
    }
}

extension Typed {
    /// Reads NAME=HASH.
    static func attachment(_ text: String) throws -> ApprovalEvidence {
        guard let place = text.lastIndex(of: "="),
            let hash = Hex.decode(String(text[text.index(after: place)...])), hash.count == 32
        else {
            throw ValidationError("an attachment is NAME=HASH, with 64 hexadecimal digits")
        }
        return ApprovalEvidence(String(text[..<place]), hash)
    }
}

struct ApprovalCommenting: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "comment",
        abstract: "Say something about a request, anywhere.",
        discussion: """
            A recommendation decides nothing: whoever decides at the hub sees it.

            gemba approval comment --data DIR --as bui.thi.h 0190c2f4 "seen, is fine" \
            --recommend approve

            JSON: that of `approval list` for one.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .approval)
    var approval: String

    @Argument(help: "What is to be said.")
    var comment: String?

    @Option(help: ArgumentHelp("approve or reject.", valueName: "word"))
    var recommend: ApprovalWord?

    @Option(name: .customLong("attach"), help: .attachment)
    var attachments: [String] = []

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let found = try node.commentApproval(
            approval,
            comment,
            recommends: recommend?.action,
            attachments: Set(attachments.map(Typed.attachment)),
            by: actor
        )
        return try .approval(found, on: node)
    }
}

/// How somebody decides.
enum ApprovalWord: String, CaseIterable, ExpressibleByArgument {
    case approve
    case reject

    var action: ApprovalEvent.Action { self == .approve ? .approve : .reject }
}

struct ApprovalDecide: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "decide",
        abstract: "Approve or reject a request, at the hub.",
        discussion: """
            Whoever asked decides nothing, and nobody decides twice. A rejection needs a comment. \
            With --pin the decision is signed, attested by this hub; with --key by a key of one's \
            own at it. Some steps ask for that.

            gemba approval decide --data DIR --as tran.thi.b 0190c2f4 approve
            gemba approval decide --data DIR --as tran.thi.b --pin 0190c2f4 approve

            JSON: that of `approval list` for one.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .approval)
    var approval: String

    @Argument(help: "approve or reject.")
    var decision: ApprovalWord

    @Option(help: ArgumentHelp("Which step; the open one that is yours.", valueName: "name"))
    var step: String?

    @Flag(help: "Sign with a key of one's own: asks for its passphrase.")
    var key = false

    var secretPrompts: [String] { key ? ["Passphrase"] : acting.asksPIN ? ["PIN"] : [] }

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var comment: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let decision = ApprovalRules.Decision(decision.action, step: step, comment: comment)
        if let secret = caller.secrets.first {
            let proof: SignatureProof =
                key ? .passphrase(secret, name: acting.user) : .pin(secret, name: acting.user)
            let found = try node.signApproval(approval, decision, with: proof, by: caller)
            return try .approval(found, on: node)
        }
        let actor = try node.actor(as: acting.user, by: caller)
        return try .approval(node.decideApproval(approval, decision, by: actor), on: node)
    }
}

struct ApprovalHandOn: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "delegate",
        abstract: "Let somebody else decide one request, at the hub.",
        discussion: """
            All of one's rights for some days are lent by `gemba delegate add`.

            gemba approval delegate --data DIR --as tran.thi.b 0190c2f4 bui.thi.h --reason "away"

            JSON: that of `approval list` for one.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .approval)
    var approval: String

    @Argument(help: "Who is to decide.")
    var user: String

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let found = try node.delegateApproval(approval, to: user, reason: reason, by: actor)
        return try .approval(found, on: node)
    }
}

struct ApprovalCancel: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Take a request back, at the hub.",
        discussion: """
            gemba approval cancel --data DIR --as do.thi.j 0190c2f4 --reason "asked too early"

            JSON: that of `approval list` for one.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .approval)
    var approval: String

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        return try .approval(node.cancelApproval(approval, reason: reason, by: actor), on: node)
    }
}
