import Foundation
import Testing

/// Join tokens that are wrong, used, cancelled, in the wrong place, or no tokens at all.
@Suite("Join tokens")
struct JoinTests {
    private func join(_ node: GembaNode, with token: String) async throws -> Answer {
        try await node.command("join", "--name", node.name, "--json", input: token)
    }

    private func expectRefused(
        _ answer: Answer,
        _ statuses: Set<Int32>,
        _ node: GembaNode,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(statuses.contains(answer.status), "\(answer)", sourceLocation: sourceLocation)
        #expect(answer.output.isEmpty, "\(answer)", sourceLocation: sourceLocation)
        #expect(try answer.fault().error.status == answer.status, sourceLocation: sourceLocation)
        let store = "\(node.data)/gemba.sqlite"
        #expect(!FileManager.default.fileExists(atPath: store), sourceLocation: sourceLocation)
    }

    @Test("garbage, nothing, and a token with one wrong letter are no tokens")
    func garbage() async throws {
        let firm = try await Firm("garbage")
        let running = try await firm.hub.run()
        let token = try await firm.token(site: "HCM", at: running)
        let node = GembaNode("ST-1", in: firm.folder)
        let middle = token.index(token.startIndex, offsetBy: token.count / 2)
        let swapped: Character = token[middle] == "b" ? "c" : "b"
        let mistyped = token.replacingCharacters(in: middle...middle, with: String(swapped))
        for text in ["", "\n", "garbage", String(token.dropFirst()), mistyped, token + token] {
            try expectRefused(await join(node, with: text), [65], node)
        }
        let long = String(repeating: "a", count: 100_000)
        try expectRefused(await join(node, with: long), [65], node)
        // After all that the true one is still good.
        let joined = try await join(node, with: token)
        #expect(joined.status == 0, "\(joined)")
        try await running.end()
    }

    @Test("a token in the arguments, where every account can read it, is not accepted")
    func tokenInArguments() async throws {
        let firm = try await Firm("argv")
        let running = try await firm.hub.run()
        let token = try await firm.token(site: "HCM", at: running)
        let node = GembaNode("ST-1", in: firm.folder)
        for arguments in [["join", token], ["join", "--token", token]] {
            let answer = try await node.command(arguments + ["--json"])
            try expectRefused(answer, [64], node)
            #expect(!answer.errors.contains(token), "the token is repeated: \(answer)")
        }
        try await running.end()
    }

    @Test("a token is good once, for one device; a cancelled one for none")
    func usedAndCancelled() async throws {
        let firm = try await Firm("used")
        let running = try await firm.hub.run()
        let token = try await firm.token(site: "HCM", at: running)
        let first = GembaNode("ST-1", in: firm.folder)
        #expect(try await join(first, with: token).status == 0)
        let second = GembaNode("ST-2", in: firm.folder)
        try expectRefused(await join(second, with: token), [69, 77], second)
        let again = try await join(first, with: token)
        #expect(again.status == 73, "\(again)")

        struct Made: Decodable { let token, id: String }
        let made = try await firm.hub.done([
            "hub", "invite", "--site", "HCM", "--advertise", running.address, "--json",
        ]).result(Made.self)
        try await firm.hub.done("hub", "invite", "--cancel", made.id)
        try expectRefused(await join(second, with: made.token), [69, 77], second)
        // Strangers are counted, and the redeemer goes on.
        try await eventually("the refusals are counted") {
            try await !firm.hub.status().refusals.isEmpty
        }
        let third = try await firm.station("ST-3", through: running)
        try await third.requireVerified()
        try await running.end()
    }

    @Test("a token of a hub that is away, or of another tenant, leads nowhere")
    func elsewhere() async throws {
        let firm = try await Firm("mine")
        let other = try await Firm("theirs")
        let running = try await firm.hub.run()
        let theirs = try await other.hub.run()
        let made = try await other.hub.done([
            "hub", "invite", "--site", "HCM", "--advertise", running.address,
        ])
        let node = GembaNode("ST-1", in: firm.folder)
        try expectRefused(await join(node, with: made.output), [69, 77], node)
        let token = try await firm.token(site: "HCM", at: running)
        try await running.end()
        try expectRefused(await join(node, with: token), [69], node)
        try await theirs.end()
    }
}
