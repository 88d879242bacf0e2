import CRDT
import Domain
import Storage

/// What a timeline shows, and which page of it.
public struct TimelineRequest: Sendable {
    /// A project; nil: every scope that the node holds.
    public var project: String?
    /// Only what this person signed.
    public var person: String?
    /// Only what was done at devices of this site.
    public var site: String?
    /// Only this kind of record, such as `progress_event`, or this activity, such as `created`.
    public var kind: String?
    /// Most items of a page, 1 to 1,000.
    public var limit = 50
    /// What comes after this place; nil with `before` nil: the latest page.
    public var after: TimelineCursor?
    /// What comes before this place.
    public var before: TimelineCursor?

    public init() {}
}

/// Reads a page of the log.
struct TimelineSearch {
    let view: View
    let scopes: [(scope: Scope, position: Int64)]
    let person: ID?
    let site: ID?
    let kind: String?
    /// Of a project, where the hours on it lie.
    let hours: [HoursPlaces]

    private var end: Int64 {
        let hours = hours.flatMap(\.operations.keys)
        return max(scopes.map(\.position).max() ?? 0, hours.max() ?? 0)
    }

    /// Positions that are read at once at first; twice as many each time nothing is found.
    private static let windowMin: Int64 = 256
    private static let windowMax: Int64 = 1 << 16

    /// Up to `limit` entries after a place, ascending.
    func entries(after cursor: TimelineCursor, limit: Int) throws -> [LogEntry] {
        let end = end
        var found: [LogEntry] = []
        var low = max(0, cursor.position - 1)
        var width = Self.windowMin
        while found.count < limit, low < end {
            let high = min(end, low + width)
            found += try window(after: low, upTo: high).filter { Self.cursor($0) > cursor }
            low = high
            width = min(Self.windowMax, width * 2)
        }
        return Array(found.prefix(limit))
    }

    /// Up to `limit` entries before a place, ascending; nil: before the end.
    func entries(before cursor: TimelineCursor?, limit: Int) throws -> [LogEntry] {
        let end = end
        var found: [LogEntry] = []
        var high = min(end, cursor?.position ?? end)
        var width = Self.windowMin
        while found.count < limit, high > 0 {
            let low = max(0, high - width)
            let part = try window(after: low, upTo: high).filter { entry in
                cursor.map { Self.cursor(entry) < $0 } ?? true
            }
            found = part + found
            high = low
            width = min(Self.windowMax, width * 2)
        }
        return Array(found.suffix(limit))
    }

    private static func cursor(_ entry: LogEntry) -> TimelineCursor {
        TimelineCursor(position: entry.origin.position, index: entry.index)
    }

    /// What is wanted between two positions, in order of arrival.
    private func window(after low: Int64, upTo high: Int64) throws -> [LogEntry] {
        var found: [LogEntry] = []
        for (scope, last) in scopes where last > low {
            try view.forEachEntry(in: scope, after: low, upTo: high) { entry in
                if isWanted(entry) { found.append(entry) }
                return true
            }
        }
        for places in hours {
            try places.forEachEntry(on: view, after: low, upTo: high) { entry in
                if isWanted(entry) { found.append(entry) }
            }
        }
        return found.sorted { Self.cursor($0) < Self.cursor($1) }
    }

    private func isWanted(_ entry: LogEntry) -> Bool {
        if let person, entry.origin.user != person { return false }
        if let site, entry.origin.site != site { return false }
        let entity = Catalogue.schema[entry.operation.entity]
        guard let kind else { return entry.operation.entity != Receipt.number }
        return entity?.name == kind
            || TimelineItem.Activity(entry.operation, entity).rawValue == kind
    }
}

/// What records were before each entry of a page, and what people call them.
struct TimelineRecords {
    private struct Key: Hashable {
        let scope: Scope
        let entity: UInt32
        let id: ID
    }

    private let view: View
    private var entries: [Key: [LogEntry]] = [:]
    private var titles: [Key: String?] = [:]
    private var streams: [StreamKey: [StoredEvent]] = [:]

    private struct StreamKey: Hashable {
        let scope: Scope
        let entity: UInt32
        let values: [Value]
    }

    init(_ view: View) {
        self.view = view
    }

    /// The record as it was before an entry, of what had arrived; nil for an event.
    mutating func record(before entry: LogEntry) throws -> Record? {
        guard let key = key(of: entry) else { return nil }
        let all =
            try entries[key]
            ?? view.entries(touching: key.id, of: key.entity, in: key.scope)
        entries[key] = all
        var record = Record()
        for earlier in all where earlier.origin.position < entry.origin.position {
            if let counted = earlier.counted { record.apply(counted, rank: earlier.rank) }
        }
        return record
    }

    /// The events of the stream of an event that had arrived before it and that it had not seen.
    mutating func unseen(by entry: LogEntry) throws -> [ID] {
        guard case .event = entry.operation.target, let id = entry.id,
            let entity = Catalogue.schema[entry.operation.entity],
            case .event(let fields) = entity.form, !fields.isEmpty
        else { return [] }
        let values = fields.map { entry.operation.written($0) ?? .null }
        let key = StreamKey(scope: entry.origin.scope, entity: entity.number, values: values)
        let events =
            try streams[key] ?? view.events(of: entity, in: key.scope, stream: values)
        streams[key] = events
        let stream = Stream(
            events.map { Stream.Entry($0.id, rank: $0.rank, index: $0.index, after: $0.after) }
        )
        guard let own = stream.entries.first(where: { $0.event == id }) else { return [] }
        let earlier = events.filter { $0.origin.position < entry.origin.position }
        let known = Set(earlier.map(\.id))
        return stream.entries.filter { known.contains($0.event) && !stream.saw(own, $0) }
            .map(\.event)
    }

    private func key(of entry: LogEntry) -> Key? {
        if case .event = entry.operation.target { return nil }
        return entry.id.map {
            Key(scope: entry.origin.scope, entity: entry.operation.entity, id: $0)
        }
    }

    /// The fields that people call something by, the best first.
    private static let naming = [
        "title", "name", "code", "sub_stage", "task", "defect", "slug", "username",
    ]

    /// What people call the record of an entry; of an event, what it is about.
    mutating func title(of entry: LogEntry) throws -> String? {
        guard let entity = Catalogue.schema[entry.operation.entity] else { return nil }
        func name(_ text: (UInt32) -> String?) -> String? {
            for word in Self.naming {
                guard let field = entity.fields.first(where: { $0.name == word }),
                    let text = text(field.number)
                else { continue }
                return text
            }
            return nil
        }
        let own = name { field in
            if case .text(let text) = entry.operation.written(field) { text } else { nil }
        }
        guard own == nil, let key = key(of: entry) else { return own }
        if let known = titles[key] { return known }
        let record = try view.record(key.id, of: entity, in: key.scope)
        let title = record.flatMap { record in name { record.fields.text($0) } }
        titles[key] = .some(title)
        return title
    }
}
