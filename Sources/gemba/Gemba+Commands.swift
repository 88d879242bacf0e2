import ArgumentParser

extension CommandGroup {
    /// What the help of the whole lists, by what people are there for.
    static let all = [work, quality, people, office, disputes, node, upkeep]

    private static let work = CommandGroup(
        name: "Work",
        subcommands: [
            ProjectCommands.self, StageCommands.self, ProgressCommands.self, TaskCommands.self,
            HoursCommands.self,
        ]
    )

    private static let quality = CommandGroup(
        name: "Quality",
        subcommands: [QualityCommands.self, DefectCommands.self]
    )

    private static let people = CommandGroup(
        name: "People",
        subcommands: [
            LoginCommand.self, Lock.self, Logout.self, WhoAmI.self,
            InboxCommands.self, MessageCommands.self, HandoverCommands.self,
            UserCommands.self, RoleCommands.self, RightCommands.self, DelegateCommands.self,
        ]
    )

    private static let office = CommandGroup(
        name: "Office",
        subcommands: [
            WorkflowCommands.self, NumberCommands.self, CompanyCommands.self,
            ContactCommands.self, VendorCommands.self, ActivityCommands.self,
            ImportCommand.self, ExportCommand.self, SampleCommands.self,
        ]
    )

    private static let disputes = CommandGroup(
        name: "What happened",
        subcommands: [
            SearchCommand.self, QueryCommand.self, TimelineCommand.self, HistoryCommand.self,
            ConflictCommands.self,
            AsideCommand.self, Watch.self,
        ]
    )

    private static let node = CommandGroup(
        name: "Node",
        subcommands: [
            HubCommands.self, Join.self, Run.self, SyncCommand.self, PeerCommands.self,
            SiteCommands.self, DeviceCommands.self,
        ]
    )

    private static let upkeep = CommandGroup(
        name: "Upkeep",
        subcommands: [
            Status.self, Doctor.self, AlarmCommands.self, Verify.self, Digest.self, Backup.self,
            DemoCommand.self, VersionCommand.self,
        ]
    )
}
