public import CRDT
public import Domain
public import Storage

/// An inspection as it is shown: its items with their measurements, and what they come to.
public struct InspectionView: Sendable {
    /// An item of the process with what was found.
    public struct Item: Sendable {
        public let definition: ItemDefinition
        public let stream: Stream<Measurement>
        public let measured: Measured
    }

    public let scope: Scope
    public let record: StoredRecord
    /// The version of the plan; nil while not all of its items are here.
    public let plan: CheckPlan?
    /// By number.
    public let items: [Item]
    public let inspected: Inspected
    /// Photos, documents and signatures, by rank.
    public let evidence: [Stream<Evidence>.Entry]
    public let waivers: Waivers
    let waiverStream: Stream<Waiver>
    /// The kinds of evidence that count, by item.
    let provided: [Int64: Set<Evidence.Kind>]
    /// The open critical defects that name it, by code.
    let criticalDefects: [String]
    let projectNumber: String
    let events: [ID: StoredEvent]
    let names: Nicknames

    init(
        _ record: StoredRecord,
        of project: String,
        in scope: Scope,
        defects: ProjectDefects,
        on view: View
    ) throws {
        self.record = record
        self.scope = scope
        projectNumber = project
        names = try Nicknames(view)
        let process = record.fields.text(Inspection.process) ?? ""
        let version = record.fields.integer(Inspection.processVersion) ?? 0
        plan = try view.plan(process, version)
        let lot = record.fields.integer(Inspection.lotSize)
        var events: [StoredEvent] = []
        items = try (plan?.items ?? []).map { definition in
            let found = try view.events(
                of: Measurement.entity,
                in: scope,
                stream: [.id(record.id), .integer(definition.item)]
            )
            events += found
            let stream = Stream(found.map { $0.entry(as: Measurement.self) })
            return Item(
                definition: definition,
                stream: stream,
                measured: Measured(stream, sampling: definition.sampling, lot: lot)
            )
        }
        let attached = try view.events(of: Evidence.entity, in: scope, stream: [.id(record.id)])
        let waived = try view.events(of: Waiver.entity, in: scope, stream: [.id(record.id)])
        evidence = Stream(attached.map { $0.entry(as: Evidence.self) }).entries
        waiverStream = Stream(waived.map { $0.entry(as: Waiver.self) })
        waivers = Waivers(waiverStream)
        criticalDefects = defects.items
            .filter { $0.progress.holdsWork && $0.definition.inspection == record.id }
            .map(\.definition.code)
        let measured = Dictionary(items.map { ($0.definition.item, $0.measured) }) { $1 }
        provided = Evidence.provided(evidence.map(\.event), measured: measured)
        inspected = Inspected(
            items.map(\.definition),
            measured: measured,
            passThreshold: plan?.passThreshold ?? 10_000,
            evidence: provided,
            waivers: waivers,
            criticalDefects: criticalDefects.count
        )
        events += attached + waived
        self.events = Dictionary(events.map { ($0.id, $0) }) { first, _ in first }
    }

    public var build: String { record.fields.text(Inspection.build) ?? "" }
    public var process: String { record.fields.text(Inspection.process) ?? "" }
    public var attempt: Int64 { record.fields.integer(Inspection.attempt) ?? 1 }

    /// What the inspection comes to: the more cautious of its items and what was declared.
    ///
    /// Without its items it is pending, whatever was measured.
    public var result: String {
        let declared = record.fields.text(Inspection.result)
        guard plan == nil else { return inspected.shown(declared: declared) }
        let pending = Inspected.Result.pending.rawValue
        return declared == Inspected.Result.fail.rawValue ? Inspected.Result.fail.rawValue : pending
    }

    /// The inspection as a gate reads it.
    var standing: InspectionStanding {
        InspectionStanding(
            record.id,
            build: build,
            plan: process,
            version: record.fields.integer(Inspection.processVersion) ?? 0,
            attempt: attempt,
            shown: result
        )
    }

    /// The build, process and attempt, as `B-2025-0007 FINAL_QC attempt 1`.
    public var label: String { "\(build) \(process) attempt \(attempt)" }

    public subscript(item: Int64) -> Item? { items.first { $0.definition.item == item } }

    /// The measurements that make items fail: what a waiver names.
    var failing: Set<ID> { items.reduce(into: []) { $0.formUnion($1.measured.failing) } }
}

// MARK: - Finding

extension View {
    /// The record of a process at a version.
    func process(_ code: String, _ version: Int64) throws -> StoredRecord? {
        try records(of: QualityProcess.entity, in: .tenant).first {
            $0.fields.text(QualityProcess.code) == code
                && $0.fields.integer(QualityProcess.version) == version
        }
    }

    /// The greatest active version of a process; of the only one for nil.
    ///
    /// - Throws: `.notFound`.
    func process(named typed: String?) throws -> StoredRecord {
        let active = try records(of: QualityProcess.entity, in: .tenant).filter {
            !$0.isDeleted && $0.fields.bool(QualityProcess.isActive) != false
        }
        let newest = active.sorted {
            ($0.fields.integer(QualityProcess.version) ?? 0)
                > ($1.fields.integer(QualityProcess.version) ?? 0)
        }
        var choice = NameChoice<StoredRecord>("process")
        var codes: Set<String> = []
        for record in newest {
            let code = record.fields.text(QualityProcess.code) ?? ""
            guard codes.insert(code).inserted else { continue }
            choice.add(record, names: [code, record.fields.text(QualityProcess.name)])
        }
        if let typed { return try choice.only(called: typed) }
        guard let only = newest.first, codes.count == 1 else {
            let known = codes.sorted().joined(separator: ", ")
            throw CommandFault(
                .usage,
                "say by which process: --process CODE, one of \(known)",
                reason: "no-process"
            )
        }
        return only
    }

    /// The inspections of a project, by build, process and attempt.
    func inspections(of project: ProjectView) throws -> [InspectionView] {
        let defects = try ProjectDefects(in: project.scope, on: self)
        return try records(of: Inspection.entity, in: project.scope)
            .filter { !$0.isDeleted }
            .map { record in
                try InspectionView(
                    record,
                    of: project.number,
                    in: project.scope,
                    defects: defects,
                    on: self
                )
            }
            .sorted { ($0.build, $0.process, $0.attempt) < ($1.build, $1.process, $1.attempt) }
    }
}
