import CRDT
import Domain
import Simulation
import Wire

// Verdicts, and what follows where a change does not count.

extension RulingVectors {
    static func verdicts(_ start: RulingHistory) throws -> [Vector] {
        try single(start) + beside(start) + odd(start) + released(start)
    }

    private static func single(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("accepted, rejected and quarantined, above a cut-off and not", start) {
                history in
                let made = try history.work(station, "a", "b", "c", "d", "e")
                let plain = try history.work(neighbour, "f", "g", "h", "i")
                let revocation = try history.revoke(station)
                try history.write(hub, .cutOff(revocation, history.point(made[0])))
                for (index, ruling) in Ruling.allCases.enumerated() {
                    try history.write(hub, history.verdict(ruling, on: made[index + 1]))
                    try history.write(hub, history.verdict(ruling, on: plain[index + 1]))
                }
            },
            try vector("what follows a rejected change stands", start) { history in
                let made = try history.work(station, "a", "b", "c")
                try history.write(hub, history.verdict(.rejected, on: made[1]))
            },
            try vector("a verdict on a change that is not held, and with a wrong sequence", start) {
                history in
                let made = try history.work(station, "a", "b")
                var ahead = history
                let later = try ahead.write(station, .thing("ahead"))
                let point = history.point(made[1])
                let wrong = FeedPoint(replica: point.replica, sequence: 1, hash: point.hash)
                let rejected = Value.text("rejected")
                try history.write(hub, history.verdict(rejected, on: ahead.point(later)))
                try history.write(hub, history.verdict(rejected, on: wrong))
            },
            try vector("a ruling that replaces another", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let first = try history.write(hub, history.verdict(.quarantined, on: made[1]))
                try history.write(hub, history.ruling(.accepted, on: made[1], over: [first]))
                let second = try history.write(hub, history.verdict(.accepted, on: made[2]))
                try history.write(
                    secondHub,
                    history.ruling(.rejected, on: made[2], over: [second])
                )
            },
            try vector("a ruling on one branch leaves the other", start) { history in
                let made = try history.work(station, "a", "b")
                let other = try history.write(station, at: 8, after: .some(made[0]), .thing("c"))
                try history.write(hub, history.verdict(.rejected, on: made[1]))
                _ = other
            },
        ]
    }

    /// Rulings of hubs that had not seen each other's: the most cautious is shown (MERGE-8).
    private static func beside(_ start: RulingHistory) throws -> [Vector] {
        func pair(_ one: String, _ other: String) throws -> Vector {
            try vector("\(one) beside \(other)", start) { history in
                let made = try history.work(station, "a", "b")
                let point = history.point(made[1])
                try history.write(hub, history.verdict(.text(one), on: point))
                try history.write(secondHub, history.verdict(.text(other), on: point))
            }
        }
        return [
            try pair("accepted", "rejected"), try pair("rejected", "accepted"),
            try pair("rejected", "quarantined"), try pair("accepted", "deferred"),
            try pair("deferred", "rejected"),
            try vector("a ruling that settles two", start) { history in
                let made = try history.work(station, "a", "b")
                let one = try history.write(hub, history.verdict(.rejected, on: made[1]))
                let two = try history.write(secondHub, history.verdict(.quarantined, on: made[1]))
                try history.write(hub, history.ruling(.accepted, on: made[1], over: [one, two]))
            },
            try vector("a ruling that names one of two leaves the other", start) { history in
                let made = try history.work(station, "a", "b")
                let one = try history.write(hub, history.verdict(.rejected, on: made[1]))
                try history.write(secondHub, history.verdict(.quarantined, on: made[1]))
                try history.write(hub, history.ruling(.accepted, on: made[1], over: [one]))
            },
        ]
    }

    private static func odd(_ start: RulingHistory) throws -> [Vector] {
        func said(_ name: String, _ ruling: Value?) throws -> Vector {
            try vector(name, start) { history in
                let made = try history.work(station, "a", "b")
                try history.write(hub, history.verdict(ruling, on: history.point(made[1])))
            }
        }
        return [
            try said("a verdict of a newer version is quarantine", .text("deferred")),
            try said("a verdict that was emptied is quarantine", .null),
            try said("a verdict without a ruling rules nothing", nil),
            try said("a verdict of another kind of value rules nothing", .integer(1)),
            try vector("a deleted verdict rules", start) { history in
                let made = try history.work(station, "a", "b")
                let operation = history.verdict(.rejected, on: made[1])
                try history.write(hub, operation)
                let id = history.verdictID(history.point(made[1]))
                let gone = FieldEdit(FieldEdit.deleted, .write(.bool(true), replacing: []))
                try history.write(hub, Operation(Verdict.number, .existing(id), edits: [gone]))
            },
            try vector("a ruling on a verdict that nobody made rules nothing", start) { history in
                let made = try history.work(station, "a", "b")
                try history.write(hub, history.ruling(.rejected, on: made[1], over: [made[0]]))
            },
            try vector("a ruling outlives a cut-off creation of its verdict, unsaid", start) {
                history in
                let made = try history.work(station, "a", "b", "c")
                let kept = try history.work(secondHub, "d")
                let one = try history.write(secondHub, history.verdict(.accepted, on: made[1]))
                try history.write(hub, history.ruling(.rejected, on: made[1], over: [one]))
                let two = try history.write(secondHub, history.verdict(.accepted, on: made[2]))
                try history.write(thirdHub, history.verdict(.rejected, on: made[2]))
                try history.write(hub, history.ruling(.quarantined, on: made[2], over: [two]))
                let revocation = try history.revoke(secondHub)
                try history.write(hub, .cutOff(revocation, history.point(kept[0])))
            },
            try vector("a verdict whose key is of another change counts as none", start) {
                history in
                let made = try history.work(station, "a", "b")
                let right = history.verdict(.rejected, on: made[1])
                let wrong = history.verdict(.rejected, on: made[0])
                try history.write(
                    hub,
                    Operation(Verdict.number, wrong.target, edits: right.edits)
                )
            },
        ]
    }

    /// Verdicts on changes that hold statements.
    private static func released(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("no verdict takes a statement out of force", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let both = try history.write(
                    hub,
                    .thing("beside a verdict"),
                    history.verdict(.rejected, on: made[1])
                )
                try history.write(hub, history.verdict(.rejected, on: both))
                let end = try history.revoke(station)
                let cut = try history.write(hub, .cutOff(end, history.point(made[1])))
                try history.write(secondHub, history.verdict(.quarantined, on: cut))
            },
            try vector("a released change of a cut-off hub states nothing", start) { history in
                let made = try history.work(station, "a", "b")
                let kept = try history.work(secondHub, "c")
                let both = try history.write(
                    secondHub,
                    .thing("released"),
                    history.verdict(.rejected, on: made[1]),
                    .step("released")
                )
                let revocation = try history.revoke(secondHub)
                try history.write(hub, .cutOff(revocation, history.point(kept[0])))
                try history.write(hub, history.verdict(.accepted, on: both))
            },
            try vector("a verdict on itself, as far as that goes", start) { history in
                let made = try history.work(station, "a", "b")
                let one = try history.write(hub, history.verdict(.rejected, on: made[1]))
                let two = try history.write(hub, history.verdict(.rejected, on: one))
                try history.write(secondHub, history.verdict(.rejected, on: two))
            },
        ]
    }
}

