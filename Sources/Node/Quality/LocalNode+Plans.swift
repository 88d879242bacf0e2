import CRDT
public import Domain
public import Storage

/// What of a plan the next version says otherwise; nil leaves it.
public struct PlanChange: Hashable, Sendable {
    public var name: String?
    /// Hundredths of a percent.
    public var passThreshold: Int64?
    public var estimatedMinutes: Int64?
    /// Slugs of stages and sub-stages, in place of those that are there.
    public var holds: [String]?
    /// Numbers of items that are left out.
    public var without: [Int64] = []

    public init() {}

    func applied(to plan: CheckPlan) throws(RuleFault) -> CheckPlan {
        var next = plan.next
        next.name = name ?? next.name
        next.passThreshold = passThreshold ?? next.passThreshold
        next.estimatedMinutes = estimatedMinutes ?? next.estimatedMinutes
        next.holds = holds.map(Set.init) ?? next.holds
        for number in without where !next.items.contains(where: { $0.item == number }) {
            throw RuleFault(.unknownItem, "\(plan.code) has no item \(number)")
        }
        next.items.removeAll { without.contains($0.item) }
        return next
    }
}

extension LocalNode {
    /// The check plans: the latest versions, or all.
    public func plans(all: Bool = false) throws -> [HeldPlan] {
        try read { view in all ? try view.allPlans() : try view.plans() }
    }

    /// One version of a plan by its code or name.
    ///
    /// - Throws: `.notFound`.
    public func plan(_ name: String, version: Int64? = nil) throws -> CheckPlan {
        try read { view in try view.plan(named: name, version: version).plan }
    }

    /// The next version of a plan as it would be published.
    ///
    /// - Throws: `RuleFault`, `.notFound`.
    public func clonePlan(_ name: String, _ change: PlanChange = .init()) throws -> CheckPlan {
        try change.applied(to: plan(name))
    }

    /// Publishes a plan from a file, at the hub: its next version, whole and for ever.
    ///
    /// - Returns: The version as it is then.
    /// - Throws: `RuleFault`, `.notFound`, `.badInput`.
    public func publishPlan(file path: String, by actor: Actor) throws -> CheckPlan {
        let file = try PlanFile(path: path)
        return try publish(file.code, by: actor) { view in
            let known = try view.allPlans().map(\.plan).filter { $0.code == file.code }
            let next = (known.map(\.version).max() ?? 0) + 1
            return try file.plan(version: file.version ?? next)
        }
    }

    /// Publishes the next version of a plan with changes, at the hub.
    ///
    /// - Throws: `RuleFault`, `.notFound`.
    public func publishPlan(
        cloning name: String,
        _ change: PlanChange,
        by actor: Actor
    ) throws -> CheckPlan {
        let code = try plan(name).code
        return try publish(code, by: actor) { view in
            try change.applied(to: view.plan(named: code).plan)
        }
    }

    private func publish(
        _ code: String,
        by actor: Actor,
        _ body: @escaping @Sendable (View) throws -> CheckPlan
    ) throws -> CheckPlan {
        guard isHub else { throw RuleFault(.hubOnly, "only a hub publishes a plan") }
        let tenant = store.tenant
        _ = try act(by: actor) { acting, person in
            let plan = try body(acting.view)
            let versions = try acting.view.records(of: QualityProcess.entity, in: .tenant)
                .filter { $0.fields.text(QualityProcess.code) == plan.code }
                .compactMap { $0.fields.integer(QualityProcess.version) }
            try plan.check(latest: versions.max(), by: person.standing)
            try person.checkMethod(.publishPlan)
            var draft = Draft()
            func add(_ entity: Entity, _ values: FieldValues) {
                draft.add(
                    Operation(creating: entity, values, in: .tenant, tenant: tenant),
                    in: .tenant
                )
            }
            add(QualityProcess.entity, plan.values)
            for item in plan.items {
                add(QualityItem.entity, item.values(process: plan.code, version: plan.version))
            }
            return draft
        }
        return try plan(code)
    }
}

extension CheckPlan {
    public var lines: [String] {
        var table = Table("ITEM", "TITLE", "TYPE", "LIMITS", "SAMPLES", "NEEDS")
        for item in items {
            let needs = item.evidence.sorted().map(\.rawValue)
            let samples = item.sampling
            table.add(
                "\(item.item)" + (item.isRequired ? "" : "?"),
                item.title,
                item.kind?.rawValue ?? "-",
                item.limits,
                samples.size == 1 ? "1" : "\(samples.size), \(samples.accepted) may fail",
                needs.joined(separator: " ")
            )
        }
        let holds =
            self.holds.isEmpty ? "" : ", holds \(self.holds.sorted().joined(separator: ", "))"
        let threshold = DecimalNumber(mantissa: passThreshold, scale: 2).map { "\($0)" } ?? "?"
        let head = "\(code) version \(version), \(phase), \"\(name)\": \(threshold) % must pass"
        return [head + holds] + table.lines
    }
}
