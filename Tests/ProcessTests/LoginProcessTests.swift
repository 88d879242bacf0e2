import Foundation
import Testing

/// Logins of whole processes: what lies on disk when one is killed, and what lies nowhere.
@Suite("Logins of processes")
struct LoginProcessTests {
    private static let pin = "CANARY-724951"

    private struct Login: Decodable {
        let user: String
        let method: Int
    }

    /// A PIN that the person chose in the place of the administrator's.
    private func give(_ node: GembaNode, _ user: String) async throws {
        let first = "FIRST-580316"
        try await node.done("user", "pin", "--as", "nguyen.a", user, input: first + "\n")
        let answer = try await node.command("login", "--json", user, input: first + "\n")
        #expect(try answer.fault().error.reason == "pin-change-needed")
        try await node.done("login", "pin", user, input: first + "\n" + Self.pin + "\n")
    }

    private func refusal(_ node: GembaNode, _ user: String, _ pin: String) async throws -> String? {
        let answer = try await node.command("login", "--json", user, input: pin + "\n")
        return answer.status == 0 ? nil : try answer.fault().error.reason
    }

    @Test("TV-020: wrong PINs are counted before the answer: kill -9 and a restart forget none")
    func lockout() async throws {
        let firm = try await Firm("lockout")
        try await give(firm.hub, "do.thi.j")
        for attempt in 0..<5 {
            let hub = try await firm.hub.run()
            let typed = try firm.hub.start(
                ["login", "--json", "do.thi.j"],
                input: "wrong-\(attempt)\n"
            )
            _ = try await typed.wait()
            try await hub.child.crash()
        }
        #expect(try await refusal(firm.hub, "do.thi.j", Self.pin) == "locked-out")
        let hub = try await firm.hub.run()
        #expect(try await refusal(firm.hub, "do.thi.j", Self.pin) == "locked-out")
        try await hub.end()
        #expect(try await refusal(firm.hub, "ly.van.k", Self.pin) == "wrong-secret")
    }

    @Test("TV-018: a PIN set at the hub logs a person in at a station, and lies in no file or log")
    func station() async throws {
        let firm = try await Firm("login")
        let hub = try await firm.hub.run()
        try await give(firm.hub, "bui.thi.h")
        let station = try await firm.station("ST-1", through: hub)
        let run = try await station.run(["--peer", hub.address])
        let login = try await station.done(
            "login",
            "--json",
            "bui.thi.h",
            input: Self.pin + "\n"
        ).result(Login.self)
        #expect(login.user == "bui.thi.h" && login.method == 4)
        let who = try await station.done("whoami", "--json").result(Login.self)
        #expect(who.user == "bui.thi.h" && who.method == 4)
        let once = try await station.done("whoami", "--pin", "--json", input: Self.pin + "\n")
        #expect(try once.result(Login.self).method == 5)
        try await station.done("lock")
        let locked = try await station.command("whoami", "--json")
        #expect(try locked.fault().error.reason == "locked")
        try await run.end()
        try await hub.end()
        let logs = [run.child, hub.child].flatMap { [$0.output, $0.errors] }
        for log in logs { #expect(!log.contains(Self.pin)) }
        for node in [firm.hub, station] {
            for file in try files(in: [node.data, node.state]) {
                let data = FileManager.default.contents(atPath: file) ?? Data()
                #expect(data.range(of: Data(Self.pin.utf8)) == nil, "\(file)")
            }
        }
    }

    private func files(in folders: [String]) throws -> [String] {
        let found = folders.flatMap { folder in
            (FileManager.default.enumerator(atPath: folder)?.allObjects ?? [])
                .compactMap { ($0 as? String).map { "\(folder)/\($0)" } }
        }
        guard found.count > 4 else { throw TestFailure("nothing to look at: \(folders)") }
        return found
    }
}
