public import CRDT
import Domain
public import Storage
import Wire

/// What a person says of a project that begins.
public struct NewProject: Hashable, Sendable {
    public var title: String
    /// The name of the workflow; nil: the only active one.
    public var workflow: String?
    /// Of several versions of it; nil: the greatest.
    public var workflowVersion: Int64?
    public var description: String?
    /// low, normal, high or urgent.
    public var priority: String?
    /// A user.
    public var assignedTo: String?
    /// YYYY-MM-DD.
    public var requestedDueDate: String?
    /// What the customer calls it.
    public var customerReference: String?
    /// Such as system_build, manufacturing or fabrication.
    public var projectType: String?
    /// How it came, such as rfq.
    public var intakeType: String?
    /// From where it came, such as portal.
    public var intakeSource: String?
    /// Whether it enters the first stage at once; otherwise it is a draft.
    public var begins = false
    /// The sites where it is opened; none: that of this device, at a hub the only one.
    public var sites: [String] = []
    /// The number it has already, for imports: at a hub only.
    public var number: String?
    /// The subject's id, for imports; nil: a random one.
    public var subject: ID?
    /// The company that it is for.
    public var customer: ID?
    /// The contact to talk to first.
    public var primaryContact: ID?

    public init(_ title: String) {
        self.title = title
    }
}

extension LocalNode {
    /// Begins a project: opens its subject at the sites, and writes its record, in one action.
    ///
    /// At a hub it gets the next number; at a station one that holds until the hub gives it one.
    ///
    /// - Returns: The subject.
    /// - Throws: `RuleFault`, or `.notFound` for a name that nothing has.
    public func create(_ new: NewProject, by actor: Actor) throws -> ID {
        let subject = new.subject ?? chance.id
        let decided = Decided<Int64>()
        _ = try act(by: actor) { [self] acting, person in
            try person.check(.createProject)
            var draft = Draft()
            decided.set(try begin(new, as: subject, on: acting.view, into: &draft))
            return draft
        }
        if let number = decided.value { try noteGiven(number, of: .projects) }
        return subject
    }

    /// What beginning a project writes.
    ///
    /// - Returns: The number that it takes, for ``noteGiven(_:of:)``; nil for one that it brings,
    ///   or a station's label.
    func begin(
        _ new: NewProject,
        as subject: ID,
        on view: View,
        into draft: inout Draft
    ) throws -> Int64? {
        let scope = Scope.subject(subject)
        guard try view.records(of: Project.entity, in: scope).isEmpty else {
            throw CommandFault(.refused, "this project exists already", reason: "exists")
        }
        let template = try view.workflow(named: new.workflow, version: new.workflowVersion)
        var values = try new.values(on: view, template)
        values.set(Project.subject, subject)
        let number = try number(for: new, on: view, into: &draft)
        let text =
            try number.map(NumberSeries.projects.text) ?? new.number
            ?? view.provisionalNumber(of: subject, at: site)
        values.set(isHub ? Project.humanNumber : Project.provisionalNumber, text)
        for site in try new.sites(on: view, own: site) { draft.open(subject, at: site) }
        draft.add(
            Operation(creating: Project.entity, values, in: scope, tenant: store.tenant),
            in: scope
        )
        guard new.begins, let first = template.first else { return number }
        let begin = StageAdvance(
            of: subject,
            from: nil,
            to: first,
            kind: .begin,
            in: template,
            isConfirmed: isHub
        )
        draft.add(begin.operation(), in: scope)
        return number
    }

    /// The number that a project gets here; nil for one that it brings, or a station's label.
    private func number(
        for new: NewProject,
        on view: View,
        into draft: inout Draft
    ) throws -> Int64? {
        let series = NumberSeries.projects
        guard let given = new.number else {
            return try takeNumber(of: series, on: view, into: &draft)
        }
        guard isHub else {
            throw RuleFault(.hubOnly, "only a hub gives a number: leave --number out")
        }
        try ShortText.title(given)
        let taken = try view.projectRecords().contains { $0.record.projectNumber == given }
        let isLeased = try series.number(given).map { number in
            try view.leases().contains {
                $0.lease.replica != store.replica && $0.lease.range?.contains(number) == true
            }
        }
        guard given.utf8.count <= 40, !taken, isLeased != true else {
            throw CommandFault(
                .refused,
                "\(given) is taken, leased to a station or too long",
                reason: "exists"
            )
        }
        return nil
    }

    /// Opens a project at another site, so that its stations hold it.
    ///
    /// - Throws: `RuleFault`, `.notPermitted` at a station for a site that is not its own.
    public func open(_ project: String, at siteName: String, by actor: Actor) throws {
        let (own, isHub) = (site, isHub)
        _ = try act(by: actor) { acting, person in
            try person.check(.openSubject)
            let subject = try acting.view.projectRecord(named: project).scope.key
            let record = try acting.view.site(named: siteName)
            guard let site = record.fields.id(Site.site), isHub || site == own else {
                throw CommandFault(
                    .notPermitted,
                    "a station opens projects at its own site: ask at the hub",
                    reason: "other-site"
                )
            }
            let openings = try acting.view.events(of: Opening.entity, in: .site(site))
            guard !openings.contains(where: { $0.fields.id(Opening.subjectField) == subject })
            else { throw CommandFault(.refused, "it is open there already", reason: "exists") }
            var draft = Draft()
            draft.open(subject, at: site)
            return draft
        }
    }
}

