public import CRDT

/// A unit of work of people on a subject, such as "mount the pump".
///
/// Keyed by its code, so that two stations that import it alike make one record.
public enum WorkTask {
    public static let number: UInt32 = 62
    /// The human number, unique in its subject: from a lease, or from the file it came in.
    public static let code: UInt32 = 1
    public static let title: UInt32 = 2
    public static let description: UInt32 = 3
    /// One of ``types``.
    public static let type: UInt32 = 4
    /// The slug of the sub-stage that it belongs to.
    public static let subStage: UInt32 = 5
    /// The build number, or the item of the order.
    public static let build: UInt32 = 6
    /// The code of the task that it is a part of.
    public static let parent: UInt32 = 7
    public static let sequence: UInt32 = 8
    /// The people who are to do it.
    public static let assignees: UInt32 = 9
    public static let skills: UInt32 = 10
    public static let tools: UInt32 = 11
    /// What is to be done, step by step: a list of texts.
    public static let instructions: UInt32 = 12
    public static let workCenter: UInt32 = 13
    public static let safetyRequirements: UInt32 = 14
    public static let estimatedMinutes: UInt32 = 15
    /// One of ``priorities``.
    public static let priority: UInt32 = 16
    /// YYYY-MM-DD.
    public static let due: UInt32 = 17
    /// Whether the quality of the build must hold nothing before the task is completed.
    public static let inspectionRequired: UInt32 = 18
    public static let notes: UInt32 = 19
    /// Whether a completion is signed off by an approval.
    public static let approvalRequired: UInt32 = 20

    /// The kinds of work.
    public static let types = [
        "ASSEMBLY", "FABRICATION", "INSPECTION", "TESTING", "QC", "PACKAGING", "SHIPPING",
        "DOCUMENTATION", "SERVICE",
    ]
    /// The priorities, the least urgent first.
    public static let priorities = ["low", "normal", "high", "urgent"]

    public static let entity = Entity(
        number,
        "task",
        in: [.subject],
        form: .entity(key: [code]),
        fields: [
            Field(code, "code", .text, .fixed),
            Field(title, "title", .text),
            Field(description, "description", .text),
            Field(type, "task_type", .text),
            Field(subStage, "sub_stage", .text),
            Field(build, "build", .text),
            Field(parent, "parent", .text),
            Field(sequence, "sequence", .integer),
            Field(assignees, "assignees", .id, .set),
            Field(skills, "skills", .text, .set),
            Field(tools, "tools", .text, .set),
            Field(instructions, "instructions", .list),
            Field(workCenter, "work_center", .text),
            Field(safetyRequirements, "safety_requirements", .text),
            Field(estimatedMinutes, "estimated_minutes", .integer),
            Field(priority, "priority", .text),
            Field(due, "due", .text),
            Field(inspectionRequired, "inspection_required", .bool, .cautious(leastFirst: caution)),
            Field(notes, "notes", .text),
            Field(approvalRequired, "approval_required", .bool, .cautious(leastFirst: caution)),
        ],
        indexes: [byAssignee, byDue],
        searched: [
            Searched(title, .name), Searched(description, .description),
            Searched(notes, .description), Searched(code, .number), Searched(build, .number),
        ]
    )

    /// The tasks of a person, in all subjects.
    public static let byAssignee = Index(1, "assignee", [.value(assignees)], reach: .store)
    /// The tasks of all subjects by the day on which they are due.
    public static let byDue = Index(2, "due", [.value(due)], reach: .store)

    private static let caution = [Value.bool(false), .bool(true)]
}

/// A task as a rule reads it.
public struct TaskDefinition: Hashable, Sendable {
    /// Most instructions, skills, tools or assignees.
    public static let listMax = 100
    /// Longest estimate: a year.
    public static let minutesMax: Int64 = 525_600

