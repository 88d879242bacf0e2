import Testing

@testable import Sync

@Suite("Peers that acknowledge nothing")
struct StallTests {
    @Test("600 seconds without an acknowledgement are too long, while something waits (SYNC-17)")
    func stall() {
        var stall = Session.Stall()
        func pass(_ seconds: UInt64, _ isWaiting: Bool, _ count: UInt64) -> Bool {
            stall.pass(to: seconds * 1_000, isWaiting: isWaiting, acknowledged: count)
        }

        let steps: [(UInt64, Bool, UInt64, Bool)] = [
            (0, false, 0, false), (5_000, false, 0, false),
            // Something is sent, and acknowledged late; then something else never is.
            (5_001, true, 0, false), (5_600, true, 0, false), (5_600, true, 1, false),
            (6_199, true, 1, false), (6_200, true, 1, true),
            // What was all acknowledged begins anew.
            (6_201, false, 2, false), (6_202, true, 2, false), (6_801, true, 2, false),
            (6_802, true, 2, true),
        ]
        for (seconds, isWaiting, count, isTooLong) in steps {
            let found = pass(seconds, isWaiting, count)
            #expect(found == isTooLong, "at \(seconds)")
        }
    }
}
