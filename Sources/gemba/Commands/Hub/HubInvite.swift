import ArgumentParser
import Bytes
import CRDT
import Domain
import Hub
import Node
import Storage
import Wire

struct HubInvite: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Make a token with which one device can join.",
        discussion: """
            Prints the token, alone, on standard output. It is good for one device and 24 hours; \
            give it to `gemba join` through a file or standard input.

            gemba hub invite --site HCM --kind station --advertise hub.example.com:7400 > token
            gemba hub invite --list
            gemba hub invite --cancel 3fa9
            """
    )

    /// The kinds of device that are invited.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case station
        case technician

        var certified: Certificate.Kind { self == .station ? .station : .technician }
    }

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("The site that the device will belong to.", valueName: "code"))
    var site: String?

    @Option(help: "What the device will be: station or technician.")
    var kind: Kind = .station

    @Option(
        name: .customLong("user"),
        help: ArgumentHelp(
            "Whom alone the device may speak for; may be repeated.",
            valueName: "user"
        )
    )
    var users: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where the device reaches this hub; what `run --advertise` said if it is left out.",
            valueName: "host:port"
        )
    )
    var advertise: String?

    @Flag(help: "List the invitations.")
    var list = false

    @Option(
        help: ArgumentHelp("Cancel the invitation whose id begins so.", valueName: "id")
    )
    var cancel: String?

    func validate() throws {
        guard list || cancel != nil || site != nil else {
            throw ValidationError("say which site the device will belong to: --site CODE")
        }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let enrolment = try Enrolment(node) { _ in }
        if list { return try listing(enrolment, node) }
        if let cancel {
            let id = Hex.encode(try enrolment.cancel(cancel).id)
            return Reply(["cancelled": .text(id)], "\(id) is cancelled")
        }
        return try invitation(enrolment, node)
    }

    private func invitation(_ enrolment: Enrolment, _ node: LocalNode) throws -> Reply {
        guard let address = try advertise ?? node.advertisedAddress() else {
            throw CommandFault(.usage, "say where devices reach this hub: --advertise HOST:PORT")
        }
        let (siteID, userIDs) = try node.read { view in
            (
                try view.site(named: site ?? "").fields.id(Site.site),
                try users.compactMap { try view.user(named: $0).fields.id(User.user) }
            )
        }
        guard let siteID else { throw CommandFault(.damaged, "the site has no id") }
        let token = try enrolment.invite(
            kind.certified,
            to: siteID,
            users: userIDs,
            address: address
        )
        return Reply(
            ["token": .text(token.text), "id": .text(Hex.encode(token.id))],
            token.text
        )
    }

    private func listing(_ enrolment: Enrolment, _ node: LocalNode) throws -> Reply {
        let names = try node.read { try Nicknames($0) }
        let now = node.wallMilliseconds
        var table = Table("ID", "STATE", "KIND", "SITE", "EXPIRES", "DEVICE", "WORDS")
        let items = try enrolment.invitations().map { invitation in
            let id = Hex.encode(invitation.id)
            let state = invitation.state(at: now).rawValue
            let expires = CalendarDay.time(milliseconds: invitation.expires)
            let site = names.site(invitation.site)
            let redemption = invitation.redemption
            table.add(
                String(id.prefix(8)),
                state,
                "\(invitation.kind)",
                site,
                expires,
                redemption?.label ?? "-",
                redemption?.words ?? "-"
            )
            return [
                "id": .text(id), "state": .text(state), "kind": .text("\(invitation.kind)"),
                "site": .text(site), "expires": .number(invitation.expires),
                "device": .text(orNull: redemption.map { "\($0.certificate.structure.device)" }),
                "name": .text(orNull: redemption?.label),
                "words": .text(orNull: redemption?.words),
            ] as JSON
        }
        return Reply("invitations", items, table, empty: "no invitations")
    }
}
