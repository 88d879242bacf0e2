import Bytes
import CRDT
import Domain
import Storage

/// A change that does not count because a hub says so, as a person reads it.
public struct SetAsideChange: Sendable {
    private let change: ExcludedChange
    private let names: Nicknames

    init(_ change: ExcludedChange, _ names: Nicknames) {
        self.change = change
        self.names = names
    }

    /// The first digits of its hash: what `hub verdict` takes.
    public var short: String { String(Hex.encode(change.point.hash.bytes).prefix(12)) }

    public var why: String { change.exclusion.rawValue }

    public var reason: String? { change.reason }

    public var author: String { Authorship(change.origin, names).text }

    /// The kinds of record that it writes.
    public var what: String { kinds.joined(separator: ", ") }

    private var kinds: [String] {
        change.entities.map { Catalogue.schema[$0]?.name ?? "entity \($0)" }
    }

    public var scope: String { "\(change.origin.scope)" }

    public var json: JSON {
        [
            "change": .text(Hex.encode(change.point.hash.bytes)),
            "scope": .text(scope), "why": .text(why), "reason": .text(orNull: reason),
            "writes": .list(kinds) { .text($0) },
            "by": Authorship(change.origin, names).json,
        ]
    }
}

extension LocalNode {
    /// The changes that statements of hubs set aside, in order of arrival.
    public func setAside() throws -> [SetAsideChange] {
        try read { view in
            let names = try Nicknames(view)
            return try view.setAside().map { SetAsideChange($0, names) }
        }
    }
}
