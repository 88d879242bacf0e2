public import CRDT

/// A version of a policy as its author wrote it.
///
/// - Source: DOM-194.
public struct ApprovalOutline: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        case sequential
        case parallel
    }

    public let slug: String
    public let version: Int64
    public var name: String
    /// nil: any.
    public var subjectType: ApprovalSubject.Kind?
    public var approvalType: String
    public var mode = Mode.sequential
    public var isPublished = false
    public var isActive = true
    public var precedence: Int64 = 0
    /// By order, then slug.
    public var steps: [ApprovalStep] = []
    /// When the policy applies at all.
    public var when = ApprovalConditions()
    /// When a step is needed, by its slug.
    public var stepsWhen: [String: ApprovalConditions] = [:]
    /// Ascending by bound.
    public var tiers: [ApprovalTier] = []
    public var hours: [String: Int64] = [:]
    public var expiryDays: Int64?
    public var remindHours: Int64?
    public var reassigns = false

    public init(_ slug: String, version: Int64, _ approvalType: String) {
        self.slug = slug
        self.version = version
        name = slug
        self.approvalType = approvalType
    }

    /// Reads a record of ``ApprovalPolicy``; nil without slug or version, or for subjects of a
    /// newer version.
    public init?(_ fields: Fields) {
        guard let slug = fields.text(ApprovalPolicy.slug),
            let version = fields.integer(ApprovalPolicy.version)
        else { return nil }
        self.init(slug, version: version, fields.text(ApprovalPolicy.approvalType) ?? "")
        name = fields.text(ApprovalPolicy.name) ?? slug
        if let word = fields.text(ApprovalPolicy.subjectType) {
            guard let kind = ApprovalSubject.Kind(rawValue: word) else { return nil }
            subjectType = kind
        }
        mode = fields.text(ApprovalPolicy.mode).flatMap(Mode.init) ?? .sequential
        isPublished = fields.bool(ApprovalPolicy.isPublished) ?? false
        isActive = fields.bool(ApprovalPolicy.isActive) ?? true
        precedence = fields.integer(ApprovalPolicy.precedence) ?? 0
        steps = fields.elements(ApprovalPolicy.steps).compactMap(ApprovalStep.init)
            .sorted(by: ApprovalStep.precedes)
        var conditions = ApprovalConditions.read(fields.elements(ApprovalPolicy.conditions))
        when = conditions.removeValue(forKey: "") ?? ApprovalConditions()
        stepsWhen = conditions
        tiers = fields.elements(ApprovalPolicy.tiers).compactMap(ApprovalTier.init)
            .sorted(by: ApprovalTier.precedes)
        for element in fields.elements(ApprovalPolicy.hours) {
            let columns = Columns(element)
            guard let priority = columns.text(0), let hours = columns.integer(1) else { continue }
            self.hours[priority] = hours
        }
        expiryDays = fields.integer(ApprovalPolicy.expiryDays)
        remindHours = fields.integer(ApprovalPolicy.remindHours)
        reassigns = fields.bool(ApprovalPolicy.reassigns) ?? false
    }

    /// The parts as set elements, by field.
    public var elements: [(field: UInt32, values: Set<Value>)] {
        let conditions = when.elements(of: "") + stepsWhen.flatMap { $0.value.elements(of: $0.key) }
        return [
            (ApprovalPolicy.steps, Set(steps.map(\.value))),
            (ApprovalPolicy.conditions, Set(conditions)),
            (ApprovalPolicy.tiers, Set(tiers.enumerated().map { $1.value(at: $0) })),
            (
                ApprovalPolicy.hours,
                Set(hours.map { .list([.text($0.key), .integer($0.value)]) })
            ),
        ]
    }

    /// The fields with which the record is created.
    public var values: FieldValues {
        var values = FieldValues()
        values.set(ApprovalPolicy.slug, slug)
        values.set(ApprovalPolicy.version, version)
        values.set(ApprovalPolicy.name, name)
        values.set(ApprovalPolicy.subjectType, subjectType?.rawValue)
        values.set(ApprovalPolicy.approvalType, approvalType)
        values.set(ApprovalPolicy.mode, mode.rawValue)
        values.set(ApprovalPolicy.isPublished, isPublished)
        values.set(ApprovalPolicy.isActive, isActive)
        values.set(ApprovalPolicy.precedence, precedence)
        values.set(ApprovalPolicy.expiryDays, expiryDays)
        values.set(ApprovalPolicy.remindHours, remindHours)
        values.set(ApprovalPolicy.reassigns, reassigns)
        for (field, elements) in elements where !elements.isEmpty { values.add(field, elements) }
        return values
    }

    /// Whether the state of a version in a word: draft, published or retired.
    public var state: String { isPublished ? (isActive ? "published" : "retired") : "draft" }

    /// How many parts one record can be created with.
    public static let partsMax = 120
    /// The longest time in which an approval is due: a year of hours.
    public static let hoursMax: Int64 = 8_784
    /// The longest life of a request: ten years of days.
    public static let daysMax: Int64 = 3_660
    /// How many steps a tier can name.
    static let tierStepsMax = 20
}

