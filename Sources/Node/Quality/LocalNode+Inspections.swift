import CRDT
public import Domain
public import Storage

/// Which inspection of a project a person means.
public struct InspectionName: Hashable, Sendable {
    public var project: String
    /// The code of the process, such as FINAL_QC, or the id of the inspection; nil: the only one.
    public var process: String?
    /// nil: the only one that was inspected.
    public var build: String?
    /// nil: the latest.
    public var attempt: Int64?
    /// Of a new inspection: how many there are of what is inspected.
    public var lot: Int64?

    public init(
        _ project: String,
        _ process: String? = nil,
        build: String? = nil,
        attempt: Int64? = nil
    ) {
        self.project = project
        self.process = process
        self.build = build
        self.attempt = attempt
    }
}

extension LocalNode {
    /// Opens an inspection of a build by the newest version of a process.
    ///
    /// Two stations that open the same one open one (CHG-8). The name must say a build; the attempt
    /// is the first, or the one after a failed one.
    ///
    /// - Returns: The inspection as it is then.
    /// - Throws: `RuleFault`: `wrongOrder` while the last attempt has not failed; `.notFound`.
    public func openInspection(_ name: InspectionName, by actor: Actor) throws -> InspectionView {
        guard let build = name.build else {
            throw CommandFault(.usage, "say what is inspected: --build NUMBER", reason: "no-build")
        }
        try ShortText.title(build)
        guard name.lot.map({ $0 > 0 }) ?? true else {
            throw RuleFault(.outOfRange, "a lot holds at least one")
        }
        let tenant = store.tenant
        let subject = try project(name.project).subject
        _ = try act(by: actor) { acting, person in
            try person.checkMethod(.openInspection)
            let process = try acting.view.process(named: name.process)
            let code = process.fields.text(QualityProcess.code) ?? ""
            let project = try acting.view.project(named: "\(subject)")
            let attempt = try InspectionRules.nextAttempt(
                by: code,
                of: build,
                after: try acting.view.inspections(of: project).map(\.standing),
                person: person.standing
            )
            guard name.attempt == nil || name.attempt == attempt else {
                throw RuleFault(.wrongOrder, "the next attempt is \(attempt)")
            }
            var values = FieldValues()
            values.set(Inspection.build, build)
            values.set(Inspection.process, code)
            values.set(
                Inspection.processVersion,
                process.fields.integer(QualityProcess.version)
            )
            values.set(Inspection.attempt, attempt)
            values.set(Inspection.lotSize, name.lot)
            let scope = Scope.subject(subject)
            var draft = Draft()
            draft.add(
                Operation(creating: Inspection.entity, values, in: scope, tenant: tenant),
                in: scope
            )
            return draft
        }
        let code = try read { view in
            try view.process(named: name.process).fields.text(QualityProcess.code) ?? ""
        }
        return try inspection(InspectionName("\(subject)", code, build: build))
    }

    /// The inspections of a project.
    public func inspections(of project: String) throws -> [InspectionView] {
        try read { view in try view.inspections(of: try view.project(named: project)) }
    }

    /// One inspection.
    ///
    /// - Throws: `.notFound`, also if several builds were inspected.
    public func inspection(_ name: InspectionName) throws -> InspectionView {
        try read { view in try view.inspection(name) }
    }

    /// What a person found for an item.
    public struct Finding: Hashable, Sendable {
        /// A number such as 0.42, or pass, fail or na.
        public var found: String
        /// pass, fail or na beside a number.
        public var outcome: String?
        public var unit: String?
        public var comment: String?
        /// Which of the samples, from 1.
        public var sample: Int64 = 1
        /// What it was measured with.
        public var instrument: String?
        /// How bad it is if the item fails.
        public var severity = Defect.Severity.ofFailedItem
        /// What the form showed of the item; nil: what this node shows.
        public var seen: Seen?

        public init(_ found: String) {
            self.found = found
        }
    }

