import CRDT
public import Domain
public import Storage
import Wire

/// What a person says of a defect that they have seen.
public struct DefectRequest: Hashable, Sendable {
    public var description: String
    public var severity: Defect.Severity
    /// nil: one that follows from where and when it was reported.
    public var code: String?
    public var category: String?
    public var build: String?
    public var location: String?
    /// Three numbers as typed, or none.
    public var coordinates: [String] = []
    public var affectsFunctionality = false
    public var affectsAppearance = false
    public var customerVisible = true
    /// A user.
    public var assignedTo: String?
    /// YYYY-MM-DD.
    public var due: String?
    /// The inspection that found it, and which item of it.
    public var inspection: InspectionName?
    public var item: Int64?

    public init(_ description: String, _ severity: Defect.Severity) {
        self.description = description
        self.severity = severity
    }
}

extension LocalNode {
    /// Reports a defect; a critical one holds every sub-stage of its project at once.
    ///
    /// - Returns: Its code.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func reportDefect(
        _ request: DefectRequest,
        of projectName: String,
        by actor: Actor
    ) throws -> String {
        let texts = [request.description, request.code, request.build, request.location]
        for text in texts { try ShortText.text(text) }
        let shown = try read { view in try view.projectRecord(named: projectName) }
        let tenant = store.tenant
        let saved = try act(by: actor) { acting, person in
            let view = acting.view
            let code = request.code ?? DerivedCode.text("D", at: acting.stamp)
            let defect = try request.definition(code, in: shown.scope, on: view)
            try DefectRules.check(defect, by: person.standing)
            try person.checkMethod(.reportDefect)
            guard try ProjectDefects(in: shown.scope, on: view)[code] == nil else {
                throw RuleFault(.alreadyThere, "the project has a defect \(code) already")
            }
            var draft = Draft()
            draft.add(defect, request.severity, in: shown.scope, tenant: tenant)
            return draft
        }
        return request.code ?? DerivedCode.text("D", at: saved.stamp)
    }
}

extension DefectRequest {
    fileprivate func definition(
        _ code: String,
        in scope: Scope,
        on view: View
    ) throws -> DefectDefinition {
        var defect = DefectDefinition(code, description: description)
        defect.category = category
        defect.build = build
        defect.location = location
        defect.coordinates = try coordinates.map { try DecimalNumber(entered: $0) }
        defect.affectsFunctionality = affectsFunctionality
        defect.affectsAppearance = affectsAppearance
        defect.customerVisible = customerVisible
        defect.assignedTo = try assignedTo.map(view.userID(named:))
        defect.due = due
        if var name = inspection {
            name.project = "\(scope.key)"
            let found = try view.inspection(name)
            defect.inspection = found.record.id
            defect.build = build ?? found.build
            if let item, found[item] == nil {
                throw RuleFault(.unknownItem, "\(found.process) has no item \(item)")
            }
            defect.item = item
        }
        return defect
    }
}

extension Draft {
    /// Adds a new defect with its first judgement.
    mutating func add(
        _ defect: DefectDefinition,
        _ severity: Defect.Severity,
        in scope: Scope,
        tenant: ID
    ) {
        add(
            Operation(creating: Defect.entity, defect.values, in: scope, tenant: tenant),
            in: scope
        )
        let judgement = DefectStep(defect.code, .reclassify(severity, isDecided: false))
        add(judgement.operation(), in: scope)
    }
}
