import ArgumentParser
import Node

struct ContactCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contact",
        abstract: "People of companies, and what they are in projects.",
        subcommands: [
            ContactList.self, ContactAdd.self, ContactEditing.self, ContactPrimary.self,
            ContactRemove.self, ContactLink.self, ContactUnlink.self,
        ]
    )
}

extension ArgumentHelp {
    /// The help of the argument that says which contact is meant.
    static let contact = ArgumentHelp("An e-mail address, a name or an id.")
}

struct ContactList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List contacts: all, those of a company, or those of a project.",
        discussion: """
            gemba contact list --data DIR --company "TechNova Vietnam"

            JSON: {"contacts": [{"contact", "name", "type" (customer, supplier or internal), \
            "primary", "in_conflict", "fields"}]}; with --project [{"contact", "name", "role", \
            "primary"}].
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: .company)
    var company: String?

    @Option(help: "Only customer, supplier or internal ones.")
    var type: String?

    @Option(help: .project)
    var project: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        if let project {
            let links = try node.contacts(ofProject: project)
            var table = Table("NAME", "ROLE", "NOTE")
            for link in links {
                let name = link.name ?? "\(link.contact)"
                table.add(name, link.role, link.isPrimary ? "primary" : "")
            }
            return Reply("contacts", links.map(\.json), table, empty: "no contacts yet")
        }
        let contacts = try node.contacts(of: company, type: type)
        var table = Table("NAME", "E-MAIL", "TYPE", "NOTE", "ID")
        for contact in contacts { table.add(row: contact.row) }
        return Reply("contacts", contacts.map(\.json), table, empty: "no contacts yet")
    }
}

/// What can be said of a contact.
struct ContactDetails: ParsableArguments {
    @Option(help: ArgumentHelp("First name.", valueName: "text"))
    var firstName: String?

    @Option(help: ArgumentHelp("Last name.", valueName: "text"))
    var lastName: String?

    @Option(help: ArgumentHelp("Their job there.", valueName: "text"))
    var title: String?

    @Option(help: ArgumentHelp("Their department.", valueName: "text"))
    var department: String?

    @Option(help: ArgumentHelp("E-mail address.", valueName: "address"))
    var email: String?

    @Option(help: ArgumentHelp("Telephone.", valueName: "number"))
    var phone: String?

    @Option(help: ArgumentHelp("Mobile telephone.", valueName: "number"))
    var mobile: String?

    @Option(help: "How they want to be reached: email, phone, mobile or post.")
    var preferredMethod: String?

    @Option(help: "Whether they are told of what happens: yes or no.")
    var notify: String?

    @Option(help: "Whether they are still there: yes or no.")
    var active: String?

    var cells: Cells {
        let texts = [
            "first_name": firstName, "last_name": lastName, "title": title,
            "department": department, "email": email, "phone": phone, "mobile": mobile,
            "preferred_method": preferredMethod, "receives_notifications": notify,
            "is_active": active,
        ]
        return texts.compactMapValues { $0.map(Cell.text) }
    }
}

struct ContactAdd: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a contact to a company, or to the firm itself.",
        discussion: """
            gemba contact add --data DIR --as pham.thi.d "Tran Thi Lan" --company "TechNova \
            Vietnam" --email lan.tran@technova.example

            JSON: one of `contact list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "What they are called.")
    var name: String

    @Option(help: .company)
    var company: String?

    @Flag(help: "The one to talk to first.")
    var primary = false

    @OptionGroup var details: ContactDetails

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var cells = details.cells
        cells["name"] = .text(name)
        let id = try node.addContact(to: company, cells, isPrimary: primary, by: actor)
        let contact = try node.contact("\(id)")
        return Reply(contact.json, "\(contact.name) is added")
    }
}

struct ContactEditing: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change the fields of a contact; an empty text empties one.",
        discussion: """
            gemba contact edit --data DIR --as pham.thi.d "Tran Thi Lan" --title CTO

            JSON: one of `contact list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .contact)
    var contact: String

    @Option(help: ArgumentHelp("What they are called.", valueName: "text"))
    var name: String?

    @OptionGroup var details: ContactDetails

    @Option(help: .seen("the one field that is edited"), transform: Typed.seen)
    var seen: Seen?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var cells = details.cells
        if let name { cells["name"] = .text(name) }
        let id = try node.editContact(contact, cells, seen: seen, by: actor)
        let contact = try node.contact("\(id)")
        return Reply(contact.json, "\(contact.name) is changed")
    }
}

struct ContactPrimary: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "primary",
        abstract: "Make a contact the one of its company to talk to first.",
        discussion: """
            The company points at one contact, so there are never two.

            gemba contact primary --data DIR --as pham.thi.d "Tran Thi Lan"

            JSON: one of `contact list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .contact)
    var contact: String

    @Option(help: .seen("the company's primary contact"), transform: Typed.seen)
    var seen: Seen?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let contact = try node.contact("\(try node.makePrimary(contact, seen: seen, by: actor))")
        return Reply(contact.json, "\(contact.name) is the primary contact")
    }
}

struct ContactRemove: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a contact away; it stays in history and where it is named.",
        discussion: """
            gemba contact remove --data DIR --as pham.thi.d "Tran Thi Lan"

            JSON: {"contact"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .contact)
    var contact: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let id = try node.removeContact(contact, by: actor)
        return Reply(["contact": .text("\(id)")], "\(contact) is taken away")
    }
}

struct ContactLink: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Give a contact a role in a project.",
        discussion: """
            gemba contact link --data DIR --as pham.thi.d "Tran Thi Lan" --project PRJ-000123 \
            --role technical_contact

            JSON: {"contacts": those of `contact list --project`}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .contact)
    var contact: String

    @Option(help: .project)
    var project: String

    @Option(help: "Such as project_manager, technical_contact or quality_contact.")
    var role: String

    @Flag(help: "The one to talk to first.")
    var primary = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.link(contact, to: project, role: role, isPrimary: primary, by: actor)
        let links = try node.contacts(ofProject: project)
        return Reply(
            ["contacts": .list(links, \.json)],
            "\(contact) is \(role) of \(project)"
        )
    }
}

struct ContactUnlink: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Take a role in a project from a contact.",
        discussion: """
            gemba contact unlink --data DIR --as pham.thi.d "Tran Thi Lan" --project PRJ-000123 \
            --role technical_contact

            JSON: {"contacts": those of `contact list --project`}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .contact)
    var contact: String

    @Option(help: .project)
    var project: String

    @Option(help: "The role.")
    var role: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.unlink(contact, from: project, role: role, by: actor)
        let links = try node.contacts(ofProject: project)
        return Reply(["contacts": .list(links, \.json)], "\(contact) is not \(role) any more")
    }
}
