public import Storage
import Wire

extension LocalNode {
    /// Takes in a firm's data from a folder; what is here already is passed over.
    ///
    /// - Parameters:
    ///   - folder: With `company.json`, `workflows.json`, `quality.json`, `projects.json`, or some
    ///     of them.
    ///   - actor: Who imports.
    /// - Returns: How many records of each kind were new, by the name of the kind.
    /// - Throws: `.refused` at any node but a hub, `.badInput`, `.notFound`.
    public func importFolder(
        _ folder: String,
        by actor: Actor
    ) throws -> [(kind: String, count: Int)] {
        guard isHub else {
            throw CommandFault(.refused, "only a hub imports", reason: "hub-only")
        }
        let files = try ImportFiles(folder: folder)
        let tenant = store.tenant
        return try inTurn {
            let counts = try read { view in
                var plan = try ImportPlan(view, tenant: tenant)
                try plan.add(files)
                return plan.counts
            }
            if !counts.isEmpty {
                _ = try act(actor) { acting in
                    var plan = try ImportPlan(acting.view, tenant: tenant)
                    try plan.add(files)
                    return plan.draft
                }
            }
            return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }
}
