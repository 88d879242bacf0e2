import CRDT

/// The names of the heads that a form showed: what an edit made from it carries (MERGE-9).
///
/// As text: names of 64 hexadecimal digits with commas between, or `none`.
public struct Seen: Hashable, Sendable {
    let names: [Name]

    init(_ names: [Name]) {
        self.names = names.sorted()
    }

    /// Reads what ``text`` writes; anything else is nil.
    public init?(text: String) {
        guard text != Self.none else {
            names = []
            return
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let names = parts.compactMap(Name.init(text:))
        guard names.count == parts.count, names.count <= Self.namesMax else { return nil }
        self.names = Set(names).sorted()
    }

    public var text: String {
        names.isEmpty ? Self.none : names.map(\.text).joined(separator: ",")
    }

    private static let none = "none"
    /// More heads than a form could show.
    private static let namesMax = 1_000

    /// The names, if all of them are known here.
    ///
    /// - Throws: `.badInput` for a name of something else.
    func names(among known: [Name]) throws -> [Name] {
        guard Set(known).isSuperset(of: names) else {
            throw CommandFault(
                .badInput,
                "--seen names what is not held here: carry what `show --json` printed as seen",
                reason: "unknown-names"
            )
        }
        return names
    }
}

extension Name {
    /// Its 32 bytes as hexadecimal digits: time, replica, hash prefix.
    var text: String {
        "\(ID(high: stamp.time.raw, low: hash).description.prefix(16))\(stamp.replica)"
            + ID(high: 0, low: hash).description.suffix(16)
    }

    /// Reads what ``text`` writes.
    init?(text: some StringProtocol) {
        guard text.utf8.count == 64,
            let outer = ID(text: "\(text.prefix(16))\(text.suffix(16))"),
            let replica = ID(text: text.dropFirst(16).prefix(32))
        else { return nil }
        self.init(Stamp(HybridTime(raw: outer.high), replica), hash: outer.low)
    }
}

extension Stream {
    /// The stream as someone saw it who was shown these heads.
    func shown(_ heads: [Name]) -> Stream {
        let shown = entries.filter { heads.contains($0.name) }
        return Stream(
            entries.filter { entry in
                heads.contains(entry.name) || shown.contains { saw($0, entry) }
            }
        )
    }
}
