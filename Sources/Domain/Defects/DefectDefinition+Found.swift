public import CRDT

extension DefectDefinition {
    /// The defect that a failed item opens: word for word the same on every node, so that two
    /// stations open it once.
    ///
    /// - Parameters:
    ///   - item: The item of the plan.
    ///   - inspection: The record of the inspection.
    ///   - build: What is inspected.
    ///   - plan: The code of the plan.
    ///   - attempt: Of the inspection.
    /// - Source: DOM-84, DOM-148.
    public init(
        foundBy item: ItemDefinition,
        inspection: ID,
        build: String,
        plan: String,
        attempt: Int64
    ) {
        self.init(
            Defect.code(of: build, process: plan, attempt: attempt, item: item.item),
            description: "item \(item.item) of \(plan): \(item.title)"
        )
        category = item.category
        self.inspection = inspection
        self.item = item.item
        self.build = build
    }
}

extension Defect.Severity {
    /// How bad a failed item is as long as nobody says otherwise.
    public static let ofFailedItem = Defect.Severity.major
}
