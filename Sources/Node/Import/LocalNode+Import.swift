import Foundation
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
        try checkMayImport(actor)
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

extension LocalNode {
    /// What a folder brought.
    public struct FolderImport: Sendable {
        /// How many records of each kind the files of a firm's data brought.
        public let records: [(kind: String, count: Int)]
        /// What became of each table.
        public let tables: [ImportReport]
    }

    /// Takes in a folder: a firm's data (``importFolder(_:by:)``), then its tables as CSV, in an
    /// order in which each finds what it names.
    ///
    /// - Throws: `.notFound` for a folder with none of them; as ``importFolder(_:by:)`` and
    ///   ``importTable(_:of:_:by:progress:)``.
    public func importAll(
        of folder: String,
        _ options: ImportOptions = ImportOptions(),
        by actor: Actor,
        progress: (String) -> Void = { _ in }
    ) throws -> FolderImport {
        let order: [RecordTable] = [
            .users, .memberships, .stages, .subStages, .definitions, .companies, .addresses,
            .contacts, .checkPlans, .projects, .projectContacts, .tasks,
        ]
        let files = order.map { ($0, "\(folder)/\($0.rawValue).csv") }
            .filter { FileManager.default.fileExists(atPath: $0.1) }
        var records: [(kind: String, count: Int)] = []
        if !options.isDryRun || files.isEmpty {
            do {
                records = try importFolder(folder, by: actor)
            } catch let fault as CommandFault where fault.code == .notFound && !files.isEmpty {
                records = []
            }
        }
        let tables = try files.map { table, path in
            try importTable(path, of: table, options, by: actor, progress: progress)
        }
        return FolderImport(records: records, tables: tables)
    }
}
