public import CRDT
import Dispatch
import Storage
import Synchronization
public import Transports
public import Wire

/// What the code of a counted refusal means: those of the wire, and above them this node's own.
public enum RefusalCode {
    /// A spent join token came with other keys.
    public static let spentToken: UInt16 = 1_001
    /// A connection that came to nothing: this and the place of its code among the channel's.
    static let channel: UInt16 = 2_000
    /// A session that ended by a fault: this and the code of the goodbye (SYNC-16).
    static let session: UInt16 = 3_000

    /// The name of a code, for people and scripts.
    public static func name(_ code: UInt16) -> String {
        switch code {
        case Quota.refusalCode: return "overQuota"
        case spentToken: return "spentToken"
        case channel..<session:
            let place = Int(code - channel)
            let codes = ChannelFault.Code.allCases
            return place < codes.count ? "channel.\(codes[place].rawValue)" : "channel.\(place)"
        case session...: return "session.\(code - session)"
        default: return Inadmissible(rawValue: code).map { "\($0)" } ?? "\(code)"
        }
    }

    /// The code of a connection that came to nothing.
    public static func code(of fault: ChannelFault.Code) -> UInt16 {
        let place = ChannelFault.Code.allCases.firstIndex(of: fault) ?? 0
        return channel + UInt16(place)
    }

    /// The code of a session that ended by a fault of the peer; nil for another end.
    public static func code(of ending: Frame.Bye) -> UInt16? {
        switch ending {
        case .malformed, .brokenOrder, .overLimit, .authorityDiffers, .version, .notAllowed:
            session + UInt16(ending.rawValue)
        default: nil
        }
    }
}

/// Refusals on their way to the disk, so that nobody waits for a count.
///
/// - Invariant: At most ``waitingMax`` wait: who knocks faster than the disk writes is counted less
///   often, and costs no memory.
final class RefusalCounter: Sendable {
    static let waitingMax = 64

    private let queue = DispatchQueue(label: "node.refusals")
    private let waiting = Mutex(0)

    func count(_ write: @escaping @Sendable () -> Void) {
        let isTaken = waiting.withLock { waiting in
            guard waiting < Self.waitingMax else { return false }
            waiting += 1
            return true
        }
        guard isTaken else { return }
        queue.async {
            write()
            self.waiting.withLock { $0 -= 1 }
        }
    }
}

extension LocalNode {
    /// Counts what a peer or a stranger was refused, without waiting for the disk.
    ///
    /// - Parameters:
    ///   - device: Who; zero for one who has not said.
    ///   - code: Of ``RefusalCode``.
    public func countRefusal(from device: ID, code: UInt16) {
        let now = wallMilliseconds
        refusals.count { [store] in
            store.countRefusal(from: device, code: code, wallMilliseconds: now)
        }
    }
}
