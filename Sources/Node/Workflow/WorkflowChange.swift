public import Domain

/// What a person changes of a draft; nil and empty leave it.
public struct WorkflowChange: Hashable, Sendable {
    /// What takes the place of the catalogue's word.
    public enum Override: String, Hashable, Sendable, CaseIterable {
        case yes
        case no
        case catalogue

        fileprivate var value: Bool? { self == .catalogue ? nil : self == .yes }
    }

    /// The stage that is included or changed.
    public var stage: String?
    /// The sub-stage that is included or changed.
    public var subStage: String?
    /// What is left out.
    public var exclude: [String] = []
    public var order: Int64?
    public var days: Int64?
    public var hours: Int64?
    public var approval: Override?
    public var skip: Override?
    public var autoAdvance: Override?
    public var roles: [String] = []
    public var status: String?
    /// KEY=TEXT, of the stage.
    public var criteria: [String] = []
    /// CATEGORY=COUNT, of the stage.
    public var documents: [String] = []
    /// FROM=TO, or FROM=TO=ROLE:LEVEL,ROLE.
    public var moves: [String] = []
    public var criteriaHold: Override?

    public init() {}

    /// - Throws: `.usage` for what does not go together.
    public func apply(to outline: inout WorkflowOutline) throws {
        guard stage == nil || subStage == nil else {
            throw CommandFault(.usage, "one stage or sub-stage at a time", reason: "two-at-once")
        }
        guard stage != nil || status == nil && criteria.isEmpty && documents.isEmpty else {
            throw CommandFault(.usage, "say of which stage: --stage SLUG", reason: "no-stage")
        }
        outline.exclude(exclude)
        if let criteriaHold { outline.criteriaHold = criteriaHold == .yes }
        if let stage { try apply(to: &outline, stage) }
        if let subStage { apply(to: &outline, subStage: subStage) }
        for move in moves {
            let words = move.split(separator: "=", omittingEmptySubsequences: false)
            guard words.count == 2 || words.count == 3 else { throw Self.malformed(move) }
            let roles = words.count == 3 ? words[2].split(separator: ",").map(String.init) : []
            let part = WorkflowDefinition.MovePart("\(words[0])", "\(words[1])", roles: roles)
            outline.moves.removeAll { $0.from == part.from && $0.to == part.to }
            outline.moves.append(part)
        }
    }

    private func apply(to outline: inout WorkflowOutline, _ slug: String) throws {
        let place = outline.stages.firstIndex { $0.slug == slug }
        var part = place.map { outline.stages[$0] } ?? WorkflowDefinition.StagePart(slug)
        part.order = order ?? part.order
        part.days = days ?? part.days
        if let approval { part.requiresApproval = approval.value }
        if !roles.isEmpty { part.roles = roles }
        if let place { outline.stages[place] = part } else { outline.stages.append(part) }
        if let status {
            let done = outline.statuses.first { $0.stage == slug }?.done
            outline.statuses.removeAll { $0.stage == slug }
            outline.statuses.append(WorkflowDefinition.StatusPart(slug, status, done: done))
        }
        for text in criteria {
            let (key, words) = try Self.pair(text)
            outline.criteria.removeAll { $0.stage == slug && $0.key == key }
            outline.criteria.append(WorkflowDefinition.CriterionPart(slug, key, text: words))
        }
        for text in documents {
            let (category, count) = try Self.pair(text)
            guard let count = Int64(count) else { throw Self.malformed(text) }
            outline.documents.removeAll { $0.stage == slug && $0.category == category }
            outline.documents.append(
                WorkflowDefinition.DocumentPart(slug, category, count: count)
            )
        }
    }

    private func apply(to outline: inout WorkflowOutline, subStage slug: String) {
        let place = outline.subStages.firstIndex { $0.slug == slug }
        var part = place.map { outline.subStages[$0] } ?? WorkflowDefinition.SubStagePart(slug)
        part.order = order ?? part.order
        part.hours = hours ?? part.hours
        if let approval { part.requiresApproval = approval.value }
        if let skip { part.canSkip = skip.value }
        if let autoAdvance { part.autoAdvance = autoAdvance.value }
        if !roles.isEmpty { part.roles = roles }
        if let place { outline.subStages[place] = part } else { outline.subStages.append(part) }
    }

    private static func pair(_ text: String) throws -> (String, String) {
        let words = text.split(separator: "=", maxSplits: 1)
        guard words.count == 2 else { throw malformed(text) }
        return (String(words[0]), String(words[1]))
    }

    private static func malformed(_ text: String) -> CommandFault {
        CommandFault(
            .badInput,
            "\(text.prefix(40)) is not of the form NAME=WORDS",
            reason: "no-pair"
        )
    }
}

extension WorkflowOutline {
    /// Leaves stages or sub-stages out, with all that is said of them.
    fileprivate mutating func exclude(_ slugs: [String]) {
        let gone = Set(slugs)
        stages.removeAll { gone.contains($0.slug) }
        subStages.removeAll { gone.contains($0.slug) }
        documents.removeAll { gone.contains($0.stage) }
        criteria.removeAll { gone.contains($0.stage) }
        statuses.removeAll { gone.contains($0.stage) }
        moves.removeAll { gone.contains($0.from) || gone.contains($0.to) }
    }

    /// draft, published or retired.
    public var state: String { isPublished ? isActive ? "published" : "retired" : "draft" }

    public var json: JSON {
        [
            "workflow": .text(name), "version": .number(version),
            "subject_type": .text(subjectType), "state": .text(state),
            "stages": .number(stages.count), "sub_stages": .number(subStages.count),
        ]
    }
}