// MARK: - Records and events

extension RulingVectors {
    static func effects(_ start: RulingHistory) throws -> [Vector] {
        try records(start) + events(start)
    }

    private static func records(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("a creation set aside hides the edits of others", start) { history in
                let made = try history.work(station, "a")
                let id = history.id(made[0])
                try history.write(neighbour, .title("b", of: id, over: history.name(made[0])))
                let other = try history.work(station, "alone")
                for change in made + other {
                    try history.write(hub, history.verdict(.quarantined, on: change))
                }
            },
            try vector("a replaced value stands again, beside what replaced it", start) { history in
                let made = try history.work(neighbour, "a")
                let id = history.id(made[0])
                let (first, late) = (history.name(made[0]), made[0] + 1)
                try history.write(station, .title("b", of: id, over: first))
                try history.write(neighbour, .title("c", of: id, over: history.name(late)))
                try history.write(hub, history.verdict(.rejected, on: late))
            },
            try vector("a removal set aside brings the element back", start) { history in
                func tag(_ id: ID, _ action: FieldEdit.Action) -> Operation {
                    let number = SimulationSchema.thing.number
                    return Operation(number, .existing(id), edits: [FieldEdit(4, action)])
                }
                let made = try history.work(neighbour, "a")
                let id = history.id(made[0])
                let added = try history.write(
                    neighbour,
                    tag(id, .add(.text("x"), replacing: []))
                )
                let names = [history.name(added)]
                let gone = try history.write(station, tag(id, .remove(.text("x"), names: names)))
                let more = try history.write(
                    station,
                    tag(id, .add(.text("y"), replacing: []))
                )
                try history.write(hub, history.verdict(.rejected, on: gone))
                try history.write(hub, history.verdict(.rejected, on: more))
            },
            try vector("two creations of one key, of which one is set aside", start) { history in
                let named = SimulationSchema.named.number
                let id = ID(
                    naturalKey: [.text("k")],
                    of: named,
                    in: history.history.scope,
                    tenant: history.history.cast.kit.tenant
                )
                func create(_ note: String) -> Operation {
                    let edits = [("k", 1), (note, 2)].map { word, field in
                        FieldEdit(UInt32(field), .write(.text(word), replacing: []))
                    }
                    return Operation(named, .natural(id), edits: edits)
                }
                let one = try history.write(station, create("one"))
                try history.write(neighbour, create("two"))
                try history.write(hub, history.verdict(.rejected, on: one))
            },
        ]
    }

    private static func events(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("an event set aside stays in its stream, and in no state hash", start) {
                history in
                let first = try history.write(neighbour, .step("a"))
                let middle = try history.write(
                    station,
                    .step("b", after: [history.name(first)]),
                    .step("c")
                )
                try history.write(neighbour, .step("d", after: [history.name(middle)]))
                try history.write(hub, history.verdict(.rejected, on: middle))
            },
            try vector("two branches with one id, of which one is set aside", start) { history in
                let made = try history.work(station, "a")
                let one = try history.write(station, at: 9, .step("b"))
                try history.write(station, at: 9, after: .some(made[0]), .step("c"))
                try history.write(hub, history.verdict(.rejected, on: one))
            },
        ]
    }
}
