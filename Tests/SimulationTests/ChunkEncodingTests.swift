import SeededRandom
import Simulation
import Sync
import Testing
import Wire

/// Sessions of nodes that read every chunk encoding, and of those that meet an older one.
@Suite("Chunk encodings")
struct ChunkEncodingTests {
    /// What one node hears of the encodings of the other, and the only ones that may come.
    private static let cases: [(heard: UInt8, sent: Set<UInt8>)] = [
        (0b001, [0]), (0b011, [0, 1]), (0b111, [2]), (0b1111_1111, [2]),
    ]

    @Test("all converge, in the best encoding that both read (SYNC-6, SYNC-12)", arguments: 0..<4)
    func converge(index: Int) throws {
        let (heard, expected) = Self.cases[index]
        let world = try World(seed: 700 + UInt64(index))
        var seen: Set<UInt8> = []
        for round in 0..<6 {
            for _ in 0..<30 { _ = try world.step() }
            for number in 1..<world.nodes.count {
                var meeting = Meeting(
                    world.nodes[number],
                    world.hub,
                    now: world.now,
                    seed: UInt64(round * 10 + number)
                )
                meeting.tamper = { bytes in
                    guard bytes.count > 2 else { return bytes }
                    if bytes[0] == 0x07 { seen.insert(bytes[1]) }
                    guard bytes[0] == 0x01 else { return bytes }
                    return bytes.prefix(2) + [heard] + bytes.dropFirst(3)
                }
                // Whoever works while a session lasts, sends in the middle of it.
                meeting.meanwhile = { frame in
                    if frame % 5 == 4 { _ = try world.step() }
                }
                let outcome = try meeting.run()
                #expect(outcome.initiatorEnding?.code == .done)
            }
        }
        #expect(seen == expected)
        #expect(try world.settle())
        #expect(try world.differences() == [])
        #expect(try world.faults() == [])
    }
}
