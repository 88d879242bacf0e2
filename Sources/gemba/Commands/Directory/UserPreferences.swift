import ArgumentParser
import CRDT
import Node
import Storage

struct UserPreferences: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "prefs",
        abstract: "Show what a person likes, or set it; everybody does so for themselves.",
        discussion: """
            Keys are timezone, language, theme (light, dark or system), and any other word that a \
            screen keeps.

            gemba user prefs --data DIR --as do.thi.j language=vi theme=dark
            gemba user prefs --data DIR --as do.thi.j --remove theme

            JSON: {"user", "preferences": {key: value}}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "KEY=VALUE, as many as there are; none: only show.")
    var settings: [String] = []

    @Option(help: ArgumentHelp("A key that is removed; may be given again.", valueName: "key"))
    var remove: [String] = []

    @Option(help: ArgumentHelp("Whose are shown; of who acts.", valueName: "user"))
    var user: String?

    func validate() throws {
        guard settings.allSatisfy({ $0.contains("=") }) else {
            throw ValidationError("write a setting as KEY=VALUE")
        }
        guard user == nil || (settings.isEmpty && remove.isEmpty) else {
            throw ValidationError("--user only shows: everybody sets their own")
        }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        for setting in settings {
            let parts = setting.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            try node.setPreference(String(parts[0]), to: String(parts[1]), by: actor)
        }
        for key in remove { try node.setPreference(key, to: nil, by: actor) }
        let name = user ?? "\(actor.user)"
        let shown = try node.preferences(of: name).sorted { $0.key < $1.key }
        let names = try node.read { try Nicknames($0) }
        return Reply(
            [
                "user": .text(user ?? names.user(actor.user)),
                "preferences": .object(shown.map { JSON.Member($0.key, .text($0.value)) }),
            ],
            lines: shown.isEmpty ? ["none"] : shown.map { "\($0.key)=\($0.value)" }
        )
    }
}
