import ArgumentParser

struct HubCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hub",
        abstract: "Found a tenant, say which devices belong to it, and what counts.",
        subcommands: [
            HubInit.self, HubRecover.self, HubInvite.self, HubAppoint.self, HubRevoke.self,
            HubSuspend.self, HubResume.self, HubVerdict.self,
        ]
    )
}
