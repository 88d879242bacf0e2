import CRDT
import Testing

@testable import Node

@Suite("Seats")
struct SeatsTests {
    @Test("a third session of a device takes the place of its oldest, and of no other's")
    func oldestGivesWay() {
        let seats = Seats<String>(perDevice: 2)
        let (one, other) = (ID(high: 0, low: 1), ID(high: 0, low: 2))
        #expect(seats.enter("a", of: one).oldest == nil)
        #expect(seats.enter("other", of: other).oldest == nil)
        let second = seats.enter("b", of: one)
        #expect(second.oldest == nil)
        #expect(seats.enter("c", of: one).oldest == "a")
        seats.leave(second.number, of: one)
        #expect(seats.enter("d", of: one).oldest == nil)
        #expect(seats.enter("e", of: one).oldest == "c")
    }
}
