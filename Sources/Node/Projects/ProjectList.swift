import Bytes
import CRDT
import Domain
import Storage

/// Which projects a list is to show.
public struct ProjectQuery: Hashable, Sendable {
    /// The slug of the stage they are in.
    public var stage: String?
    /// The status as a list says it.
    public var status: String?
    /// The person who leads them or has a part in them.
    public var assignedTo: String?
    public var priority: String?
    /// Whether they alone that are past the day promised or asked for, and not delivered; the most
    /// overdue first.
    public var isLate = false
    /// Whether they alone with a sub-stage past its due time.
    public var isOverdue = false
    /// Whether they alone of which something waits to be settled.
    public var isInConflict = false
    /// Words that their title, number or description must have.
    public var text: String?
    /// Where the page before ended.
    public var after: String?
    /// Most of a page; nil: all.
    public var limit: Int?

    public init() {}
}

/// Projects as a list shows them, page by page.
///
/// JSON: `{"projects": [a project of `project list`], "next"}`.
public struct ProjectPage: Sendable {
    /// What ``ProjectView/summary(_:)`` says of each.
    public let rows: [JSON]
    /// What `after` of the next page is; nil: there is no more.
    public let next: String?
}

extension LocalNode {
    /// The projects that this node holds, by number.
    ///
    /// Reads what is kept of each subject, and makes anew what is stale; so a list costs what it
    /// shows, and is never older than the store.
    ///
    /// - Throws: `.notFound` for a person that nobody here is called by; `.badInput` for an
    ///   `after` that no list gave.
    public func projects(_ query: ProjectQuery) throws -> ProjectPage {
        let (site, wall) = (site, wallMilliseconds)
        let (page, made, basis) = try read { view in
            let day = try view.clock(of: site).day(milliseconds: Int64(clamping: wall))
            let now = Int64(clamping: wall)
            let wanted = try query.summaries(on: view, today: day, now: now)
            let basis = try view.summaryBasis()
            let made = try view.madeSummaries(basis)
            let fresh = try view.summaries(wanted, basis)
            let stale = made.compactMap { made in
                made.summary.map { ListedSummary($0, of: made.scope) }
            }
            let (rows, isWhole) = wanted.page(of: fresh + stale)
            let names = try Nicknames(view)
            let page = ProjectPage(
                rows: rows.compactMap { row in
                    JSON(decoding: row.summary.bytes)?.mapTexts(names.resolved)
                        .aged(now: now, today: day)
                },
                next: isWhole ? nil : rows.last.map { wanted.cursor(of: $0).text }
            )
            return (page, made, basis)
        }
        // What cannot be kept now is made again by the next list; what one person sees is not kept.
        if person == nil { try? store.keep(made, basis) }
        return page
    }

    /// Makes what lists read of the subjects that changed, some at a time.
    ///
    /// - Returns: Whether there may be more.
    @discardableResult
    public func refreshLists() throws -> Bool {
        let (made, basis) = try readWhole { view in
            let basis = try view.summaryBasis()
            return (try view.madeSummaries(basis, atMost: Self.refreshedAtOnce), basis)
        }
        try store.keep(made, basis)
        return made.count == Self.refreshedAtOnce
    }

    private static let refreshedAtOnce = 200
}

// MARK: - What is kept

extension View {
    /// Rises when what is kept of a project changes, whatever it is made from.
    private static var summaryForm: UInt8 { 3 }

    /// What summaries rest on beside their scopes: what stages and sub-stages are called and need,
    /// and what quality asks for.
    fileprivate func summaryBasis() throws -> [UInt8] {
        let entities = [
            WorkflowStage.entity, WorkflowSubStage.entity, WorkflowDefinition.entity,
            // What quality holds is not left.
            QualityProcess.entity, QualityItem.entity,
        ]
        return [Self.summaryForm] + (try fingerprint(of: entities, in: .tenant).bytes)
    }

    /// The subjects of which something waits for a person, by number, with the summaries that had
    /// to be made to tell.
    func waitingSubjects() throws -> (
        subjects: [Scope],
        made: [(scope: Scope, moment: SummaryMoment, summary: Summary?)],
        basis: [UInt8]
    ) {
        let basis = try summaryBasis()
        let made = try madeSummaries(basis)
        var wanted = SummaryQuery(limit: .max)
        wanted.facets = [Summary.Facet(ProjectQuery.waiting, "yes")]
        let stale = made.compactMap { made in
            made.summary.map { ListedSummary($0, of: made.scope) }
        }
        let (rows, _) = wanted.page(of: try summaries(wanted, basis) + stale)
        return (rows.map(\.scope), made, basis)
    }

    /// The summaries of the subjects whose kept ones are stale.
    fileprivate func madeSummaries(
        _ basis: [UInt8],
        atMost most: Int = .max
    ) throws -> [(scope: Scope, moment: SummaryMoment, summary: Summary?)] {
        try staleSubjects(basis).prefix(most).map { scope, moment in
            let record = try records(of: Project.entity, in: scope).first { !$0.isDeleted }
            let summary = try record.map { record in
                try ProjectView(record, in: scope, on: self).kept(on: self)
            }
            return (scope, moment, summary)
        }
    }
}