    public var code: String
    public var title: String
    /// As written; see ``WorkTask/types``.
    public var type: String?
    public var subStage: String?
    public var build: String?
    public var assignees: Set<ID>
    public var skills: Set<String>
    public var tools: Set<String>
    public var instructions: [String]
    public var estimatedMinutes: Int64?
    /// As written; see ``WorkTask/priorities``.
    public var priority: String?
    /// YYYY-MM-DD.
    public var due: String?
    public var inspectionRequired: Bool
    public var approvalRequired: Bool
    public var description: String?
    /// The code of the task that it is a part of.
    public var parent: String?
    public var sequence: Int64?
    public var workCenter: String?
    public var safetyRequirements: String?
    public var notes: String?

    public init(
        _ code: String,
        title: String,
        type: String? = nil,
        subStage: String? = nil,
        build: String? = nil,
        assignees: Set<ID> = [],
        instructions: [String] = [],
        estimatedMinutes: Int64? = nil,
        due: String? = nil
    ) {
        self.code = code
        self.title = title
        self.type = type
        self.subStage = subStage
        self.build = build
        self.assignees = assignees
        self.instructions = instructions
        self.estimatedMinutes = estimatedMinutes
        self.due = due
        skills = []
        tools = []
        inspectionRequired = false
        approvalRequired = false
    }

    /// Reads a record of ``WorkTask``; nil without a code.
    public init?(_ fields: Fields) {
        guard let code = fields.text(WorkTask.code) else { return nil }
        self.init(
            code,
            title: fields.text(WorkTask.title) ?? "",
            type: fields.text(WorkTask.type),
            subStage: fields.text(WorkTask.subStage),
            build: fields.text(WorkTask.build),
            instructions: fields.list(WorkTask.instructions).compactMap {
                if case .text(let text) = $0 { text } else { nil }
            },
            estimatedMinutes: fields.integer(WorkTask.estimatedMinutes),
            due: fields.text(WorkTask.due)
        )
        assignees = Set(
            fields.elements(WorkTask.assignees).compactMap {
                if case .id(let id) = $0 { id } else { nil }
            }
        )
        skills = fields.texts(WorkTask.skills)
        tools = fields.texts(WorkTask.tools)
        priority = fields.text(WorkTask.priority)
        inspectionRequired = fields.bool(WorkTask.inspectionRequired) ?? false
        approvalRequired = fields.bool(WorkTask.approvalRequired) ?? false
        description = fields.text(WorkTask.description)
        parent = fields.text(WorkTask.parent)
        sequence = fields.integer(WorkTask.sequence)
        workCenter = fields.text(WorkTask.workCenter)
        safetyRequirements = fields.text(WorkTask.safetyRequirements)
        notes = fields.text(WorkTask.notes)
    }

    /// What creating the task sets.
    public var values: FieldValues {
        var values = FieldValues()
        values.set(WorkTask.code, code)
        values.set(WorkTask.title, title)
        values.set(WorkTask.type, type)
        values.set(WorkTask.subStage, subStage)
        values.set(WorkTask.build, build)
        values.add(WorkTask.assignees, assignees.map(Value.id))
        values.add(WorkTask.skills, skills.map(Value.text))
        values.add(WorkTask.tools, tools.map(Value.text))
        if !instructions.isEmpty {
            values[WorkTask.instructions] = .list(instructions.map(Value.text))
        }
        values.set(WorkTask.estimatedMinutes, estimatedMinutes)
        values.set(WorkTask.priority, priority)
        values.set(WorkTask.due, due)
        values.set(WorkTask.inspectionRequired, inspectionRequired ? true : nil as Bool?)
        values.set(WorkTask.approvalRequired, approvalRequired ? true : nil as Bool?)
        values.set(WorkTask.description, description)
        values.set(WorkTask.parent, parent)
        values.set(WorkTask.sequence, sequence)
        values.set(WorkTask.workCenter, workCenter)
        values.set(WorkTask.safetyRequirements, safetyRequirements)
        values.set(WorkTask.notes, notes)
        return values
    }
}
