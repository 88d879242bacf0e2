import ArgumentParser
import Domain
import Foundation
import Hub
import Node
import Storage
import Wire

struct HubRecover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Make a new operator, or a new hub, with the recovery file.",
        discussion: """
            Where the data directory holds the hub, its operator is replaced: do this when the \
            operator has ended. Where it is empty, this machine becomes a new hub of the tenant, \
            and --peer names a station that holds the log of who belongs; its data comes with the \
            next sync. The passphrase is read from --passphrase-file, the terminal or standard \
            input. A hub that was restored from a backup names peers as well: what was certified \
            since the backup is only known there.

            gemba hub recover --data /var/lib/gemba --recovery-file /media/usb/gemba-recovery
            gemba hub recover --data /var/lib/new-hub --recovery-file /media/usb/gemba-recovery \\
                --peer 192.168.1.20:7400
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("The file that hub init wrote.", valueName: "file"))
    var recoveryFile: Path

    @Option(
        name: .customLong("peer"),
        help: ArgumentHelp("A node of the tenant; may be repeated.", valueName: "host:port")
    )
    var peers: [String] = []

    @Option(help: "What a new hub calls itself.")
    var name = "HUB"

    @Option(help: ArgumentHelp("A file with the passphrase.", valueName: "file"))
    var passphraseFile: Path?

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let console = Console.standard(isJSON: store.isJSON)
        let place = try store.place()
        let file = recoveryFile.text
        guard let bytes = try PrivateFile.read(file, atMost: RecoveryFile.bytesMax) else {
            throw CommandFault(.notFound, "there is no file \(file)")
        }
        let passphrase = try Secret.line(from: passphraseFile, prompt: "Passphrase")
        let text = String(decoding: bytes, as: UTF8.self)
        let recovery = Recovery(
            try RecoveryFile.open(text, passphrase: passphrase),
            schema: Catalogue.schema,
            wall: Machine.wall,
            chance: Machine.chance
        )
        let isNew = !Store.exists(at: place.directory)
        let node =
            isNew
            ? try await recovery.found(at: place, peers: peers, name: name)
            : try await recovery.renew(at: place, peers: peers)
        defer { node.store.close() }
        try node.rememberRecoveryFile(file)
        _ = console.show(reply(node, isNew: isNew))
    }

    private func reply(_ node: LocalNode, isNew: Bool) -> Reply {
        let log = node.store.authority
        let end = log.operatorValidity?.upperBound ?? 0
        let next =
            isNew
            ? "Next: gemba sync --peer for each station, and gemba hub revoke the lost hub"
            : "Next: gemba run; stations learn of it when they meet this hub"
        return Reply(
            [
                "tenant": .text("\(node.store.tenant)"), "device": .text("\(node.store.device)"),
                "new": .bool(isNew), "authority": .number(log.number),
                "operator_ends": .number(end),
            ],
            (isNew ? "This machine is a new hub of the tenant" : "The hub has a new operator")
                + ", good to \(CalendarDay.text(milliseconds: end))",
            "Take \(recoveryFile) away from this machine",
            next
        )
    }
}
