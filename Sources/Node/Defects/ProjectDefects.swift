public import CRDT
public import Domain
public import Storage

/// The defects of a project with their steps, as they are shown.
public struct ProjectDefects: Sendable {
    /// A defect with its steps.
    public struct Item: Sendable {
        public let record: StoredRecord
        public let definition: DefectDefinition
        public let stream: Stream<DefectStep>
        public let progress: DefectProgress
    }

    public let scope: Scope
    /// By code.
    public let items: [Item]
    let events: [ID: StoredEvent]

    init(in scope: Scope, on view: View) throws {
        self.scope = scope
        var events: [StoredEvent] = []
        var items: [Item] = []
        for record in try view.records(of: Defect.entity, in: scope) where !record.isDeleted {
            guard let definition = DefectDefinition(record.fields) else { continue }
            let steps = try view.events(
                of: DefectStep.entity,
                in: scope,
                stream: [.text(definition.code)]
            )
            let stream = Stream(steps.map { $0.entry(as: DefectStep.self) })
            let progress = DefectProgress(stream)
            items.append(
                Item(record: record, definition: definition, stream: stream, progress: progress)
            )
            events += steps
        }
        self.items = items.sorted { $0.definition.code < $1.definition.code }
        self.events = Dictionary(events.map { ($0.id, $0) }) { first, _ in first }
    }

    public subscript(code: String) -> Item? { items.first { $0.definition.code == code } }

    /// How far each is, by code.
    var progress: [String: DefectProgress] {
        Dictionary(items.map { ($0.definition.code, $0.progress) }) { $1 }
    }

    /// How many open critical defects name an inspection.
    func critical(of inspection: ID) -> Int {
        items.count { $0.progress.holdsWork && $0.definition.inspection == inspection }
    }

    /// The defect whose code is so, or begins so.
    ///
    /// - Throws: `.notFound`, also if several begin so.
    public func defect(named typed: String) throws -> Item {
        let beginning = items.filter {
            $0.definition.code.lowercased().hasPrefix(typed.lowercased())
        }
        if beginning.count == 1, !typed.isEmpty { return beginning[0] }
        var choice = NameChoice<Item>("defect")
        for item in items { choice.add(item, names: [item.definition.code]) }
        return try choice.only(called: typed)
    }

    /// Who wrote an event.
    func origin(_ id: ID?) -> Origin? { id.flatMap { events[$0] }?.origin }
}