// MARK: - Whether it can be published

extension ApprovalOutline {
    /// Everything that keeps the policy from being published.
    ///
    /// - Parameters:
    ///   - roles: Role codes; empty where they are not known.
    ///   - settings: Of the tenant.
    /// - Returns: A sentence each; none: it can be.
    public func faults(roles: Set<String>, _ settings: ApprovalSettings) -> [String] {
        var faults: [String] = []
        if name.allSatisfy(\.isWhitespace) { faults.append("it has no name") }
        if version < 1 { faults.append("versions begin at 1") }
        if !ApprovalRequest.types.contains(approvalType) {
            faults.append("there is no approval type \(approvalType)")
        }
        if elements.reduce(0, { $0 + $1.values.count }) > Self.partsMax {
            faults.append("it has more than \(Self.partsMax) parts")
        }
        if let days = expiryDays, !(1...Self.daysMax).contains(days) {
            faults.append("it expires after 1 to \(Self.daysMax) days")
        }
        let hours = hours.values + [remindHours].compactMap(\.self)
        if hours.contains(where: { !(1...Self.hoursMax).contains($0) }) {
            faults.append("hours are 1 to \(Self.hoursMax)")
        }
        for priority in self.hours.keys.sorted() where !Project.priorities.contains(priority) {
            faults.append("\(priority) is no priority")
        }
        faults += when.all.compactMap { $0.fault(settings) }
        return faults + stepFaults(roles, settings) + tierFaults
    }

    private func stepFaults(_ roles: Set<String>, _ settings: ApprovalSettings) -> [String] {
        var faults: [String] = []
        if steps.isEmpty { faults.append("it has no step") }
        var seen: Set<String> = []
        for step in steps {
            if step.slug.isEmpty { faults.append("a step has no name") }
            if !seen.insert(step.slug).inserted { faults.append("step \(step.slug) stands twice") }
            if !(1...ApprovalStep.peopleMax).contains(step.people) {
                faults.append("\(step.slug): 1 to \(ApprovalStep.peopleMax) people decide")
            }
            if !(4...6).contains(step.method) {
                faults.append("\(step.slug): a person is known by method 4, 5 or 6")
            }
            switch step.who {
            case .role(let role, let level):
                if !roles.isEmpty, !roles.contains(role) {
                    faults.append("\(step.slug): there is no role \(role)")
                }
                if !(1...3).contains(level) { faults.append("\(step.slug): levels are 1 to 3") }
            case .unknown(let word): faults.append("\(step.slug): nobody is called \(word)")
            case .projectManager, .managerChain: break
            }
        }
        for slug in stepsWhen.keys.sorted() {
            if !seen.contains(slug) { faults.append("there is no step \(slug)") }
            faults += stepsWhen[slug]?.all.compactMap { $0.fault(settings) } ?? []
        }
        return faults
    }

    private var tierFaults: [String] {
        guard !tiers.isEmpty else { return [] }
        var faults: [String] = []
        if tiers.count(where: { $0.upTo == nil }) != 1 || tiers.last?.upTo != nil {
            faults.append("one tier, the last, has no bound")
        }
        let pairs = zip(tiers, tiers.dropFirst())
        if !pairs.allSatisfy({ ApprovalTier.precedes($0, $1) }) {
            faults.append("two tiers have one bound")
        }
        if tiers.last?.steps.isEmpty == true {
            faults.append("the last tier is decided by people")
        }
        let own = Set(steps.map(\.slug))
        for slug in Set(tiers.flatMap(\.steps)).subtracting(own).sorted() {
            faults.append("there is no step \(slug)")
        }
        if tiers.contains(where: { $0.steps.count > Self.tierStepsMax }) {
            faults.append("a tier names at most \(Self.tierStepsMax) steps")
        }
        return faults
    }
}
