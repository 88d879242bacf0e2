import Testing

/// A hub that meets a station once, without running.
@Suite("One meeting of a hub")
struct HubSyncTests {
    private struct Meeting: Decodable {
        struct Duties: Decodable {
            let setAside: Int
            let confirmed: Int

            private enum CodingKeys: String, CodingKey {
                case setAside = "set_aside"
                case confirmed
            }
        }

        let duties: Duties?
    }

    @Test("what came is judged and confirmed at once: nobody else would do it")
    func duties() async throws {
        let firm = try await Firm("hubsync")
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        try await hub.end()
        try await station.done([
            "stage", "advance", "--as", "nguyen.van.a", "PRJ-000123", "production",
            "--reason", "parts are here",
        ])
        let running = try await station.run()

        let met = try await firm.hub.done("sync", "--peer", running.address, "--json")
            .result(Meeting.self)
        #expect(met.duties?.confirmed == 1)
        #expect(met.duties?.setAside == 0)
        let again = try await firm.hub.done("sync", "--peer", running.address, "--json")
            .result(Meeting.self)
        #expect(again.duties?.confirmed == 0)
        // A station has no such duties.
        try await running.end()
    }
}
