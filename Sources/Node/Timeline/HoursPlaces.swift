import CRDT
import Domain
import Storage

/// Where the hours on a subject lie in the logs of the sites that are held: the starts and whole
/// entries that name it, what stopped, undid or corrected them, and what of it was set aside.
///
/// - Source: DOM-184.
struct HoursPlaces {
    let scope: Scope
    /// The operations by the positions of their changes.
    private(set) var operations: [Int64: Set<UInt16>] = [:]

    init(of subject: ID, in scope: Scope, on view: View) throws {
        self.scope = scope
        let starts = try view.places(
            LookUp(HoursEvent.bySubject, of: HoursEvent.entity, [.id(subject)]),
            in: scope
        )
        for start in starts {
            add(start)
            for stop in try Self.stops(of: start.id, in: scope, on: view) {
                add(stop)
                for undo in try Self.stops(of: stop.id, in: scope, on: view) { add(undo) }
            }
            let corrections = try view.places(
                of: HoursCorrection.entity,
                in: scope,
                stream: [.id(start.id)]
            )
            for correction in corrections { add(correction) }
        }
        try addSetAside(of: subject, known: Set(starts.map(\.id)), on: view)
    }

    private static func stops(of id: ID, in scope: Scope, on view: View) throws -> [LogPlace] {
        try view.places(LookUp(HoursEvent.byEntry, of: HoursEvent.entity, [.id(id)]), in: scope)
    }

    private mutating func add(_ place: LogPlace) {
        operations[place.position, default: []].insert(place.index)
    }

    /// No index leads to what was set aside: there is little of it.
    private mutating func addSetAside(of subject: ID, known: Set<ID>, on view: View) throws {
        for position in try view.exclusions(in: scope).keys {
            try view.forEachEntry(in: scope, after: position - 1, upTo: position) { entry in
                guard entry.operation.entity == HoursEvent.number else { return true }
                let names = entry.operation.written(HoursEvent.subjectField) == .id(subject)
                var ends = false
                if case .id(let id) = entry.operation.written(HoursEvent.entryField) {
                    ends = known.contains(id)
                }
                if names || ends { operations[position, default: []].insert(entry.index) }
                return true
            }
        }
    }

    /// Hands over what lies between two positions, in order of arrival.
    func forEachEntry(
        on view: View,
        after low: Int64,
        upTo high: Int64,
        _ body: (LogEntry) -> Void
    ) throws {
        for position in operations.keys.sorted() where low < position && position <= high {
            try view.forEachEntry(in: scope, after: position - 1, upTo: position) { entry in
                if operations[position]?.contains(entry.index) ?? false { body(entry) }
                return true
            }
        }
    }
}
