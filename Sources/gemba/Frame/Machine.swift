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
        return LocalNode(store, wall: wall, chance: chance)
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
