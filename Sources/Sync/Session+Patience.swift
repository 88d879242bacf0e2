import Storage
import Wire

// What a peer may say that nothing here asked for (SYNC-18).

extension Session {
    /// An allowance that what is not asked for uses up, and that time gives back.
    struct Patience: Hashable, Sendable {
        /// How much is borne at once.
        static let most: UInt64 = 4_096
        /// How much comes back in a second.
        static let perSecond: UInt64 = 100
        /// What a run costs that was refused here: an honest peer holds none.
        static let refusedRun: UInt64 = 8
        /// What a chunk costs that names what is not held here.
        static let brokenChunk: UInt64 = 8

        /// What a chunk costs that holds no run.
        static let emptyChunk: UInt64 = 8

        /// What runs cost that were refused here; "not now" is no fault of the sender (SYNC-23).
        static func cost(ofRefusing runs: [Frame.Refused]) -> UInt64 {
            UInt64(runs.count { $0.code != Quota.refusalCode }) * refusedRun
        }

        /// Refused frames that came.
        var refusals: UInt64 = 0
        private(set) var rest = most
        private var now: UInt64?

        /// Takes a cost.
        ///
        /// - Returns: Whether the allowance was enough.
        mutating func bears(_ cost: UInt64) -> Bool {
            guard cost <= rest else { return false }
            rest -= cost
            return true
        }

        /// Gives back what has come since the last call; times in milliseconds.
        mutating func pass(to now: UInt64) {
            let since = self.now ?? now
            self.now = now
            guard now > since else { return }
            let seconds = Double(now - since) / 1_000
            let gain = min(seconds * Double(Self.perSecond), Double(Self.most))
            rest = min(Self.most, rest + UInt64(gain))
        }
    }

    /// What a frame costs of the allowance: nothing, if the course of a session brings it.
    func cost(of frame: Frame) -> UInt64 {
        switch frame {
        case .hello, .details, .chunk, .bye, .join, .joined: 0
        case .ping, .pong, .again, .done, .ignored: 1
        case .authority(let roots, let statements):
            // A signature is dear to check; that a log is long is no fault.
            phase == .learning ? 16 : 1 + UInt64(roots.count + statements.count)
        case .ranges(let number, _): number == round.number && !round.isCompared ? 1 : 8
        case .frontiers(let number, let isAnswer, let frontiers):
            // An answer is held against its asking. Asked again, a scope is sent again.
            isAnswer ? 0 : isRepeated(frontiers, inRound: number) ? 64 : 1
        case .stored(let count): count > outbox.acknowledgedCount ? 0 : 1
        case .refused:
            patience.refusals / UInt64(Limits.chunkItemsMax) < outbox.sentCount ? 0 : 1
        }
    }

    private func isRepeated(_ frontiers: [Frame.ScopeFrontier], inRound number: UInt64) -> Bool {
        number != round.number || frontiers.contains { round.asked.contains($0.scope) }
    }
}
