import CRDT
import Domain
import SeededRandom
import Testing

@Suite("Retention, DOM-250 to DOM-259")
struct RetentionTests {
    private static let day: UInt64 = 86_400_000
    private let start: UInt64 = 1_763_917_200_000
    private let scope = Scope.subject(ID(high: 1, low: 2))

    private func periods(_ policies: [RetentionPolicy] = []) -> RetentionPeriods {
        RetentionPeriods(policies, in: Catalogue.schema)
    }

    @Test("TV-053 every kind of record has a class (DOM-250)")
    func classes() {
        for entity in Catalogue.schema.entities {
            #expect(RetentionClass.of(entity.number) != nil, "\(entity.number) \(entity.name)")
        }
        // What only other kinds of scope hold may be permanent; a subject must be able to end.
        for entity in Catalogue.schema.entities where entity.scopes.contains(.subject) {
            #expect(RetentionClass.of(entity.number) != .permanent, "\(entity.name)")
        }
        #expect(periods().end(of: 60_000, from: start) == nil)
    }

    @Test("FP-134 FP-135 approvals, quality and shipping are kept 7 calendar years, activity 3")
    func years() {
        for kind in [RetentionClass.approvals, .quality, .orders, .shipping] {
            #expect(kind.keep == .years(7))
        }
        #expect(RetentionClass.documents.keep == .years(10))
        #expect(RetentionClass.audit.keep == .years(3))
        #expect(RetentionClass.recordAudit.keep == .years(7))
        #expect(RetentionClass.access.keep == .years(1))
        #expect(RetentionClass.sessions.keep == .days(90))
        #expect(RetentionClass.of(65) == .time && RetentionClass.time.keep == .years(3))
        #expect(RetentionClass.audit.archiveAfter == .years(1))
        #expect(RetentionClass.quality.archiveAfter == .years(2))
        #expect(RetentionClass.documents.archiveAfter == .years(3))
        // 2025-11-23 17:00 and the same day of 2032.
        let end = RetentionPeriod.years(7).end(from: start)
        #expect(end == start + 2_557 * Self.day)
    }

    @Test("FP-136 the class of a document follows from its category")
    func categories() {
        #expect(RetentionClass.of(documentCategory: "Packing_List") == .shipping)
        #expect(RetentionClass.of(documentCategory: "test_report") == .quality)
        #expect(RetentionClass.of(documentCategory: "drawing") == .documents)
    }

    @Test("TV-053 TV-054 of class, class policy and table policy the longest stands (DOM-251)")
    func longest() {
        let short = RetentionPolicy("quality", keep: .days(1_800))
        let long = RetentionPolicy("qc_inspection", keep: .years(10))
        let inspection: UInt32 = 58
        let seven = RetentionPeriod.years(7).end(from: start)
        #expect(periods([short]).end(of: inspection, from: start) == seven)
        #expect(
            periods([short, long]).end(of: inspection, from: start)
                == RetentionPeriod.years(10).end(from: start)
        )
        #expect(periods([short, long]).end(of: 59, from: start) == seven)
    }

    @Test("years and months are those of the calendar, against counting days one by one")
    func calendar() {
        var (year, month, day) = (UInt64(1970), UInt64(1), UInt64(1))
        let lengths: [UInt64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for number in UInt64(0)..<60_000 {
            let time = CivilTime(number * Self.day + 5)
            #expect(time.year == year && time.month == month && time.day == day)
            guard time.year == year, time.day == day else { return }
            #expect(time.time == number * Self.day + 5)
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > lengths[Int(month) - 1] + (month == 2 && isLeap ? 1 : 0) {
                (day, month) = (1, month + 1)
            }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        let leap = CivilTime(1_709_164_800_000)
        #expect(leap.month == 2 && leap.day == 29)
        #expect(leap.adding(years: 7).month == 3 && leap.adding(years: 7).day == 1)
        #expect(leap.adding(years: 8).day == 29)
        #expect(CivilTime(.max).year == 9_999)
    }

    @Test("TV-056 the job is due from 02:00 of the first, once a month, and is made up (DOM-258)")
    func schedule() {
        let first: UInt64 = 1_764_547_200_000  // 2025-12-01 00:00
        let hour: UInt64 = 3_600_000
        #expect(RetentionSchedule.last(before: first + 2 * hour) == first + 2 * hour)
        #expect(
            RetentionSchedule.last(before: first + 2 * hour - 1) == first - 30 * Self.day + 2 * hour
        )
        #expect(RetentionSchedule.isDue(after: first + hour, now: first + 2 * hour))
        #expect(!RetentionSchedule.isDue(after: first + 2 * hour, now: first + 20 * Self.day))
        #expect(RetentionSchedule.isDue(after: nil, now: first))
        #expect(RetentionSchedule.isDue(after: first, now: first + 90 * Self.day))
        #expect(RetentionSchedule.isDueToday(after: first, now: first + 2 * hour))
        #expect(!RetentionSchedule.isDueToday(after: first + 3 * hour, now: first + 25 * hour))
        #expect(!RetentionSchedule.isDueToday(after: 0, now: hour))
    }
}

