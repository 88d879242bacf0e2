import ArgumentParser
import Domain
import Foundation
import Node
import Storage
import Transports
import Wire

struct Join: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Make this machine a station or technician of a tenant.",
        discussion: """
            Reads the token that `gemba hub invite` printed, from --token-file, the terminal or \
            standard input. Makes keys, asks the hub for a certificate, and creates the store. Hub \
            and device show the same six words. An interrupted join can be repeated.

            gemba join --data /var/lib/gemba --token-file token --name ST-1
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("A file with the token.", valueName: "file"))
    var tokenFile: Path?

    @Option(help: ArgumentHelp("What the device calls itself; the host's name if left out."))
    var name: String?

    @Argument(help: .hidden)
    var words: [String] = []

    func validate() throws {
        // Not repeated: what stands here may be a token, and this may go to a log.
        guard words.isEmpty else {
            throw ValidationError(
                "join takes no words: a token there can be read by every account of this machine. "
                    + "Give it by --token-file or standard input, and cancel one that was shown: "
                    + "gemba hub invite --cancel ID"
            )
        }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let console = Console.standard(isJSON: store.isJSON)
        let place = try store.place()
        let text = try Secret.line(from: tokenFile, prompt: "Token")
        guard let token = JoinToken(text: text) else {
            throw CommandFault(.badInput, "this is not a join token: look for a typing error")
        }
        let joining = try Joining(token, at: place, chance: Machine.chance)
        let label = try label()
        _ = console.progress("asking \(token.address)")
        let (joined, keys) = try await joining.ask(label: label) { words in
            _ = console.progress("the hub shows the same words: \(words)")
        }
        let node = try await joining.found(
            joined,
            keys: keys,
            schema: Catalogue.schema,
            wall: Machine.wall
        )
        defer { node.store.close() }
        let certificate = joined.certificate.structure
        _ = console.show(
            Reply(
                [
                    "tenant": .text("\(certificate.tenant)"),
                    "device": .text("\(certificate.device)"),
                    "kind": .text("\(certificate.kind)"), "name": .text(label),
                    "site": .text("\(certificate.site)"), "hub": .text(token.address),
                    "words": .text(joined.words),
                ],
                "\(label) has joined as a \(certificate.kind); words: \(joined.words)",
                "Next: gemba sync, or gemba run"
            )
        )
    }

    private static let labelBytesMax = 64

    private func label() throws -> String {
        let label = name ?? ProcessInfo.processInfo.hostName
        guard (1...Self.labelBytesMax).contains(label.utf8.count) else {
            throw CommandFault(.usage, "a device's name has 1 to 64 bytes: --name NAME")
        }
        return label
    }
}
