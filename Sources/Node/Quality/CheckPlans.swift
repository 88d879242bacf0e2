import CRDT
public import Domain
import Storage

/// A version of a check plan as a node holds it.
public struct HeldPlan: Sendable {
    public let plan: CheckPlan
    public let isActive: Bool
    /// Whether it is the greatest version of its code.
    public let isLatest: Bool
}

extension View {
    /// The versions of check plans whose items are all here, by code and version.
    func allPlans() throws -> [HeldPlan] {
        let items = try records(of: QualityItem.entity, in: .tenant).filter { !$0.isDeleted }
            .map(\.fields)
        let processes = try records(of: QualityProcess.entity, in: .tenant)
            .filter { !$0.isDeleted }
        let plans = processes.compactMap { record -> (CheckPlan, Bool)? in
            let isActive = record.fields.bool(QualityProcess.isActive) != false
            return CheckPlan(record.fields, items: items).map { ($0, isActive) }
        }
        let latest = Dictionary(plans.map { ($0.0.code, $0.0.version) }, uniquingKeysWith: max)
        return plans.map { plan, isActive in
            HeldPlan(
                plan: plan,
                isActive: isActive,
                isLatest: latest[plan.code] == plan.version
            )
        }
        .sorted { ($0.plan.code, $0.plan.version) < ($1.plan.code, $1.plan.version) }
    }

    /// The plans at their latest versions.
    func plans() throws -> [HeldPlan] { try allPlans().filter(\.isLatest) }

    /// One version of a plan; nil while its items are not here.
    func plan(_ code: String, _ version: Int64) throws -> CheckPlan? {
        guard let process = try process(code, version) else { return nil }
        let items = try records(of: QualityItem.entity, in: .tenant).filter { !$0.isDeleted }
        return CheckPlan(process.fields, items: items.map(\.fields))
    }

    /// A version of a plan by its code or name; nil: the latest.
    ///
    /// - Throws: `.notFound`.
    func plan(named typed: String, version: Int64? = nil) throws -> HeldPlan {
        let all = try allPlans()
        var choice = NameChoice<String>("check plan")
        for latest in all where latest.isLatest {
            choice.add(latest.plan.code, names: [latest.plan.code, latest.plan.name])
        }
        let code = try choice.only(called: typed)
        let wanted = all.last { held in
            held.plan.code == code && (version == nil || held.plan.version == version)
        }
        guard let wanted else {
            throw CommandFault(
                .notFound,
                "\(code) has no version \(version ?? 0)",
                reason: "unknown-name"
            )
        }
        return wanted
    }
}