// MARK: - Decisions

extension RetentionTests {
    /// The rule a second time, as a list of sentences.
    private func naive(
        _ facts: RetentionFacts,
        held: Bool,
        now: UInt64
    ) -> Bool {
        guard facts.scope.kind == .subject, facts.isClosed, !held else { return false }
        guard facts.unreceipted == 0, facts.openApprovals == 0, facts.openConflicts == 0 else {
            return false
        }
        guard facts.undecided == 0, facts.notUnderstood == 0, facts.feeds <= 700 else {
            return false
        }
        guard let last = facts.lastReceived else { return false }
        var hasDuty = false
        for entity in facts.counts.keys {
            switch RetentionClass.of(entity)?.keep {
            case nil, .forever: return false
            case .days(let days):
                if now < last + days * Self.day { return false }
                hasDuty = hasDuty || days > 0
            case .years(let years):
                if now < CivilTime(last).adding(years: years).time { return false }
                hasDuty = true
            }
        }
        return hasDuty
    }

    @Test("P3 a scope is purged only when every sentence of the rule says so (DOM-254 to DOM-257)")
    func decisions() {
        var random = SplitMix64(seed: 25)
        var purged = 0
        let entities: [UInt32] = [20, 26, 58, 65, 32, 37, 209, 212, 1, 60_000]
        for _ in 0..<20_000 {
            func oneIn(_ n: UInt64) -> Bool { random.next() % n == 0 }
            var counts: [UInt32: Int64] = [:]
            for entity in entities.prefix(oneIn(8) ? 10 : 8) where oneIn(3) { counts[entity] = 1 }
            let last = start + random.next() % (2 * 365 * Self.day)
            let kind = oneIn(8) ? Scope.tenant : scope
            var facts = RetentionFacts(
                kind,
                isClosed: !oneIn(6),
                lastReceived: oneIn(12) ? nil : last,
                first: start,
                counts: counts
            )
            if oneIn(12) { facts.unreceipted = 1 }
            if oneIn(12) { facts.openApprovals = 1 }
            if oneIn(12) { facts.openConflicts = 1 }
            if oneIn(12) { facts.undecided = 1 }
            if oneIn(12) { facts.notUnderstood = 1 }
            if oneIn(12) { facts.feeds = 701 }
            let held = oneIn(8)
            let fact = LegalHold(.hold(oneIn(2) ? nil : kind), reason: "x")
            let holds = LegalHolds(held ? [(ID(high: 9, low: 9), fact)] : [])
            let now = start + random.next() % (14 * 365 * Self.day)
            let decision = RetentionRules.decide(facts, periods(), holds, now: now)
            let expected = naive(facts, held: held, now: now)
            #expect((decision.step == .purge) == expected, "\(facts) \(decision)")
            // Once it may go it may go later too, and never by a clock that cannot be right.
            if expected {
                purged += 1
                let later = RetentionRules.decide(facts, periods(), holds, now: now + Self.day)
                #expect(later.step == .purge)
                #expect(RetentionRules.decide(facts, periods(), holds, now: nil).step == .keep)
            } else {
                #expect(!decision.reasons.isEmpty || decision.keptUntil == nil)
            }
        }
        #expect(purged > 500)
    }
}

// MARK: - Holds and certificates

extension RetentionTests {
    private func id(_ number: UInt64) -> ID { ID(high: 7, low: number) }

