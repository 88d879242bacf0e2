import ArgumentParser
import Bytes
import CRDT
import Domain
import Foundation
import Node
import Storage
import Wire

struct AuditCheckpointCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Show how large the audit log is, signed: for a printer or an auditor's folder.",
        discussion: """
            A hub signs its log as it is now; another node shows what it cosigned last. \
            Tools of transparency logs read it (C2SP tlog-checkpoint). Who keeps one can have any \
            later evidence pack checked against it.

            gemba audit checkpoint --data DIR > checkpoint.note

            JSON: {"note", "epoch", "size", "root", "hash", "time", "witnesses": [{"device", \
            "seconds"}], "faults": [{"kind", "device", "epoch", "witness", "last", "believed", \
            "known", "shown"}]}
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: "Show what was wrong with logs of hubs, with the checkpoints that prove it.")
    var faults = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let view = try node.auditCheckpoint()
        guard faults else { return Reply(view.json, lines: Self.lines(of: view.note)) }
        var lines: [String] = []
        for fault in view.faults {
            lines.append("\(fault.code.word):")
            for checkpoint in [fault.known, fault.shown] {
                let note = checkpoint.map { String(decoding: $0.encoded, as: UTF8.self) }
                lines += note.map(Self.lines) ?? ["nothing"]
            }
        }
        return Reply(view.json, lines: lines.isEmpty ? ["no faults"] : lines)
    }

    /// A note, line by line: each is ended by one line feed again.
    private static func lines(of note: String) -> [String] {
        note.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}

struct AuditExportCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write an evidence pack: one file that proves itself, without network or store.",
        discussion: """
            It holds the entries of a period and of kinds, all changes of the scopes, who signed \
            them with the chain to the tenant's root and what was revoked, the checkpoints that \
            stations cosigned, and tables of approvals and quality records. At a hub only. An \
            auditor checks it with gemba audit verify or fixtures/evidence.py.

            gemba audit export --as nguyen.van.a --project PRJ-000123 pack.tar

            JSON: {"file", "bytes", "epoch", "size", "changes", "witnesses", "root"}: root is the \
            fingerprint that an auditor should have from elsewhere.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: ArgumentHelp("Entries from this day, UTC.", valueName: "day"))
    var since: String?

    @Option(help: ArgumentHelp("Entries up to this day, UTC.", valueName: "day"))
    var until: String?

    @Option(help: "Only entries of this kind; may be repeated.")
    var kind: [String] = []

    @Option(help: "Only changes of this project; may be repeated.")
    var project: [String] = []

    @Argument(help: "A new file.")
    var file: Path

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let made = try node.exportEvidence(try query(on: node), by: actor)
        try PrivateFile.create(file.text, made.bytes)
        let checkpoint = made.checkpoint.checkpoint
        return Reply(
            [
                "file": .text(file.text), "bytes": .number(made.bytes.count),
                "epoch": .number(checkpoint.origin.epoch), "size": .number(checkpoint.size),
                "changes": .number(made.changes), "witnesses": .number(made.witnesses),
                "root": .text("\(node.store.tenant)"),
            ],
            lines: [
                "\(file.text): \(checkpoint.size) entries, \(made.changes) changes, "
                    + "\(made.witnesses) witnesses",
                "Check it with: gemba audit verify \(file.text) --root \(node.store.tenant)",
            ]
        )
    }

    private func query(on node: LocalNode) throws -> EvidenceHead.Query {
        var query = EvidenceHead.Query.all
        if let since { query.since = try Self.day(since) }
        if let until { query.until = try Self.day(until) + 86_399_999 }
        let kinds = try kind.map { name in
            guard let kind = AuditKind(name: name) else {
                let known = AuditKind.allCases.map(\.name).joined(separator: ", ")
                throw CommandFault(.usage, "\(name.prefix(40)) is no kind; there are \(known)")
            }
            return kind.rawValue
        }
        let scopes = try project.map { name in
            try node.project(name).scope
        }
        return EvidenceHead.Query(
            since: query.since,
            until: query.until,
            kinds: kinds,
            scopes: scopes
        )
    }

    private static func day(_ text: String) throws -> UInt64 {
        guard let start = CalendarDay.start(of: text) else {
            throw CommandFault(.usage, "\(text.prefix(40)) is no day: YYYY-MM-DD")
        }
        return start
    }
}

struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an evidence pack, with nothing but the pack and a fingerprint.",
        discussion: """
            Needs no store and no network. Without --root the pack is believed about which tenant \
            it is of, which proves little. With --checkpoint it must continue a checkpoint that \
            you kept from before. Exit status 65 for a pack that proves nothing.

            gemba audit verify pack.tar --root 1f0a…

            JSON: {"ok", "tenant", "epoch", "size", "made", "opened", "closed", "erased", \
            "changes", "feeds", "rulings", "refusals", "clocks_apart", "revocations", \
            "continues", "witnesses": [{"device", "size", "seconds"}]}
            """
    )

    @Argument(help: "The file.")
    var pack: Path

    @Option(help: ArgumentHelp("The fingerprint of the tenant's root.", valueName: "hex"))
    var root: String?

    @Option(help: ArgumentHelp("A checkpoint that you kept.", valueName: "file"))
    var checkpoint: Path?

    @Flag(name: .customLong("json"), help: "Print one object.")
    var isJSON = false

    private static let packBytesMax = 1 << 32

    func run() throws {
        let trusted = try root.map { text in
            guard let id = ID(text: text) else {
                throw CommandFault(.usage, "a fingerprint is 32 hexadecimal digits")
            }
            return id
        }
        let held = try checkpoint.map { path in
            do {
                return try SignedCheckpoint(
                    decoding: try Self.bytes(path.text, atMost: SignedNote.bytesMax)
                )
            } catch let malformed as Malformed {
                throw CommandFault(.badInput, "\(path.text) is no checkpoint: \(malformed)")
            }
        }
        let bytes = try Self.bytes(pack.text, atMost: Self.packBytesMax)
        do throws(EvidenceFault) {
            let report = try EvidenceVerifier(root: trusted, held: held).verify(bytes)
            _ = Console.standard(isJSON: isJSON).show(reply(report))
        } catch {
            throw CommandFault(
                .badInput,
                "\(pack.text) proves nothing: \(error.message)",
                reason: "evidence-\(error.code.rawValue)"
            )
        }
    }

    private static func bytes(_ path: String, atMost limit: Int) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFault(.notFound, "\(path) cannot be read")
        }
        guard data.count <= limit else { throw CommandFault(.badInput, "\(path) is too large") }
        return Array(data)
    }

    private func reply(_ report: EvidenceReport) -> Reply {
        let head = report.head
        return Reply(
            [
                "ok": true, "tenant": .text("\(head.tenant)"), "epoch": .number(head.epoch),
                "size": .number(head.size), "made": .number(head.made),
                "opened": .number(report.opened), "closed": .number(report.closed),
                "erased": .number(report.erased), "changes": .number(report.changes),
                "feeds": .number(report.feeds), "rulings": .number(report.rulings),
                "refusals": .number(report.refusals),
                "clocks_apart": .number(report.clocksApart),
                "revocations": .number(report.revocations),
                "continues": report.continues.map { .number($0) } ?? .null,
                "witnesses": .list(report.witnesses) {
                    [
                        "device": .text($0.device), "size": .number($0.size),
                        "seconds": .number($0.time),
                    ]
                },
            ],
            lines: lines(report)
        )
    }

    private func lines(_ report: EvidenceReport) -> [String] {
        let head = report.head
        let trust =
            root == nil
            ? "of tenant \(head.tenant), which nobody vouched for: say --root"
            : "of the tenant that is trusted"
        return [
            "The pack holds: \(head.size) entries, \(report.opened) shown, \(report.closed) not "
                + "asked for, \(report.erased) erased; \(report.changes) changes in "
                + "\(report.feeds) feeds without a gap;",
            "\(trust).",
            "\(report.rulings) rulings, \(report.refusals) refusals, \(report.revocations) "
                + "revocations; \(report.clocksApart) changes by clocks that were ahead.",
            report.witnesses.isEmpty
                ? "Nobody cosigned it: it is the hub's word alone."
                : "Cosigned by \(report.witnesses.count) devices, up to entry "
                    + "\(report.witnesses.map(\.size).max() ?? 0).",
        ] + (report.continues.map { ["It continues the checkpoint of \($0) entries."] } ?? [])
    }
}