extension ProjectView {
    /// What is kept of the project for lists: a function of its scope and what summaries rest on.
    func kept(on view: View) throws -> Summary {
        let fields = record.fields
        let dates = ProjectDates(self)
        let shown = summary(.deferred)
        var facets: Set<Summary.Facet> = []
        func add(_ name: String, _ value: String?) {
            if let value { facets.insert(Summary.Facet(name, value)) }
        }
        add(ProjectQuery.stage, stage)
        add(ProjectQuery.status, shown["status"]?.string)
        add(ProjectQuery.priority, shown["priority"]?.string)
        add(ProjectQuery.assignee, fields.id(Project.assignedTo).map { "\($0)" })
        for assignment in assignments.values {
            let worker = assignment.fields.id(SubStageNote.assignedTo)
            add(ProjectQuery.assignee, worker.map { "\($0)" })
        }
        add(ProjectQuery.due, dates.lateAfter)
        if dates.isOpen { add(ProjectQuery.overdue, dates.subStagesDue.first.map(Self.padded)) }
        if hasConflict { add(ProjectQuery.conflict, "yes") }
        let search = try ConflictSearch(view, tenant: view.tenantID, names: .deferred)
        if try !search.cases(of: self, []).isEmpty { add(ProjectQuery.waiting, "yes") }
        let kept = shown.with(JSON.datesKey, dates.json)
        return Summary(sort: number, facets: facets, bytes: kept.encoded)
    }
}

extension ProjectView {
    /// A time since 1970 as a text that sorts as times do.
    static func padded(_ milliseconds: Int64) -> String {
        let digits = String(max(0, milliseconds))
        return String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }
}

extension JSON {
    /// The member of a kept row that no list shows.
    fileprivate static let datesKey = "dates"

    /// A row that was kept, with what its age says of it now.
    fileprivate func aged(now: Int64, today: String) -> JSON {
        guard case .object(let members) = self,
            let dates = ProjectDates(members.last { $0.key == Self.datesKey }?.value)
        else { return self }
        let age = ProjectAge(of: dates, now: now, today: today)
        let shown = members.filter { $0.key != Self.datesKey }
        return age.members.reduce(.object(shown)) { $0.with($1.0, $1.1) }
    }
}

extension ProjectQuery {
    fileprivate static let overdue = "overdue"
    fileprivate static let stage = "stage"
    fileprivate static let status = "status"
    fileprivate static let priority = "priority"
    fileprivate static let assignee = "assignee"
    fileprivate static let due = "due"
    fileprivate static let conflict = "conflict"
    /// Whether any case of ``ConflictSearch`` is of it, of whatever kind.
    fileprivate static let waiting = "waiting"

    /// Projects whose words fit; of more the best.
    private static let foundMax = 1_000

    fileprivate func summaries(
        on view: View,
        today: String,
        now: Int64
    ) throws -> SummaryQuery {
        var query = SummaryQuery(limit: limit.map { max(0, $0) } ?? .max)
        let person = try assignedTo.flatMap { try view.user(named: $0).fields.id(User.user) }
        let facets: [(String, String?)] = [
            (Self.assignee, person.map { "\($0)" }), (Self.conflict, isInConflict ? "yes" : nil),
            (Self.stage, stage), (Self.status, status),
            (Self.priority, priority.map { Priority.canonical($0) ?? $0 }),
        ]
        query.facets = facets.compactMap { name, value in
            value.map { Summary.Facet(name, $0) }
        }
        if let text {
            let found = try view.search(
                SearchTerms(text),
                for: [Project.entity],
                limit: Self.foundMax
            )
            query.scopes = Set(found.map(\.scope))
        }
        guard !(isLate && isOverdue) else {
            throw CommandFault(.usage, "--late or --overdue, not both", reason: "two-orders")
        }
        if isLate { query.below = Summary.Facet(Self.due, today) }
        if isOverdue { query.below = Summary.Facet(Self.overdue, ProjectView.padded(now)) }
        if let after {
            guard let cursor = SummaryQuery.Cursor(text: after) else {
                throw CommandFault(
                    .badInput,
                    "--after takes what the page before printed as next",
                    reason: "not-a-cursor"
                )
            }
            query.after = cursor
        }
        return query
    }
}

extension SummaryQuery.Cursor {
    /// Digits that a person carries from one page to the next.
    var text: String {
        Hex.encode(JSON.list([.text(value), .text(sort), .text("\(key)")]).encoded)
    }

    /// Reads what ``text`` writes; anything else is nil.
    init?(text: String) {
        guard let bytes = Hex.decode(text), case .list(let parts) = JSON(decoding: bytes),
            parts.count == 3, let value = parts[0].string, let sort = parts[1].string,
            let key = parts[2].string.flatMap({ ID(text: $0) })
        else { return nil }
        self.init(value: value, sort: sort, key: key)
    }
}
