import ArgumentParser
import Foundation
import Node
import Storage

/// A command that works on a store: on one that it opens itself, or, while `gemba run` holds the
/// store, inside that process.
///
/// So `perform` must take everything from its arguments and the node, and nothing from the process
/// it runs in: not the current directory, not standard input, not the environment.
protocol NodeCommand: ParsableCommand {
    var store: StoreOptions { get }

    /// What is asked for at the terminal, or read line by line from standard input, before the
    /// command goes to whoever performs it.
    var secretPrompts: [String] { get }

    /// The words that go to a running node in the place of what was typed.
    var forwarded: [String] { get }

    /// Does what the command says. May wait: it never runs on a thread that others need.
    func perform(on node: LocalNode, by caller: Caller) throws -> Reply
}

extension NodeCommand {
    /// One PIN where `--pin` stands among the arguments of a command that a person acts with.
    var secretPrompts: [String] {
        CommandLine.arguments.contains(ActingOptions.pinFlag) ? ["PIN"] : []
    }

    var forwarded: [String] { Array(CommandLine.arguments.dropFirst()) }

    func run() throws { try runOnNode() }

    /// Performs the command here, or where the node runs.
    func runOnNode() throws {
        let console = Console.standard(isJSON: store.isJSON)
        let place = try store.place()
        let secrets = try secretPrompts.map { try Secret.line(from: nil, prompt: $0) }
        let directory = try DataDirectory(place.directory)
        for attempt in 0... {
            if let status = try askRunningNode(in: directory, secrets) {
                guard status == 0 else { throw ExitCode(Int32(status)) }
                return
            }
            let node: LocalNode
            do throws(StorageError) {
                node = try Machine.openNode(at: place)
            } catch {
                // Another command holds the store for a moment, or `run` is about to listen.
                guard error.code == .inUse, attempt < Self.attemptsMax else { throw error }
                usleep(Self.attemptMicroseconds)
                continue
            }
            defer { node.store.close() }
            return try finish(on: node, by: geteuid(), console, secrets)
        }
    }
}

extension NodeCommand {
    private static var attemptsMax: Int { 100 }
    private static var attemptMicroseconds: UInt32 { 50_000 }

    private func askRunningNode(
        in directory: DataDirectory,
        _ secrets: [String]
    ) throws -> UInt8? {
        let request = ControlRequest(
            version: Software.version,
            directory: FileManager.default.currentDirectoryPath,
            arguments: forwarded,
            secrets: secrets
        )
        return try ControlClient.ask(request, in: directory) { answer in
            switch answer {
            case .output(let bytes): _ = Console.write(bytes, to: STDOUT_FILENO)
            case .message(let bytes): _ = Console.write(bytes, to: STDERR_FILENO)
            case .pulse, .end: break
            }
        }
    }
}

// MARK: - Through whose eyes

extension NodeCommand {
    /// The node as whoever gave the command may see it.
    ///
    /// Nobody who is logged in here, or whose account this is, sees it as the machine does: who
    /// may reach the node at all owns its files.
    func seen(_ node: LocalNode, by caller: Caller) throws -> LocalNode {
        let options = Mirror(reflecting: self).children.lazy
            .compactMap { ($0.value as? OptionGroup<ActingOptions>)?.wrappedValue }
        let person = try node.reader(as: options.first?.user, by: caller)
        return person.map(node.asSeen) ?? node
    }
}
