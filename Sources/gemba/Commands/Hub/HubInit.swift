import ArgumentParser
import Domain
import Foundation
import Hub
import Identity
import Node
import Storage
import Wire

struct HubInit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Found a tenant and make this machine its hub.",
        discussion: """
            Makes the tenant's root key, the hub's keys, the first site and the first \
            administrator. The root key is not kept on the hub: it is written to a recovery file \
            under a passphrase, which is read from --passphrase-file, the terminal or standard \
            input. Whoever loses it can never replace this hub.

            gemba hub init --data /var/lib/gemba --tenant "Factory Pulse" --site HCM \\
                --admin nguyen.a@example.com --recovery /media/usb/gemba-recovery
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("What the tenant is called.", valueName: "name"))
    var tenant: String

    @Option(help: ArgumentHelp("The code of the first site, such as HCM.", valueName: "code"))
    var site: String

    @Option(
        help: ArgumentHelp("The site's time zone, such as Asia/Ho_Chi_Minh.", valueName: "name")
    )
    var timezone: String?

    @Option(help: ArgumentHelp("The address of the first administrator.", valueName: "email"))
    var admin: String

    @Option(help: ArgumentHelp("What the hub calls itself.", valueName: "name"))
    var name = "HUB"

    @Flag(help: "Accept people by name alone (--as): for demonstrations and tests.")
    var trustLocal = false

    @Option(help: ArgumentHelp("Where the recovery file is written.", valueName: "file"))
    var recovery: Path?

    @Flag(help: "Forget the root key: the hub can never be replaced.")
    var noRecovery = false

    @Option(help: ArgumentHelp("A file with the passphrase.", valueName: "file"))
    var passphraseFile: Path?

    func validate() throws {
        guard noRecovery != (recovery != nil) else {
            throw ValidationError("say where the root key goes: --recovery FILE or --no-recovery")
        }
    }

    func run() throws {
        let console = Console.standard(isJSON: store.isJSON)
        let place = try store.place()
        guard !Store.exists(at: place.directory) else {
            throw CommandFault(.cannotCreate, "there is a store in \(place.directory) already")
        }
        let founding = try TenantFounding(
            TenantFounding.Request(
                tenantName: tenant,
                siteCode: site,
                timezone: timezone,
                adminEmail: admin,
                hubName: name,
                trustsLocal: trustLocal
            ),
            wallMilliseconds: Machine.wall(),
            chance: Machine.chance
        )
        try writeRecovery(of: founding, console)
        let node = try found(founding, at: place)
        defer { node.store.close() }
        _ = console.show(reply(founding, place))
    }

    private func writeRecovery(of founding: TenantFounding, _ console: Console) throws {
        guard let recovery, let statement = founding.founding.authority.roots.first else { return }
        let passphrase = try Secret.line(
            from: passphraseFile,
            prompt: "Passphrase for the recovery file",
            confirming: true
        )
        _ = console.progress("sealing the root key")
        let text = try RecoveryFile.text(
            of: founding.root,
            statement: statement,
            name: tenant,
            passphrase: passphrase,
            chance: Machine.chance
        )
        try PrivateFile.create(recovery.text, Array(text.utf8))
    }

    private func found(
        _ founding: TenantFounding,
        at place: Store.Place
    ) throws -> LocalNode {
        do {
            let store = try Store.create(
                founding.founding,
                at: place,
                schema: Catalogue.schema,
                wallMilliseconds: Machine.wall(),
                chance: Machine.chance
            )
            let node = LocalNode(store, wall: Machine.wall, chance: Machine.chance)
            let records = founding.records
            _ = try node.act(.machine) { _ in records }
            if let recovery { try node.rememberRecoveryFile(recovery.text) }
            return node
        } catch {
            // A recovery file of a tenant that never was would only mislead.
            if let recovery { PrivateFile.remove(recovery.text) }
            throw error
        }
    }

    private func reply(_ founding: TenantFounding, _ place: Store.Place) -> Reply {
        let authority = founding.founding.authority
        var lines = [
            "\(tenant) is founded, tenant \(authority.tenant)",
            "This machine is its hub; the data is in \(place.directory)",
        ]
        if let recovery {
            lines.append(
                "The root key is in \(recovery): take it away from this machine, and copy it"
            )
        } else {
            lines.append("The root key is forgotten: this hub can never be replaced")
        }
        lines.append("Next: gemba hub invite --site \(site) --kind station, and gemba run")
        return Reply(
            [
                "tenant": .text("\(authority.tenant)"), "name": .text(tenant),
                "device": .text("\(founding.founding.device)"),
                "site": ["id": .text("\(founding.site)"), "code": .text(site)],
                "admin": ["id": .text("\(founding.admin)"), "email": .text(admin)],
                "recovery": .text(orNull: recovery?.text),
            ],
            lines: lines
        )
    }
}
