import CRDT
import Domain
import Simulation
import Wire

// Clock verdicts, and which of several heads is shown (MERGE-6, MERGE-14).

extension RulingVectors {
    /// A thing of the neighbour's over which others write beside each other.
    private static func race(
        _ name: String,
        _ start: RulingHistory,
        _ go: (inout RulingHistory, (inout RulingHistory, Int, String, Int) throws -> Int) throws
            -> Void
    ) throws -> Vector {
        try vector(name, start) { history in
            let made = try history.work(neighbour, "a")[0]
            let (id, first) = (history.id(made), history.name(made))
            try go(&history) { history, author, word, time in
                try history.write(author, at: time, .title(word, of: id, over: first))
            }
        }
    }

    static func clocks(_ cast: VectorCast, _ start: RulingHistory) throws -> [Vector] {
        try races(start) + ranges(start) + silent(start) + [validity(cast, start)]
    }

    private static func races(_ start: RulingHistory) throws -> [Vector] {
        [
            try race("a clock that is ahead wins until the hub has met it", start) {
                _ = try $1(&$0, station, "ahead", 7_200_000)
                _ = try $1(&$0, neighbour, "in time", 500)
            },
            try race("a clock verdict lets it rank at the hub's time", start) {
                let ahead = try $1(&$0, station, "ahead", 7_200_000)
                _ = try $1(&$0, neighbour, "in time", 500)
                try $0.write(hub, at: 501, .clock(1, $0.point(ahead), at: 400))
            },
            try race("of several clock verdicts the least time", start) {
                let ahead = try $1(&$0, station, "ahead", 7_200_000)
                _ = try $1(&$0, neighbour, "in time", 500)
                try $0.write(hub, at: 601, .clock(1, $0.point(ahead), at: 600))
                try $0.write(secondHub, at: 602, .clock(1, $0.point(ahead), at: 300))
                try $0.write(thirdHub, at: 603, .clock(1, $0.point(ahead), at: 900))
            },
            try race("a clock verdict above the stamp leaves the stamp", start) {
                let early = try $1(&$0, station, "early", 100)
                _ = try $1(&$0, neighbour, "late", 500)
                try $0.write(hub, at: 501, .clock(1, $0.point(early), at: 900))
            },
            try race("at equal times the later stamp ranks first", start) {
                let ahead = try $1(&$0, station, "ahead", 7_200_000)
                _ = try $1(&$0, neighbour, "in time", 500)
                try $0.write(hub, at: 501, .clock(1, $0.point(ahead), at: 500))
            },
            try vector("the counter of a clock verdict's time is 0", start) { history in
                let made = try history.work(neighbour, "a")[0]
                let (id, first) = (history.id(made), history.name(made))
                let ahead = try history.write(
                    station,
                    at: 7_200_000,
                    .title("ahead", of: id, over: first)
                )
                try history.write(
                    neighbour,
                    at: 500,
                    counter: 1,
                    .title("in time", of: id, over: first)
                )
                try history.write(hub, at: 501, .clock(1, history.point(ahead), at: 500))
            },
        ]
    }

    private static func ranges(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("a clock verdict rules from its first sequence to its last", start) {
                history in
                for time in [100, 200, 300, 400, 500] {
                    try history.write(station, at: time, .thing("\(time)"))
                }
                try history.write(hub, at: 501, .clock(2, history.point(3), at: 50))
                try history.write(hub, at: 502, .clock(3, history.point(2), at: 20))
                try history.write(hub, at: 503, .clock(0, history.point(0), at: 40))
                try history.write(hub, at: 504, .clock(5, history.point(3), at: 10))
            },
            try vector("a clock verdict beyond what is held waits for it", start) { history in
                try history.write(station, at: 100, .thing("a"))
                try history.write(station, at: 200, .thing("b"))
                var ahead = history
                let later = try ahead.write(station, at: 300, .thing("ahead"))
                try history.write(hub, at: 501, .clock(1, ahead.point(later), at: 50))
                let point = history.point(1)
                let wrong = FeedPoint(replica: point.replica, sequence: 1, hash: point.hash)
                try history.write(hub, at: 502, .clock(1, wrong, at: 40))
            },
            try vector("a clock verdict on one branch leaves the other", start) { history in
                try history.write(station, at: 100, .thing("a"))
                try history.write(station, at: 200, .thing("b"))
                let last = try history.write(station, at: 300, .thing("c"))
                let fork = try history.write(station, at: 200, after: .some(0), .thing("d"))
                try history.write(station, at: 250, after: .some(fork), .thing("e"))
                try history.write(hub, at: 501, .clock(1, history.point(last), at: 50))
            },
        ]
    }

    private static func silent(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("clock verdicts that say nothing", start) { history in
                let made = try history.write(station, at: 100, .thing("a"))
                let point = history.point(made)
                let (replica, hash) = (Value.id(point.replica), Value.bytes(point.hash.bytes))
                let (one, time) = (Value.integer(1), Value.integer(Int64(TenantKit.start)))
                let wrong: [[Value?]] = [
                    [nil, one, one, hash, time], [replica, nil, one, hash, time],
                    [replica, one, nil, hash, time], [replica, one, one, nil, time],
                    [replica, one, one, hash, nil], [replica, .integer(-1), one, hash, time],
                    [replica, one, .integer(-1), hash, time],
                    [replica, one, one, .bytes(point.hash.bytes.dropLast()), time],
                    [replica, one, one, hash, .integer(-1)],
                    [replica, one, one, hash, .integer(1 << 48)],
                    [replica, one, one, hash, .integer(1 << 48 | 5)],
                ]
                for (index, values) in wrong.enumerated() {
                    try history.write(hub, at: 200 + index, .event(ClockVerdict.number, values))
                }
            },
            try race("a clock verdict of a cut-off hub", start) {
                let ahead = try $1(&$0, station, "ahead", 7_200_000)
                _ = try $1(&$0, neighbour, "in time", 500)
                let kept = try $0.write(secondHub, at: 501, .thing("kept"))
                try $0.write(secondHub, at: 502, .clock(1, $0.point(ahead), at: 400))
                let revocation = try $0.revoke(secondHub)
                try $0.write(hub, at: 503, .cutOff(revocation, $0.point(kept)))
            },
            try race("a clock verdict that was rejected, and a change ruled on twice", start) {
                let ahead = try $1(&$0, station, "ahead", 7_200_000)
                _ = try $1(&$0, neighbour, "in time", 500)
                let said = try $0.write(hub, at: 501, .clock(1, $0.point(ahead), at: 400))
                try $0.write(hub, at: 502, $0.verdict(.rejected, on: said))
                try $0.write(hub, at: 503, $0.verdict(.accepted, on: ahead))
            },
        ]
    }

    /// The certificate's validity is asked of the stamp, whatever a clock verdict says.
    private static func validity(_ cast: VectorCast, _ start: RulingHistory) throws -> Vector {
        let past = TenantKit.start - 10...TenantKit.start + 1_000
        let short = try cast.writer(.station, validity: past)
        let history = RulingHistory(cast, start.history.writers + [short])
        return try race("a stamp outside validity stays outside", history) {
            let ahead = try $1(&$0, 5, "outside", 7_200_000)
            _ = try $1(&$0, neighbour, "inside", 500)
            try $0.write(hub, at: 501, .clock(1, $0.point(ahead), at: 600))
        }
    }
}
