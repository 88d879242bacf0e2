import ArgumentParser
import CRDT
import Node

struct AuditCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "What was done, in a log that nobody can rewrite unseen; at a hub.",
        subcommands: [
            AuditLogCommand.self, AuditShowCommand.self, AuditProveCommand.self,
            AuditCheckpointCommand.self, AuditExportCommand.self, AuditVerifyCommand.self,
        ]
    )
}

struct AuditLogCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "List entries, the newest first: who, what, when and why, old values and new.",
        discussion: """
            Needs the right read_audit, which auditors, management and administrators have. \
            Reading is an entry itself.

            gemba audit log --data DIR --as nguyen.van.a --subject PRJ-000123 --from 2026-11-01
            gemba audit log --data DIR --as nguyen.van.a --kind export --limit 20 --json

            JSON: {"entries": [{"number", "kind", "action", "recorded_at", "at", "local", "zone", \
            "clock_suspect", "user", "roles", "login", "known_by", "device", "site", "project", \
            "reasons", "set_aside", "outcome", "fields", "erased", "leaf", "changes": [{"entity", \
            "id", "title", "action", "fields": [{"field", "action", "from", "to"}]}]}], "next"}; \
            next is the --cursor of the page after this one.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: ArgumentHelp("Only what this person did.", valueName: "user"))
    var user: String?

    @Option(help: ArgumentHelp("Only a kind of record, as progress_event.", valueName: "entity"))
    var entity: String?

    @Option(help: ArgumentHelp("A project, or a record, person or device by id."))
    var subject: String?

    @Option(help: ArgumentHelp("Only a kind of entry, such as change, read or export."))
    var kind: String?

    @Option(help: ArgumentHelp("Recorded at this day or time or later, UTC.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Recorded before this day or time, UTC.", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("At most so many, up to 1000.", valueName: "number"))
    var limit = 50

    @Option(help: ArgumentHelp("The page that begins below this entry.", valueName: "number"))
    var cursor: UInt64?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        var request = AuditRequest()
        request.user = user
        request.entity = entity
        request.subject = subject
        request.kind = kind
        request.from = from
        request.to = to
        request.limit = limit
        request.cursor = cursor
        let log = try node.auditLog(request, by: node.actor(as: acting.user, by: caller))
        return Reply(log.json, lines: log.text)
    }
}

struct AuditShowCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one entry with all that it says.",
        discussion: """
            gemba audit show --data DIR --as nguyen.van.a 1042

            JSON: {"entries": [one, as gemba audit log has it], "next": null}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The number of the entry.")
    var number: UInt64

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let log = try node.auditEntry(number, by: node.actor(as: acting.user, by: caller))
        return Reply(log.json, lines: log.text)
    }
}

struct AuditProveCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Prove that an entry stands in the log: the hashes up to the root.",
        discussion: """
            The list is that of RFC 6962, 2.1.1, from the leaf up; the root of a size is what a \
            checkpoint says. With the keys the parts of the entry can be checked against the leaf.

            gemba audit prove --data DIR --as nguyen.van.a 1042 --size 2000 --json

            JSON: {"number", "size", "root", "leaf", "leaf_bytes", "proof", "subject", \
            "subject_key", "detail", "detail_key"}: bytes in hexadecimal.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The number of the entry.")
    var number: UInt64

    @Option(help: ArgumentHelp("Entries of the tree; as many as there are.", valueName: "number"))
    var size: UInt64?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let proof = try node.auditProof(of: number, in: size, by: actor)
        return Reply(proof.json, lines: proof.lines)
    }
}
