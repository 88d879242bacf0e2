import CRDT
import Domain
import Simulation
import Wire

/// Counters and maps: what counts of them, how they merge, and what is shown (MERGE-11, 18, 19).
enum CounterMapVectors {
    private static let thing = SimulationSchema.thing.number
    private static let count: UInt32 = 6
    private static let labels: UInt32 = 7

    static func merges(_ start: MergeHistory) throws -> [Vector] {
        [
            try sums(start), try keys(start), try removals(start),
            try verbs(start), try clone(start),
        ]
    }

    // MARK: - Words

    private static func by(_ delta: Int64) -> FieldEdit { FieldEdit(count, .increment(delta)) }

    private static func put(_ key: String, _ word: String?, _ seen: [Name] = []) -> FieldEdit {
        let value = word.map(Value.text) ?? .null
        return FieldEdit(labels, .put(key: key, value, replacing: seen.sorted()))
    }

    private static func new(_ edits: FieldEdit...) -> [Operation] {
        [Operation(thing, .new, edits: edits)]
    }

    private static func edit(_ id: ID, _ edits: FieldEdit...) -> [Operation] {
        [Operation(thing, .existing(id), edits: edits)]
    }

    // MARK: - Counters

    private static func sums(_ start: MergeHistory) throws -> Vector {
        var history = start
        try history.write(0, at: 1, new(by(5)))
        let id = history.id(0)
        for (time, delta) in [(2, 3), (3, -10), (4, 0)] as [(UInt64, Int64)] {
            try history.write(Int(time) % 3, at: time, edit(id, by(delta)))
        }
        // Nobody creates this one: its sum is kept, hidden.
        try history.write(0, at: 5, edit(ID(high: 1, low: 1), by(7)))
        return try history.vector("increments that had not seen each other add up")
    }

    // MARK: - Maps

    private static func keys(_ start: MergeHistory) throws -> Vector {
        var history = start
        let first = try history.write(0, at: 1, new(put("", "none"), put("a", "1")))
        let id = history.id(0)
        let left = try history.write(0, at: 2, edit(id, put("a", "2", [first]), put("b", "3")))
        try history.write(1, at: 3, edit(id, put("a", "4", [first]), put("e\u{301}", "5")))
        try history.write(2, at: 4, edit(id, put("a", "6", [left]), put("é", "7")))
        try history.write(1, at: 5, edit(id, put("b", "8")))
        return try history.vector("each key of a map is a register of its own")
    }

    private static func removals(_ start: MergeHistory) throws -> Vector {
        var history = start
        let first = try history.write(0, at: 1, new(put("a", "1"), put("b", "2")))
        let id = history.id(0)
        let gone = try history.write(0, at: 2, edit(id, put("a", nil, [first])))
        try history.write(1, at: 3, edit(id, put("a", "beside", [first])))
        let other = try history.write(2, at: 4, edit(id, put("b", nil, [first])))
        try history.write(2, at: 5, edit(id, put("b", "again", [other])))
        try history.write(0, at: 6, edit(id, put("c", nil, [gone])))
        return try history.vector("a key is removed by writing null")
    }

    /// Every verb on every field that does not merge by it, and values of another kind.
    private static func verbs(_ start: MergeHistory) throws -> Vector {
        var history = start
        let word = Value.text("w")
        let first = try history.write(0, at: 1, new(by(1), put("a", "1")))
        let id = history.id(0)
        let actions: [FieldEdit.Action] = [
            .write(.integer(1), replacing: []), .add(word, replacing: []),
            .remove(word, names: [first]), .increment(1), .put(key: "k", word, replacing: []),
            .put(key: "k", .integer(1), replacing: []),
        ]
        // Only what the field merges by counts: an increment of 6, a text for a key of 7.
        let edits = actions.flatMap { action in
            [count, labels, 1, 4, 5, 0].map { FieldEdit($0, action) }
        }
        for (index, one) in edits.enumerated() {
            try history.write(2, at: UInt64(index + 2), edit(id, one))
        }
        return try history.vector("a counter takes increments, a map writes of keys, and no other")
    }

    /// What two branches of a clone share is counted once, and each branch's own once.
    private static func clone(_ start: MergeHistory) throws -> Vector {
        var history = start
        try history.write(0, at: 1, new(by(100), put("a", "before")))
        let id = history.id(0)
        try history.write(0, at: 2, edit(id, by(10), put("a", "one machine")))
        try history.write(0, at: 2, after: .some(0), edit(id, by(1), put("a", "the other")))
        return try history.vector("a cloned replica does not count twice")
    }

    // MARK: - Statements

    static func rulings(_ start: RulingHistory) throws -> [Vector] {
        [
            try RulingVectors.vector(
                "an increment and a key that are set aside, and released",
                start
            ) {
                history in
                let made = try history.write(RulingHistory.station, new(by(100), put("a", "1")))
                let id = history.id(made)
                let seen = history.name(made)
                let more = try history.write(
                    RulingHistory.neighbour,
                    edit(id, by(20), put("a", "2", [seen]))
                )
                try history.write(RulingHistory.station, edit(id, by(3)))
                let rejected = try history.write(
                    RulingHistory.hub,
                    history.verdict(.rejected, on: more)
                )
                try history.write(
                    RulingHistory.secondHub,
                    history.ruling(.accepted, on: more, over: [rejected])
                )
            },
            try RulingVectors.vector(
                "increments and keys of a rejected change are not there",
                start
            ) {
                history in
                let made = try history.write(RulingHistory.station, new(by(100), put("a", "1")))
                let id = history.id(made)
                let wrong = try history.write(
                    RulingHistory.neighbour,
                    edit(id, by(20), put("a", "2", [history.name(made)]), put("b", "only here"))
                )
                try history.write(RulingHistory.hub, history.verdict(.quarantined, on: wrong))
            },
            try RulingVectors.vector("all increments of a counter are set aside", start) {
                history in
                let made = try history.write(RulingHistory.station, new())
                let wrong = try history.write(
                    RulingHistory.neighbour,
                    edit(history.id(made), by(20))
                )
                try history.write(RulingHistory.hub, history.verdict(.rejected, on: wrong))
            },
        ]
    }
}
