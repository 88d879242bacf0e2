public import CRDT
import Domain
public import Storage
import Wire

/// An inquiry from outside: who it is from, whom to talk to, and the project that begins.
public struct ProjectIntake: Hashable, Sendable {
    /// Which part of an intake cannot be done.
    public enum Stage: String, Hashable, Sendable, CaseIterable {
        case company
        case contact
        case project
        /// None of them: the disk, or gemba itself.
        case unknown
    }

    /// What came of an intake.
    public struct Outcome: Hashable, Sendable {
        public let company: ID
        /// Whether the company is new: proposed, or taken in at a hub.
        public let isNewCompany: Bool
        public let contact: ID
        public let project: ID
    }

    /// A number, name or id of a company that is here.
    public var customer: String?
    /// The name of a company, found or made.
    public var companyName: String?
    public var contactName: String
    public var contactEmail: String
    public var contactPhone: String?
    /// What the contact is in the project.
    public var contactRole = "project_manager"
    public var project: NewProject

    public init(
        customer: String? = nil,
        companyName: String? = nil,
        contactName: String,
        contactEmail: String,
        project: NewProject
    ) {
        self.customer = customer
        self.companyName = companyName
        self.contactName = contactName
        self.contactEmail = contactEmail
        self.project = project
    }
}

/// Why an intake was not taken: nothing of it was written.
public struct IntakeFault: Error, CommandFaultConvertible {
    public let stage: ProjectIntake.Stage
    /// What was wrong there.
    public let cause: CommandFault

    /// The fault of the stage, with the stage as its reason.
    public var commandFault: CommandFault {
        CommandFault(
            cause.code,
            "\(stage.rawValue): \(cause.message)",
            reason: "\(stage.rawValue)-failed"
        )
    }
}

extension LocalNode {
    /// Takes in an inquiry: company, contact and project in one action, all or nothing.
    ///
    /// A company or contact that is here already is the one meant.
    ///
    /// - Throws: ``IntakeFault``, naming the stage.
    public func intake(_ intake: ProjectIntake, by actor: Actor) throws -> ProjectIntake.Outcome {
        let ids = (company: chance.id, contact: chance.id, project: chance.id)
        let work = IntakeWork(intake, ids: ids, at: self)
        do {
            let known = try read { try work.outcome(on: $0) }
            _ = try act(by: actor) { acting, person in
                try work.draft(on: acting.view, by: person, known)
            }
            if let number = work.number.value { try noteGiven(number, of: .projects) }
            return known
        } catch let fault as IntakeFault {
            throw fault
        } catch {
            throw IntakeFault(stage: .unknown, cause: CommandFault(error))
        }
    }
}

/// An intake with the ids that its records will have.
private struct IntakeWork: Sendable {
    let intake: ProjectIntake
    let ids: (company: ID, contact: ID, project: ID)
    let node: CompanyNode
    let local: LocalNode
    /// The number that the project takes, if it takes one.
    let number = Decided<Int64>()

    init(
        _ intake: ProjectIntake,
        ids: (company: ID, contact: ID, project: ID),
        at local: LocalNode
    ) {
        self.intake = intake
        self.ids = ids
        self.local = local
        node = CompanyNode(local)
    }

    /// Says which stage threw.
    private func at<Result>(
        _ stage: ProjectIntake.Stage,
        _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch {
            throw IntakeFault(stage: stage, cause: CommandFault(error))
        }
    }

    /// Which company and contact are meant, or will be made.
    func outcome(on view: View) throws -> ProjectIntake.Outcome {
        let company = try at(.company) { () throws -> ID? in try heldCompany(view) }
        let directory = try view.companies(needs(of: company))
        let contact = try at(.contact) { () throws -> ID in
            try ShortText.title(intake.contactName)
            let email = try EmailAddress(typed: intake.contactEmail.trimmed)
            let held = company.flatMap { directory.contact(withEmail: email.text, of: $0) }
            return held?.fields.id(Contact.contact) ?? ids.contact
        }
        return ProjectIntake.Outcome(
            company: company ?? ids.company,
            isNewCompany: company == nil,
            contact: contact,
            project: intake.project.subject ?? ids.project
        )
    }

    /// The company that is here; nil: it is to be made.
    private func heldCompany(_ view: View) throws -> ID? {
        try CompanyRules.checkIntake(customer: intake.customer, companyName: intake.companyName)
        if let customer = intake.customer, !customer.trimmed.isEmpty {
            return try view.companyID(named: customer.trimmed)
        }
        let name = (intake.companyName ?? "").trimmed
        try ShortText.title(name)
        let found = try view.companies(CompanyNeeds(names: [name])).ids(named: name)
        return found.count == 1 ? found.first : nil
    }

    /// What has to be known of the company, and of whoever has the contact's address.
    private func needs(of company: ID?) -> CompanyNeeds {
        CompanyNeeds(
            names: [(intake.companyName ?? "").trimmed],
            companies: [company].compactMap(\.self),
            emails: [intake.contactEmail.trimmed]
        )
    }

    /// All that the intake writes.
    func draft(
        on view: View,
        by person: ActingPerson,
        _ outcome: ProjectIntake.Outcome
    ) throws -> Draft {
        var needs = needs(of: outcome.company)
        needs.contacts = [outcome.contact]
        let directory = try view.companies(needs)
        var draft = try at(.project) { () throws -> Draft in
            try person.check(.createProject)
            var project = intake.project
            project.customer = outcome.company
            project.primaryContact = outcome.contact
            var draft = Draft()
            let subject = outcome.project
            number.set(try local.begin(project, as: subject, on: view, into: &draft))
            return draft
        }
        try node.open(&draft, on: view)
        if outcome.isNewCompany {
            try at(.company) { try addCompany(to: &draft, outcome, by: person, directory) }
        }
        try at(.contact) {
            if directory.contact(outcome.contact) == nil {
                var cells: Cells = [
                    "name": .text(intake.contactName), "email": .text(intake.contactEmail),
                ]
                if let phone = intake.contactPhone { cells["phone"] = .text(phone) }
                let company = outcome.company
                draft.add(
                    try node.newContact(outcome.contact, cells, of: company, directory),
                    in: Company.directory
                )
            }
            try TextRule.code(intake.contactRole)
            let scope = Scope.subject(outcome.project)
            let link = try view.linking(
                outcome.contact,
                intake.contactRole,
                in: scope,
                tenant: node.tenant
            )
            if let link { draft.add(link, in: scope) }
        }
        return draft
    }

    private func addCompany(
        to draft: inout Draft,
        _ outcome: ProjectIntake.Outcome,
        by person: ActingPerson,
        _ directory: CompanyDirectory
    ) throws {
        try person.check(.proposeCompany)
        let name = (intake.companyName ?? "").trimmed
        let operation = try node.newCompany(
            outcome.company,
            ["name": .text(name), "kinds": ["customer"]],
            isAccepted: node.isHub && person.may(.decideCompany),
            directory,
            primaryContact: outcome.contact
        )
        draft.add(operation, in: Company.directory)
    }
}
