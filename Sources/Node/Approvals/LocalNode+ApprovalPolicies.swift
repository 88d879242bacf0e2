import CRDT
public import Domain
public import Storage

/// What an import of policies did.
public struct ApprovalImport: Sendable {
    public let new: Int
    public let changed: Int
    public let settings: Int

    public var json: JSON {
        ["new": .number(new), "changed": .number(changed), "settings": .number(settings)]
    }

    public var lines: [String] {
        ["\(new) policies are new, \(changed) changed, \(settings) settings set"]
    }
}

extension LocalNode {
    /// Takes in a file of policies and settings, at a hub: all of it or nothing.
    ///
    /// What is here already is passed over; a published version never changes.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`; `.badInput` naming what cannot be taken.
    public func importApprovalPolicies(_ path: String, by actor: Actor) throws -> ApprovalImport {
        let file = try ApprovalPolicyFile(path: path)
        let counted = Decided<ApprovalImport>()
        try defineApprovals(by: actor) { view, draft in
            var settings = try view.approvalSettings().values
            let tenant = try view.tenantRecord()
            for (name, text) in file.settings ?? [:] {
                let number = try DecimalNumber(typed: text)
                try ApprovalSettings.check(name, number)
                settings[name] = number
            }
            let set = try Self.put(file.settings ?? [:], in: tenant, &draft)
            let plan = try ApprovalPlan(view, ApprovalSettings(settings))
            let (new, changed) = try plan.add(file, to: &draft, tenant: view.tenantID)
            counted.set(ApprovalImport(new: new, changed: changed, settings: set))
        }
        return counted.value ?? ApprovalImport(new: 0, changed: 0, settings: 0)
    }

    /// Freezes a draft: from then on requests can follow it, and it never changes.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `published`; `.badInput` naming what keeps
    ///   it from being published; `.notFound`.
    public func publishApprovalPolicy(
        _ slug: String,
        version: Int64? = nil,
        by actor: Actor
    ) throws -> ApprovalOutline {
        let published = Decided<ApprovalOutline>()
        try defineApprovals(by: actor) { view, draft in
            var outline = try view.approvalPolicy(slug, version: version)
            guard !outline.isPublished else {
                throw RuleFault(.published, "version \(outline.version) is published already")
            }
            outline.isPublished = true
            try ApprovalPlan(view, try view.approvalSettings()).check(outline)
            let record = try view.approvalRecord(of: outline)
            draft.add(record.writing([(ApprovalPolicy.isPublished, .bool(true))]), in: .tenant)
            published.set(outline)
        }
        return try published.value ?? read { try $0.approvalPolicy(slug, version: version) }
    }

    /// Whether requests may follow a policy: all its versions.
    ///
    /// - Throws: `RuleFault`, `.notFound`.
    public func setActive(_ isActive: Bool, approvalPolicy slug: String, by actor: Actor) throws {
        try defineApprovals(by: actor) { view, draft in
            let known = try view.approvalPolicy(slug, version: nil).slug
            for outline in try view.approvalPolicies() where outline.slug == known {
                let record = try view.approvalRecord(of: outline)
                draft.add(record.writing([(ApprovalPolicy.isActive, .bool(isActive))]), in: .tenant)
            }
        }
    }

    /// Sets a number that conditions, due times or amounts of the tenant ask for.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `unknownValue`, `outOfRange`.
    public func setApprovalSetting(_ name: String, _ value: String, by actor: Actor) throws {
        let number = try DecimalNumber(entered: value)
        try ApprovalSettings.check(name, number)
        try defineApprovals(by: actor) { view, draft in
            _ = try Self.put([name: number.description], in: try view.tenantRecord(), &draft)
        }
    }

    /// The settings of the tenant.
    public func approvalSettings() throws -> ApprovalSettings {
        try read { try $0.approvalSettings() }
    }

    /// All versions of all policies.
    public func approvalPolicies() throws -> [ApprovalOutline] {
        try read { try $0.approvalPolicies() }
    }

