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
            abstract: "List the hubs whose data or audit log are not what they were.",
            discussion: """
                A hub that held less than its receipts say was restored from a backup; what it \
                lacks is sent again when it is met. One whose audit log shrank, was rewritten or \
                has two faces is not believed about what is safe there; data flow on. Why, both \
                checkpoints: gemba audit checkpoint --faults.

                gemba alarm list --data /var/lib/gemba

                JSON: {"alarms": [{"kind", "device", "name", "last", "believed", "text"}]}.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let names = try node.read { try Nicknames($0) }
            var table = Table("HUB", "LAST SEEN", "WHAT")
            let items = try node.alarms().map { alarm in
                let time = CalendarDay.time(milliseconds: alarm.time)
                table.add(names.device(alarm.hub), time, alarm.text)
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
            "kind": .text(word), "device": .text("\(hub)"), "name": .text(names.device(hub)),
            "last": .number(time), "believed": .bool(!isMark), "text": .text(text),
        ]
    }
}