extension Draft {
    /// Says in the site that a subject was opened there, and in the subject where.
    mutating func open(_ subject: ID, at site: ID) {
        add(Opening(of: subject).operation(), in: .site(site))
        add(Opened(at: site).operation(), in: .subject(subject))
    }
}

extension NewProject {
    fileprivate func values(
        on view: View,
        _ template: WorkflowTemplate
    ) throws -> FieldValues {
        try ShortText.title(title)
        try ShortText.text(description)
        try ShortText.day(requestedDueDate)
        for text in [customerReference, projectType, intakeType, intakeSource] {
            if let text { try ShortText.title(text) }
        }
        var values = FieldValues()
        values.set(Project.title, title)
        values.set(Project.description, description)
        values.set(Project.priority, try ShortText.anyPriority(priority) ?? "normal")
        values.set(Project.customerReference, customerReference)
        values.set(Project.projectType, projectType)
        values.set(Project.intakeType, intakeType)
        values.set(Project.intakeSource, intakeSource)
        values.set(Project.requestedDueDate, requestedDueDate)
        values.set(Project.customer, customer)
        values.set(Project.primaryContact, primaryContact)
        if let assignedTo {
            values.set(
                Project.assignedTo,
                try view.user(named: assignedTo).fields.id(User.user)
            )
        }
        values.set(Project.definition, template.name)
        values.set(Project.definitionVersion, template.version)
        return values
    }

    fileprivate func sites(on view: View, own: ID) throws -> [ID] {
        let named = try sites.compactMap { try view.site(named: $0).fields.id(Site.site) }
        if own != .zero {
            guard named.allSatisfy({ $0 == own }) else {
                throw CommandFault(
                    .notPermitted,
                    "a station opens projects at its own site: ask at the hub",
                    reason: "other-site"
                )
            }
            return [own]
        }
        if !named.isEmpty { return Array(Set(named)).sorted() }
        let all = try view.records(of: Site.entity, in: .tenant)
            .filter { !$0.isDeleted }.compactMap { $0.fields.id(Site.site) }
        guard all.count == 1 else {
            throw CommandFault(.usage, "say at which site: --site CODE", reason: "no-site")
        }
        return all
    }
}

extension View {
    /// A label that no other project of the site has: code and the first digits of the subject.
    fileprivate func provisionalNumber(of subject: ID, at site: ID) throws -> String {
        let record = try records(of: Site.entity, in: .tenant).first {
            $0.fields.id(Site.site) == site
        }
        let code = record?.fields.text(Site.code) ?? "T"
        return "PRJ-\(code)-\(subject.description.prefix(8).uppercased())"
    }

    /// The workflow of a name, with what it overrides.
    ///
    /// - Parameters:
    ///   - name: nil: the only active one.
    ///   - version: nil: the greatest.
    /// - Returns: The workflow as projects follow it.
    /// - Throws: `.notFound` for an unknown name; `.usage` if none is named and not one is active.
    func workflow(named name: String?, version: Int64?) throws -> WorkflowTemplate {
        let definitions = try records(of: WorkflowDefinition.entity, in: .tenant)
            .filter { !$0.isDeleted }
            .filter { version == nil || $0.fields.integer(WorkflowDefinition.version) == version }
            // A draft is nobody's workflow yet.
            .filter { $0.fields.bool(WorkflowDefinition.isPublished) != false }
            .sorted {
                ($0.fields.integer(WorkflowDefinition.version) ?? 0)
                    > ($1.fields.integer(WorkflowDefinition.version) ?? 0)
            }
        var newest: [String: StoredRecord] = [:]
        for definition in definitions {
            let name = definition.fields.text(WorkflowDefinition.name) ?? ""
            if newest[name] == nil { newest[name] = definition }
        }
        var choice = NameChoice<StoredRecord>("workflow")
        for (name, definition) in newest { choice.add(definition, names: [name]) }
        let active = newest.values.filter { $0.fields.bool(WorkflowDefinition.isActive) != false }
        let definition: StoredRecord
        if let name {
            definition = try choice.only(called: name)
        } else if let only = active.first, active.count == 1 {
            definition = only
        } else {
            let known = newest.keys.sorted().joined(separator: ", ")
            throw CommandFault(
                .usage,
                "say which workflow: --workflow NAME, one of \(known)",
                reason: "no-workflow"
            )
        }
        let stages = try records(of: WorkflowStage.entity, in: .tenant).filter { !$0.isDeleted }
        let subStages = try records(of: WorkflowSubStage.entity, in: .tenant)
            .filter { !$0.isDeleted }
        guard
            let template = WorkflowTemplate(
                definition.fields,
                stages: stages.map(\.fields),
                subStages: subStages.map(\.fields)
            )
        else { throw CommandFault(.damaged, "the workflow has no name or version") }
        return template
    }
}
