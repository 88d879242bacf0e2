import ArgumentParser
import Node
import Storage

struct PeerCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "Nodes that this one has met.",
        subcommands: [List.self]
    )

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the peers that were met, and when both held the same.",
            discussion: "gemba peer list --data /var/lib/gemba"
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            var table = Table("DEVICE", "ADDRESS", "LAST SEEN", "LAST EQUAL", "CLOCK", "SOFTWARE")
            let names = try node.read { try Nicknames($0) }
            let items = try node.store.peers().map { peer in
                table.add(
                    names.device(peer.device),
                    peer.address,
                    CalendarDay.time(milliseconds: peer.lastSeen),
                    peer.lastEqual == 0 ? "never" : CalendarDay.time(milliseconds: peer.lastEqual),
                    PeerClock.words(peer.clockAhead),
                    peer.software
                )
                return peer.json(names, node)
            }
            return Reply("peers", items, table, empty: "no peers met yet")
        }
    }
}

/// How another clock stands to this one, in words.
enum PeerClock {
    static func words(_ aheadMilliseconds: Int64) -> String {
        let seconds = aheadMilliseconds / 1_000
        guard seconds != 0 else { return "same" }
        let (amount, unit) =
            seconds.magnitude < 120 ? (seconds.magnitude, "s") : (seconds.magnitude / 60, "min")
        return "\(amount) \(unit) \(seconds > 0 ? "ahead" : "behind")"
    }
}

extension PeerNote {
    func json(_ names: Nicknames, _ node: LocalNode) -> JSON {
        [
            "device": .text("\(device)"), "name": .text(names.device(device)),
            "address": .text(address), "software": .text(software),
            "last_seen": .number(lastSeen), "last_equal": .number(lastEqual),
            "clock_ahead_ms": .number(clockAhead), "schema": .number(schema),
            "certificate": .text(orNull: node.certificateStanding(of: device)?.state.rawValue),
        ]
    }
}
