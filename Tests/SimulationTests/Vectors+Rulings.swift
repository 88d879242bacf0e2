import CRDT
import Domain
import Simulation
import Wire

/// Statements of hubs, and which changes count under them (CHG-20 to 25, MERGE-14).
enum RulingVectors {
    static func file() throws -> VectorFile {
        let cast = try VectorCast(seed: 20_263)
        let writers = try [
            cast.writer(.station), cast.writer(.station), cast.writer(.hub), cast.writer(.hub),
            cast.writer(.hub),
        ]
        let schema = Vector(
            "the schema of the rulings",
            "schema",
            "ok",
            ["entities": VectorSchema.json(VectorSchema.ruled)]
        )
        let start = RulingHistory(cast, writers)
        return VectorFile(
            name: "rulings",
            about: "Statements of hubs in two orders: protocol/authority.md, CHG-20 to 25.",
            vectors: [schema] + (try cutOffs(start) + hubs(cast, start) + malformed(start))
                + (try verdicts(start) + effects(start) + clocks(cast, start))
                + (try CounterMapVectors.rulings(start))
                + (try RandomRulings.all(start))
        )
    }

    /// A vector of a history that goes on from another.
    static func vector(
        _ name: String,
        _ start: RulingHistory,
        _ go: (inout RulingHistory) throws -> Void
    ) throws -> Vector {
        var history = start
        try go(&history)
        return try history.vector(name)
    }

    static let (station, neighbour) = (RulingHistory.station, RulingHistory.neighbour)
    static let (hub, secondHub, thirdHub) = (
        RulingHistory.hub, RulingHistory.secondHub, RulingHistory.thirdHub
    )

    static func nothing(of point: FeedPoint) -> FeedPoint {
        FeedPoint(replica: point.replica, sequence: 0, hash: .zero)
    }
}

// MARK: - Revocations and where feeds end

extension RulingVectors {
    private static func cutOffs(_ start: RulingHistory) throws -> [Vector] {
        try receipts(start) + ends(start) + held(start) + reach(start) + branches(start)
            + newer(start)
    }

