import ArgumentParser
import Node

struct ConflictCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflict",
        abstract: "See what people did without knowing of each other, and settle it.",
        subcommands: [ConflictList.self, ConflictShow.self, ConflictSettle.self]
    )
}

struct ConflictList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what waits for somebody to settle it.",
        discussion: """
            Fields, stages, steps on sub-stages, measurements, corrections, and hours that \
            overlap: of hours those recorded in the last 90 days, without --all.

            gemba conflict list --data DIR

            JSON: {"conflicts": [C]}, C as `conflict show` prints it.
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: "Whenever the hours were recorded.")
    var all = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let conflicts = try node.conflicts(isWhole: all)
        var table = Table("N", "CONFLICT", "KIND", "WHERE", "WHAT", "SHOWN", "SETTLE IT")
        for (index, conflict) in conflicts.enumerated() {
            table.add(
                "\(index + 1)",
                conflict.short,
                conflict.kind.rawValue,
                conflict.subject,
                conflict.what,
                conflict.shown,
                conflict.settledBy
            )
        }
        return Reply(
            "conflicts",
            conflicts.map(\.json),
            table,
            empty: "nothing is in conflict"
        )
    }
}

struct ConflictShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the sides of a conflict: who, where, when, and what each had seen.",
        discussion: """
            gemba conflict show --data DIR 3fa91c02

            JSON: {"conflict", "kind", "scope", "record", "subject", "what", "shown", \
            "settled_by", "seen", "sides": [{"side", "value", "shown", "by": {"user", "device", \
            "site", "at", "known_by", "clock_suspect"}, "had_seen"}]}; kinds: field, stage, \
            progress_join, measurement, correction, time_overlap.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "The first digits of the conflict's id, or its number in the list.")
    var conflict: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let conflict = try node.conflict(conflict)
        return Reply(conflict.json, lines: conflict.lines)
    }
}

struct ConflictSettle: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "Write one value in place of all that stand side by side.",
        discussion: """
            Only a field is settled so; for the rest the list says what to do. A value that \
            arrives later from somebody who did not know of this stands beside it again.

            gemba conflict settle --data DIR --as pham.thi.d 3fa91c02 --side 2

            JSON: {"conflict", "settled", "left"}; left is the number of conflicts that remain.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The first digits of the conflict's id, or its number in the list.")
    var conflict: String

    @Option(help: ArgumentHelp("The value of this side, from 1.", valueName: "number"))
    var side: Int?

    @Option(help: ArgumentHelp("Another value.", valueName: "text"))
    var value: String?

    @Option(help: .seen("the conflict"), transform: Typed.seen)
    var seen: Seen?

    func validate() throws {
        guard (side == nil) != (value == nil) else {
            throw ValidationError("say which value stands: --side NUMBER or --value TEXT")
        }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let settled = try node.conflict(conflict)
        let settlement: LocalNode.Settlement =
            side.map { .side($0) } ?? .value(value ?? "")
        try node.settle("\(settled.id)", with: settlement, seen: seen, by: actor)
        let left = try node.conflicts()
        let isSettled = !left.contains { $0.id == settled.id }
        return Reply(
            [
                "conflict": .text("\(settled.id)"), "settled": .bool(isSettled),
                "left": .number(left.count),
            ],
            "\(settled.subject) \(settled.what) is \(isSettled ? "settled" : "still in conflict")"
        )
    }
}

struct HistoryCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show every change of a record, in order of arrival.",
        discussion: """
            Changes that do not count are shown too, with the reason.

            gemba history --data DIR PRJ-000123 --whole

            JSON: {"record", "changes": [{"entity", "id", "action", "counts", "set_aside", "by", \
            "change", "hash", "at_hub", "fields": [{"field", "action", "value", "replaced"}]}]}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "A project's number, or the id of any record or event.")
    var record: String

    @Flag(help: "Everything of the project: stages, steps, inspections.")
    var whole = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let history = try node.history(of: record, isWhole: whole)
        return Reply(history.json, lines: history.text)
    }
}
