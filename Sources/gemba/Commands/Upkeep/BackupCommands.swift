import ArgumentParser
import Domain
import Node
import Storage
import Wire

struct BackupCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a copy of the store while it is in use, check copies, try them out.",
        subcommands: [Write.self, Verify.self, Test.self, Folder.self],
        defaultSubcommand: Write.self
    )

    struct Write: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "write",
            abstract: "Write a copy of the store's file, and check it.",
            discussion: """
                The copy holds no keys: restored, it goes on as another replica and fetches what \
                it lacks from its peers. It gets its name only once it was found to be whole.

                gemba backup write --data /var/lib/gemba /media/usb/gemba-2026-11-21.sqlite
                gemba backup --data /var/lib/gemba /media/usb/gemba-2026-11-21.sqlite

                JSON: {"path"}.
                """
        )

        @OptionGroup var store: StoreOptions

        @Argument(help: "The file to write; it must not exist.")
        var path: Path

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            try node.record(.backup, by: caller, ["command": "backup", "file": path.text])
            caller.progress("copying to \(path)")
            try node.backUp(to: path.text)
            return Reply(["path": .text(path.text)], "\(path) holds a copy of the store, verified")
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Open a backup and compute all of it again; no store is needed.",
            discussion: """
                gemba backup verify /media/usb/gemba-2026-11-21.sqlite

                JSON: {"ok", "path", "device", "replica", "time", "changes", "records", "state"}.
                """
        )

        @Flag(name: .customLong("json"), help: "Print the result as one line of JSON.")
        var isJSON = false

        @Argument(help: "The backup.")
        var path: Path

        func run() throws {
            let found = try Store.checkBackup(at: path.text, schema: Catalogue.schema)
            let day = CalendarDay.time(milliseconds: found.time)
            let reply = Reply(
                [
                    "ok": true, "path": .text(path.text), "device": .text("\(found.device)"),
                    "replica": .text("\(found.replica)"), "time": .number(found.time),
                    "changes": .number(found.report.changes),
                    "records": .number(found.report.records), "state": .text("\(found.state)"),
                ],
                "all holds: \(found.report.changes) changes, as of \(day)"
            )
            _ = Console.standard(isJSON: isJSON).show(reply)
        }
    }

    struct Test: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Try a backup out as a restore would, and write down how it went.",
            discussion: """
                The hub does so by itself on the first of each month, with the last nightly one.

                gemba backup test --data /var/lib/gemba

                JSON: {"path", "message"}.
                """
        )

        @OptionGroup var store: StoreOptions

        @Argument(help: "The backup; left out, the last of the nightly ones.")
        var path: Path?

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let tested = try node.testRestore(of: path?.text)
            let message = try node.store.jobs(.restoreTest, limit: 1).first?.message ?? ""
            return Reply(
                ["path": .text(tested), "message": .text(message)],
                "\(tested): \(message)"
            )
        }
    }

    struct Folder: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "folder",
            abstract: "Say where the hub's nightly backups shall lie: best on another disk.",
            discussion: """
                gemba backup folder --data /var/lib/gemba /mnt/backup

                JSON: {"folder"}.
                """
        )

        @OptionGroup var store: StoreOptions

        @Argument(help: "The folder; left out, the one in the data directory.")
        var path: Path?

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            try node.setBackupFolder(path?.text)
            let folder = try node.backupFolder()
            return Reply(["folder": .text(folder)], "nightly backups lie in \(folder)")
        }
    }
}

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup where no store is: it goes on as another replica.",
        discussion: """
            The backup is checked first. The keys of the device must still lie on this machine; a \
            backup holds none. What it lacks comes back from peers at the next meetings.

            gemba restore --data /var/lib/gemba /media/usb/gemba-2026-11-21.sqlite

            JSON: {"path", "device", "replica", "incarnation"}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "The backup.")
    var path: Path

    func run() throws {
        let opened = try Store.restore(
            path.text,
            at: try store.place(),
            schema: Catalogue.schema,
            wallMilliseconds: Machine.wall(),
            chance: Machine.chance
        )
        defer { opened.close() }
        let reply = Reply(
            [
                "path": .text(path.text), "device": .text("\(opened.device)"),
                "replica": .text("\(opened.replica)"),
                "incarnation": .number(opened.incarnation),
            ],
            "restored: this is replica \(opened.incarnation) of the device"
        )
        _ = Console.standard(isJSON: store.isJSON).show(reply)
    }
}
