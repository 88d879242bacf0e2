import Testing

/// Which sentences of the scenarios hold, and where each is tested; the others say what they await.
enum ScenarioTable {
    enum State {
        /// The display name of the test that fails when the sentence does not hold.
        case holds(String)
        /// The part of the product that brings it.
        case later(String)
    }

    struct Sentence {
        let scenario: String
        let text: String
        let state: State

        init(_ scenario: String, _ text: String, _ state: State) {
            self.scenario = scenario
            self.text = text
            self.state = state
        }
    }

    static let sentences =
        stationDay + apart + measured + clocks + stolen + restored + hours + mesh
        + changedRights + masterData + process + stages + numbers + approvals + retention
        + tenants

    static let stationDay = [
        Sentence(
            "S-01",
            "four progress rows exist, the same wherever they are derived",
            .holds("S-01 four sub-stages exist, and a station that seeds alike has the same four")
        ),
        Sentence(
            "S-01",
            "Production Setup was in_progress at once and the other three pending",
            .holds("S-01 Production Setup was in progress at once and the other three pending")
        ),
        Sentence(
            "S-01",
            "re-running the seeding adds nothing",
            .holds("S-01 seeding the stage again adds nothing")
        ),
        Sentence(
            "S-01",
            "Quality Testing is in_review with one approval_request, not completed",
            .holds("S-01 Quality Testing waits in review with one request, Packaging is pending")
        ),
        Sentence(
            "S-01",
            "Packaging stays pending",
            .holds("S-01 Quality Testing waits in review with one request, Packaging is pending")
        ),
        Sentence(
            "S-01",
            "SETUP 40 min and WORK 95 min are logged",
            .holds("S-01 SETUP of 40 minutes and WORK of 95 are on record for Do Thi J")
        ),
        Sentence(
            "S-01",
            "every act has an audit event in an unbroken node chain",
            .holds("S-01 every act is on record with its person, in feeds whose chains are whole")
        ),
        Sentence("S-01", "work_instruction v2 is attached", .later("documents")),
        Sentence(
            "S-01",
            "all reads stay under 100 ms",
            .holds("S-01 all reads stay under 100 ms")
        ),
        Sentence(
            "S-01",
            "one sync session sends all ops once, the hub shows the same four rows",
            .holds("S-01 one session sends all of it once, and the hub shows the same four")
        ),
        Sentence(
            "S-01",
            "the SLA clock of the approval starts at 17:00 (hub receipt)",
            .holds(
                "S-01 the clock of the approval starts at 17:00, when the hub has it, and shows "
                    + "13:05 too"
            )
        ),
        Sentence(
            "S-01",
            "and also shows 13:05 as request time",
            .holds("S-01 the hub shows 13:05 as the time of the request, whenever it comes")
        ),
    ]

    static let apart = [
        Sentence(
            "S-02",
            "all nodes show blocked with that reason, attempt 1, in either order",
            .holds("S-02 in any order of meetings all show blocked with that reason")
        ),
        Sentence(
            "S-02",
            "a conflict_case kind progress_join with both op ids",
            .holds("S-02 the case is a progress join that names both acts, and how to settle it")
        ),
        Sentence(
            "S-02",
            "completed_at empty; both acts stay in the history; no auto-advance",
            .holds("S-02 nothing is completed, both acts stay on record, the stage stays")
        ),
        Sentence(
            "S-02",
            "a level 2 user unblocks and finishes again: completed, the case closes",
            .holds("S-02 a lead unblocks and finishes again: completed, and the case is closed")
        ),
        Sentence(
            "S-02",
            "if the block had followed the finish, a reopen would have been required",
            .holds("S-02 who has seen the finish cannot block, and must reopen instead")
        ),
    ]

