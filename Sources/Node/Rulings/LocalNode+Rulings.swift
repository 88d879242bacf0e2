import Bytes
import CRDT
public import Domain
public import Storage

extension LocalNode {
    /// Rules, as a hub, on changes: from then on they count everywhere, or nowhere.
    ///
    /// - Parameters:
    ///   - ruling: What is ruled of all of them.
    ///   - typed: The first digits of their hashes, at least eight.
    ///   - reason: For people; not blank.
    ///   - actor: Who rules.
    /// - Returns: The hashes, in hexadecimal.
    /// - Throws: `RuleFault`; `.refused` at a node that is no hub; `.notFound`.
    public func rule(
        _ ruling: Ruling,
        on typed: [String],
        reason: String,
        by actor: Actor
    ) throws -> [String] {
        guard isHub else {
            throw CommandFault(.refused, "only a hub rules on changes", reason: "hub-only")
        }
        try ShortText.text(reason)
        let changes = try read { view in try typed.map { try view.change(named: $0) } }
        _ = try act(by: actor) { acting, person in
            try person.check(.ruleOnChanges)
            var draft = Draft()
            for (scope, point) in changes {
                let operation = try acting.view.verdict(
                    ruling,
                    on: point,
                    in: scope,
                    reason: reason
                )
                draft.add(operation, in: scope)
            }
            return draft
        }
        return changes.map { Hex.encode($0.point.hash.bytes) }
    }
}

extension View {
    /// The one change whose hash begins so.
    fileprivate func change(named typed: String) throws -> (scope: Scope, point: FeedPoint) {
        let digits = typed.lowercased()
        let whole = digits.utf8.count - digits.utf8.count % 2
        guard (8...64).contains(digits.utf8.count),
            let prefix = Hex.decode(digits.prefix(whole))
        else {
            throw CommandFault(
                .notFound,
                "a change is called by at least eight digits of its hash: see `gemba aside`",
                reason: "unknown-name"
            )
        }
        let found = try changes(hashPrefix: prefix).filter {
            Hex.encode($0.point.hash.bytes).hasPrefix(digits)
        }
        guard let only = found.first, found.count == 1 else {
            throw CommandFault(
                .notFound,
                found.isEmpty
                    ? "no change has a hash that begins so" : "give more digits of the hash",
                reason: found.isEmpty ? "unknown-name" : "ambiguous-name"
            )
        }
        return only
    }
}
