import ArgumentParser
import CRDT
import Node

struct CompanyAddressing: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "address",
        abstract: "Add an address to a company, or change one.",
        discussion: """
            The lines of an address are one value: two people who change it at once leave two \
            whole addresses to choose from, never a mixed one.

            gemba company address --data DIR --as pham.thi.d "TechNova Vietnam" --type BILLING \
            --street-1 "12 Nguyen Hue" --city "Ho Chi Minh City" --country VN

            JSON: that of `company show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .company)
    var company: String

    @Option(
        help: ArgumentHelp("The address to change; a new one.", valueName: "id"),
        transform: Typed.id
    )
    var address: ID?

    @Option(help: "BILLING, SHIPPING or BOTH.")
    var type: String?

    @Option(help: ArgumentHelp("What people call it.", valueName: "text"))
    var label: String?

    @Option(name: .customLong("street-1"), help: ArgumentHelp("Street.", valueName: "text"))
    var street1: String?

    @Option(name: .customLong("street-2"), help: ArgumentHelp("Second line.", valueName: "text"))
    var street2: String?

    @Option(help: ArgumentHelp("City.", valueName: "text"))
    var city: String?

    @Option(help: ArgumentHelp("State or province.", valueName: "text"))
    var state: String?

    @Option(help: ArgumentHelp("Postal code.", valueName: "text"))
    var postalCode: String?

    @Option(help: ArgumentHelp("Country.", valueName: "text"))
    var country: String?

    @Flag(help: "The company is billed there.")
    var defaultBilling = false

    @Flag(help: "The company is delivered to there.")
    var defaultShipping = false

    @Flag(help: "It was checked; at the hub.")
    var validated = false

    @Option(help: .seen("the lines"), transform: Typed.seen)
    var seen: Seen?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let texts = [
            "type": type, "label": label, "street_1": street1, "street_2": street2,
            "city": city, "state_province": state, "postal_code": postalCode, "country": country,
            "is_default_billing": defaultBilling ? "yes" : nil,
            "is_default_shipping": defaultShipping ? "yes" : nil,
            "is_validated": validated ? "yes" : nil,
        ]
        let cells = texts.compactMapValues { $0.map(Cell.text) }
        try node.setAddress(of: company, id: address, cells, seen: seen, by: actor)
        let company = try node.company(company)
        return Reply(company.json, lines: company.lines)
    }
}
