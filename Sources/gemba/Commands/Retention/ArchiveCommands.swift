import ArgumentParser
import Domain
import Node
import Storage
import Wire

extension RetentionCommands {
    struct Check: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check an archive: every chain, every signature, every byte.",
            discussion: """
                gemba retention check --data DIR /var/lib/gemba/archive/FILE

                JSON: {"ok", "file", "scope", "changes", "hash", "root", "device", "time"}.
                """
        )

        @OptionGroup var store: StoreOptions

        @Argument(help: "The archive.")
        var file: Path

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let summary = try Store.checkArchive(at: file.text, of: node.store.tenant)
            let (header, end) = (summary.contents.header, summary.contents.end)
            return Reply(
                [
                    "ok": true, "file": .text(file.text), "scope": .text("\(header.scope)"),
                    "changes": .number(end.changes), "hash": .text("\(summary.hash)"),
                    "root": .text("\(end.root)"), "device": .text("\(summary.contents.device)"),
                    "time": .number(header.time),
                ],
                "all holds: \(end.changes) changes of \(header.scope)"
            )
        }
    }

    struct TakeBack: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "take-back",
            abstract: "Take the changes of an archive back, where a hold has lifted its purge.",
            discussion: """
                gemba retention hold --data DIR --as nguyen.van.a SUBJECT --reason "lawsuit"
                gemba retention take-back --data DIR --as nguyen.van.a FILE

                JSON: {"file", "changes"}.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Argument(help: "The archive.")
        var file: Path

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let actor = try node.actor(as: acting.user, by: caller)
            let count = try node.takeBack(archive: file.text, by: actor)
            return Reply(
                ["file": .text(file.text), "changes": .number(count)],
                "\(count) changes are back"
            )
        }
    }
}
