import CRDT
import Domain
import SeededRandom
import Testing

@Suite("Notices, marks and handover notes")
struct NoticeTests {
    private let anna = id(1)
    private let bao = id(2)
    private let chi = id(3)

    private func standing(_ user: ID, _ levels: [String: Int]) -> Standing {
        Standing(user: user, levels: levels)
    }

    private func notice(
        for addressees: Addressees,
        by author: ID = .zero,
        at milliseconds: UInt64 = 1_000
    ) -> Notice {
        Notice(
            .workflow,
            "block",
            in: .subject(id(9)),
            cause: id(7),
            for: addressees,
            by: author,
            at: milliseconds,
            title: "t"
        )
    }

    // MARK: - Whom

    @Test("FP-125: the kinds of notice are the five of the source, and sync and conflict")
    func kinds() {
        #expect(
            Notice.Kind.allCases.map(\.rawValue) == [
                "workflow", "approval", "document", "message", "system", "sync", "conflict",
            ]
        )
    }

    @Test("DOM-175: people are meant by name, by a role at its level, or as everybody with a role")
    func meant() {
        let worker = standing(anna, ["production": 1])
        let lead = standing(bao, ["production": 2])
        let stranger = standing(chi, [:])

        #expect(Addressees.person(anna).include(worker))
        #expect(!Addressees.person(anna).include(lead))
        #expect(Addressees(roles: ["production": 2]).include(lead))
        #expect(!Addressees(roles: ["production": 2]).include(worker))
        #expect(Addressees.everybody.include(worker))
        #expect(!Addressees.everybody.include(stranger))
        #expect(!Addressees.nobody.include(lead))
        let joined = Addressees(roles: ["production": 2])
            .union(Addressees(people: [chi], roles: ["production": 1]))
        #expect(joined.include(worker) && joined.include(stranger))
    }

    @Test("FP-123: a message without recipient or role is a broadcast, else for those it names")
    func broadcast() {
        let worker = standing(anna, ["production": 1])

        #expect(Message("all").addressees.include(worker))
        #expect(Message("to anna", to: anna).addressees.include(worker))
        #expect(!Message("to bao", to: bao).addressees.include(worker))
        #expect(Message("to production", role: "production").addressees.include(worker))
        #expect(!Message("to qa", role: "qa").addressees.include(worker))
    }

    @Test("DOM-177: whoever caused a notice is not told of it, and nobody is after 90 days")
    func own() {
        let worker = standing(anna, ["production": 1])
        let life = Notice.lifeMilliseconds

        #expect(notice(for: .everybody).concerns(worker, at: 1_000))
        #expect(!notice(for: .everybody, by: anna).concerns(worker, at: 1_000))
        #expect(notice(for: .everybody).concerns(worker, at: 1_000 + life))
        #expect(!notice(for: .everybody).concerns(worker, at: 1_001 + life))
        #expect(notice(for: .everybody).concerns(worker, at: 0), "a clock that is ahead")
    }

    @Test("DOM-176: what names a notice tells apart what happened, its cause and the person")
    func keys() {
        let one = notice(for: .everybody)

        #expect(one.key(for: anna) == notice(for: .nobody, by: bao, at: 9).key(for: anna))
        #expect(one.key(for: anna) != one.key(for: bao))
    }

    // MARK: - Marks

    @Test("FP-124: marks join alike in every order, twice or once: the earliest is when it was")
    func marks() {
        for seed in UInt64(0)..<300 {
            var random = SplitMix64(seed: seed)
            let marks = (0..<8).map { _ -> (mark: SeenMark, person: ID, time: UInt64) in
                let ids = Set((0..<3).map { _ in id(UInt64(random.below(4))) })
                let mark =
                    random.happens(50)
                    ? SeenMark(notices: ids) : SeenMark(handovers: ids)
                return (mark, id(UInt64(random.below(3))), UInt64(random.below(5)))
            }
            var one = SeenMarks()
            for (mark, person, time) in marks { one.take(mark, by: person, at: time) }
            var other = SeenMarks()
            for (mark, person, time) in (marks + marks).shuffled(using: &random) {
                other.take(mark, by: person, at: time)
            }

            #expect(one == other, "SEED=\(seed)")
            for person in [id(1), id(2)] {
                for thing in (0..<4).map({ id(UInt64($0)) }) {
                    let own = marks.filter { $0.person == person }
                    let read = own.filter { $0.mark.notices.contains(thing) }.map(\.time).min()
                    let seen = own.filter { $0.mark.handovers.contains(thing) }.map(\.time).min()
                    #expect(one.read(thing, by: person) == read, "SEED=\(seed)")
                    #expect(one.acknowledged(thing, by: person) == seen, "SEED=\(seed)")
                    #expect(one.acknowledgements(of: thing)[person] == seen, "SEED=\(seed)")
                }
            }
            #expect(one.read(id(1), by: .zero) == nil, "the machine reads nothing")
        }
    }

    @Test("a mark, a message, a note and an activity read back as they were written")
    func facts() {
        let mark = SeenMark(notices: [id(1), id(2)], handovers: [id(3)])
        let message = Message("c", title: "t", to: id(1), role: "qa", replyTo: id(2))
        let note = HandoverNote(
            "c",
            shift: "night",
            workCenter: "CELL-2",
            subjects: [id(1)],
            people: [id(2)],
            roles: ["qa", "production"]
        )
        let activity = ContactActivity(
            .visit,
            "t",
            description: "d",
            company: id(1),
            contact: id(2),
            time: -1
        )

        #expect(SeenMark(Fields(of: mark.operation())) == mark)
        #expect(Message(Fields(of: message.operation())) == message)
        #expect(HandoverNote(Fields(of: note.operation())) == note)
        #expect(ContactActivity(Fields(of: activity.operation())) == activity)
        #expect(ContactActivity(Fields([:])).kind == nil)
        #expect(HandoverNote(Fields([:])).addressees == .everybody)
    }

    // MARK: - Handover notes

    private func open(
        _ note: HandoverNote,
        by author: ID = id(9),
        seenBy people: ID...
    ) -> Bool {
        let roles: [ID: Set<String>] = [anna: ["production"], bao: ["qa"], id(9): ["production"]]
        return HandoverStanding(
            of: note,
            by: author,
            acknowledged: Dictionary(uniqueKeysWithValues: people.map { ($0, 1) }),
            roles: { roles[$0] ?? [] }
        ).isOpen
    }

    @Test("DOM-180: a note is open until each person named and somebody of each role has seen it")
    func handover() {
        let both = HandoverNote("x", people: [chi], roles: ["production", "qa"])

        #expect(open(both))
        #expect(open(both, seenBy: chi, anna))
        #expect(open(both, seenBy: anna, bao))
        #expect(!open(both, seenBy: chi, anna, bao))
        #expect(open(HandoverNote("x")))
        #expect(!open(HandoverNote("x"), seenBy: chi))
    }

    @Test("DOM-180: its author's own mark stands for nobody, unless they named themselves")
    func ownHandover() {
        #expect(open(HandoverNote("x"), seenBy: id(9)))
        #expect(open(HandoverNote("x", roles: ["production"]), seenBy: id(9)))
        #expect(!open(HandoverNote("x", people: [id(9)]), seenBy: id(9)))
    }

    @Test("a message, note or activity that says nothing, too much or too many is refused")
    func refused() {
        let long = String(repeating: "x", count: TextRule.reasonBytesMax + 1)
        let many = Set((0...UInt64(HandoverNote.listMax)).map(id))

        #expect(throws: RuleFault.self) { try Message(" \n").check() }
        #expect(throws: RuleFault.self) { try Message(long).check() }
        #expect(throws: RuleFault.self) { try Message("x", title: "").check() }
        #expect(throws: RuleFault.self) { try HandoverNote("").check() }
        #expect(throws: RuleFault.self) { try HandoverNote("x", people: many).check() }
        #expect(throws: RuleFault.self) { try ContactActivity(.call, "").check() }
        #expect(throws: RuleFault.self) { try ContactActivity(Fields([:])).check() }
        #expect(throws: Never.self) { try HandoverNote("x", shift: "night").check() }
    }
}

