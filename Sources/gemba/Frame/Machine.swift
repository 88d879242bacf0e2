import CRDT
import Domain
import Foundation
import Node
import Storage

/// The clock and the chance of this machine: the one place where they are made.
enum Machine {
    /// The wall clock, milliseconds since 1970; 0 before that.
    static let wall: @Sendable () -> UInt64 = {
        UInt64(max(0, Date().timeIntervalSince1970 * 1_000))
    }

    /// The clock that nobody sets, and the boot it counts from; nil where the kernel has neither.
    static let ticks: @Sendable () -> Ticks? = {
        var time = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &time) == 0,
            let text = try? String(
                contentsOfFile: "/proc/sys/kernel/random/boot_id",
                encoding: .utf8
            ),
            let boot = ID(text: text.filter(\.isHexDigit))
        else { return nil }
        return Ticks(
            milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000,
            boot: boot
        )
    }

    /// Random bytes of the kernel.
    static let chance = Chance { count in
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(count))
    }

    /// Opens the node of a data directory; nobody else can while it is open.
    static func openNode(at place: Store.Place) throws(StorageError) -> LocalNode {
        let store = try Store.open(
            at: place,
            schema: Catalogue.schema,
            wallMilliseconds: wall(),
            chance: chance
        )
        return LocalNode(store, wall: wall, chance: chance, ticks: ticks)
    }

    /// The folder outside every data directory that holds keys and marks.
    ///
    /// `GEMBA_STATE`, else `gemba` in the place that the XDG base directories name for state.
    static var stateRoot: String {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["GEMBA_STATE"], !named.isEmpty {
            return Path(argument: named)?.text ?? named
        }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            return "\(state)/gemba"
        }
        return "\(environment["HOME"] ?? NSHomeDirectory())/.local/state/gemba"
    }
}
