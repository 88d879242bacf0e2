import Foundation
import Node
import Synchronization
import Testing

@Suite("Control socket")
struct ControlTests {
    private let folder: String

    init() throws {
        // Deep enough that the plain address would be above the 107 bytes of a Unix socket.
        let deep = String(repeating: "a", count: 60)
        folder =
            FileManager.default.temporaryDirectory.path
            + "/gemba-control-\(UUID().uuidString)/\(deep)/\(deep)"
        try PrivateFile.makeFolder(folder)
        chmod(folder, 0o700)
    }

    private func request(_ arguments: [String], version: String = "1") -> ControlRequest {
        ControlRequest(version: version, directory: "/", arguments: arguments)
    }

    private func ask(_ request: ControlRequest) throws -> (status: UInt8?, output: String) {
        var output: [UInt8] = []
        let status = try ControlClient.ask(request, in: DataDirectory(folder)) { answer in
            if case .output(let bytes) = answer { output += bytes }
        }
        return (status, String(decoding: output, as: UTF8.self))
    }

    @Test("a command reaches the running process, and its answer and status come back")
    func commandsAreAnswered() throws {
        let server = ControlServer(in: try DataDirectory(folder), version: "1") {
            request,
            uid,
            tell in
            let text = "\(request.arguments.joined(separator: "+")) \(uid == geteuid())"
            return tell(.output(Array(text.utf8))) ? 7 : 0
        }
        try server.start()
        defer { server.stop(within: 1) }

        let answer = try ask(request(["a", "b c"]))

        #expect(answer.status == 7)
        #expect(answer.output == "a+b c true")
    }

    @Test("no running process is no error, and neither is a socket that was left over")
    func nobodyRuns() throws {
        #expect(try ask(request([])).status == nil)
        let server = ControlServer(in: try DataDirectory(folder), version: "1") { _, _, _ in 0 }
        try server.start()
        #expect(try ask(request([])).status == 0)
        server.stop(within: 1)

        #expect(try ask(request([])).status == nil)
    }

    @Test("another version's commands are told to try again")
    func versionsDiffer() throws {
        let server = ControlServer(in: try DataDirectory(folder), version: "1") { _, _, _ in 0 }
        try server.start()
        defer { server.stop(within: 1) }

        #expect(try ask(request([], version: "2")).status == 75)
    }

    @Test("many commands are served at once, each waiting for the others")
    func commandsWaitSideBySide() throws {
        let here = Mutex(0)
        let server = ControlServer(in: try DataDirectory(folder), version: "1") { _, _, _ in
            here.withLock { $0 += 1 }
            var turns = 0
            while here.withLock({ $0 }) < 8, turns < 10_000 {
                usleep(1_000)
                turns += 1
            }
            return 0
        }
        try server.start()
        defer { server.stop(within: 1) }
        let statuses = Mutex<[UInt8?]>([])

        let asking = DispatchGroup()
        for _ in 0..<8 {
            asking.enter()
            Thread.detachNewThread {
                let status = try? ask(request([])).status
                statuses.withLock { $0.append(status) }
                asking.leave()
            }
        }
        #expect(asking.wait(timeout: .now() + 20) == .success)

        #expect(statuses.withLock { $0 } == [UInt8?](repeating: 0, count: 8))
    }

    @Test("a directory that others may enter is refused")
    func exposedDirectory() throws {
        chmod(folder, 0o755)

        let fault = #expect(throws: CommandFault.self) { try DataDirectory(folder) }

        #expect(fault?.code == .notPermitted)
    }
}
