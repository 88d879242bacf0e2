/// The roles that a tenant begins with, and what other systems call them.
///
/// - Source: DOM-94; FP-014, TV-010, TV-011, TV-013, AD-005 of the design's requirements.
public enum RoleCatalogue {
    /// A role of the catalogue.
    public struct Entry: Hashable, Sendable {
        public let code: String
        public let name: String
        /// The role that it is a kind of.
        public let parent: String?

        init(_ code: String, _ name: String, parent: String? = nil) {
            self.code = code
            self.name = name
            self.parent = parent
        }
    }

    /// The role that administers, and does no work (DOM-270).
    public static let administrator = "admin"

    /// Parents before children.
    public static let entries = [
        Entry(administrator, "Administration"),
        Entry("management", "Management"),
        Entry("engineering", "Engineering"),
        Entry("qa", "Quality"),
        Entry("procurement", "Procurement"),
        Entry("production", "Production"),
        Entry("assembler", "Assembly", parent: "production"),
        Entry("production_manager", "Production management", parent: "production"),
        Entry("sales", "Sales"),
        Entry("customer_service", "Customer service"),
        Entry("finance", "Finance"),
        Entry("logistics", "Logistics"),
        Entry("auditor", "Audit"),
        Entry("service", "Service"),
        Entry("event_director", "Event direction"),
    ]

    /// A role and the level that a name of another system means.
    public struct Meaning: Hashable, Sendable {
        public let code: String
        public let level: Int
    }

    /// What a name means, whatever its case, blanks, hyphens and underscores.
    ///
    /// - Returns: nil for a name that is neither a code of the catalogue nor an alias.
    public static func meaning(of name: String) -> Meaning? {
        let folded = fold(name)
        if let entry = entries.first(where: { fold($0.code) == folded }) {
            return Meaning(code: entry.code, level: 1)
        }
        return aliases[folded]
    }

    private static func fold(_ name: String) -> String {
        String(name.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    private static let aliases: [String: Meaning] = [
        "administrator": Meaning(code: "admin", level: 1),
        "productioncoordinator": Meaning(code: "production_manager", level: 1),
        "productionmgr": Meaning(code: "production_manager", level: 1),
        "qcperson": Meaning(code: "qa", level: 1),
        "qcinspector": Meaning(code: "qa", level: 1),
        "qalead": Meaning(code: "qa", level: 2),
        "qamanager": Meaning(code: "qa", level: 3),
        "engineeringlead": Meaning(code: "engineering", level: 2),
        "engineeringmanager": Meaning(code: "engineering", level: 3),
        "assemblytechnician": Meaning(code: "assembler", level: 1),
        "servicedepartment": Meaning(code: "service", level: 1),
        "saleslead": Meaning(code: "sales", level: 2),
        "salesmanager": Meaning(code: "sales", level: 2),
        "salesmgr": Meaning(code: "sales", level: 2),
    ]
}
