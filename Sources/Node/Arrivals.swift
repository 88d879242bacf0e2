public import CRDT
import Domain
public import Storage

/// The events that a store has taken in since a position, for those who watch it grow.
public struct Arrivals: Sendable {
    /// One of them.
    public struct Item: Sendable {
        public let scope: Scope
        public let event: StoredEvent
        /// The name of its kind.
        public let kind: String
        /// Its fields that have a value, by name.
        public let values: [(name: String, value: Value)]
    }

    public private(set) var items: [Item] = []
    /// Scopes in which something arrived, be it edits alone, which are no events.
    public private(set) var scopes: [Scope] = []

    /// - Parameters:
    ///   - node: Whose store is looked at.
    ///   - after: Changes above this position of the log.
    ///   - upTo: And not above this one.
    /// - Throws: What the store says.
    public init(at node: LocalNode, after: Int64, upTo: Int64) throws {
        scopes = try node.store.scopesWithArrivals(after: after, upTo: upTo)
        // Receipts tell of arrivals; they are none.
        let kinds = node.store.schema.entities.filter {
            $0.isEvent && $0.number != Receipt.number
        }
        items = try node.read { [scopes] view in
            var items: [Item] = []
            for scope in scopes {
                for kind in kinds where kind.scopes.contains(scope.kind) {
                    for event in try view.events(of: kind, in: scope)
                    where event.origin.position > after && event.origin.position <= upTo {
                        let values = event.fields.named(by: kind)
                        items.append(
                            Item(scope: scope, event: event, kind: kind.name, values: values)
                        )
                    }
                }
            }
            return items.sorted {
                ($0.event.origin.position, $0.event.index)
                    < ($1.event.origin.position, $1.event.index)
            }
        }
    }
}

extension Fields {
    /// The fields of an entity that have a value, by name, in the order of their numbers.
    func named(by entity: Entity) -> [(name: String, value: Value)] {
        entity.fields.compactMap { field in
            switch field.merge {
            case .set:
                let elements = elements(field.number)
                let sorted = elements.sorted { "\($0)" < "\($1)" }
                return elements.isEmpty ? nil : (field.name, .list(sorted))
            case .map:
                let entries = entries(field.number).map {
                    Value.text("\($0.key)=\($0.value.shown)")
                }
                return entries.isEmpty ? nil : (field.name, .list(entries))
            default: return self[field.number].map { (field.name, $0) }
            }
        }
    }
}