    private static func receipts(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("revoked without a cut-off: a receipt is the limit", start) { history in
                let made = try history.work(station, "a", "b", "c")
                try history.write(hub, .receipt(history.point(made[1])))
                _ = try history.revoke(station)
            },
            try vector("revoked without a cut-off or a receipt: nothing counts", start) { history in
                _ = try history.work(station, "a", "b")
                let other = try history.work(neighbour, "beside")
                try history.write(hub, .receipt(history.point(other[0])))
                _ = try history.revoke(station)
            },
            try vector("receipts of two hubs: what either names counts", start) { history in
                let made = try history.work(station, "a", "b", "c", "d")
                try history.write(hub, .receipt(history.point(made[0])))
                try history.write(secondHub, .receipt(history.point(made[2])))
                _ = try history.revoke(station)
            },
            try vector("a receipt without a revocation says who holds what", start) { history in
                let made = try history.work(station, "a", "b")
                try history.write(hub, .receipt(history.point(made[0])))
            },
            try vector("a receipt for a change that is not held", start) { history in
                _ = try history.work(station, "a")
                var ahead = history
                let later = try ahead.write(station, .thing("ahead"))
                try history.write(hub, .receipt(ahead.point(later)))
                _ = try history.revoke(station)
            },
        ]
    }

    private static func ends(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("a cut-off takes the place of receipts", start) { history in
                let made = try history.work(station, "a", "b", "c")
                try history.write(hub, .receipt(history.point(made[1])))
                let revocation = try history.revoke(station)
                try history.write(hub, .cutOff(revocation, history.point(made[0])))
            },
            try vector("two cut-offs add up", start) { history in
                let made = try history.work(station, "a", "b", "c", "d")
                let revocation = try history.revoke(station)
                try history.write(hub, .cutOff(revocation, history.point(made[0])))
                try history.write(secondHub, .cutOff(revocation, history.point(made[2])))
            },
            try vector("a cut-off at sequence 0 keeps nothing, receipts or not", start) { history in
                let made = try history.work(station, "a", "b")
                let point = history.point(made[1])
                try history.write(hub, .receipt(point))
                let revocation = try history.revoke(station)
                try history.write(hub, .cutOff(revocation, nothing(of: point)))
            },
            try vector("a cut-off at sequence 0 beside one that keeps more", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let revocation = try history.revoke(station)
                let none = nothing(of: history.point(made[0]))
                try history.write(hub, .cutOff(revocation, none))
                try history.write(secondHub, .cutOff(revocation, history.point(made[1])))
            },
        ]
    }

    /// A cut-off limits whether or not the change is held that it names (CHG-21).
    private static func held(_ start: RulingHistory) throws -> [Vector] {
        func ended(
            _ name: String,
            _ end: (FeedPoint, FeedPoint) -> FeedPoint
        ) throws -> Vector {
            try vector(name, start) { history in
                let made = try history.work(station, "a", "b")
                let last = history.point(made[1])
                var ahead = history
                let later = try ahead.write(station, .thing("ahead"))
                try history.write(hub, .receipt(history.point(made[0])))
                let revocation = try history.revoke(station)
                try history.write(hub, .cutOff(revocation, end(last, ahead.point(later))))
            }
        }
        return [
            try ended("a cut-off at a change that is not held keeps nothing") { _, ahead in
                ahead
            },
            try ended("a cut-off with the sequence of another change keeps nothing") { last, _ in
                FeedPoint(replica: last.replica, sequence: 1, hash: last.hash)
            },
            try ended("a cut-off with another hash keeps nothing") { last, ahead in
                FeedPoint(replica: last.replica, sequence: last.sequence, hash: ahead.hash)
            },
            try ended("a cut-off at sequence 0 with a hash keeps nothing") { last, _ in
                FeedPoint(replica: last.replica, sequence: 0, hash: last.hash)
            },
        ]
    }

    private static func reach(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("a cut-off of another replica or revocation ends nothing", start) {
                history in
                let made = try history.work(station, "a", "b")
                let other = try history.work(neighbour, "beside", "it")
                let (one, two) = (try history.revoke(station), try history.revoke(neighbour))
                try history.write(hub, .cutOff(two, history.point(made[1])))
                try history.write(hub, .cutOff(one, history.point(made[0])))
                try history.write(hub, .cutOff(one, history.point(other[1])))
            },
            try vector("a revocation that is not yet in force limits nobody", start) { history in
                let made = try history.work(station, "a", "b")
                let other = try history.work(neighbour, "beside")
                let later = try history.revoke(station, effectiveAt: 4)
                _ = try history.revoke(neighbour, effectiveAt: 3)
                try history.write(hub, .cutOff(later, history.point(made[0])))
                _ = other
            },
            try vector("two revocations of one device: each limits by itself", start) { history in
                let made = try history.work(station, "a", "b", "c", "d")
                try history.write(hub, .receipt(history.point(made[1])))
                let first = try history.revoke(station)
                _ = try history.revoke(station)
                try history.write(hub, .cutOff(first, history.point(made[2])))
            },
            try vector("what stations write states nothing", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let revocation = try history.revoke(station)
                try history.write(neighbour, .receipt(history.point(made[2])))
                try history.write(neighbour, .cutOff(revocation, history.point(made[1])))
                try history.write(neighbour, history.verdict(.accepted, on: made[2]))
                try history.write(neighbour, .clock(1, history.point(made[2]), at: 0))
            },
        ]
    }

    private static func branches(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("a cut-off on one branch keeps what leads to it", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let other = try history.write(station, at: 8, after: .some(made[0]), .thing("d"))
                try history.write(station, at: 9, after: .some(other), .thing("e"))
                let revocation = try history.revoke(station)
                try history.write(hub, .cutOff(revocation, history.point(made[2])))
            },
            try vector("cut-offs on two branches of three", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let other = try history.write(station, at: 8, after: .some(made[0]), .thing("d"))
                try history.write(station, at: 9, after: .some(made[0]), .thing("e"))
                let revocation = try history.revoke(station)
                try history.write(
                    hub,
                    .step("beside statements"),
                    .cutOff(revocation, history.point(made[1])),
                    .cutOff(revocation, history.point(other))
                )
            },
            try vector("a receipt on one branch, a cut-off in front of the fork", start) {
                history in
                let made = try history.work(station, "a", "b")
                let fork = try history.write(station, at: 8, after: .some(made[0]), .thing("c"))
                try history.write(hub, .receipt(history.point(fork)))
                let first = try history.revoke(station)
                let other = try history.work(neighbour, "d", "e")
                try history.write(neighbour, at: 20, after: .some(other[0]), .thing("f"))
                let second = try history.revoke(neighbour)
                try history.write(hub, .cutOff(second, history.point(other[0])))
                _ = first
            },
        ]
    }

    /// Changes that no node of this version reads are called by statements as others are.
    private static func newer(_ start: RulingHistory) throws -> [Vector] {
        func behind(
            _ name: String,
            _ state: (inout RulingHistory, FeedPoint) throws -> Void
        ) throws -> Vector {
            try vector(name, start) { history in
                try history.write(station, at: 100, .thing("a"))
                let last = try history.write(
                    station,
                    at: 200,
                    behind: [[2, 7], [3]],
                    .thing("b")
                )
                try state(&history, try history.newer(before: last))
            }
        }
        return [
            try behind("a cut-off at a change of a newer format") { history, point in
                let revocation = try history.revoke(station)
                try history.write(hub, at: 201, .cutOff(revocation, point))
            },
            try behind("a verdict on a change of a newer format") { history, point in
                let rejected = Value.text("rejected")
                try history.write(hub, at: 201, history.verdict(rejected, on: point))
            },
            try behind("a clock verdict up to a change of a newer format") { history, point in
                try history.write(hub, at: 201, .clock(1, point, at: 50))
            },
            try behind("a clock verdict on changes of a newer format alone") { history, point in
                try history.write(hub, at: 201, .clock(2, point, at: 50))
            },
            try behind("a clock verdict from a change of a newer format") { history, point in
                let last = history.point(1)
                try history.write(hub, at: 201, .clock(point.sequence, last, at: 50))
            },
        ]
    }
}
