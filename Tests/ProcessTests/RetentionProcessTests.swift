import Foundation
import Testing

/// Backups, restores and retention as people give the commands.
@Suite("Backups and retention at the command line")
struct RetentionProcessTests {
    private struct Restored: Decodable {
        let replica: String
        let incarnation: Int
    }

    @Test("FP-140 a backup is written, checked and restored, and goes on as another replica")
    func backup() async throws {
        let firm = try await Firm("backup")
        let hub = firm.hub
        let copy = firm.folder.path + "/copy.sqlite"
        try await hub.done("backup", copy)
        try await hub.done("backup", "verify", copy)
        try await hub.done("backup", "test", copy)
        let digests = try await hub.digests()
        let taken = try await hub.command("backup", copy, "--json")
        #expect(taken.status == 73, "\(taken)")

        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: copy)))
        let title = Data("Widget A Rev2".utf8)
        while let range = Data(bytes).range(of: title) { bytes[range.lowerBound] ^= 1 }
        let broken = firm.folder.path + "/broken.sqlite"
        try Data(bytes).write(to: URL(fileURLWithPath: broken))
        let found = try await hub.command("backup", "verify", broken, "--json")
        #expect(found.status == 70, "\(found)")

        let refused = try await hub.command("restore", copy, "--json")
        #expect(refused.status == 73, "\(refused)")
        try FileManager.default.moveItem(atPath: hub.data, toPath: hub.data + ".old")
        let damaged = try await hub.command("restore", broken, "--json")
        #expect(damaged.status == 70, "\(damaged)")
        let restored = try await hub.done("restore", copy, "--json").result(Restored.self)
        #expect(restored.incarnation == 2)
        #expect(try await hub.digests() == digests)
        try await hub.requireVerified()
        let jobs = try await hub.done("retention", "jobs")
        #expect(!jobs.output.contains("RUNNING"))
    }

    private struct Plan: Decodable {
        struct Item: Decodable {
            let subject: String
            let step: String
            let reasons: [String]
        }

        let scopes: [Item]
    }

    private struct Held: Decodable {
        let hold: String
    }

    @Test("TV-053 what is kept and why is said, and a hold is placed and ended, with reasons")
    func retention() async throws {
        let firm = try await Firm("retention")
        let hub = firm.hub
        func plan() async throws -> Plan.Item? {
            let plan = try await hub.done("retention", "plan", "--json").result(Plan.self)
            return plan.scopes.first { $0.subject == "PRJ-000123" }
        }
        #expect(try await plan()?.reasons == ["not_closed", "too_young"])
        let hold = try await hub.done([
            "retention", "hold", "--as", "nguyen.van.a", "PRJ-000123", "--reason", "lawsuit",
            "--json",
        ]).result(Held.self)
        #expect(try await plan()?.reasons == ["held", "not_closed", "too_young"])
        #expect(try await hub.done("retention", "list").output.contains("lawsuit"))
        let blank = try await hub.command(
            "retention",
            "release",
            "--as",
            "nguyen.van.a",
            hold.hold,
            "--reason",
            " ",
            "--json"
        )
        #expect(blank.status == 1, "\(blank)")
        try await hub.done([
            "retention", "release", "--as", "nguyen.van.a", hold.hold, "--reason", "settled",
        ])
        try await hub.done([
            "retention", "policy", "--as", "nguyen.van.a", "orders", "--years", "12",
        ])
        #expect(try await hub.done("retention", "list").output.contains("orders: 12 years"))
        try await hub.done("retention", "run", "--dry-run")
        let run = try await hub.done("retention", "run", "--as", "nguyen.van.a")
        #expect(run.output.contains("nothing is due"))
        #expect(try await hub.done("retention", "jobs").output.contains("COMPLETED"))
    }
}
