public import CRDT
public import Domain
import Wire

extension Operation {
    /// The operation that creates a record, or records an event.
    ///
    /// A record with a natural key takes the id that follows from its key, so whoever creates it
    /// again creates the same one (CHG-8).
    ///
    /// - Parameters:
    ///   - entity: The kind of record.
    ///   - values: Its fields; those of the key among them.
    ///   - scope: Where it will live.
    ///   - tenant: The tenant of the store.
    public init(creating entity: Entity, _ values: FieldValues, in scope: Scope, tenant: ID) {
        let target: Target =
            switch entity.form {
            case .event: .event
            case .entity(let key) where key.isEmpty: .new
            case .entity(let key):
                .natural(
                    ID(
                        naturalKey: key.map { values[$0] ?? .null },
                        of: entity.number,
                        in: scope,
                        tenant: tenant
                    )
                )
            }
        self.init(entity.number, target, edits: values.edits)
    }
}