    /// Records what was found for an item.
    ///
    /// Where measurements disagree only a lead measures, having seen them all: that settles it. An
    /// item that fails opens its defect in the same change (DOM-148).
    ///
    /// - Returns: The inspection as it is then.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func measure(
        _ item: Int64,
        of name: InspectionName,
        _ finding: Finding,
        by actor: Actor
    ) throws -> InspectionView {
        try ShortText.text(finding.comment)
        try ShortText.text(finding.instrument)
        let tenant = store.tenant
        let subject = try project(name.project).subject
        var name = name
        name.project = "\(subject)"
        let wanted = name
        _ = try act(by: actor) { acting, person in
            let inspection = try acting.view.inspection(wanted)
            let shown = inspection[item]
            let stream = shown?.stream ?? Stream([])
            let names = try finding.seen?.names(among: stream.entries.map(\.name))
            let form = Measured(names.map(stream.shown) ?? stream)
            guard let definition = shown?.definition else {
                throw RuleFault(.unknownItem, "\(inspection.process) has no item \(item)")
            }
            let measurement = try finding.measurement(
                of: definition,
                inspection: inspection.record.id,
                by: person.user
            )
            try QualityRules.check(
                measurement,
                of: definition,
                shown: form,
                by: person.standing
            )
            try person.checkMethod(form.result == .conflict ? .settleMeasurement : .measure)
            var draft = Draft()
            let operation = measurement.operation(after: names ?? stream.heads)
            draft.add(operation, in: .subject(subject))
            let defect = try inspection.defect(
                openedBy: operation,
                at: acting.stamp,
                of: definition,
                on: acting.view
            )
            if let defect {
                draft.add(defect, finding.severity, in: .subject(subject), tenant: tenant)
            }
            return draft
        }
        return try inspection(wanted)
    }
}

extension LocalNode.Finding {
    fileprivate func measurement(
        of definition: ItemDefinition,
        inspection: ID,
        by user: ID
    ) throws -> Measurement {
        var value: DecimalNumber?
        var found = Self.outcome(self.found)
        if found == nil {
            let judged = try QualityRules.judge(self.found, unit: unit, for: definition)
            (value, found) = (judged.value, judged.outcome)
        }
        if let outcome {
            guard let claimed = Self.outcome(outcome) else {
                throw RuleFault(.unknownValue, "an outcome is pass, fail or na")
            }
            found = claimed
        }
        guard let found else {
            throw RuleFault(.unknownValue, "this item has no limits: add --outcome pass or fail")
        }
        var measurement = Measurement(
            inspection: inspection,
            of: definition,
            outcome: found,
            value: value,
            // In another unit it was converted; what was typed stays beside it.
            text: UnitText.isSame(unit ?? definition.unit, definition.unit)
                ? nil : "\(self.found) \(unit ?? "")",
            sample: sample,
            measuredBy: user
        )
        measurement.comment = comment
        measurement.instrument = instrument
        return measurement
    }

    private static func outcome(_ word: String) -> Measurement.Outcome? {
        Measurement.Outcome(rawValue: word.uppercased())
    }
}

extension InspectionView {
    /// The defect that a measurement opens: nil unless the item fails by it, or if it is there.
    fileprivate func defect(
        openedBy measurement: Operation,
        at stamp: Stamp,
        of definition: ItemDefinition,
        on view: View
    ) throws -> DefectDefinition? {
        let rank = Rank(Name(stamp, hash: 0), isPlausible: true)
        let entry = Measurement.entry(measurement, rank: rank, index: 0)
        let stream = Stream((self[definition.item]?.stream.entries ?? []) + [entry])
        let lot = record.fields.integer(Inspection.lotSize)
        let measured = Measured(stream, sampling: definition.sampling, lot: lot)
        let defect = DefectDefinition(
            foundBy: definition,
            inspection: record.id,
            build: build,
            plan: process,
            attempt: attempt
        )
        guard measured.result.countsAsFail,
            try ProjectDefects(in: scope, on: view)[defect.code] == nil
        else { return nil }
        return defect
    }
}

extension View {
    /// The inspection that a person means.
    func inspection(_ name: InspectionName) throws -> InspectionView {
        let project = try project(named: name.project)
        let all = try inspections(of: project)
        if let id = name.process.flatMap(ID.init(text:)),
            let one = all.first(where: { $0.record.id == id })
        {
            return one
        }
        var choice = NameChoice<String>("inspection")
        for process in Set(all.map(\.process)) { choice.add(process, names: [process]) }
        let process = try name.process.map { try choice.only(called: $0) }
        let fitting = all.filter { inspection in
            (process == nil || inspection.process == process)
                && (name.build == nil || inspection.build == name.build)
                && (name.attempt == nil || inspection.attempt == name.attempt)
        }
        guard let last = fitting.max(by: { $0.attempt < $1.attempt }) else {
            let known =
                all.isEmpty
                ? "none: gemba qc start" : all.map(\.label).prefix(4).joined(separator: ", ")
            throw CommandFault(
                .notFound,
                "no such inspection; there are: \(known)",
                reason: "unknown-name"
            )
        }
        let kinds = Set(fitting.map { "\($0.build) by \($0.process)" }).sorted()
        guard kinds.count == 1 else {
            let known = kinds.prefix(4).joined(separator: ", ")
            throw CommandFault(
                .notFound,
                "several were inspected, say --build or --process: \(known)",
                reason: "ambiguous-name"
            )
        }
        return last
    }
}
