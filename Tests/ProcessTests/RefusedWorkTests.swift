import Testing

/// Work that is refused: each time with its reason, and with nothing changed.
@Suite("Refused work")
struct RefusedWorkTests {
    private struct Case {
        let arguments: String
        let status: Int32
        let reason: String

        init(_ arguments: String, _ status: Int32, _ reason: String) {
            self.arguments = arguments
            self.status = status
            self.reason = reason
        }
    }

    private static let hours = [
        Case("log --as ly.van.k PRJ-000123 --start 10:00 --end 09:00", 1, "end-before-start"),
        Case("log --as ly.van.k PRJ-000123 --start 25:00 --end 26:00", 65, "not-a-time"),
        Case("log --as no.body PRJ-000123 --start 09:00 --end 10:00", 66, "unknown-name"),
        Case("log --as ly.van.k PRJ-999999 --start 09:00 --end 10:00", 66, "unknown-name"),
        Case("log PRJ-000123 --start 09:00 --end 10:00", 77, "nobody-named"),
        Case("stop --as ly.van.k", 1, "not-running"),
    ]

    private static let progress = [
        Case("finish --as do.thi.j PRJ-000123 assembly", 1, "wrong-order"),
        Case("unblock --as do.thi.j PRJ-000123 assembly", 1, "wrong-order"),
        Case("block --as do.thi.j PRJ-000123 assembly", 1, "reason-required"),
        Case("start --as pham.thi.d PRJ-000123 assembly", 1, "not-allowed"),
        Case("start --as do.thi.j PRJ-000123 nonsense", 66, "unknown-name"),
    ]

    private static let quality = [
        Case("measure --as bui.thi.h PRJ-000123 4 1,000", 65, "thousands"),
        Case("measure --as bui.thi.h PRJ-000123 4 1e999999", 65, "not-a-number"),
        Case("measure --as bui.thi.h PRJ-000123 99 1", 1, "unknown-item"),
    ]

    private func expectRefused(_ cases: [Case], _ command: String, _ node: GembaNode) async throws {
        for refused in cases {
            let arguments = [command] + refused.arguments.split(separator: " ").map(String.init)
            let answer = try await node.command(arguments + ["--json"])
            #expect(answer.status == refused.status, "\(answer)")
            #expect(answer.output.isEmpty, "\(answer)")
            let fault = try answer.fault().error
            #expect(fault.reason == refused.reason, "\(answer)")
            #expect(fault.status == refused.status, "\(answer)")
        }
    }

    @Test("each is coded, and neither a lone command nor a running node is changed by it")
    func coded() async throws {
        let firm = try await Firm("refused")
        try await firm.startProduction()
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        try await hub.end()
        try await station.done([
            "qc", "start", "--as", "bui.thi.h", "PRJ-000123", "--process", "FINAL_QC",
            "--build", "B-2025-0007",
        ])
        // What a running station would do by itself.
        try await station.done(["number", "ask"])
        let before = try await station.changesOfWork()
        try await expectRefused(Self.hours, "hours", station)
        let running = try await station.run()
        try await expectRefused(Self.progress, "progress", station)
        try await expectRefused(Self.quality, "qc", station)
        #expect(try await station.changesOfWork() == before)
        try await running.end()
    }

    @Test("where names alone do not count, an account acts for nobody it is not bound to")
    func unbound() async throws {
        let node = GembaNode("strict", in: try TemporaryFolder("strict"))
        try await node.done([
            "hub", "init", "--tenant", "T", "--site", "HCM", "--admin", "nguyen.a@example.com",
            "--no-recovery",
        ])
        let log = ["hours", "log", "--start", "09:00", "--end", "10:00", "--json", "--as"]
        let answer = try await node.command(log + ["nguyen.a"])
        #expect(answer.status == 77, "\(answer)")
        #expect(try answer.fault().error.reason == "not-bound")
    }
}