    /// A version of a policy: nil for the greatest.
    ///
    /// - Throws: `.notFound`.
    public func approvalPolicy(_ slug: String, version: Int64? = nil) throws -> ApprovalOutline {
        try read { try $0.approvalPolicy(slug, version: version) }
    }

    private func defineApprovals(
        by actor: Actor,
        _ define: @escaping @Sendable (View, inout Draft) throws -> Void
    ) throws {
        guard isHub else {
            throw RuleFault(.hubOnly, "policies are written at the hub: give the command there")
        }
        let isMachine = actor == .machine
        _ = try act(by: actor) { acting, person in
            if !isMachine { try person.check(.defineApproval) }
            var draft = Draft()
            try define(acting.view, &draft)
            return draft
        }
    }

    private static func put(
        _ settings: [String: String],
        in tenant: StoredRecord?,
        _ draft: inout Draft
    ) throws -> Int {
        guard let tenant else {
            throw CommandFault(.notFound, "the tenant has no record yet")
        }
        let field = Tenant.settings
        var edits: [FieldEdit] = []
        for (name, text) in settings.sorted(by: {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }) {
            let value = try DecimalNumber(typed: text).value
            guard tenant.fields.value(field, key: name) != value else { continue }
            let names = tenant.names(field, key: name)
            edits.append(FieldEdit(field, .put(key: name, value, replacing: names)))
        }
        guard !edits.isEmpty else { return 0 }
        // Keys of a map stand in the order of CHG-5: by length, then by bytes.
        edits.sort { left, right in
            guard case .put(let one, _, _) = left.action, case .put(let two, _, _) = right.action
            else { return false }
            let cells = [one, two].map { Record.Cell(field: field, key: $0) }
            return Record.Cell.precedes(cells[0], cells[1])
        }
        draft.add(Operation(Tenant.number, .existing(tenant.id), edits: edits), in: .tenant)
        return edits.count
    }
}

/// What a file of policies changes: worked out whole before anything is written.
private struct ApprovalPlan {
    private let view: View
    private let settings: ApprovalSettings
    private let roles: Set<String>

    init(_ view: View, _ settings: ApprovalSettings) throws {
        self.view = view
        self.settings = settings
        let records = try view.records(of: Role.entity, in: .tenant)
        roles = Set(records.compactMap { $0.fields.text(Role.code) })
    }

    /// - Throws: `.badInput` for what cannot be published.
    func check(_ outline: ApprovalOutline) throws {
        let faults = outline.faults(roles: roles, settings)
        guard faults.isEmpty else {
            throw CommandFault(.badInput, faults.joined(separator: "\n"), reason: "bad-policy")
        }
    }

    /// - Returns: How many versions are new, and how many drafts changed.
    func add(
        _ file: ApprovalPolicyFile,
        to draft: inout Draft,
        tenant: ID
    ) throws -> (new: Int, changed: Int) {
        var (new, changed) = (0, 0)
        var faults: [String] = []
        let held = try view.approvalPolicies()
        for part in file.policies {
            let same = held.filter { $0.slug == part.slug }
            let version = part.version ?? (same.map(\.version).max() ?? 0) + 1
            var reasons: [String] = []
            let outline = part.outline(version: version, &reasons)
            try ShortText.title(outline.name)
            try TextRule.code(outline.slug)
            if part.version == nil, let last = same.last, last.says(outline) { continue }
            let known = same.first { $0.version == version }
            if let known, known.says(outline), known.isPublished == outline.isPublished { continue }
            if known?.isPublished == true {
                reasons.append("it is published and never changes: give it another version")
            }
            if outline.isPublished { reasons += outline.faults(roles: roles, settings) }
            guard reasons.isEmpty else {
                faults.append("\(outline.slug) \(version): \(reasons.joined(separator: "; "))")
                continue
            }
            if let known {
                let record = try view.approvalRecord(of: known)
                let edits = record.edits(to: outline.values)
                let target = Operation.Target.existing(record.id)
                draft.add(Operation(ApprovalPolicy.number, target, edits: edits), in: .tenant)
                changed += 1
            } else {
                let entity = ApprovalPolicy.entity
                draft.add(
                    Operation(creating: entity, outline.values, in: .tenant, tenant: tenant),
                    in: .tenant
                )
                new += 1
            }
        }
        guard faults.isEmpty else {
            throw CommandFault(.badInput, faults.joined(separator: "\n"), reason: "bad-policy")
        }
        return (new, changed)
    }
}

