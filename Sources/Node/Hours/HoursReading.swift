import CRDT
import Domain
import Storage

/// The events that some entries of hours are made of, each entry with its stops and corrections.
struct HoursReading {
    private let view: View
    private(set) var events: [StoredEvent] = []
    private(set) var corrections: [StoredEvent] = []
    private var known: Set<ID> = []

    init(_ view: View) {
        self.view = view
    }

    /// Everything of a site: as many rows as there are.
    mutating func takeAll(of site: ID) throws {
        events += try view.events(of: HoursEvent.entity, in: .site(site))
        corrections += try view.events(of: HoursCorrection.entity, in: .site(site))
    }

    /// The entries of a person, or of everybody, that began in a period or run.
    ///
    /// - Parameters:
    ///   - person: nil: everybody.
    ///   - site: Whose entries are held.
    ///   - period: Milliseconds since 1970; nil: always.
    /// - Throws: What reading the store does.
    mutating func take(of person: ID?, at site: ID, in period: Range<Int64>?) throws {
        let people = try person.map { [$0] } ?? view.hoursPeople(at: site)
        for person in people {
            var began = LookUp(HoursEvent.byPerson, of: HoursEvent.entity, [.id(person)])
            began.from = period.map { .integer($0.lowerBound) }
            began.below = period.map { .integer($0.upperBound) }
            try take(began, at: site)
            if period != nil {
                try take(
                    LookUp(HoursEvent.running, of: HoursEvent.entity, [.id(person)]),
                    at: site
                )
                try takeUndone(of: person, at: site)
            }
        }
        // A correction may have moved an entry into the period.
        guard let period else { return }
        let moved = LookUp(
            HoursCorrection.byStart,
            of: HoursCorrection.entity,
            from: .integer(period.lowerBound),
            below: .integer(period.upperBound)
        )
        for correction in try view.events(moved, in: .site(site)).items {
            guard let entry = correction.fields.id(HoursCorrection.entryField) else { continue }
            try take(entry, at: site, of: person)
        }
    }

    /// The entries that those taken go on with.
    mutating func takeContinued(at site: ID) throws {
        for before in events.compactMap({ $0.fields.id(HoursEvent.continuesField) }) {
            try take(before, at: site)
        }
    }

    /// What was recorded or corrected since a time, and what runs.
    ///
    /// - Parameters:
    ///   - milliseconds: Since 1970, by the stamps of what was recorded.
    ///   - site: Where.
    /// - Throws: What reading the store does.
    mutating func takeRecorded(since milliseconds: UInt64, at site: ID) throws {
        let scope = Scope.site(site)
        for event in try view.events(of: HoursEvent.entity, in: scope, since: milliseconds) {
            switch HoursEvent(event.fields).action {
            case .start, .whole: try take(event, at: site)
            case .stop(let entry, _): try take(entry, at: site)
            case .undo, .unknown: break
            }
        }
        let corrected = try view.events(
            of: HoursCorrection.entity,
            in: scope,
            since: milliseconds
        )
        for correction in corrected {
            guard let entry = correction.fields.id(HoursCorrection.entryField) else { continue }
            try take(entry, at: site)
        }
        for person in try view.hoursPeople(at: site) {
            try take(of: person, at: site, in: 0..<0)
        }
    }

    /// The entries of a subject.
    mutating func take(ofSubject subject: ID, at site: ID) throws {
        try take(LookUp(HoursEvent.bySubject, of: HoursEvent.entity, [.id(subject)]), at: site)
    }

    /// One entry, unless it is somebody else's.
    mutating func take(_ entry: ID, at site: ID, of person: ID? = nil) throws {
        guard !known.contains(entry),
            let event = try view.event(entry, of: HoursEvent.entity, in: .site(site)),
            person == nil || event.fields.id(HoursEvent.personField) == person
        else { return }
        try take(event, at: site)
    }

    private mutating func take(_ lookUp: LookUp, at site: ID) throws {
        for event in try view.events(lookUp, in: .site(site)).items {
            try take(event, at: site)
        }
    }

    /// The entries of a person whose stops were taken back: they may run.
    private mutating func takeUndone(of person: ID, at site: ID) throws {
        let undone = LookUp(HoursEvent.undone, of: HoursEvent.entity, [.id(person)])
        for undo in try view.events(undone, in: .site(site)).items {
            guard let stop = undo.fields.id(HoursEvent.entryField),
                let stopped = try view.event(stop, of: HoursEvent.entity, in: .site(site)),
                let entry = stopped.fields.id(HoursEvent.entryField)
            else { continue }
            try take(entry, at: site, of: person)
        }
    }

    private mutating func take(_ event: StoredEvent, at site: ID) throws {
        guard known.insert(event.id).inserted else { return }
        events.append(event)
        let stops = LookUp(HoursEvent.byEntry, of: HoursEvent.entity, [.id(event.id)])
        for stop in try view.events(stops, in: .site(site)).items
        where known.insert(stop.id).inserted {
            events.append(stop)
            let undoing = LookUp(HoursEvent.byEntry, of: HoursEvent.entity, [.id(stop.id)])
            for undo in try view.events(undoing, in: .site(site)).items
            where known.insert(undo.id).inserted {
                events.append(undo)
            }
        }
        corrections += try view.events(
            of: HoursCorrection.entity,
            in: .site(site),
            stream: [.id(event.id)]
        )
    }
}

extension View {
    /// Everybody who has hours at a site.
    fileprivate func hoursPeople(at site: ID) throws -> [ID] {
        try firstIDs(of: HoursEvent.byPerson, of: HoursEvent.entity, in: .site(site))
    }

    /// The entry of one of some sites whose id begins with what a person typed.
    ///
    /// - Parameters:
    ///   - typed: The first digits.
    ///   - person: Whose entries may be meant; nil: anybody's.
    ///   - sites: Where to look.
    /// - Returns: The entry, and the site where it was recorded.
    /// - Throws: `.notFound`, also if several begin so.
    func hoursEntry(
        named typed: String,
        of person: ID? = nil,
        at sites: [ID]
    ) throws -> (site: ID, id: ID) {
        var found: [(site: ID, id: ID)] = []
        if typed.count >= HoursView.digitsMin {
            for site in sites {
                let events = try events(
                    of: HoursEvent.entity,
                    in: .site(site),
                    idsBeginning: typed,
                    limit: HoursView.namedMax
                )
                // Where there are more than are looked at, another may begin so too.
                if events.count == HoursView.namedMax {
                    found += events.prefix(2).map { (site, $0.id) }
                }
                for event in events {
                    let said = HoursEvent(event.fields)
                    guard person == nil || said.person == person else { continue }
                    switch said.action {
                    case .start, .whole: found.append((site, event.id))
                    case .stop, .undo, .unknown: break
                    }
                }
            }
        }
        return try found.only(
            "entry",
            beginning: typed,
            digitsMin: HoursView.digitsMin,
            shownBy: "gemba hours list",
            id: \.id
        )
    }
}
