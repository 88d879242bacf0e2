public import CRDT
public import Domain
public import Storage

/// An inspection as it is shown: its items with their measurements, and what they come to.
///
/// JSON: `{"inspection", "project", "build", "process", "process_version", "attempt", "result",
/// "declared", "pass_percentage", "failed", "pending", "conflicts", "items": [{"item", "title",
/// "required", "unit", "low", "high", "result", "count", "seen", "measurements": [{"id",
/// "outcome", "value", "unit", "text", "comment", "by", "stands"}]}]}`; decimals are texts, and
/// `pass_percentage` is in hundredths of a percent.
public struct InspectionView: Sendable {
    /// An item of the process with what was found.
    public struct Item: Sendable {
        public let definition: ItemDefinition
        public let stream: Stream<Measurement>
        public let measured: Measured
    }

    public let scope: Scope
    public let record: StoredRecord
    /// By number.
    public let items: [Item]
    public let inspected: Inspected
    let projectNumber: String
    let events: [ID: StoredEvent]
    private let names: Nicknames

    init(_ record: StoredRecord, of project: String, in scope: Scope, on view: View) throws {
        self.record = record
        self.scope = scope
        projectNumber = project
        names = try Nicknames(view)
        let process = record.fields.text(Inspection.process) ?? ""
        let version = record.fields.integer(Inspection.processVersion) ?? 0
        let events = try view.events(
            of: Measurement.entity,
            in: scope,
            streamsBeginning: [.id(record.id)]
        )
        let entries = Dictionary(grouping: events.map { $0.entry(as: Measurement.self) }) {
            $0.event.item
        }
        items = try view.items(of: process, version).map { definition in
            let stream = Stream(entries[definition.item] ?? [])
            return Item(definition: definition, stream: stream, measured: Measured(stream))
        }
        let threshold = try view.process(process, version)?.fields
            .integer(QualityProcess.passThreshold)
        inspected = Inspected(
            items.map(\.definition),
            measured: Dictionary(items.map { ($0.definition.item, $0.measured) }) { $1 },
            passThreshold: threshold ?? 10_000
        )
        self.events = Dictionary(events.map { ($0.id, $0) }) { first, _ in first }
    }

    public var build: String { record.fields.text(Inspection.build) ?? "" }
    public var process: String { record.fields.text(Inspection.process) ?? "" }
    public var attempt: Int64 { record.fields.integer(Inspection.attempt) ?? 1 }

    /// What the inspection comes to: the more cautious of its items and what was declared.
    public var result: String {
        inspected.shown(declared: record.fields.text(Inspection.result))
    }

    /// The build, process and attempt, as `B-2025-0007 FINAL_QC attempt 1`.
    public var label: String { "\(build) \(process) attempt \(attempt)" }

    public subscript(item: Int64) -> Item? { items.first { $0.definition.item == item } }
}

// MARK: - What is printed

extension InspectionView {
    public var json: JSON {
        [
            "inspection": .text("\(record.id)"), "project": .text(projectNumber),
            "build": .text(build), "process": .text(process),
            "process_version": .integer(orNull: record.fields.integer(Inspection.processVersion)),
            "attempt": .integer(attempt), "result": .text(result),
            "declared": .text(orNull: record.fields.text(Inspection.result)),
            "pass_percentage": .number(inspected.passBasisPoints),
            "failed": .list(inspected.failed) { .integer($0) },
            "pending": .list(inspected.pending) { .integer($0) },
            "conflicts": .list(inspected.conflicts) { .integer($0) },
            "items": .list(items, json(of:)),
        ]
    }

    public var lines: [String] {
        let share = DecimalNumber(mantissa: Int64(inspected.passBasisPoints), scale: 2)
        var table = Table("ITEM", "TITLE", "LIMITS", "RESULT", "MEASURED")
        for item in items {
            table.add(
                "\(item.definition.item)",
                item.definition.title,
                item.definition.limits,
                item.measured.result.rawValue,
                item.measured.heads.map { found(by: $0) }.joined(separator: " | ")
            )
        }
        let passed = share.map { "\($0)" } ?? "?"
        return ["\(label) of \(projectNumber): \(result), \(passed) % passed"] + table.lines
    }

    /// What became of one item, for whoever measured it.
    public func outcome(of number: Int64) -> [String] {
        guard let item = self[number] else { return [] }
        let found = item.measured.heads.map { self.found(by: $0) }.joined(separator: " | ")
        let title = "item \(number) \(item.definition.title)"
        return ["\(title): \(item.measured.result.rawValue) (\(found)); \(label) is \(result)"]
    }

    private func found(by head: Measured.Head) -> String {
        let measurement = head.measurement
        let value = measurement.value.map { "\($0) \(measurement.unit ?? "")" }
        let parts = [value, measurement.outcome.rawValue].compactMap(\.self)
        let author = events[head.id].map { " by \(names.user($0.origin.user))" } ?? ""
        return parts.joined(separator: " ") + author
    }

    private func json(of item: Item) -> JSON {
        let definition = item.definition
        let standing = Set(item.measured.heads.map(\.id))
        return [
            "item": .integer(definition.item), "title": .text(definition.title),
            "required": .bool(definition.isRequired), "unit": .text(orNull: definition.unit),
            "low": .text(orNull: definition.tolerance.low?.description),
            "high": .text(orNull: definition.tolerance.high?.description),
            "result": .text(item.measured.result.rawValue), "count": .number(item.measured.count),
            "seen": .text(Seen(item.stream.heads).text),
            "measurements": .list(item.stream.entries) { entry in
                let measurement = entry.event
                let origin = events[entry.id]?.origin
                return [
                    "id": .text("\(entry.id)"), "outcome": .text(measurement.outcome.rawValue),
                    "value": .text(orNull: measurement.value?.description),
                    "unit": .text(orNull: measurement.unit),
                    "text": .text(orNull: measurement.text),
                    "comment": .text(orNull: measurement.comment),
                    "by": origin.map { Authorship($0, names).json } ?? .null,
                    "stands": .bool(standing.contains(entry.id)),
                ]
            },
        ]
    }
}

extension ItemDefinition {
    /// The bounds of an item with their unit, as `<= 0.50 ml/min`; empty where it has none.
    fileprivate var limits: String {
        let bounds = [tolerance.low.map { ">= \($0)" }, tolerance.high.map { "<= \($0)" }]
        let text = bounds.compactMap(\.self).joined(separator: ", ")
        return text.isEmpty ? "" : "\(text) \(unit ?? "")"
    }
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

    /// The items of a process at a version, by number.
    func items(of code: String, _ version: Int64) throws -> [ItemDefinition] {
        let lookUp = LookUp(
            QualityItem.byProcess,
            of: QualityItem.entity,
            [.text(code), .integer(version)]
        )
        return try records(lookUp, in: .tenant).items
            .compactMap { ItemDefinition($0.fields) }
            .sorted { $0.item < $1.item }
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
        try records(of: Inspection.entity, in: project.scope)
            .filter { !$0.isDeleted }
            .map { try InspectionView($0, of: project.number, in: project.scope, on: self) }
            .sorted { ($0.build, $0.process, $0.attempt) < ($1.build, $1.process, $1.attempt) }
    }
}