extension ApprovalOutline {
    /// Whether two versions decide alike.
    fileprivate func says(_ other: ApprovalOutline) -> Bool {
        var (left, right) = (self, other)
        (left.isPublished, right.isPublished) = (false, false)
        (left.isActive, right.isActive) = (false, false)
        let isSame = left.elements.map(\.values) == right.elements.map(\.values)
        return isSame && left.name == right.name && left.approvalType == right.approvalType
            && left.subjectType == right.subjectType && left.mode == right.mode
            && left.precedence == right.precedence && left.expiryDays == right.expiryDays
            && left.remindHours == right.remindHours && left.reassigns == right.reassigns
    }
}

extension View {
    fileprivate func approvalPolicy(_ typed: String, version: Int64?) throws -> ApprovalOutline {
        var choice = NameChoice<ApprovalOutline>("policy")
        var newest: [String: ApprovalOutline] = [:]
        for outline in try approvalPolicies() where version == nil || outline.version == version {
            newest[outline.slug] = outline
        }
        for (slug, outline) in newest { choice.add(outline, names: [slug, outline.name]) }
        return try choice.only(called: typed)
    }

    fileprivate func approvalRecord(of outline: ApprovalOutline) throws -> StoredRecord {
        let record = try records(of: ApprovalPolicy.entity, in: .tenant).first { record in
            record.fields.text(ApprovalPolicy.slug) == outline.slug
                && record.fields.integer(ApprovalPolicy.version) == outline.version
        }
        guard let record else { throw CommandFault(.notFound, "there is no \(outline.slug)") }
        return record
    }
}

// MARK: - Shown

extension ApprovalOutline {
    /// The policy for scripts, on one row of a list.
    public var json: JSON {
        [
            "policy": .text(slug), "version": .integer(version), "name": .text(name),
            "subject_type": .text(orNull: subjectType?.rawValue),
            "approval_type": .text(approvalType), "mode": .text(mode.rawValue),
            "state": .text(state), "precedence": .integer(precedence),
        ]
    }

    /// The same with its chain.
    public var whole: JSON {
        let hours = hours.sorted { $0.key < $1.key }
        return json.with("when", .list(when.lines) { .text($0) })
            .with(
                "steps",
                .list(steps) { step in
                    [
                        "step": .text(step.slug), "order": .integer(step.order),
                        "who": .text(step.words), "people": .number(step.people),
                        "method": .number(step.method),
                        "when": .list(stepsWhen[step.slug]?.lines ?? []) { .text($0) },
                    ]
                }
            )
            .with(
                "tiers",
                .list(tiers) { tier in
                    [
                        "up_to": .text(orNull: tier.upTo?.description),
                        "steps": .list(tier.steps) { .text($0) },
                    ]
                }
            )
            .with("sla_hours", .object(hours.map { JSON.Member($0.key, .integer($0.value)) }))
            .with("remind_hours", .integer(orNull: remindHours))
            .with("expiry_days", .integer(orNull: expiryDays))
            .with("reassigns", .bool(reassigns))
    }

    public var lines: [String] {
        var lines = ["\(name) (\(slug)) version \(version), \(approvalType), \(state)"]
        lines += when.lines.map { "  if \($0)" }
        for step in steps {
            let when = stepsWhen[step.slug]?.lines.joined(separator: " or ") ?? ""
            let signed = step.method > 4 ? ", signed" : ""
            lines.append(
                "  \(step.order). \(step.slug): \(step.words)\(signed)"
                    + (when.isEmpty ? "" : ", if \(when)")
            )
        }
        for tier in tiers {
            let bound = tier.upTo.map { "up to \($0)" } ?? "above"
            let who = tier.steps.isEmpty ? "by itself" : tier.steps.joined(separator: ", ")
            lines.append("  \(bound): \(who)")
        }
        return lines
    }
}
