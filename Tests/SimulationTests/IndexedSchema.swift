import CRDT
import Domain
import Simulation

/// The schema of simulations with an index of every form.
enum IndexedSchema {
    static let byTitle = Index(1, "title", [.name(1), .value(5)])
    static let byResult = Index(2, "result", [.value(2)])
    static let byTag = Index(3, "tag", [.value(4)], reach: .store)
    static let failed = Index(4, "failed", [.value(1)], where: .field(2, is: "FAIL", "NEWER"))
    static let byNote = Index(1, "note", [.value(2)], reach: .store)
    static let byWord = Index(1, "word", [.name(2), .value(1)])

    static let thing = indexed(
        SimulationSchema.thing,
        [byTitle, byResult, byTag, failed],
        [Searched(1, .name), Searched(4, .description), Searched(2, .number)]
    )
    static let named = indexed(SimulationSchema.named, [byNote], [Searched(2, .description)])
    static let step = indexed(SimulationSchema.step, [byWord], [Searched(2, .name)])

    static let schema = Schema(
        version: 1,
        entities: [thing, named, step, HoursEvent.entity, Opening.entity, Opened.entity]
            + HubStatement.entities
    )

    private static func indexed(
        _ entity: Entity,
        _ indexes: [Index],
        _ searched: [Searched]
    ) -> Entity {
        Entity(
            entity.number,
            entity.name,
            in: entity.scopes,
            form: entity.form,
            fields: entity.fields,
            indexes: indexes,
            searched: searched
        )
    }
}
