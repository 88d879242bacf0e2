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
        let (tenant, site) = (store.tenant, isHub ? ID.zero : site)
        _ = try act(by: actor) { acting, person in
            try person.check(.createProject)
            return try new.draft(subject, on: acting.view, tenant: tenant, at: site)
        }
        return subject
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
    /// What beginning the project writes; `own` is the site of this device, zero for a hub.
    func draft(_ subject: ID, on view: View, tenant: ID, at own: ID) throws -> Draft {
        let isHub = own == .zero
        guard try view.records(of: Project.entity, in: .subject(subject)).isEmpty else {
            throw CommandFault(.refused, "this project exists already", reason: "exists")
        }
        var values = try values(on: view)
        values.set(Project.subject, subject)
        let sites = try sites(on: view, own: own)
        if isHub {
            values.set(Project.humanNumber, try humanNumber(on: view))
        } else {
            guard number == nil else {
                throw RuleFault(.hubOnly, "only a hub gives a number: leave --number out")
            }
            let label = try view.provisionalNumber(of: subject, at: own)
            values.set(Project.provisionalNumber, label)
        }
        var draft = Draft()
        for site in sites {
            draft.open(subject, at: site)
        }
        let operation = Operation(
            creating: Project.entity,
            values,
            in: .subject(subject),
            tenant: tenant
        )
        draft.add(operation, in: .subject(subject))
        return draft
    }

    fileprivate func values(on view: View) throws -> FieldValues {
        try ShortText.title(title)
        try ShortText.text(description)
        try ShortText.day(requestedDueDate)
        try ShortText.priority(priority)
        var values = FieldValues()
        values.set(Project.title, title)
        values.set(Project.description, description)
        values.set(Project.priority, priority ?? "normal")
        values.set(Project.requestedDueDate, requestedDueDate)
        values.set(Project.customer, customer)
        values.set(Project.primaryContact, primaryContact)
        if let assignedTo {
            values.set(
                Project.assignedTo,
                try view.user(named: assignedTo).fields.id(User.user)
            )
        }
        let template = try view.workflow(named: workflow, version: workflowVersion)
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

    fileprivate func humanNumber(on view: View) throws -> String {
        let taken = try Set(
            view.projectRecords().compactMap { $0.record.fields.text(Project.humanNumber) }
        )
        if let number {
            try ShortText.title(number)
            guard number.utf8.count <= 40, !taken.contains(number) else {
                throw CommandFault(.refused, "\(number) is taken or too long", reason: "exists")
            }
            return number
        }
        let numbers = taken.filter { $0.hasPrefix(Self.prefix) }
            .compactMap { Int($0.dropFirst(Self.prefix.count)) }
        let digits = String(min(numbers.max() ?? 0, Self.greatest) + 1)
        return Self.prefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    private static let prefix = "PRJ-"
    private static let greatest = 999_999_998
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
