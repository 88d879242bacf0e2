/// The kinds of record that this version knows.
public struct Schema: Sendable {
    /// Rises by one with every version that adds an entity, a field or a value.
    public let version: UInt32
    /// The entities, by number.
    public let entities: [Entity]
    private let byNumber: [UInt32: Entity]
    /// The indexes of events that other events take out of them, with their entities.
    public let endedIndexes: [(entity: Entity, index: Index)]

    /// - Precondition: Numbers and names are unique, and key and stream fields exist and are fixed.
    public init(version: UInt32, entities: [Entity]) {
        self.version = version
        self.entities = entities.sorted { $0.number < $1.number }
        byNumber = Dictionary(entities.map { ($0.number, $0) }) { first, _ in
            preconditionFailure("two entities have the number \(first.number)")
        }
        endedIndexes = entities.filter(\.isEvent).flatMap { entity in
            entity.indexes.filter { $0.ending != nil }.map { (entity, $0) }
        }
    }

    public subscript(number: UInt32) -> Entity? { byNumber[number] }

    /// The entity of a name.
    public func entity(named name: String) -> Entity? {
        entities.first { $0.name == name }
    }
}
