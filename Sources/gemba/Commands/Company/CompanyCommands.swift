import ArgumentParser
import CRDT
import Node

struct CompanyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "company",
        abstract: "Customers, suppliers and vendors: one list of companies.",
        subcommands: [
            CompanyList.self, CompanyShow.self, CompanyAdd.self, CompanyEditing.self,
            CompanyAccept.self, CompanyMerge.self, CompanyAddressing.self,
        ]
    )
}

extension ArgumentHelp {
    /// The help of the argument that says which company is meant.
    static let company = ArgumentHelp("A number, a name or an id.")
}

struct CompanyList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the companies; those that no hub took in yet are proposed.",
        discussion: """
            gemba company list --data DIR --kind vendor

            JSON: {"companies": [{"company", "name", "number", "kinds", "status", "proposed", \
            "merged", "in_conflict", "primary_contact"}]}
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: "Only those of a kind: customer, supplier or vendor.")
    var kind: String?

    @Flag(help: "Only those that wait for the hub.")
    var proposed = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let companies = try node.companyViews(kind: kind, isProposed: proposed ? true : nil)
        var table = Table("NUMBER", "NAME", "KINDS", "STATUS", "ID")
        for company in companies { table.add(row: company.row) }
        return Reply(
            "companies",
            companies.map(\.summary),
            table,
            empty: "no companies yet: gemba company add"
        )
    }
}

struct CompanyShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a company with its contacts and addresses.",
        discussion: """
            gemba company show --data DIR "TechNova Vietnam"

            JSON: that of `company list` for one company, with "fields": {name: {"value", \
            "in_conflict", "seen"}}, "tags", "contacts": those of `contact list`, "addresses": \
            [{"id", "type", "label", "street_1", "street_2", "city", "state_province", \
            "postal_code", "country", "is_validated", "is_default_billing", \
            "is_default_shipping", "in_conflict", "seen"}], and "commercial": an object at a hub, \
            null everywhere else.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .company)
    var company: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let company = try node.company(company)
        return Reply(company.json, lines: company.lines)
    }
}

/// What can be said of a company; each option is a column of `gemba import companies`.
struct CompanyDetails: ParsableArguments {
    @Option(
        name: .customLong("kind"),
        help: "customer, supplier or vendor; may be repeated, and then says all of them."
    )
    var kinds: [String] = []

    @Option(help: ArgumentHelp("Its number, at the hub.", valueName: "text"))
    var number: String?

    @Option(help: "PROSPECT, ACTIVE, INACTIVE or SUSPENDED; at the hub.")
    var status: String?

    @Option(help: "HEALTHCARE, LABORATORY, VETERINARY, RESEARCH or OTHER.")
    var customerType: String?

    @Option(help: "SMALL, MEDIUM, LARGE or ENTERPRISE.")
    var size: String?

    @Option(help: ArgumentHelp("Its trade.", valueName: "text"))
    var industry: String?

    @Option(help: ArgumentHelp("Where it is at home.", valueName: "text"))
    var country: String?

    @Option(help: ArgumentHelp("Its page.", valueName: "address"))
    var website: String?

    @Option(help: ArgumentHelp("What it does.", valueName: "text"))
    var description: String?

    @Option(name: .customLong("tag"), help: "A word to find it by; may be repeated.")
    var tags: [String] = []

    @Option(help: ArgumentHelp("Anything else.", valueName: "text"))
    var notes: String?

    @Option(
        name: .customLong("commercial"),
        help: ArgumentHelp(
            "At the hub, and never on stations: tax_id, tax_exempt, credit_limit, currency, "
                + "payment_terms, annual_revenue, employee_count or erp_customer; may be repeated.",
            valueName: "column=value"
        )
    )
    var commercial: [String] = []

    func cells() throws -> Cells {
        let texts = [
            "number": number, "status": status, "customer_type": customerType,
            "company_size": size, "industry": industry, "country": country,
            "website": website, "description": description, "notes": notes,
        ]
        var cells = texts.compactMapValues { $0.map(Cell.text) }
        if !kinds.isEmpty { cells["kinds"] = .list(kinds) }
        if !tags.isEmpty { cells["tags"] = .list(tags) }
        for pair in commercial {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else {
                throw ValidationError("--commercial takes column=value: \(pair.prefix(40))")
            }
            cells[String(sides[0])] = .text(String(sides[1]))
        }
        return cells
    }
}

struct CompanyAdd: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a company; at a station it is proposed until the hub takes it in.",
        discussion: """
            gemba company add --data DIR --as pham.thi.d "TechNova Vietnam" --kind customer

            JSON: that of `company show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "What it is called.")
    var name: String

    @OptionGroup var details: CompanyDetails

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var cells = try details.cells()
        cells["name"] = .text(name)
        let company = try node.company("\(try node.addCompany(cells, by: actor))")
        let state = company.isProposed ? "proposed" : "taken in"
        return Reply(company.json, "\(company.name) is \(state)")
    }
}

struct CompanyEditing: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change the fields of a company; an empty text empties one.",
        discussion: """
            An edit takes the place of what was shown. Beside an edit that did not know of it, it \
            stands as a conflict: gemba conflict list.

            gemba company edit --data DIR --as pham.thi.d "TechNova Vietnam" --industry Robotics

            JSON: that of `company show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .company)
    var company: String

    @Option(help: ArgumentHelp("What it is called.", valueName: "text"))
    var name: String?

    @OptionGroup var details: CompanyDetails

    @Option(help: .seen("the one field that is edited"), transform: Typed.seen)
    var seen: Seen?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var cells = try details.cells()
        if let name { cells["name"] = .text(name) }
        let id = try node.editCompany(company, cells, seen: seen, by: actor)
        let company = try node.company("\(id)")
        return Reply(company.json, lines: company.lines)
    }
}

struct CompanyAccept: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Take a proposed company into the directory, at the hub.",
        discussion: """
            gemba company accept --data DIR --as nguyen.van.a "TechNova Vietnam" --number C-0001

            JSON: that of `company show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .company)
    var company: String

    @Option(help: ArgumentHelp("The number it gets.", valueName: "text"))
    var number: String?

    @Option(help: "PROSPECT, ACTIVE, INACTIVE or SUSPENDED; ACTIVE if left out.")
    var status: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let id = try node.acceptCompany(company, number: number, status: status, by: actor)
        let company = try node.company("\(id)")
        return Reply(company.json, "\(company.name) is taken in")
    }
}

struct CompanyMerge: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Say that a company is another one, at the hub.",
        discussion: """
            Its contacts, addresses, projects and ratings keep its id and are shown as the other's.

            gemba company merge --data DIR --as nguyen.van.a "Technova" --into "TechNova Vietnam"

            JSON: that of `company show` for the one that stays.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .company)
    var company: String

    @Option(help: ArgumentHelp("The company that it is.", valueName: "company"))
    var into: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let id = try node.mergeCompany(company, into: into, by: actor)
        let company = try node.company("\(id)")
        return Reply(company.json, "it is \(company.name) from now on")
    }
}
