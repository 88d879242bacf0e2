import CRDT

/// A case of work from inquiry to closure: one record in the scope of its subject.
///
/// Its stage, status and progress are derived from events and stand in no field.
public enum Project {
    public static let number: UInt32 = 20
    public static let title: UInt32 = 1
    /// The subject; the key of the scope the record lives in.
    public static let subject: UInt32 = 2
    public static let description: UInt32 = 3
    /// What the station called it, from its lease or as a temporary label.
    public static let provisionalNumber: UInt32 = 4
    /// What the hub confirmed, such as PRJ-000123.
    public static let humanNumber: UInt32 = 5
    /// The name of the workflow definition.
    public static let definition: UInt32 = 6
    public static let definitionVersion: UInt32 = 7
    /// low, normal, high or urgent.
    public static let priority: UInt32 = 8
    /// The person who leads it.
    public static let assignedTo: UInt32 = 9
    /// Days are YYYY-MM-DD.
    public static let requestedDueDate: UInt32 = 10
    public static let promisedDueDate: UInt32 = 11
    public static let estimatedDeliveryDate: UInt32 = 12
    public static let actualDeliveryDate: UInt32 = 13
    public static let projectType: UInt32 = 14
    public static let intakeType: UInt32 = 15
    public static let intakeSource: UInt32 = 16
    public static let isCancelled: UInt32 = 17
    /// Why; said by the hub that cancels.
    public static let cancelReason: UInt32 = 18
    /// What the customer calls it.
    public static let customerReference: UInt32 = 19
    /// The company that it is for (DOM-156).
    public static let customer: UInt32 = 30
    /// The contact to talk to first: one pointer, as of a company.
    public static let primaryContact: UInt32 = 31

    public static let entity = Entity(
        number,
        "project",
        in: [.subject],
        form: .entity(key: [subject]),
        fields: [
            Field(title, "title", .text),
            Field(subject, "subject", .id, .fixed),
            Field(description, "description", .text),
            Field(provisionalNumber, "provisional_no", .text, .fixed),
            Field(humanNumber, "human_no", .text, .authority),
            Field(definition, "definition", .text, .fixed),
            Field(definitionVersion, "definition_version", .integer, .fixed),
            Field(priority, "priority", .text),
            Field(assignedTo, "assigned_to", .id),
            Field(requestedDueDate, "requested_due_date", .text),
            Field(promisedDueDate, "promised_due_date", .text, .authority),
            Field(estimatedDeliveryDate, "estimated_delivery_date", .text, .authority),
            Field(actualDeliveryDate, "actual_delivery_date", .text),
            Field(projectType, "project_type", .text, .fixed),
            Field(intakeType, "intake_type", .text, .fixed),
            Field(intakeSource, "intake_source", .text, .fixed),
            Field(isCancelled, "is_cancelled", .bool, .authority),
            Field(cancelReason, "cancel_reason", .text, .authority),
            Field(customerReference, "customer_reference", .text),
            Field(customer, "customer", .id),
            Field(primaryContact, "primary_contact", .id),
        ],
        indexes: indexes,
        searched: [
            Searched(title, .name), Searched(description, .description),
            Searched(humanNumber, .number), Searched(provisionalNumber, .number),
        ]
    )

    public static let byHumanNumber = Index(1, "number", [.name(humanNumber)], reach: .store)
    public static let byProvisionalNumber = Index(
        2,
        "provisional_no",
        [.name(provisionalNumber)],
        reach: .store
    )
    public static let byTitle = Index(3, "title", [.name(title)], reach: .store)

    /// The orders of a company: who has one of them reads the company (DOM-235).
    public static let byCustomer = Index(4, "customer", [.value(customer)], reach: .store)

    private static let indexes = [byHumanNumber, byProvisionalNumber, byTitle, byCustomer]

    /// The priorities, the least first.
    public static let priorities = ["low", "normal", "high", "urgent"]
}
