import CRDT
public import Domain
import Identity
public import Storage
import Wire

extension LocalNode {
    /// Takes in a file of records: CSV or JSON, rows that cannot be taken left out.
    ///
    /// The rows are written in actions of some thousand; if one of them fails, those before it stay
    /// and importing again goes on.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - table: What its rows are.
    ///   - options: How.
    ///   - actor: Who imports.
    ///   - progress: Told how far it is.
    /// - Returns: What became of the rows.
    /// - Throws: `.refused` at any node but a hub; `.notFound`; `.badInput` for a file that cannot
    ///   be read as a whole; `RuleFault` for whoever may not import.
    public func importTable(
        _ path: String,
        of table: RecordTable,
        _ options: ImportOptions = ImportOptions(),
        by actor: Actor,
        progress: (String) -> Void = { _ in }
    ) throws -> ImportReport {
        guard isHub else { throw RuleFault(.hubOnly, "only a hub imports") }
        if let day = options.startDay { try TextRule.day(day) }
        guard let bytes = try PrivateFile.read(path, atMost: TableFile.fileBytesMax) else {
            throw CommandFault(.notFound, "there is no file \(path)")
        }
        try checkMayImport(actor)
        progress("reading \(path)")
        let file = try TableFile(bytes, of: table)
        progress("\(file.rows.count) rows")
        return try inTurn {
            let started = wallMilliseconds
            let plan = try read { view in
                try TablePlan(
                    file,
                    of: table,
                    options,
                    on: view,
                    tenant: store.tenant,
                    now: Int64(clamping: started)
                )
            }
            let report = plan.report(rows: file.rows.count)
            guard !options.isDryRun else { return report }
            try write(plan, by: actor, progress)
            let name = path.split(separator: "/").last.map(String.init) ?? path
            try note(report, name, Blake2b.hash256(bytes), since: started, by: actor)
            return report
        }
    }

    /// The machine itself imports at its hub while the tenant is set up; a person needs the role.
    func checkMayImport(_ actor: Actor) throws {
        guard actor.method != .machine else { return try requireSettingUp(.importRecords) }
        try read { view in
            let person = ActingPerson(
                actor,
                in: try directories.directory(on: view, isCommitted: true),
                at: site,
                wallMilliseconds: wallMilliseconds
            )
            try person.check(.importRecords)
        }
    }

    /// Refuses the machine what people do: once they prove with PINs who they are, whoever runs
    /// the machine writes no records of theirs any more (DOM-271).
    func requireSettingUp(_ act: Act) throws {
        guard try currentDirectory().trustsLocal || shelf.all().isEmpty else {
            throw RuleFault(
                .notAllowed,
                "PINs are in use here: say who does it, --as USER",
                of: act
            )
        }
    }

    private func write(
        _ plan: TablePlan,
        by actor: Actor,
        _ progress: (String) -> Void
    ) throws {
        let node = CompanyNode(self)
        let isOfDirectory = [.companies, .addresses, .contacts].contains(plan.table)
        var done = 0
        for batch in plan.batches {
            let isFirst = done == 0
            _ = try act(actor) { (acting: borrowing Acting) in
                var draft = Draft()
                if isFirst, isOfDirectory { try node.open(&draft, on: acting.view) }
                for (scope, operations) in batch.scopes { draft.add(operations, in: scope) }
                return draft
            }
            done += batch.steps
            if plan.steps.count > batch.steps { progress("\(done) of \(plan.steps.count) written") }
        }
    }

    /// Leaves a record of the import, unless it wrote nothing and its refusals are known.
    private func note(
        _ report: ImportReport,
        _ name: String,
        _ content: [UInt8],
        since started: UInt64,
        by actor: Actor
    ) throws {
        let isQuiet = report.created + report.changed == 0
        var job = ImportJob(report.table.rawValue, file: name, content: content, report.status)
        job.rows = Int64(report.rows)
        job.created = Int64(report.created)
        job.changed = Int64(report.changed)
        job.unchanged = Int64(report.unchanged)
        job.refused = Int64(report.refused.count)
        job.errors = report.errorText
        job.startedAt = Int64(clamping: started)
        job.completedAt = Int64(clamping: wallMilliseconds)
        let new = job
        _ = try act(actor) { (acting: borrowing Acting) in
            var draft = Draft()
            if isQuiet {
                guard new.refused > 0 else { return draft }
                let held = try acting.view.events(of: ImportJob.entity, in: .tenant)
                let isKnown = held.map { ImportJob($0.fields) }.contains {
                    $0.content == new.content && $0.table == new.table && $0.errors == new.errors
                }
                guard !isKnown else { return draft }
            }
            draft.add(new.operation(), in: .tenant)
            return draft
        }
    }

    /// The imports that left a record, the latest last.
    public func importJobs() throws -> [ImportJob] {
        try read { view in
            try view.events(of: ImportJob.entity, in: .tenant)
                .sorted { $0.rank < $1.rank }
                .map { ImportJob($0.fields) }
        }
    }
}
