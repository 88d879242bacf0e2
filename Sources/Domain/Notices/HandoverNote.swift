public import CRDT

/// What one shift leaves for the next, which must be seen.
///
/// Acknowledged by a ``SeenMark`` of each who takes note.
public struct HandoverNote: Fact {
    public static let number: UInt32 = 96
    public static let contentField: UInt32 = 1
    public static let shiftField: UInt32 = 2
    public static let workCenterField: UInt32 = 3
    public static let subjectsField: UInt32 = 4
    public static let peopleField: UInt32 = 5
    public static let rolesField: UInt32 = 6
    /// Most subjects, people or roles of a note.
    public static let listMax = 50

    public static let entity = Entity(
        number,
        "handover_note",
        in: [.site],
        form: .event(stream: []),
        fields: [
            Field(contentField, "content", .text, .fixed),
            Field(shiftField, "shift", .text, .fixed),
            Field(workCenterField, "work_center", .text, .fixed),
            Field(subjectsField, "subjects", .id, .set),
            Field(peopleField, "people", .id, .set),
            Field(rolesField, "roles", .text, .set),
        ],
        searched: [Searched(contentField, .description)]
    )

    public let content: String
    /// The shift that is to see it, as the site calls it: `2026-11-21 night`.
    public let shift: String?
    /// Where; nil: the whole site.
    public let workCenter: String?
    /// The subjects that it is about.
    public let subjects: Set<ID>
    /// Who must see it, each.
    public let people: Set<ID>
    /// The roles of which somebody must see it, each.
    public let roles: Set<String>

    public init(
        _ content: String,
        shift: String? = nil,
        workCenter: String? = nil,
        subjects: Set<ID> = [],
        people: Set<ID> = [],
        roles: Set<String> = []
    ) {
        self.content = content
        self.shift = shift
        self.workCenter = workCenter
        self.subjects = subjects
        self.people = people
        self.roles = roles
    }

    public init(_ fields: Fields) {
        func ids(_ field: UInt32) -> Set<ID> {
            Set(
                fields.elements(field).compactMap {
                    if case .id(let id) = $0 { id } else { nil }
                }
            )
        }
        content = fields.text(Self.contentField) ?? ""
        shift = fields.text(Self.shiftField)
        workCenter = fields.text(Self.workCenterField)
        subjects = ids(Self.subjectsField)
        people = ids(Self.peopleField)
        roles = fields.texts(Self.rolesField)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.contentField, content)
        values.set(Self.shiftField, shift)
        values.set(Self.workCenterField, workCenter)
        values.add(Self.subjectsField, subjects.map(Value.id))
        values.add(Self.peopleField, people.map(Value.id))
        values.add(Self.rolesField, roles.map(Value.text))
        return values
    }

    /// Who is shown it until they take note: whoever it names, else everybody of the site.
    public var addressees: Addressees {
        guard !people.isEmpty || !roles.isEmpty else { return .everybody }
        return Addressees.roles(roles).union(Addressees(people: people))
    }

    /// - Throws: `empty`, `tooLong`, `outOfRange`.
    public func check() throws(RuleFault) {
        guard !content.allSatisfy(\.isWhitespace) else {
            throw RuleFault(.empty, "a handover note says something")
        }
        try TextRule.comment(content)
        for text in [shift, workCenter].compactMap(\.self) { try TextRule.title(text) }
        guard [subjects.count, people.count, roles.count].allSatisfy({ $0 <= Self.listMax }) else {
            throw RuleFault(.outOfRange, "a note names at most \(Self.listMax) of each")
        }
    }
}

/// Who has seen a handover note, and who has not.
///
/// - Source: DOM-180.
public struct HandoverStanding: Hashable, Sendable {
    /// Who took note, with when.
    public let acknowledged: [ID: UInt64]
    /// The people named who have not.
    public let missingPeople: Set<ID>
    /// The roles named of which nobody has.
    public let missingRoles: Set<String>
    /// Whether it is for everybody and nobody has.
    public let isMissingAnybody: Bool

    /// - Parameters:
    ///   - note: What was written.
    ///   - author: Who wrote it: their own mark fulfils nothing that they did not ask by name.
    ///   - acknowledged: Who took note, with when.
    ///   - roles: The roles that a person holds.
    public init(
        of note: HandoverNote,
        by author: ID,
        acknowledged: [ID: UInt64],
        roles: (ID) -> Set<String>
    ) {
        self.acknowledged = acknowledged
        missingPeople = note.people.subtracting(acknowledged.keys)
        let others = acknowledged.keys.filter { $0 != author }
        let seen = others.reduce(into: Set<String>()) { $0.formUnion(roles($1)) }
        missingRoles = note.roles.subtracting(seen)
        isMissingAnybody = note.addressees.isEverybody && others.isEmpty
    }

    /// Whether somebody who must see it has not.
    public var isOpen: Bool {
        !missingPeople.isEmpty || !missingRoles.isEmpty || isMissingAnybody
    }
}
