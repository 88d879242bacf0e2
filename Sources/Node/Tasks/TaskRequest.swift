public import CRDT
import Domain
import Storage

/// What a person says of a task that is new, or of what changes; nil leaves it.
public struct TaskRequest: Hashable, Sendable {
    /// Such as T-000310; nil for a new task: one that follows from where and when it was added.
    public var code: String?
    public var title: String?
    public var description: String?
    /// ASSEMBLY, FABRICATION and so on, in any case.
    public var type: String?
    public var subStage: String?
    public var build: String?
    /// The code of the task that it is a part of.
    public var parent: String?
    public var sequence: Int64?
    /// Users, of a new task.
    public var assignees: [String] = []
    /// In place of those that are there; nil leaves them.
    public var skills: [String]?
    public var tools: [String]?
    public var instructions: [String]?
    public var workCenter: String?
    public var safetyRequirements: String?
    public var estimatedMinutes: Int64?
    public var priority: String?
    /// YYYY-MM-DD.
    public var due: String?
    public var inspectionRequired: Bool?
    public var approvalRequired: Bool?

    public init() {}

    /// Checks what a terminal would obey, before a rule sees the texts.
    func check() throws {
        let lists = (skills ?? []) + (tools ?? []) + (instructions ?? [])
        let texts = [
            code, title, description, subStage, build, parent, workCenter, safetyRequirements,
        ]
        for text in texts.compactMap(\.self) + lists { try ShortText.text(text) }
    }

    /// The task that the request makes of another.
    func applied(
        to task: TaskDefinition,
        in project: ProjectView,
        on view: View
    ) throws
        -> TaskDefinition
    {
        var task = task
        task.title = title ?? task.title
        task.description = description ?? task.description
        task.type = type?.uppercased() ?? task.type
        task.subStage =
            try subStage.map { try view.subStage(named: $0, of: project) }
            ?? task.subStage
        task.build = build ?? task.build
        task.parent = parent ?? task.parent
        task.sequence = sequence ?? task.sequence
        task.skills = skills.map(Set.init) ?? task.skills
        task.tools = tools.map(Set.init) ?? task.tools
        task.instructions = instructions ?? task.instructions
        task.workCenter = workCenter ?? task.workCenter
        task.safetyRequirements = safetyRequirements ?? task.safetyRequirements
        task.estimatedMinutes = estimatedMinutes ?? task.estimatedMinutes
        task.priority = priority.map(Self.priority) ?? task.priority
        task.due = due ?? task.due
        task.inspectionRequired = inspectionRequired ?? task.inspectionRequired
        task.approvalRequired = approvalRequired ?? task.approvalRequired
        return task
    }

    /// The priorities of other systems as ours (TV-136).
    private static func priority(_ word: String) -> String {
        let word = word.lowercased()
        return word == "medium" ? "normal" : word
    }
}

/// What a person does to a task.
public struct TaskStepRequest: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case start, hold, resume, progress, complete, cancel, reopen, issue
    }

    public var kind: Kind
    public var project: String
    public var task: String
    /// How far it is, in hundredths of a percent; for progress.
    public var share: Int64?
    public var reason: String?
    public var comment: String?
    /// Ids of the holds to lift; none: all that were shown.
    public var lifts: [ID] = []
    /// What the form showed; nil: what this node shows.
    public var seen: Seen?

    public init(_ kind: Kind, _ project: String, _ task: String, reason: String? = nil) {
        self.kind = kind
        self.project = project
        self.task = task
        self.reason = reason
    }

    func action(on progress: TaskProgress, isHub: Bool) -> TaskStep.Action {
        switch kind {
        case .start: .start
        case .hold: .hold
        case .resume: .resume(lifts.isEmpty ? progress.holds.map(\.id) : lifts)
        case .progress: .progress(share ?? -1)
        case .complete: .complete
        case .cancel: isHub ? .cancel : .askToCancel
        case .reopen: .reopen
        case .issue: .issue
        }
    }
}

extension TaskStep.Action {
    /// The act that the rules ask for.
    var act: Act {
        switch self {
        case .start, .progress, .complete, .resume, .unknown: .workOnTask
        case .hold, .issue: .holdTask
        case .askToCancel: .askToCancelTask
        case .cancel: .cancelTask
        case .reopen: .reopenTask
        }
    }
}
