import CRDT

/// Who may read the records of one kind: its class, and which of its rows.
///
/// - Source: DOM-230, DOM-234.
public struct ReadingRule: Hashable, Sendable {
    /// Which rows of a kind are for whom, among those who may read scope and class.
    public enum Rows: Hashable, Sendable {
        /// All, for everybody.
        case ofScope
        /// Those of which one is the author or stands in a field; the others with a right.
        case own(UInt32, others: ReadingRight)
        /// Companies: customers are for those whose orders they are of, the rest for everybody.
        case customers
        /// What hangs on a company, which a field names: like that company.
        case ofCompany(UInt32)
        /// What names in a field a person or a role that it is for: for these and its author.
        case addressed(person: UInt32, role: UInt32)
    }

    public let dataClass: DataClass
    public let rows: Rows
    /// The fields of another class than the record.
    public let fields: [UInt32: DataClass]

    public init(
        _ dataClass: DataClass,
        _ rows: Rows = .ofScope,
        fields: [UInt32: DataClass] = [:]
    ) {
        self.dataClass = dataClass
        self.rows = rows
        self.fields = fields
    }

    /// The class of a field; whether a record is deleted is of the record's own.
    public func dataClass(of field: UInt32) -> DataClass { fields[field] ?? dataClass }
}

/// What there is to read, and who is who in it: beside the schema, a rule for every kind.
///
/// - Invariant: A kind without a rule is read by nobody.
public struct ReadingRules: Sendable {
    /// A field that says who a subject is assigned to.
    public struct Assignment: Hashable, Sendable {
        public let entity: UInt32
        public let field: UInt32

        public init(_ entity: UInt32, _ field: UInt32) {
            self.entity = entity
            self.field = field
        }
    }

    public let rules: [UInt32: ReadingRule]
    /// The record whose author created the subject.
    public let subject: UInt32
    public let assignments: [Assignment]

    public init(
        _ rules: [UInt32: ReadingRule],
        subject: UInt32,
        assignments: [Assignment]
    ) {
        self.rules = rules
        self.subject = subject
        self.assignments = assignments
    }

    public subscript(entity: UInt32) -> ReadingRule? { rules[entity] }

    /// Who has what to do with a subject, from its own records.
    public static let standard = ReadingRules(
        table,
        subject: Project.number,
        assignments: [
            Assignment(Project.number, Project.assignedTo),
            Assignment(SubStageNote.number, SubStageNote.assignedTo),
            Assignment(WorkTask.number, WorkTask.assignees),
        ]
    )
}
