import ArgumentParser
import CRDT
import Domain
import Node
import Storage

struct SiteCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "site",
        abstract: "Sites of the tenant.",
        subcommands: [List.self]
    )

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the sites.",
            discussion: "gemba site list --data /var/lib/gemba"
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            var table = Table("CODE", "NAME", "TIMEZONE")
            let items = try node.read { view in
                try view.records(of: Site.entity, sortedBy: Site.code).map { record in
                    let fields = record.fields
                    table.add(
                        fields.text(Site.code) ?? "-",
                        fields.text(Site.name) ?? "-",
                        fields.text(Site.timezone) ?? "-"
                    )
                    return [
                        "id": .text(orNull: fields.id(Site.site).map { "\($0)" }),
                        "code": .text(orNull: fields.text(Site.code)),
                        "name": .text(orNull: fields.text(Site.name)),
                        "timezone": .text(orNull: fields.text(Site.timezone)),
                    ] as JSON
                }
            }
            return Reply("sites", items, table, empty: "no sites yet: gemba sync")
        }
    }
}

struct DeviceCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Machines of the tenant.",
        subcommands: [List.self]
    )

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the machines; an asterisk marks this one.",
            discussion: "gemba device list --data /var/lib/gemba"
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            var table = Table("NAME", "KIND", "SITE", "STATUS", "ID")
            let own = node.store.device
            let items = try node.read { view in
                let names = try Nicknames(view)
                return try view.records(of: Device.entity, sortedBy: Device.name).map { record in
                    let fields = record.fields
                    let id = fields.id(Device.device) ?? .zero
                    let site = names.site(fields.id(Device.site) ?? .zero)
                    let mark = id == own ? " *" : ""
                    table.add(
                        (fields.text(Device.name) ?? "-") + mark,
                        fields.text(Device.kind) ?? "-",
                        site,
                        fields.text(Device.status) ?? "-",
                        "\(id)"
                    )
                    return [
                        "id": .text("\(id)"), "name": .text(orNull: fields.text(Device.name)),
                        "kind": .text(orNull: fields.text(Device.kind)), "site": .text(site),
                        "status": .text(orNull: fields.text(Device.status)),
                        "here": .bool(id == own),
                    ] as JSON
                }
            }
            return Reply("devices", items, table, empty: "no devices yet: gemba sync")
        }
    }
}
