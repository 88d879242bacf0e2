import ArgumentParser
import CRDT
import Domain
import Node

struct NumberCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "number",
        abstract: "Ranges of human numbers such as PRJ-000123.",
        subcommands: [NumberList.self, NumberAsk.self, NumberGranting.self]
    )
}

struct NumberList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Say which numbers this device may still give out.",
        discussion: """
            A number is never given out twice: what is left when a device is restored, copied or \
            lost stays unused.

            gemba number list --data DIR

            JSON: {"numbers": [{"prefix", "total", "used", "low", "asked_for_more", "next"}]}
            """
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let numbers = try node.numbers()
        return Reply(
            ["numbers": .list(numbers, \.json)],
            lines: numbers.isEmpty ? ["no numbers yet: gemba number ask"] : numbers.map(\.text)
        )
    }
}

/// What numbers look like.
struct SeriesOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What the numbers begin with.", valueName: "text"))
    var prefix = NumberSeries.projects.prefix

    @Option(help: ArgumentHelp("How many digits they have, 1 to 9.", valueName: "number"))
    var digits: Int64 = 6

    func series() throws -> NumberSeries {
        guard let series = NumberSeries(prefix, digits: digits) else {
            throw CommandFault(
                .badInput,
                "a prefix is 1 to 16 visible characters and ends in no digit; digits are 1 to 9",
                reason: "no-series"
            )
        }
        return series
    }
}

struct NumberAsk: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask the hub for numbers, at a station.",
        discussion: """
            A running station asks by itself. The next meeting with the hub brings them.

            gemba number ask --data DIR

            JSON: {"asked"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var series: SeriesOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let asked = try node.askForNumbers(of: series.series())
        let text = asked ? "asked: meet the hub" : "nothing to ask for"
        return Reply(["asked": .bool(asked)], text)
    }
}

struct NumberGranting: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Lease a range of numbers to a device, at a hub.",
        discussion: """
            A running hub grants what stations ask for by itself. Without a replica they are this \
            hub's own.

            gemba number grant --data DIR --as nguyen.van.a --site HCM --replica ID --count 50

            JSON: {"first", "last"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var series: SeriesOptions

    @Option(help: ArgumentHelp("The site of the device.", valueName: "code"))
    var site: String?

    @Option(help: ArgumentHelp("As its `status` says.", valueName: "id"), transform: Typed.id)
    var replica: ID?

    @Option(help: ArgumentHelp("How many.", valueName: "number"))
    var count: Int64 = 50

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let series = try series.series()
        let range = try node.grantNumbers(
            of: series,
            count: count,
            to: replica,
            at: site,
            by: actor
        )
        let (first, last) = (series.text(range.lowerBound), series.text(range.upperBound))
        return Reply(
            ["first": .text(first), "last": .text(last)],
            "\(first) to \(last) are leased"
        )
    }
}
