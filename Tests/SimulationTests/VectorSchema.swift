import CRDT
import Domain
import Simulation

/// The schema that merges are judged by: a field of every merge, and an entity of hubs.
enum VectorSchema {
    /// Only hubs write it, and only in the scope of the tenant or of a site.
    static let rule = Entity(
        1_004,
        "rule",
        in: [.tenant, .site],
        form: .entity(key: [2, 1]),
        writer: .hub,
        fields: [
            Field(1, "code", .text, .fixed), Field(2, "place", .id, .fixed),
            Field(3, "limit", .decimal), Field(4, "columns", .list),
        ]
    )

    static let schema = Schema(
        version: 1,
        entities: [SimulationSchema.thing, SimulationSchema.named, SimulationSchema.step, rule]
    )

    /// The same, with the statements of hubs.
    static let ruled = Schema(version: 1, entities: schema.entities + HubStatement.entities)

    static func json(_ schema: Schema = schema) -> JSON {
        .list(
            schema.entities.map { entity in
                let (form, key): (String, [UInt32]) =
                    switch entity.form {
                    case .entity(let key): ("entity", key)
                    case .event(let stream): ("event", stream)
                    }
                return .object([
                    "number": .number(Int(entity.number)), "name": .text(entity.name),
                    "form": .text(form), "key": .list(key.map { .number(Int($0)) }),
                    "writer": .text(entity.writer == .hub ? "hub" : "any"),
                    "scopes": .list(
                        entity.scopes.map { Int($0.rawValue) }.sorted().map { .number($0) }
                    ),
                    "fields": .list(entity.fields.map(\.json)),
                ])
            }
        )
    }
}

extension Field {
    fileprivate var json: JSON {
        var members: [String: JSON] = [
            "number": .number(Int(number)), "name": .text(name), "kind": .text("\(kind)"),
        ]
        switch merge {
        case .fixed: members["merge"] = .text("fixed")
        case .register: members["merge"] = .text("register")
        case .authority: members["merge"] = .text("authority")
        case .set: members["merge"] = .text("set")
        case .counter: members["merge"] = .text("counter")
        case .map: members["merge"] = .text("map")
        case .cautious(let leastFirst):
            members["merge"] = .text("cautious")
            members["leastFirst"] = .list(leastFirst.map(\.json))
        }
        return .object(members)
    }
}
