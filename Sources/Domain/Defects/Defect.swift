public import CRDT

/// Something that is not as it must be: a nonconformity of a subject.
///
/// Keyed by its code, so that two stations that open the same one alike make one record.
public enum Defect {
    /// How bad it is.
    public enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
        case minor = "MINOR"
        case major = "MAJOR"
        /// Holds every sub-stage of its subject until it is closed or waived.
        case critical = "CRITICAL"

        public static func < (left: Severity, right: Severity) -> Bool {
            left.place < right.place
        }

        private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    public static let number: UInt32 = 61
    /// The human number, or what ``code(of:item:attempt:)`` derives.
    public static let code: UInt32 = 1
    public static let description: UInt32 = 2
    public static let category: UInt32 = 3
    /// The record of the inspection that found it.
    public static let inspection: UInt32 = 4
    public static let item: UInt32 = 5
    public static let build: UInt32 = 6
    public static let location: UInt32 = 7
    /// Where it is: a list of three decimals.
    public static let coordinates: UInt32 = 8
    public static let affectsFunctionality: UInt32 = 9
    public static let affectsAppearance: UInt32 = 10
    public static let customerVisible: UInt32 = 11
    /// What keeps it from spreading: sorted out, quarantined, stopped.
    public static let containment: UInt32 = 12
    public static let rootCause: UInt32 = 13
    public static let correctiveAction: UInt32 = 14
    public static let preventiveAction: UInt32 = 15
    public static let assignedTo: UInt32 = 16
    /// YYYY-MM-DD.
    public static let due: UInt32 = 17

    public static let entity = Entity(
        number,
        "qc_defect",
        in: [.subject],
        form: .entity(key: [code]),
        fields: [
            Field(code, "code", .text, .fixed),
            Field(description, "description", .text, .fixed),
            Field(category, "category", .text, .fixed),
            Field(inspection, "inspection", .id, .fixed),
            Field(item, "item", .integer, .fixed),
            Field(build, "build", .text, .fixed),
            Field(location, "location", .text),
            Field(coordinates, "coordinates", .list),
            Field(affectsFunctionality, "affects_functionality", .bool, caution),
            Field(affectsAppearance, "affects_appearance", .bool, caution),
            Field(customerVisible, "customer_visible", .bool, caution),
            Field(containment, "containment", .text),
            Field(rootCause, "root_cause", .text),
            Field(correctiveAction, "corrective_action", .text),
            Field(preventiveAction, "preventive_action", .text),
            Field(assignedTo, "assigned_to", .id),
            Field(due, "due", .text),
        ],
        searched: [
            Searched(description, .name), Searched(location, .description),
            Searched(containment, .description), Searched(rootCause, .description),
            Searched(correctiveAction, .description), Searched(code, .number),
        ]
    )

    private static let caution = Field.Merge.cautious(leastFirst: [.bool(false), .bool(true)])

    /// The code of the defect that a failed item opens: the same on every node.
    public static func code(
        of build: String,
        process: String,
        attempt: Int64,
        item: Int64
    ) -> String {
        "\(process)-\(attempt)-\(item)-\(build)"
    }
}

/// A defect as a rule reads it.
///
/// How bad it is follows from its steps alone.
public struct DefectDefinition: Hashable, Sendable {
    public let code: String
    public let description: String
    public var category: String?
    /// The record of the inspection that found it.
    public var inspection: ID?
    public var item: Int64?
    public var build: String?
    public var location: String?
    /// Where it is: three numbers, or none.
    public var coordinates: [DecimalNumber] = []
    public var affectsFunctionality = false
    public var affectsAppearance = false
    public var customerVisible = true
    public var containment: String?
    public var rootCause: String?
    public var correctiveAction: String?
    public var preventiveAction: String?
    public var assignedTo: ID?
    /// YYYY-MM-DD.
    public var due: String?

    public init(_ code: String, description: String) {
        self.code = code
        self.description = description
    }

    /// Reads a record of ``Defect``; nil without a code.
    public init?(_ fields: Fields) {
        guard let code = fields.text(Defect.code) else { return nil }
        self.init(code, description: fields.text(Defect.description) ?? "")
        category = fields.text(Defect.category)
        inspection = fields.id(Defect.inspection)
        item = fields.integer(Defect.item)
        build = fields.text(Defect.build)
        location = fields.text(Defect.location)
        coordinates = fields.list(Defect.coordinates).compactMap { DecimalNumber($0) }
        affectsFunctionality = fields.bool(Defect.affectsFunctionality) ?? false
        affectsAppearance = fields.bool(Defect.affectsAppearance) ?? false
        customerVisible = fields.bool(Defect.customerVisible) ?? true
        containment = fields.text(Defect.containment)
        rootCause = fields.text(Defect.rootCause)
        correctiveAction = fields.text(Defect.correctiveAction)
        preventiveAction = fields.text(Defect.preventiveAction)
        assignedTo = fields.id(Defect.assignedTo)
        due = fields.text(Defect.due)
    }

    /// What creating the record sets; its first judgement is written beside it.
    public var values: FieldValues {
        var values = FieldValues()
        values.set(Defect.code, code)
        values.set(Defect.description, description)
        values.set(Defect.category, category)
        values.set(Defect.inspection, inspection)
        values.set(Defect.item, item)
        values.set(Defect.build, build)
        values.set(Defect.location, location)
        if !coordinates.isEmpty {
            values[Defect.coordinates] = .list(coordinates.map(\.value))
        }
        values.set(Defect.affectsFunctionality, affectsFunctionality ? true : nil as Bool?)
        values.set(Defect.affectsAppearance, affectsAppearance ? true : nil as Bool?)
        values.set(Defect.customerVisible, customerVisible ? nil : false as Bool?)
        values.set(Defect.containment, containment)
        values.set(Defect.rootCause, rootCause)
        values.set(Defect.correctiveAction, correctiveAction)
        values.set(Defect.preventiveAction, preventiveAction)
        values.set(Defect.assignedTo, assignedTo)
        values.set(Defect.due, due)
        return values
    }
}
