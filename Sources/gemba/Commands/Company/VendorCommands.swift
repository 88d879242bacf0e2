import ArgumentParser
import CRDT
import Domain
import Node

struct VendorCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vendor",
        abstract: "How vendors deliver: ratings, and what they come to.",
        subcommands: [VendorList.self, VendorShow.self, VendorRate.self]
    )
}

struct VendorList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the vendors with their figures.",
        discussion: """
            gemba vendor list --data DIR

            JSON: {"vendors": [{"company", "name", "ratings", "on_time", "recommended", "quality", \
            "communication", "conflicts"}]}; shares in hundredths of a percent, means as texts.
            """
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let vendors = try node.vendors()
        return Reply(
            ["vendors": .list(vendors, \.summary)],
            lines: vendors.isEmpty ? ["no vendors yet"] : vendors.flatMap(\.lines)
        )
    }
}

struct VendorShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a vendor with all its ratings.",
        discussion: """
            gemba vendor show --data DIR "Precision Parts"

            JSON: one of `vendor list` with "all": [{"rating", "counts", "on_time", "quality", \
            "communication", "would_recommend", "item", "issues", "supersedes", "by"}]
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .company)
    var company: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let vendor = try node.vendor(company)
        return Reply(vendor.json, lines: vendor.lines)
    }
}

struct VendorRate: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "rate",
        abstract: "Rate a vendor, or replace a rating that was wrong.",
        discussion: """
            A rating is never changed: another one takes its place. One that only replaces takes \
            back.

            gemba vendor rate --data DIR --as hoang.van.e "Precision Parts" --on-time yes \
            --quality 4 --communication 5 --recommend yes

            JSON: that of `vendor show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .company)
    var company: String

    @Option(help: "Whether it came when it was promised: yes or no.")
    var onTime: YesOrNo?

    @Option(help: "1 to 5.")
    var quality: Int64?

    @Option(help: "1 to 5.")
    var communication: Int64?

    @Option(help: "Whether you would buy there again: yes or no.")
    var recommend: YesOrNo?

    @Option(help: ArgumentHelp("What was delivered.", valueName: "text"))
    var item: String?

    @Option(help: .project)
    var project: String?

    @Option(help: ArgumentHelp("What went wrong.", valueName: "text"))
    var issues: String?

    @Option(
        name: .customLong("replaces"),
        help: ArgumentHelp("A rating that this one replaces; may be repeated.", valueName: "id"),
        transform: Typed.id
    )
    var replaces: [ID] = []

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let vendor = try node.rateVendor(
            company,
            about: project,
            { rating in
                rating.isOnTime = onTime?.isYes
                rating.quality = quality
                rating.communication = communication
                rating.wouldRecommend = recommend?.isYes
                rating.item = item
                rating.issues = issues
                rating.supersedes = Set(replaces)
            },
            by: actor
        )
        return Reply(vendor.json, lines: vendor.lines)
    }
}

/// An answer on the command line.
enum YesOrNo: String, ExpressibleByArgument, Sendable {
    case yes
    case no

    var isYes: Bool { self == .yes }
}
