import CRDT
public import Domain

/// A small schema with a field of every merge, for histories that try them all.
public enum SimulationSchema {
    /// Kept under no key: each creation is a record.
    public static let thing = Entity(
        1_001,
        "thing",
        in: [.tenant, .site, .subject],
        form: .entity(key: []),
        fields: [
            Field(1, "title", .text),
            Field(2, "result", .text, .cautious(leastFirst: caution.map { .text($0) })),
            Field(3, "ruling", .text, .authority),
            Field(4, "tags", .text, .set),
            Field(5, "origin", .text, .fixed),
            Field(6, "count", .integer, .counter),
            Field(7, "labels", .text, .map),
        ]
    )
    /// Two stations that create it offline create one row.
    public static let named = Entity(
        1_002,
        "named",
        in: [.tenant, .site, .subject],
        form: .entity(key: [1]),
        fields: [Field(1, "name", .text, .fixed), Field(2, "note", .text)]
    )
    public static let step = Entity(
        1_003,
        "step",
        in: [.tenant, .site, .subject],
        form: .event(stream: [1]),
        fields: [Field(1, "stream", .text, .fixed), Field(2, "word", .text, .fixed)]
    )
    /// The results a cautious field knows, the least cautious first.
    public static let caution = ["PASS", "CONDITIONAL", "FAIL"]

    public static let schema = Schema(
        version: 1,
        entities: [thing, named, step, Opening.entity, Opened.entity] + HubStatement.entities
    )
}
