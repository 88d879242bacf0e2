import ArgumentParser
import CRDT
import Node
import Storage
import Wire

struct Verify: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check chains and signatures, and every record against its history.",
        discussion: """
            Recomputes every hash, checks every signature, folds every record again from the log \
            and compares; at a hub also every entry of the audit, its tree and its checkpoints. \
            Exit status 70 if anything differs; each fault is named.

            gemba verify --data /var/lib/gemba
            """
    )

    @OptionGroup var store: StoreOptions

    private static let scopesPerLine = 100

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.store.verify { report in
            guard report.scopes.isMultiple(of: Self.scopesPerLine) else { return }
            caller.progress("\(report.scopes) scopes, \(report.changes) changes checked")
        }
        let summary =
            "\(report.changes) changes, \(report.records) records, \(report.events) events "
            + "in \(report.scopes) scopes"
            + (report.entries == 0 ? "" : ", \(report.entries) entries of the audit")
        let fault =
            report.faults.isEmpty
            ? nil : CommandFault(.damaged, "\(report.faults.count) faults in \(summary)")
        return Reply(
            [
                "ok": .bool(report.faults.isEmpty), "scopes": .number(report.scopes),
                "changes": .number(report.changes), "records": .number(report.records),
                "events": .number(report.events), "entries": .number(report.entries),
                "faults": .list(report.faults, JSON.text),
            ],
            lines: report.faults + (report.faults.isEmpty ? ["all holds: \(summary)"] : []),
            fault: fault
        )
    }
}

struct Digest: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Print the state hash of each scope: equal on nodes that agree.",
        discussion: "gemba digest --data /var/lib/gemba --json"
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let digests = try node.store.digests()
        let items = digests.map { scope, hash in
            ["scope": .text("\(scope)"), "digest": .text("\(hash)")] as JSON
        }
        return Reply(
            ["scopes": .list(items)],
            lines: digests.map { "\($0.hash)  \($0.scope)" }
        )
    }
}

struct Backup: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a copy of the store's file, while it is in use.",
        discussion: """
            The copy holds no keys: put back, it goes on as another replica and fetches what it \
            lacks from its peers.

            gemba backup --data /var/lib/gemba /media/usb/gemba-2026-11-21.sqlite
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "The file to write; it must not exist.")
    var path: Path

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        try node.record(.backup, by: caller, ["command": "backup", "file": path.text])
        caller.progress("copying to \(path)")
        try node.store.backup(to: path.text)
        return Reply(["path": .text(path.text)], "\(path) holds a copy of the store")
    }
}
