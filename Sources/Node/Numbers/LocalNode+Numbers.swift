public import CRDT
public import Domain
public import Storage
import Wire

extension LocalNode {
    private static let givenPrefix = "number/"

    /// The greatest number of a series that this replica gave out, whatever became of its record.
    private func given(_ series: NumberSeries) throws -> Int64 {
        let key = "\(Self.givenPrefix)\(store.replica)/\(series.prefix)"
        let value = try store.localValue(key)
        return value.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    /// Remembers that a number was given out, once it is on disk.
    func noteGiven(_ number: Int64, of series: NumberSeries) throws {
        guard try given(series) < number else { return }
        let key = "\(Self.givenPrefix)\(store.replica)/\(series.prefix)"
        try store.setLocalValue(Array("\(number)".utf8), for: key)
    }

    /// What this replica may still give out of a series.
    func stock(of series: NumberSeries, on view: View) throws -> NumberStock {
        NumberStock(
            try view.leases().map(\.lease),
            of: series,
            for: store.replica,
            taken: try view.numbersTaken(in: series),
            given: try given(series)
        )
    }

    /// What this device may still give out: a line for each series it has or needs.
    public func numbers() throws -> [NumberStanding] {
        try read { view in
            let own = try view.leases().map(\.lease).filter { $0.replica == store.replica }
            let series = Set(own.map(\.series)).sorted { $0.prefix < $1.prefix }
            return try series.map { NumberStanding(try stock(of: $0, on: view), of: $0) }
        }
    }

    /// Takes the next number of a series in an action, and asks for more where they run low.
    ///
    /// At a hub a further lease is granted in the same action.
    ///
    /// - Parameters:
    ///   - series: Which numbers.
    ///   - view: The rows as they are.
    ///   - draft: Takes what is asked for or granted.
    /// - Returns: The number; nil at a station that has none left.
    /// - Throws: `RuleFault`: `outOfRange` at a hub, if the series is used up.
    func takeNumber(
        of series: NumberSeries,
        on view: View,
        into draft: inout Draft
    ) throws -> Int64? {
        let stock = try stock(of: series, on: view)
        if isHub {
            if let next = stock.next { return next }
            let range = try grant(of: series, on: view, apart: [])
            let lease = NumberLease(
                series,
                replica: store.replica,
                ordinal: stock.nextOrdinal,
                range: range
            )
            draft.add(creation(of: lease, in: .tenant), in: .tenant)
            return range.lowerBound
        }
        // What is taken now may be what makes the rest low.
        let after = NumberStock(
            try view.leases().map(\.lease),
            of: series,
            for: store.replica,
            taken: try view.numbersTaken(in: series).union(stock.next.map { [$0] } ?? []),
            given: try given(series)
        )
        if after.isLow, !after.isWaiting, let operation = request(series, after.nextOrdinal) {
            draft.add(operation, in: .site(site))
        }
        return stock.next
    }

    /// What asks for a lease; nil for a device of no site.
    private func request(_ series: NumberSeries, _ ordinal: Int64) -> Operation? {
        guard site != .zero, store.certificate.kind == .station else { return nil }
        let lease = NumberLease(series, replica: store.replica, ordinal: ordinal)
        return creation(of: lease, in: .site(site))
    }

    private func creation(of lease: NumberLease, in scope: Scope) -> Operation {
        Operation(
            creating: NumberLease.entity,
            lease.values,
            in: scope,
            tenant: store.tenant
        )
    }

    /// Asks for numbers where this station has none, or few.
    ///
    /// - Returns: Whether it asked.
    @discardableResult
    public func askForNumbers(of series: NumberSeries = .projects) throws -> Bool {
        guard !isHub, store.certificate.kind == .station else { return false }
        let stock: NumberStock = try read { view in try self.stock(of: series, on: view) }
        guard stock.isLow, !stock.isWaiting else { return false }
        _ = try act(.machine) { [self] acting -> Draft in
            let stock = try self.stock(of: series, on: acting.view)
            var draft = Draft()
            if stock.isLow, !stock.isWaiting, let operation = request(series, stock.nextOrdinal) {
                draft.add(operation, in: .site(site))
            }
            return draft
        }
        return true
    }
}

// MARK: - At a hub

extension LocalNode {
    /// The next range that nobody has.
    ///
    /// - Parameters:
    ///   - series: Which numbers.
    ///   - count: How many; nil: as usual.
    ///   - view: The rows as they are.
    ///   - apart: Ranges that the same action grants.
    /// - Returns: The range.
    /// - Throws: `RuleFault`: `outOfRange`.
    func grant(
        of series: NumberSeries,
        count: Int64 = NumberGrant.countDefault,
        on view: View,
        apart: [ClosedRange<Int64>]
    ) throws -> ClosedRange<Int64> {
        let leases = try view.leases().filter { $0.lease.series.prefix == series.prefix }
        let granted = leases.compactMap(\.lease.range)
        let newest = leases.filter { $0.lease.range != nil }
            .max { ($0.lease.range?.upperBound ?? 0) < ($1.lease.range?.upperBound ?? 0) }
        let author = newest?.record.heads(NumberLease.lastField).first?.name.stamp.replica
        let isOwn = author.map { $0 == store.replica } ?? (store.incarnation == 1)
        return try NumberGrant.next(
            of: series,
            count: count,
            granted: granted + apart,
            taken: try view.numbersTaken(in: series),
            reopenings: isOwn || !apart.isEmpty ? 0 : max(2, store.incarnation) - 1
        )
    }

