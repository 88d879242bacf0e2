import ArgumentParser
import Domain
import Node

/// What every step on a defect takes.
struct DefectStepOptions: ParsableArguments {
    @Argument(help: .project)
    var project: String

    @Argument(help: .defect)
    var defect: String

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("A remark.", valueName: "text"))
    var comment: String?

    @Option(help: .seen("the steps of the defect"), transform: Typed.seen)
    var seen: Seen?
}

/// A command that takes one kind of step on a defect.
protocol DefectStepCommand: NodeCommand {
    static var kind: DefectStepRequest.Kind { get }
    var acting: ActingOptions { get }
    var step: DefectStepOptions { get }
    /// What is written of it.
    var writing: String? { get }
    /// How bad it is.
    var grading: Defect.Severity? { get }
}

extension DefectStepCommand {
    var writing: String? { nil }
    var grading: Defect.Severity? { nil }

    static func configured(
        _ abstract: String,
        _ about: String,
        _ example: String
    ) -> CommandConfiguration {
        let lead = about.isEmpty ? "" : about + "\n\n"
        return CommandConfiguration(
            commandName: kind.rawValue,
            abstract: abstract,
            discussion: """
                \(lead)gemba defect \(kind.rawValue) --data DIR \(example)

                JSON: that of `defect show`.
                """
        )
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = DefectStepRequest(Self.kind, step.project, step.defect)
        request.text = writing
        request.severity = grading
        request.reason = step.reason
        request.comment = step.comment
        request.seen = step.seen
        let report = try node.take(request, by: actor)
        return Reply(report.json, lines: report.outcome)
    }
}

struct DefectStart: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.start
    static let configuration = configured(
        "Start to work on a defect.",
        "Writing its cause or an action does so by itself.",
        "--as do.thi.j PRJ-000123 D-7B1A"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions
}

struct DefectContain: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.contain
    static let configuration = configured(
        "Say how a defect is kept from spreading.",
        "Its cause may still stand.",
        "--as do.thi.j PRJ-000123 D-7B1A \"lot 12 set aside\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions

    @Argument(help: "How; what is written already.")
    var text: String?

    var writing: String? { text }
}

struct DefectCause: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.cause
    static let configuration = configured(
        "Write the cause of a defect.",
        "It is needed before it is resolved.",
        "--as do.thi.j PRJ-000123 D-7B1A \"seal too short\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions

    @Argument(help: "What to write.")
    var text: String

    var writing: String? { text }
}

struct DefectCorrect: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.correct
    static let configuration = configured(
        "Write what corrects a defect.",
        "It is needed before it is resolved.",
        "--as do.thi.j PRJ-000123 D-7B1A \"seal replaced\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions

    @Argument(help: "What to write.")
    var text: String

    var writing: String? { text }
}

struct DefectPrevent: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.prevent
    static let configuration = configured(
        "Write what keeps a defect from coming again.",
        "",
        "--as do.thi.j PRJ-000123 D-7B1A \"check seals on arrival\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions

    @Argument(help: "What to write.")
    var text: String

    var writing: String? { text }
}

struct DefectResolve: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.resolve
    static let configuration = configured(
        "Say that a defect is dealt with.",
        "It needs a cause and a corrective action; somebody else verifies it.",
        "--as do.thi.j PRJ-000123 D-7B1A"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions
}

struct DefectVerify: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.verify
    static let configuration = configured(
        "Say that a resolution holds; it closes the defect.",
        "Who resolved it does not verify it.",
        "--as bui.thi.h PRJ-000123 D-7B1A"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions
}

struct DefectRefuse: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.refuse
    static let configuration = configured(
        "Say that a resolution does not hold.",
        "It wins over a verification that did not know of it.",
        "--as bui.thi.h PRJ-000123 D-7B1A --reason \"still leaks\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions
}

struct DefectReopen: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.reopen
    static let configuration = configured(
        "Reopen a defect, as a further attempt.",
        "What was done stays on record.",
        "--as bui.thi.h PRJ-000123 D-7B1A --reason \"again\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions
}

struct DefectWaive: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.waive
    static let configuration = configured(
        "Ask the hub to let a defect be; at the hub, let it be.",
        "",
        "--as bui.thi.h PRJ-000123 D-7B1A --reason \"not seen from outside\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions
}

struct DefectGrade: DefectStepCommand {
    static let kind = DefectStepRequest.Kind.grade
    static let configuration = configured(
        "Judge how bad a defect is.",
        "A station only ever raises it; the hub decides.",
        "--as bui.thi.h PRJ-000123 D-7B1A CRITICAL --reason \"sharp edge\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: DefectStepOptions

    @Argument(help: "MINOR, MAJOR or CRITICAL.", transform: Typed.severity)
    var severity: Defect.Severity

    var grading: Defect.Severity? { severity }
}
