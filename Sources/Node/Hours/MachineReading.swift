import CRDT
import Domain
import Storage
import Wire

/// What the clocks of this machine say now, and how far they can be trusted.
struct MachineReading: Sendable {
    let clocks: ClockReading
    /// Names no boot: for times that come from a person.
    let noBoot: ID

    /// The reading, or the one that a person typed in its place.
    ///
    /// A typed time has no monotonic clock, so its entry is flagged: the figure is a person's.
    func moved(to typed: String?, by clock: SiteClock) throws -> ClockReading {
        guard let typed else { return clocks }
        return ClockReading(
            wall: try clock.milliseconds(typed: typed, now: clocks.wall),
            monotonic: 0,
            boot: noBoot,
            quality: .unconfirmed
        )
    }
}

extension LocalNode {
    /// Reads the clocks of this machine.
    func reading() throws -> MachineReading {
        let wall = wallMilliseconds
        let ticks = monotonic
        return MachineReading(
            clocks: ClockReading(
                wall: Int64(clamping: wall),
                monotonic: ticks?.milliseconds ?? 0,
                boot: ticks?.boot ?? chance.id,
                quality: try clockQuality(wall)
            ),
            noBoot: chance.id
        )
    }

    /// How far the wall clock can be trusted: what peers said, and the validity of the certificate.
    func clockQuality(_ wall: UInt64) throws -> ClockReading.Quality {
        guard store.certificate.validity.contains(wall) else { return .implausible }
        let met = try store.peers().filter { $0.lastSeen > 0 }
        let near = met.count { $0.clockAhead.magnitude <= HybridClock.boundMilliseconds }
        // Which clock is wrong is a matter of votes: a peer's may be as well as this one's.
        guard !met.isEmpty else { return .unconfirmed }
        return near * 2 >= met.count ? .synchronized : .implausible
    }
}
