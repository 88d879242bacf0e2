import CRDT

/// A check plan at one version, whole: what is inspected in a phase, and what it holds up.
///
/// A version is written once, with all its items, and is frozen by that; what is to change is
/// cloned to the next version.
///
/// - Source: DOM-75, DOM-76.
public struct CheckPlan: Hashable, Sendable {
    /// The phases, in their order.
    public static let phases = ["INCOMING", "PRE_QC", "IN_PROCESS", "FINAL_QC", "PACKAGING"]
    /// Most items of a plan.
    public static let itemsMax = 1_000

    public let code: String
    public private(set) var version: Int64
    public var phase: String
    public var name: String
    /// Hundredths of a percent of the required items that must pass.
    public var passThreshold: Int64
    public var estimatedMinutes: Int64
    /// The part number of the assembly that it is for; nil: for all.
    public var assembly: String?
    /// The slugs of the stages and sub-stages that it holds until it has passed.
    public var holds: Set<String>
    /// By number.
    public var items: [ItemDefinition]

    public init(
        _ code: String,
        version: Int64 = 1,
        phase: String,
        name: String,
        passThreshold: Int64 = 10_000,
        estimatedMinutes: Int64 = 30,
        holds: Set<String> = [],
        items: [ItemDefinition]
    ) {
        self.code = code
        self.version = version
        self.phase = phase
        self.name = name
        self.passThreshold = passThreshold
        self.estimatedMinutes = estimatedMinutes
        self.holds = holds
        self.items = items.sorted { $0.item < $1.item }
    }

    /// Reads a version; items that were added after it was written do not belong to it.
    ///
    /// Nil without a code and version, or while items that belong to it are not here.
    ///
    /// - Parameters:
    ///   - process: A record of ``QualityProcess``.
    ///   - items: Records of ``QualityItem``, of any plan.
    public init?(_ process: Fields, items: some Sequence<Fields>) {
        guard let code = process.text(QualityProcess.code),
            let version = process.integer(QualityProcess.version)
        else { return nil }
        let own = items.filter {
            $0.text(QualityItem.process) == code
                && $0.integer(QualityItem.processVersion) == version
        }
        .compactMap { ItemDefinition($0) }
        let listed =
            process[QualityProcess.items] == nil
            ? nil
            : Set(
                process.list(QualityProcess.items).compactMap { value -> Int64? in
                    if case .integer(let item) = value { item } else { nil }
                }
            )
        guard listed?.isSubset(of: own.map(\.item)) ?? true else { return nil }
        self.init(
            code,
            version: version,
            phase: process.text(QualityProcess.phase) ?? "",
            name: process.text(QualityProcess.name) ?? "",
            passThreshold: process.integer(QualityProcess.passThreshold) ?? 10_000,
            estimatedMinutes: process.integer(QualityProcess.estimatedMinutes) ?? 30,
            holds: process.texts(QualityProcess.holds),
            items: own.filter { listed?.contains($0.item) ?? true }
        )
        assembly = process.text(QualityProcess.assembly)
    }

    /// The same plan at the next version, to be changed and written.
    public var next: CheckPlan {
        var next = self
        next.version = version == .max ? version : version + 1
        return next
    }

    /// What creating the record of ``QualityProcess`` sets; its items are written beside it.
    public var values: FieldValues {
        var values = FieldValues()
        values.set(QualityProcess.code, code)
        values.set(QualityProcess.version, version)
        values.set(QualityProcess.phase, phase)
        values.set(QualityProcess.name, name)
        values.set(QualityProcess.passThreshold, passThreshold)
        values.set(QualityProcess.estimatedMinutes, estimatedMinutes)
        values.set(QualityProcess.isActive, true as Bool?)
        if items.count <= Field.listItemsMax {
            // Without the list a plan has all items that name it (DOM-75).
            values[QualityProcess.items] = .list(items.map { .integer($0.item) })
        }
        values.add(QualityProcess.holds, holds.map(Value.text))
        values.set(QualityProcess.assembly, assembly)
        return values
    }
}

extension CheckPlan {
    /// Checks a version before it is written.
    ///
    /// - Parameters:
    ///   - latest: The greatest version that is written; nil: none.
    ///   - person: Who publishes it.
    /// - Throws: `notAllowed`, `wrongOrder` unless it is the next version, `empty`, `tooLong`,
    ///   `unknownValue`, `outOfRange`, `duplicateItem`, `badLimits`.
    public func check(latest: Int64?, by person: Standing) throws(RuleFault) {
        try Act.publishPlan.check(person)
        try TextRule.code(code)
        try TextRule.title(name)
        guard version > 0, latest == nil || version - 1 == latest else {
            throw RuleFault(.wrongOrder, "a version is never changed: write the next one")
        }
        guard Self.phases.contains(phase) else {
            throw RuleFault(.unknownValue, "a phase is one of \(Self.phases)")
        }
        guard (0...10_000).contains(passThreshold),
            (0...TaskDefinition.minutesMax).contains(estimatedMinutes)
        else { throw RuleFault(.outOfRange, "a threshold is 0 to 100 percent") }
        guard !items.isEmpty else { throw RuleFault(.empty, "a plan has items") }
        guard items.count <= Self.itemsMax else {
            throw RuleFault(.tooLong, "a plan has at most \(Self.itemsMax) items")
        }
        guard Set(items.map(\.item)).count == items.count else {
            throw RuleFault(.duplicateItem, "two items have one number")
        }
        for slug in holds { try TextRule.code(slug) }
        for item in items { try item.check() }
    }
}

extension ItemDefinition {
    /// Checks an item of a plan before it is written.
    ///
    /// - Throws: `outOfRange`, `empty`, `tooLong`, `badLimits`.
    func check() throws(RuleFault) {
        guard item > 0 else { throw RuleFault(.outOfRange, "items are numbered from 1") }
        try TextRule.title(title)
        try TextRule.comment(procedure)
        try TextRule.comment(expected)
        for tool in tools { try TextRule.code(tool) }
        guard (unit?.utf8.count ?? 0) <= UnitText.bytesMax else {
            throw RuleFault(.tooLong, "a unit holds at most \(UnitText.bytesMax) bytes")
        }
        guard tolerance.isPossible else {
            throw RuleFault(.badLimits, "item \(item): no value lies inside its limits")
        }
        let isMeasured = kind == nil || kind == .measurement
        guard isMeasured || tolerance.isEmpty && nominal == nil else {
            throw RuleFault(.badLimits, "item \(item): only a measurement has limits")
        }
        if let nominal, !tolerance.admits(nominal) {
            throw RuleFault(.badLimits, "item \(item): the nominal value lies outside")
        }
        if kind == .measurement, unit == nil || UnitText.isSame(unit, nil) {
            throw RuleFault(.empty, "item \(item) is measured: give its unit")
        }
    }
}
