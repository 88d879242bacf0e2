import CRDT
import Domain
import Node
import Storage
import Testing
import Wire

/// On how many nodes a record surely is: what a station says of its own work.
@Suite("Copies on other nodes", .serialized)
struct CopiesTests {
    private func work(_ node: LocalNode) throws {
        _ = try node.act(.machine) { [site = node.site] _ in
            var draft = Draft()
            let start = Int64(clamping: Workshop.noon)
            let event = HoursEvent(
                .whole(start: start, end: start + 3_600_000),
                person: ID(high: 1, low: 2),
                activity: .work
            )
            draft.add(event.operation(), in: .site(site))
            return draft
        }
    }

    private func nodes(_ node: LocalNode) throws -> [Int] {
        let events = try node.read { view in
            try view.events(of: HoursEvent.entity, in: .site(node.site))
        }
        return try events.map { event in
            let json = try node.history(of: "\(event.id)").json.text
            return json.firstMatch(of: /"nodes":(\d+)/).flatMap { Int($0.1) } ?? 0
        }
    }

    @Test("a change is on this node alone until a peer has stored it, and then on two, on three")
    func grow() async throws {
        let workshop = try Workshop()
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let one = try await workshop.device("ST-1", .station, at: address, seed: 21)
            let two = try await workshop.device("ST-2", .station, at: address, seed: 22)
            let before = try one.unshared()
            try work(one)
            #expect(try nodes(one) == [1])
            #expect(try one.unshared() == before + 1)

            try await workshop.withListener(of: two) { other in
                try await workshop.meet(one, at: other)
            }
            try await eventually { try nodes(one) == [2] }
            #expect(try one.unshared() == 0)
            #expect(try nodes(two).first ?? 0 >= 1)

            try await workshop.meet(one, at: address)
            try await eventually { try nodes(one) == [3] }
            try work(one)
            #expect(try nodes(one).sorted() == [1, 3])
            #expect(try one.unshared() == 1)
            for node in [one, two] { node.store.close() }
        }
    }

    /// What is written beside the session is there soon after it.
    private func eventually(_ holds: () throws -> Bool) async throws {
        for _ in 0..<200 {
            if try holds() { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        #expect(try holds())
    }
}