    static let measured = [
        Sentence(
            "S-03",
            "both measurements are kept, item 4 = CONFLICT, counted as FAIL",
            .holds("S-03 both measurements are kept, the item is in conflict, counted as failed")
        ),
        Sentence(
            "S-03",
            "inspection result FAIL, item 4 counts as not passed in pass_percentage",
            .holds("S-03 the inspection is FAIL, and the item lacks in the share that passed")
        ),
        Sentence(
            "S-03",
            "order cannot leave QUALITY_CONTROL",
            .holds(
                "S-03 the stage that the plan holds cannot be left before a lead has measured again"
            )
        ),
        Sentence(
            "S-03",
            "a defect is opened",
            .holds("S-03 in every order of meetings: both kept, FAIL, a defect opened")
        ),
        Sentence("S-03", "nobody loses a photo", .later("documents")),
        Sentence(
            "S-03",
            "a qa lead who has seen both measures 0.44: PASS, closed, three on record",
            .holds("S-03 a lead who has seen both measures 0.44: PASS, with three on record")
        ),
        Sentence(
            "S-03",
            "a later clock (skew +2 h) must not change the outcome",
            .holds("S-03 a clock that is two hours ahead changes nothing of that")
        ),
        Sentence(
            "S-03",
            "samples do not replace each other, a conflict is one sample's own",
            .holds(
                "S-03 TV-124 samples do not replace each other, and a conflict is one sample's own"
            )
        ),
        Sentence(
            "S-03",
            "quality holds the stage until the last attempt has passed",
            .holds(
                "S-03 TV-130 quality holds what its plans name until the last attempt has passed"
            )
        ),
        Sentence(
            "S-03",
            "what is measured after a waiver is not waived",
            .holds(
                "S-03 TV-129 what is measured after a waiver is not waived"
            )
        ),
        Sentence(
            "S-03",
            "two measurements apart hold the stage until a third has seen both",
            .holds(
                "S-03 TV-130 two measurements apart hold the stage until a third has seen both"
            )
        ),
        Sentence(
            "S-03",
            "two stations open the defect of a failed item once",
            .holds(
                "S-03 TV-128 two stations open the defect of a failed item once"
            )
        ),
    ]

    static let clocks = [
        Sentence(
            "S-07",
            "its HLC is not adopted by others (bound)",
            .holds("S-07 nobody follows the clock of 2031")
        ),
        Sentence(
            "S-07",
            "its ops are accepted with clock_suspect",
            .holds("S-07 what it wrote is accepted everywhere, and marked as suspect")
        ),
        Sentence(
            "S-07",
            "ordered by causality",
            .holds("S-07 what came first is decided by who had seen what, not by clocks")
        ),
        Sentence("S-07", "edits from it take hub receipt order", .later("clock verdicts")),
        Sentence(
            "S-07",
            "ST-1's later real edit is not buried for years",
            .holds("S-07 a later edit of ST-1 is not buried, and one beside it is shown first")
        ),
        Sentence(
            "S-07",
            "time entries use monotonic elapsed within one boot",
            .holds("S-07 within one boot hours come from the monotonic clock")
        ),
        Sentence(
            "S-07",
            "and are flagged when start and stop fall in different boots",
            .holds("S-07 where start and stop fall in different boots the entry is flagged")
        ),
        Sentence("S-07", "escalation uses hub time only", .later("approvals and escalation")),
        Sentence(
            "S-07",
            "the operator sees a clock warning",
            .holds("S-07 whoever looks at the node is warned of the clock")
        ),
    ]

    static let stolen = [
        Sentence("S-08", "the file is unreadable without the key", .later("sealed keys")),
        Sentence(
            "S-08",
            "the hub quarantines seq 813+ that arrive by any relay peer",
            .holds(
                "S-08 what comes later, by any relay, is set aside and listed, and shown in history"
            )
        ),
        Sentence(
            "S-08",
            "ops up to 812 stay valid",
            .holds("S-08 what the hub held at the revocation stays valid, on every node")
        ),
        Sentence(
            "S-08",
            "other nodes get the revocation by gossip even before they see the hub",
            .holds(
                "S-08 other nodes hear of the revocation from each other, before they see the hub"
            )
        ),
        Sentence(
            "S-08",
            "its owner's late work can be released",
            .holds("S-08 late work that was honest is released by a person, and counts everywhere")
        ),
        Sentence("S-08", "the hub sends a signed wipe order", .later("wipe orders")),
    ]

