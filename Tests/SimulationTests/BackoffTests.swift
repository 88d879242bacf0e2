import Simulation
import Storage
import Sync
import Testing

/// How long a node waits before it tries a peer again.
@Suite("Backoff")
struct BackoffTests {
    private let backoff = Backoff(least: .seconds(1), most: .seconds(60))

    @Test("waits double up to the most, and chance takes at most a half of each")
    func bounds() {
        let chance = Chance(seed: 1)
        for (failures, seconds) in [0: 1, 1: 2, 3: 8, 5: 32, 6: 60, 1_000: 60] {
            for _ in 0..<50 {
                let delay = backoff.delay(after: failures, chance)
                let whole = Duration.seconds(seconds)
                #expect((whole / 2...whole).contains(delay), "\(failures): \(delay)")
            }
        }
    }

    @Test("nodes that lost a hub together return apart")
    func apart() {
        let delays = (1...20).map { backoff.delay(after: 0, Chance(seed: $0)) }
        #expect(Set(delays).count == delays.count)
        #expect((delays.max() ?? .zero) - (delays.min() ?? .zero) > .milliseconds(250))
    }
}
