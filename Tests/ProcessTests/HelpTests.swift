import Foundation
import Testing

/// Help that teaches, and completion for shells.
@Suite("Help")
struct HelpTests {
    private let node: GembaNode

    init() throws {
        node = GembaNode("none", in: try TemporaryFolder("help"))
    }

    /// What stands under the headings of subcommands.
    private func subcommands(in help: String) -> [String] {
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.filter { lines[$0].hasSuffix("SUBCOMMANDS:") }.flatMap { heading in
            lines[(heading + 1)...].prefix { !$0.isEmpty }
                .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
                .compactMap { $0.split { " ,".contains($0) }.first.map(String.init) }
        }
    }

    @Test("the help of every command is a result, and shows an example of it")
    func examples() async throws {
        var waiting: [[String]] = [[]]
        var count = 0
        while let path = waiting.popLast() {
            let answer = try await node.command(path + ["--help"])
            #expect(answer.status == 0, "\(answer)")
            #expect(answer.errors.isEmpty, "\(answer)")
            let inner = subcommands(in: answer.output)
            waiting += inner.map { path + [$0] }
            guard inner.isEmpty, path != ["version"], path != ["demo"] else { continue }
            count += 1
            let example = "gemba \(path.joined(separator: " ")) "
            let examples = answer.output.split(separator: "\n").filter {
                !$0.hasPrefix("USAGE:") && $0.contains(example)
            }
            #expect(!examples.isEmpty, "no example \(example)…: \(answer.output)")
        }
        #expect(count > 100)
    }

    @Test("the help of the whole names every exit status")
    func statuses() async throws {
        let help = try await node.done("--help").output
        for status in [1, 64, 65, 66, 69, 70, 73, 74, 75, 77] {
            #expect(help.contains("\(status): "), "\(status)")
        }
    }

    @Test("versions are a result", arguments: [["version"], ["--version"]])
    func versions(arguments: [String]) async throws {
        let answer = try await node.command(arguments)
        #expect(answer.status == 0, "\(answer)")
        #expect(!answer.output.isEmpty && answer.errors.isEmpty, "\(answer)")
    }

    @Test("a shell takes the completion script", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        let script = try await node.done("--generate-completion-script", shell).output
        #expect(script.contains("gemba"))
        guard shell == "bash" else { return }
        let child = try ChildProcess(
            ChildProcess.Request(
                program: try Machine.program("bash"),
                arguments: ["-n", try node.folder.file(holding: script)],
                environment: Machine.environment,
                folder: node.folder
            )
        )
        #expect(try await child.wait() == .status(0), "\(child)")
    }
}
