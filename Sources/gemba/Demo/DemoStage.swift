import Foundation
import Node
import Synchronization

/// The five machines of the demo, and what an audience sees of them.
final class DemoStage {
    let folder: String
    let hub: DemoNode
    /// Two stations of Ho Chi Minh City.
    let first: DemoNode
    let second: DemoNode
    /// A station of Hanoi.
    let far: DemoNode
    /// A technician's laptop.
    let laptop: DemoNode
    /// A hub of another tenant.
    let stranger: DemoNode
    private let begin = ContinuousClock().now
    private let isQuiet: Bool

    private static let agreementSeconds = 20.0

    /// - Parameters:
    ///   - folder: An empty folder of this account.
    ///   - isQuiet: Whether to say nothing until the end, for a script.
    ///   - interruption: Ends the play before its next command.
    init(in folder: String, isQuiet: Bool, until interruption: Interruption) {
        self.folder = folder
        self.isQuiet = isQuiet
        hub = DemoNode("HUB", in: folder, until: interruption)
        first = DemoNode("ST-1", in: folder, until: interruption)
        second = DemoNode("ST-2", in: folder, until: interruption)
        far = DemoNode("ST-3", in: folder, until: interruption)
        laptop = DemoNode("TEC-7", in: folder, until: interruption)
        stranger = DemoNode("TORVAN", in: folder, until: interruption)
    }

    var nodes: [DemoNode] { [hub, first, second, far, laptop] }

    /// Since the demo began.
    var seconds: Double {
        let passed = ContinuousClock().now - begin
        return Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
    }

    func stopAll() {
        for node in nodes { node.stop() }
    }
}

// MARK: - Telling

extension DemoStage {
    /// A heading.
    func title(_ text: String) {
        say("\n[\(stamp)] \(text)")
    }

    /// Something that happened.
    func tell(_ text: String) {
        say("         \(text)")
    }

    /// What a command said on a node, indented under its name.
    func show(_ node: DemoNode, _ arguments: [String]) throws {
        tell("\(node.name)$ gemba \(arguments.map(Self.quoted).joined(separator: " "))")
        for line in try node.must(arguments).lines { say("           | \(line)") }
    }

    /// A command that a person gives, and the line of its answer that is about what was named.
    func act(_ node: DemoNode, _ arguments: [String]) throws {
        let lines = try node.must(arguments).lines
        let about = lines.dropFirst().first { line in
            line.split(separator: " ").first.map { arguments.contains(String($0)) } ?? false
        }
        let said = (about ?? lines.first).map { "→ \($0)" } ?? ""
        let shown = arguments.map(Self.quoted).joined(separator: " ")
        tell("\(node.name)$ gemba \(shown)")
        if !said.isEmpty { tell("      \(said)") }
    }

    private func say(_ text: String) {
        guard !isQuiet else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let shown = lines.map { PrintableText.line(String($0)) }.joined(separator: "\n")
        _ = Console.write(Array((shown + "\n").utf8), to: STDOUT_FILENO)
    }

    private var stamp: String {
        let tenths = Int(seconds * 10)
        let text = "\(tenths / 10).\(tenths % 10)s"
        return String(repeating: " ", count: max(0, 6 - text.count)) + text
    }

    private static func quoted(_ argument: String) -> String {
        argument.contains(" ") ? "\"\(argument)\"" : argument
    }
}

// MARK: - Agreement

extension DemoStage {
    /// The state hash of each scope that a node holds.
    func digests(of node: DemoNode) throws -> [String: String] {
        let scopes = try node.must(["digest", "--json"]).object["scopes"] as? [[String: Any]] ?? []
        let pairs = scopes.compactMap { item in
            (item["scope"] as? String).flatMap { scope in
                (item["digest"] as? String).map { (scope, $0) }
            }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Whether the nodes agree about every scope that two of them hold, and how many those are.
    func agreement(of nodes: [DemoNode]) throws -> (isReached: Bool, scopes: Int) {
        var hashes: [String: [String]] = [:]
        for node in nodes {
            for (scope, digest) in try digests(of: node) {
                hashes[scope, default: []].append(digest)
            }
        }
        let shared = hashes.values.filter { $0.count > 1 }
        // What a node is to hold and does not is a disagreement as well.
        let holdTenant = hashes["tenant"]?.count == nodes.count
        return (holdTenant && shared.allSatisfy { Set($0).count == 1 }, shared.count)
    }

    /// Waits until the nodes agree.
    func settle(_ nodes: [DemoNode]) throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.agreementSeconds)
        while clock.now < end {
            let (isReached, scopes) = try agreement(of: nodes)
            if isReached {
                let names = nodes.map(\.name).joined(separator: ", ")
                return tell("equal state hashes: \(names), \(scopes) shared scopes")
            }
            usleep(100_000)
        }
        throw CommandFault(.refused, "the nodes did not come to agree", reason: "demo")
    }
}

/// Whether somebody wants the demo to end.
final class Interruption: Sendable {
    private let isSet = Mutex(false)

    func set() {
        isSet.withLock { $0 = true }
    }

    /// - Throws: `.refused` once it was set.
    func check() throws {
        guard isSet.withLock({ !$0 }) else {
            throw CommandFault(.refused, "interrupted", reason: "interrupted")
        }
    }
}