    @Test("a hold stands until a fact names it, in whatever order they come (DOM-252)")
    func holds() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<500 {
            var facts: [(id: ID, fact: LegalHold)] = []
            var standing: Set<ID> = []
            for number in 0..<(random.next() % 8) {
                if random.next() % 3 == 0, let held = facts.randomElement(using: &random) {
                    facts.append((id(number), LegalHold(.lift([held.id]), reason: "y")))
                } else {
                    facts.append((id(number), LegalHold(.hold(scope), reason: "x")))
                }
            }
            for (id, fact) in facts {
                if case .hold = fact.action { standing.insert(id) }
            }
            for (_, fact) in facts {
                if case .lift(let lifted) = fact.action { standing.subtract(lifted) }
            }
            facts.shuffle(using: &random)
            let ledger = LegalHolds(facts)
            #expect(Set(ledger.standing.map(\.id)) == standing)
            #expect(Set(ledger.on(scope).map(\.id)) == standing)
            #expect(ledger.on(.subject(id(99))).isEmpty)
        }
    }

    @Test(
        "a hold without a scope holds all, one of a newer version holds too, an empty one nothing"
    )
    func cautiousHolds() {
        let all = LegalHolds([(id(1), LegalHold(.hold(nil), reason: nil))])
        #expect(all.on(scope).count == 1)
        var values = FieldValues()
        values.set(1, "freeze")
        let newer = LegalHold(Fields(of: Operation(74, .event, edits: values.edits)))
        #expect(newer.action == .hold(nil))
        #expect(LegalHold(Fields([:])).action == .nothing)
        for hold in [
            LegalHold(.hold(scope), records: [id(3), id(4)], reason: "x"),
            LegalHold(.lift([id(3)]), reason: "y"), LegalHold(.hold(nil), reason: "z"),
        ] {
            #expect(LegalHold(Fields(of: hold.operation())) == hold)
        }
    }

    private func certificate(_ frontier: Frontier, of scope: Scope) -> PurgeCertificate {
        PurgeCertificate(
            of: scope,
            upTo: frontier,
            counts: ["project": 1, "progress_event": 12],
            changes: 20,
            times: 5...9,
            archive: Hash(words: (1, 2, 3, 4)),
            root: Hash(words: (5, 6, 7, 8)),
            keptUntil: 11,
            time: 12,
            reason: "over"
        )
    }

    private func tip(_ replica: UInt64, _ sequence: UInt64, branch: UInt64 = 0) -> Frontier.Tip {
        Frontier.Tip(
            replica: id(replica),
            branch: Hash(words: (branch, 0, 0, 0)),
            sequence: sequence,
            hash: Hash(words: (replica, sequence, branch, 1))
        )
    }

    @Test("TV-055 a certificate says what went, and orders nothing if any of it is wrong (DOM-253)")
    func certificates() {
        let frontier = Frontier([tip(1, 9), tip(2, 4)])
        let whole = certificate(frontier, of: scope)
        let fields = Fields(of: whole.operation())
        #expect(PurgeCertificate(fields) == whole)
        #expect(PurgeCertificate(Fields([:])).scope == nil)
        let tenant = certificate(frontier, of: .tenant)
        #expect(PurgeCertificate(Fields(of: tenant.operation())).scope == nil)
        let holds = LegalHolds([(id(1), LegalHold(.hold(scope), reason: nil))])
        #expect(Purges([whole], holds: LegalHolds([])).certificates.keys.contains(scope))
        #expect(Purges([whole], holds: holds).certificates.isEmpty)
    }

    @Test("an archive covers what lies below its ends, and nothing beside or above (RET-7)")
    func covers() {
        let line = certificate(Frontier([tip(1, 9)]), of: scope)
        #expect(line.covers(Frontier([tip(1, 9)])))
        #expect(line.covers(Frontier([tip(1, 3)])))
        #expect(line.covers(Frontier()))
        #expect(!line.covers(Frontier([tip(1, 10)])))
        #expect(!line.covers(Frontier([tip(1, 9, branch: 5)])))
        #expect(!line.covers(Frontier([tip(1, 3, branch: 5), tip(1, 4, branch: 6)])))
        #expect(!line.covers(Frontier([tip(1, 9), tip(2, 1)])))
        let tree = certificate(Frontier([tip(1, 9, branch: 2), tip(1, 7, branch: 3)]), of: scope)
        #expect(tree.covers(Frontier([tip(1, 9, branch: 2), tip(1, 7, branch: 3)])))
        #expect(!tree.covers(Frontier([tip(1, 5)])))
    }
}
