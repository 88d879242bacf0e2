public import CRDT
public import Domain
import Wire

extension Store {
    /// Adds a hub's rulings on changes, in one action.
    ///
    /// - Parameters:
    ///   - ruling: What is ruled of all of them.
    ///   - changes: Where each lies, and which.
    ///   - reason: For people.
    ///   - actor: Who rules.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Returns: The changes that hold the verdicts.
    /// - Throws: `.inadmissible` at a node that is no hub.
    public func rule(
        _ ruling: Ruling,
        on changes: [(scope: Scope, point: FeedPoint)],
        reason: String,
        by actor: Actor,
        wallMilliseconds: UInt64
    ) throws -> Saved {
        guard publisher.current.own.isHub else {
            throw StorageError(.inadmissible, "only a hub rules on changes")
        }
        return try act(actor, wallMilliseconds: wallMilliseconds) { acting in
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
    }
}

extension View {
    /// The operation of a ruling: it replaces the rulings that are shown.
    ///
    /// - Parameters:
    ///   - ruling: What is ruled.
    ///   - point: Of which change.
    ///   - scope: Where the change lies.
    ///   - reason: For people.
    /// - Returns: A creation, or an edit of the verdict that stands.
    /// - Throws: What the disk says.
    public func verdict(
        _ ruling: Ruling,
        on point: FeedPoint,
        in scope: Scope,
        reason: String
    ) throws(StorageError) -> Operation {
        let key = Verdict.key(of: point)
        let id = ID(naturalKey: key, of: Verdict.number, in: scope, tenant: tenant)
        let (said, why) = (Value.text(ruling.rawValue), Value.text(reason))
        if let held = try record(id, of: Verdict.entity, in: scope) {
            return Operation(
                Verdict.number,
                .existing(id),
                edits: [
                    FieldEdit(
                        Verdict.ruling,
                        .write(said, replacing: held.names(Verdict.ruling))
                    ),
                    FieldEdit(
                        Verdict.reason,
                        .write(why, replacing: held.names(Verdict.reason))
                    ),
                ]
            )
        }
        let values = key + [said, why]
        let edits = zip(Verdict.replica...Verdict.reason, values).map {
            FieldEdit($0, .write($1, replacing: []))
        }
        return Operation(Verdict.number, .natural(id), edits: edits)
    }
}