    static let restored = [
        Sentence(
            "S-09",
            "the node detects the restore and goes on at once, offline, as another replica",
            .holds("S-09 the restored station goes on at once, offline, as another replica")
        ),
        Sentence(
            "S-09",
            "both branches are kept and effective",
            .holds("S-09 if a whole disk was put back unnoticed, both branches are kept and count")
        ),
        Sentence(
            "S-09",
            "missing ops flow back from the hub",
            .holds("S-09 what the backup lacked flows back from the hub")
        ),
        Sentence("S-09", "stock of 1916 is not counted twice", .later("stock")),
    ]

    static let hours = [
        Sentence(
            "S-20",
            "both entries exist, overlap 10:00-11:30 is a case, neither is shortened",
            .holds("S-20 both entries exist, 10:00 to 11:30 is a case, and neither is shortened")
        ),
        Sentence(
            "S-20",
            "supervisor correction sets the first to end 10:00; durations 60 and 90 min",
            .holds("S-20 a supervisor ends the first at 10:00: 60 and 90 minutes, case closed")
        ),
        Sentence(
            "S-20",
            "payroll export lists the correction",
            .holds("S-20 the payroll export lists the correction, with who made it and why")
        ),
        Sentence(
            "S-20",
            "an entry with end not after start is refused",
            .holds("S-20 an entry whose end is not after its start is refused")
        ),
        Sentence(
            "S-20",
            "after 1095 days entries are purged",
            .later("floors within a site (RET-11)")
        ),
    ]

    static let mesh = [
        Sentence(
            "S-23",
            "line, ring or star: all nodes end with equal canonical state hashes",
            .holds("S-23 as a line, a ring or a star, all end with equal state hashes")
        ),
        Sentence(
            "S-23",
            "5000 random ops, cut at any frame, sent twice, by relays",
            .holds("odd seeds of 500 changes over 5 nodes end with equal state hashes")
        ),
        Sentence(
            "S-23",
            "cut at every place",
            .holds(
                "C18 a thousand sessions cut at random bytes leave a store as large as a clean one"
            )
        ),
        Sentence(
            "S-23",
            "frames bit-flipped never reach apply",
            .holds("100,000 mutated frames inside open sessions change nothing and trap nowhere")
        ),
        Sentence(
            "S-23",
            "bad signatures never reach apply",
            .holds(
                "a forged author, a flipped bit and a dropped change are badSignature "
                    + "(CHG-14, code 3)"
            )
        ),
        Sentence("S-23", "replays change nothing", .holds("S-23 meeting again changes nothing")),
        Sentence(
            "S-23",
            "a third node accepts ST-1's ops via ST-2",
            .holds("S-23 a third node takes what ST-1 did from ST-2, with ST-1's name on it")
        ),
        Sentence("S-23", "hub memory and time per frame stay bounded", .later("measured marks")),
    ]
}

@Suite("Scenarios")
struct ScenarioTableTests {
    @Test("every sentence that holds names a test that exists")
    func named() throws {
        let tests = try Sources.testNames()
        for sentence in ScenarioTable.sentences {
            guard case .holds(let test) = sentence.state else { continue }
            let isThere = tests.contains(test)
            #expect(isThere, "\(sentence.scenario): \(sentence.text)")
        }
    }

    @Test("every scenario of the slice is in the table, and every test of one is named there")
    func complete() throws {
        let scenarios = [
            "S-01", "S-02", "S-03", "S-04", "S-05", "S-07", "S-08", "S-09", "S-11", "S-16", "S-17",
            "S-18", "S-19", "S-20", "S-23", "S-24", "S-25",
        ]
        let named = Set(
            ScenarioTable.sentences.compactMap { sentence -> String? in
                if case .holds(let test) = sentence.state { test } else { nil }
            }
        )

        #expect(Set(ScenarioTable.sentences.map(\.scenario)) == Set(scenarios))
        // Rules of Domain cite a scenario with a colon; the sentences are here.
        let own = try Sources.testNames().filter { test in
            scenarios.contains { test.hasPrefix("\($0) ") }
        }
        #expect(own.subtracting(named) == [])
    }
}