    /// Grants what stations asked for, as a hub.
    ///
    /// - Returns: How many leases were granted.
    @discardableResult
    public func grantNumbers() throws -> Int {
        guard isHub, try read({ try $0.leases().contains { $0.lease.range == nil } }) else {
            return 0
        }
        let granted = try act(.machine) { [self] acting -> Draft in
            var draft = Draft()
            var apart: [String: [ClosedRange<Int64>]] = [:]
            for (scope, record, lease) in try acting.view.leases() where lease.range == nil {
                // A series that is used up grants nothing more; the others go on.
                let own = apart[lease.series.prefix] ?? []
                guard let range = try? grant(of: lease.series, on: acting.view, apart: own) else {
                    continue
                }
                apart[lease.series.prefix, default: []].append(range)
                draft.add(record.granting(range), in: scope)
            }
            return draft
        }
        return granted.changes.count
    }

    /// Grants a device numbers before it asks, as a hub.
    ///
    /// - Parameters:
    ///   - series: Which numbers.
    ///   - count: How many.
    ///   - replica: Whose they are; nil: this hub's own.
    ///   - siteName: Its site.
    ///   - actor: Who grants.
    /// - Returns: The range.
    /// - Throws: `RuleFault`, `.refused` at any node but a hub.
    @discardableResult
    public func grantNumbers(
        of series: NumberSeries,
        count: Int64 = NumberGrant.countDefault,
        to replica: ID? = nil,
        at siteName: String? = nil,
        by actor: Actor
    ) throws -> ClosedRange<Int64> {
        try requireHub()
        let decided = Decided<ClosedRange<Int64>>()
        _ = try act(by: actor) { [self] acting, person in
            try person.check(.grantNumbers)
            let view = acting.view
            let owner = replica ?? store.replica
            let place = try siteName.flatMap { try view.site(named: $0).fields.id(Site.site) }
            let scope = place.map(Scope.site) ?? .tenant
            let range = try grant(of: series, count: count, on: view, apart: [])
            let own = try view.leases().map(\.lease).filter {
                $0.replica == owner && $0.series == series
            }
            let lease = NumberLease(
                series,
                replica: owner,
                ordinal: (own.map(\.ordinal).max() ?? 0) + 1,
                range: range
            )
            decided.set(range)
            var draft = Draft()
            draft.add(creation(of: lease, in: scope), in: scope)
            return draft
        }
        guard let range = decided.value else { throw CommandFault(.damaged, "nothing was granted") }
        return range
    }

    /// Gives a number to every project that has a station's label, or the number of another.
    ///
    /// - Parameter scopes: Where to look.
    /// - Returns: How many got one.
    /// - Throws: `RuleFault`: `outOfRange` if the numbers are used up.
    @discardableResult
    public func giveNumbers(in scopes: [Scope]) throws -> Int {
        guard isHub else { return 0 }
        var count = 0
        for scope in scopes where scope.kind == .subject {
            let decided = Decided<Int64>()
            let saved = try act(.machine) { [self] acting -> Draft in
                let view = acting.view
                var draft = Draft()
                guard let record = try view.records(of: Project.entity, in: scope).first,
                    !record.isDeleted, record.fields.text(Project.humanNumber) == nil
                else { return draft }
                let series = NumberSeries.projects
                let leased = record.fields.text(Project.provisionalNumber).flatMap(series.number)
                let number: String
                if let leased, try !view.hasOther(leased, than: scope) {
                    number = series.text(leased)
                } else if let next = try takeNumber(of: series, on: view, into: &draft) {
                    number = series.text(next)
                    decided.set(next)
                } else {
                    return draft
                }
                let names = record.names(Project.humanNumber)
                let write = FieldEdit.Action.write(.text(number), replacing: names)
                let edit = FieldEdit(Project.humanNumber, write)
                let id = record.id
                draft.add(Operation(Project.number, .existing(id), edits: [edit]), in: scope)
                return draft
            }
            if let given = decided.value { try noteGiven(given, of: .projects) }
            count += saved.changes.isEmpty ? 0 : 1
        }
        return count
    }
}

extension StoredRecord {
    /// What a hub writes into a lease that was asked for.
    fileprivate func granting(_ range: ClosedRange<Int64>) -> Operation {
        let fields = [
            (NumberLease.firstField, range.lowerBound), (NumberLease.lastField, range.upperBound),
        ]
        let edits = fields.map { field, bound in
            FieldEdit(field, .write(.integer(bound), replacing: names(field)))
        }
        return Operation(NumberLease.number, .existing(id), edits: edits)
    }
}

extension View {
    /// Whether a hub has given the number to another project.
    fileprivate func hasOther(_ number: Int64, than scope: Scope) throws -> Bool {
        try projectRecords().contains { other in
            other.scope != scope
                && other.record.fields.text(Project.humanNumber)
                    .flatMap(NumberSeries.projects.number) == number
        }
    }
}
