import ArgumentParser

struct HubCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hub",
        abstract: "Found a tenant, and invite devices to it.",
        subcommands: [HubInit.self, HubInvite.self]
    )
}
