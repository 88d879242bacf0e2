import ArgumentParser
import Node

struct HandoverCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handover",
        abstract: "Notes from one shift to the next, which must be seen.",
        subcommands: [HandoverWrite.self, HandoverList.self, HandoverAck.self]
    )
}

struct HandoverWrite: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Leave a note for those who come next.",
        discussion: """
            Each person named must see it, and somebody of each role; with neither it is for \
            everybody of the site, until somebody has.

            gemba handover write --data DIR --as do.thi.j --shift "2026-11-21 night" \
            --work-center CELL-2 --role production "Pump 3 leaks: do not start it"

            JSON: {"note"}: its id.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "What they must know.")
    var content: String

    @Option(help: ArgumentHelp("The shift that is to see it.", valueName: "text"))
    var shift: String?

    @Option(
        name: .customLong("work-center"),
        help: ArgumentHelp("Where; the whole site.", valueName: "name")
    )
    var workCenter: String?

    @Option(
        help: ArgumentHelp("A project that it is about; may be given again.", valueName: "project")
    )
    var project: [String] = []

    @Option(help: ArgumentHelp("Who must see it; may be given again.", valueName: "user"))
    var to: [String] = []

    @Option(
        help: ArgumentHelp("Of which role somebody must; may be given again.", valueName: "code")
    )
    var role: [String] = []

    @Option(help: ArgumentHelp("At a hub: of which site.", valueName: "code"))
    var site: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = HandoverRequest(content)
        request.shift = shift
        request.workCenter = workCenter
        request.projects = project
        request.people = to
        request.roles = role
        request.site = site
        let id = try node.writeHandover(request, by: actor)
        return Reply(["note": .text("\(id)")], "written: \(Nicknames.event(id))")
    }
}

struct HandoverList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List notes of the last 90 days: who has seen them, and who has not.",
        discussion: """
            gemba handover list --data DIR --open

            JSON: {"handovers": [{"note", "site", "shift", "work_center", "content", "subjects", \
            "people", "roles", "by", "open", "acknowledged": [{"user", "at"}], "missing": \
            {"people", "roles", "anybody"}}]}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: "Only those that somebody has yet to see.")
    var open = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let notes = try node.handovers(openOnly: open)
        return Reply(
            ["handovers": .list(notes, \.json)],
            lines: notes.isEmpty ? ["no handover notes"] : notes.flatMap(\.lines)
        )
    }
}

struct HandoverAck: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Say that you have seen notes; who saw what when stays on record.",
        discussion: """
            gemba handover ack --data DIR --as bui.thi.h 01a20023131400a5

            JSON: {"acknowledged"}: how many you had not seen before.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The first digits of the notes' ids; all that wait for you.")
    var notes: [String] = []

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let count = try node.acknowledge(notes, by: actor)
        return Reply(["acknowledged": .number(count)], "\(count) taken note of")
    }
}
