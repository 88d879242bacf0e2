import ArgumentParser
import CRDT
import Domain
import Node
import Storage

struct AlarmCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarm",
        abstract: "What a person must look at, and no node can settle.",
        subcommands: [List.self, Clear.self]
    )

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the hubs that held less than their receipts say.",
            discussion: """
                Such a hub was restored from a backup. What it lacks is sent again when it is met.

                gemba alarm list --data /var/lib/gemba

                JSON: {"alarms": [{"kind", "device", "name", "last"}]}.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let names = try node.read { try Nicknames($0) }
            var table = Table("HUB", "LAST SEEN")
            let items = try node.alarms().map { alarm in
                table.add(names.device(alarm.hub), CalendarDay.time(milliseconds: alarm.time))
                return alarm.json(names)
            }
            return Reply("alarms", items, table, empty: "no alarms")
        }
    }

    struct Clear: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear",
            abstract: "Take an alarm back that somebody has looked at.",
            discussion: """
                gemba alarm clear --data /var/lib/gemba --as nguyen.van.a HUB

                JSON: {"device", "name", "cleared"}.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Argument(help: "The hub, by name or id.")
        var hub: String

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let actor = try node.actor(as: acting.user, by: caller)
            let (id, name) = try node.read { view in
                let record = try view.device(named: hub)
                return (record.fields.id(Device.device), record.fields.text(Device.name) ?? hub)
            }
            guard let id else { throw CommandFault(.damaged, "\(hub) has no id") }
            try node.clearAlarm(of: id, by: actor)
            return Reply(
                ["device": .text("\(id)"), "name": .text(name), "cleared": .bool(true)],
                "the alarm of \(name) is cleared"
            )
        }
    }
}

extension Alarm {
    func json(_ names: Nicknames) -> JSON {
        [
            "kind": "hub-rolled-back", "device": .text("\(hub)"),
            "name": .text(names.device(hub)), "last": .number(time),
        ]
    }
}
