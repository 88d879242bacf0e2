import Bytes
import CRDT
import Domain
import SeededRandom
import Simulation

/// The row that everything is measured with: a time entry of 129 packed bytes.
///
/// Four ids of 16 bytes, two timestamps, a kind of 8, a task of 12 and a note of 25 characters with
/// their lengths, and a flag.
struct TimeEntry {
    var id: ID
    var person: ID
    var subject: ID
    var stage: ID
    var start: Int64
    var end: Int64
    var kind: String
    var task: String
    var note: String
    var isBillable: Bool

    /// The time on the clock of whoever enters the row: some minutes after the work began.
    var wall: UInt64 { UInt64(start) }

    /// What a row is in memory or on a wire without keys, names and padding.
    static let packedBytes = 129

    /// The row as bytes without keys and names.
    var packed: [UInt8] {
        var writer = Writer(capacity: Self.packedBytes)
        for id in [id, person, subject, stage] {
            writer.u64(id.high)
            writer.u64(id.low)
        }
        writer.u64(UInt64(start))
        writer.u64(UInt64(end))
        for text in [kind, task, note] { writer.text(text) }
        writer.u8(isBillable ? 1 : 0)
        return writer.bytes
    }

    private var edits: [FieldEdit] {
        let values: [Value] = [
            .id(person), .id(subject), .id(stage), .integer(start), .integer(end), .text(kind),
            .text(task), .text(note), .bool(isBillable),
        ]
        return values.enumerated().map { index, value in
            FieldEdit(UInt32(index) + 1, .write(value, replacing: []))
        }
    }

    /// Creates the row as a record that can be edited.
    var creation: Operation { Operation(BenchmarkSchema.entry.number, .new, edits: edits) }

    /// Records the row as a fact, which is what the domain does with hours.
    var event: Operation { Operation(BenchmarkSchema.event.number, .event, edits: edits) }
}

/// How rows are written.
enum Form: String, CaseIterable {
    /// As records that can be edited field by field.
    case records
    /// As facts that cannot.
    case events

    func operation(_ entry: TimeEntry) -> Operation {
        self == .records ? entry.creation : entry.event
    }
}

/// Makes rows as a site would: few people, more subjects, times that go on.
struct TimeEntries {
    private var random: SplitMix64
    private var now: Int64 = 1_763_700_000_000
    private let people: [ID]
    private let subjects: [ID]
    private let stages: [ID]
    private static let kinds = ["assembly", "painting", "grinding", "shipping"]
    private static let words = ["bolt", "late", "side", "case", "done", "weld", "left", "part"]

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        people = (0..<40).map { _ in ID(high: random.next(), low: random.next()) }
        subjects = (0..<200).map { _ in ID(high: random.next(), low: random.next()) }
        stages = (0..<12).map { _ in ID(high: random.next(), low: random.next()) }
        self.random = random
    }

    mutating func next() -> TimeEntry {
        now += Int64(random.below(20_000))
        let number = String(10_000_000 + random.below(90_000_000))
        let words = (0..<5).map { _ in Self.words[random.below(Self.words.count)] }
        return TimeEntry(
            id: ID(high: UInt64(now) << 16 | UInt64(random.below(65_536)), low: random.next()),
            person: people[random.below(people.count)],
            subject: subjects[random.below(subjects.count)],
            stage: stages[random.below(stages.count)],
            start: now,
            end: now + Int64(random.below(4 * 3_600_000)),
            kind: Self.kinds[random.below(Self.kinds.count)],
            task: "TSK-\(number)",
            note: words.joined(separator: " ") + ".",
            isBillable: random.happens(80)
        )
    }

    mutating func next(_ count: Int) -> [TimeEntry] { (0..<count).map { _ in next() } }
}

/// The schema of the benchmark: the row as a record, and as a fact.
enum BenchmarkSchema {
    static let entry = Entity(
        1_101,
        "time_entry",
        in: [.site],
        form: .entity(key: []),
        fields: fields(.register)
    )
    static let event = Entity(
        1_102,
        "time_event",
        in: [.site],
        form: .event(stream: []),
        fields: fields(.fixed)
    )
    static let schema = Schema(version: 1, entities: [entry, event, Opening.entity, Opened.entity])

    private static func fields(_ merge: Field.Merge) -> [Field] {
        let kinds: [(String, Field.Kind)] = [
            ("person", .id), ("subject", .id), ("stage", .id), ("start", .integer),
            ("end", .integer), ("kind", .text), ("task", .text), ("note", .text),
            ("billable", .bool),
        ]
        return kinds.enumerated().map { Field(UInt32($0) + 1, $1.0, $1.1, merge) }
    }
}
