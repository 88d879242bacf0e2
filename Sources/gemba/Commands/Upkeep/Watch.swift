import ArgumentParser
import CRDT
import Dispatch
import Node
import Storage

struct Watch: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print events as they come in, from here and from peers, until interrupted.",
        discussion: """
            With --json one object a line. Made for a node that `gemba run` holds.

            gemba watch --data /var/lib/gemba
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("End after so many events.", valueName: "number"))
    var count: Int?

    /// How often an idle watch looks whether anybody still reads.
    private static let pulse = DispatchTimeInterval.seconds(2)

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let bell = DispatchSemaphore(value: 0)
        let growth = node.store.growth()
        let ringing = Task {
            for await _ in growth { bell.signal() }
            bell.signal()
        }
        defer { ringing.cancel() }
        var position = node.store.position
        var rest = count ?? .max
        caller.progress("watching; interrupt to end")
        while rest > 0, caller.isPresent {
            _ = bell.wait(timeout: .now() + Self.pulse)
            let end = node.store.position
            guard end > position else { continue }
            let names = try node.read { try Nicknames($0) }
            for item in try Arrivals(at: node, after: position, upTo: end).items.prefix(rest) {
                guard caller.send(part(item, names)) else { return Self.end }
                rest -= 1
            }
            position = end
        }
        return Self.end
    }

    private static let end = Reply(["event": "end"], lines: [])

    private func part(_ item: Arrivals.Item, _ names: Nicknames) -> Reply {
        let origin = item.event.origin
        let members = item.values.map { JSON.Member($0.name, names.json($0.value)) }
        let shown = item.values.map { "\($0.name)=\(names.text($0.value))" }.joined(separator: " ")
        let time = CalendarDay.time(milliseconds: origin.time.milliseconds)
        return Reply(
            [
                "event": .text(item.kind), "scope": .text("\(item.scope)"),
                "id": .text("\(item.event.id)"), "user": .text(names.user(origin.user)),
                "device": .text(names.device(origin.device)),
                "site": .text(names.site(origin.site)),
                "time": .number(origin.time.milliseconds), "suspect": .bool(origin.isSuspect),
                "values": .object(members),
            ],
            "\(time)  \(names.device(origin.device))  \(names.user(origin.user))  "
                + "\(item.kind)  \(shown)"
        )
    }
}