@Suite("Preferences and what is kept about sub-stages")
struct PreferenceTests {
    private func record(_ writes: (key: String, value: Value, time: UInt64)...) -> Record {
        var record = Record()
        for (key, value, time) in writes {
            let stamp = Stamp(HybridTime(milliseconds: time), id(time))
            let edit = FieldEdit(Preferences.values, .put(key: key, value, replacing: []))
            record.apply(
                Operation(Preferences.number, .natural(id(1)), edits: [edit]),
                rank: Rank(Name(stamp, hash: 0), isPlausible: true)
            )
        }
        return record
    }

    @Test("FP-013: of what sites hold the latest of each key is shown, and a removal hides it")
    func joined() {
        let site = record(("theme", .text("dark"), 2), ("language", .text("vi"), 5))
        let hub = record(("theme", .text("light"), 3), ("timezone", .text("Asia/Tokyo"), 1))
        let other = record(("language", .null, 6), ("timezone", .integer(1), 0))

        #expect(Preferences.joined([site, hub]) == Preferences.joined([hub, site]))
        #expect(
            Preferences.joined([site, hub, other]) == [
                "theme": "light", "timezone": "Asia/Tokyo",
            ]
        )
    }

    @Test("FP-013: a person sets their own preferences, well formed, and nobody else's")
    func rules() {
        func code(
            _ key: String,
            _ value: String?,
            of owner: ID = id(1),
            count: Int = 0
        )
            -> RuleFault.Code?
        {
            do throws(RuleFault) {
                try Preferences.check(key, value, of: owner, by: id(1), count: count)
                return nil
            } catch {
                return error.code
            }
        }

        #expect(code("language", "vi") == nil)
        #expect(code("language", "pt-BR") == nil)
        #expect(code("screen.lines_2", "40") == nil)
        #expect(code("theme", "dark", of: id(2)) == .notAllowed)
        #expect(code("theme", "mauve") == .unknownValue)
        #expect(code("language", "Vietnamese!") == .unknownValue)
        #expect(code("", "x") == .empty)
        #expect(code("Theme", "dark") == .empty)
        #expect(code("x", String(repeating: "x", count: 1_025)) == .tooLong)
        #expect(code("x", "y", count: Preferences.keysMax) == .outOfRange)
        #expect(code("x", nil, count: Preferences.keysMax) == nil)
    }

    @Test("DOM-183: a count stays in what there can be, and comes back if stations left it apart")
    func pieces() {
        func isRefused(_ delta: Int64, _ shown: Int64) -> Bool {
            (try? SubStageNote.check(adding: delta, to: shown)) == nil
        }

        #expect(!isRefused(5, 0))
        #expect(!isRefused(-5, 5))
        #expect(isRefused(-6, 5))
        #expect(isRefused(0, 5))
        #expect(isRefused(SubStageNote.piecesMax, 1))
        #expect(isRefused(.max, 1) && isRefused(.min, -1) && isRefused(1, .max))
        #expect(!isRefused(3, -5), "a step back")
        #expect(isRefused(-1, -5))
    }

    @Test("MERGE-12: a counter takes increments alone and a map writes of keys alone")
    func counting() {
        func counted(_ edit: FieldEdit) -> Bool {
            let operation = Operation(SubStageNote.number, .existing(id(1)), edits: [edit])
            let counted = Catalogue.schema.counted(
                operation,
                in: .subject(id(2)),
                isHub: true,
                naturalID: { _, _ in .zero }
            )
            if case .counts = counted { return true }
            return false
        }
        let (pieces, map, text) = (SubStageNote.pieces, SubStageNote.metadata, Value.text("x"))

        #expect(counted(FieldEdit(pieces, .increment(1))))
        #expect(counted(FieldEdit(map, .put(key: "k", text, replacing: []))))
        #expect(counted(FieldEdit(map, .put(key: "k", .null, replacing: []))))
        #expect(!counted(FieldEdit(pieces, .write(.integer(1), replacing: []))))
        #expect(!counted(FieldEdit(pieces, .add(.integer(1), replacing: []))))
        #expect(!counted(FieldEdit(pieces, .put(key: "k", .integer(1), replacing: []))))
        #expect(!counted(FieldEdit(map, .increment(1))))
        #expect(!counted(FieldEdit(map, .write(text, replacing: []))))
        #expect(!counted(FieldEdit(map, .put(key: "k", .integer(1), replacing: []))))
        #expect(!counted(FieldEdit(SubStageNote.subStage, .increment(1))))
    }

    @Test("keys and increments of a creation stand in the order of CHG-5")
    func creation() {
        var values = FieldValues()
        values.put(2, key: "b", .text("2"))
        values.put(2, key: "a", .text("1"))
        values.increment(3, by: 4)
        values.set(1, "slug" as String?)

        #expect(values.edits.map(\.field) == [1, 2, 2, 3])
        #expect(values.edits[1].action == .put(key: "a", .text("1"), replacing: []))
        #expect(values.edits[3].action == .increment(4))
        let fields = Fields(of: Operation(SubStageNote.number, .new, edits: values.edits))
        #expect(fields.integer(3) == 4)
        #expect(fields.entries(2).map(\.key) == ["a", "b"])
        #expect(fields.value(2, key: "b") == .text("2"))
    }
}
