/// The files of a firm's data as they lie in a folder; each may be absent.
///
/// - Shape: `fixtures/factory-pulse/README.md`.
struct ImportFiles: Sendable {
    var company: Company?
    var workflows: WorkflowDocument?
    var quality: Process?
    var projects: Projects?

    /// The longest file that is read: 16 MiB.
    private static let fileBytesMax = 16 << 20

    /// - Throws: `.notFound` if none of the files is there, `.badInput` naming the file that cannot
    ///   be read.
    init(folder: String) throws {
        company = try Self.read("company.json", in: folder)
        workflows = try Self.read("workflows.json", in: folder)
        quality = try Self.read("quality.json", in: folder)
        projects = try Self.read("projects.json", in: folder)
        guard company != nil || workflows != nil || quality != nil || projects != nil else {
            throw CommandFault(
                .notFound,
                "\(folder) holds none of company, workflows, quality, projects (.json)"
            )
        }
    }

    private static func read<File: Decodable>(_ name: String, in folder: String) throws -> File? {
        try JSONFile.read("\(folder)/\(name)", atMost: fileBytesMax)
    }
}

// MARK: - What the files hold

extension ImportFiles {
    /// `company.json`: the tenant itself is founded, never imported.
    struct Company: Decodable, Sendable {
        var sites: [Site]?
        var roles: [Role]?
        var users: [User]?
    }

    struct Site: Decodable, Sendable {
        var id: String
        var code: String
        var name: String
        var timezone: String?
    }

    struct Role: Decodable, Sendable {
        var code: String
        var name: String
        var parent: String?
    }

    struct User: Decodable, Sendable {
        var id: String
        var username: String
        var displayName: String
        var firstName: String?
        var lastName: String?
        var phone: String?
        /// Of ``UserStatus``, or as other systems write it; none: active.
        var status: String?
        var email: String?
        var department: String?
        var jobTitle: String?
        var language: String?
        var timezone: String?
        var manager: String?
        var memberships: [Membership]?
    }

    struct Membership: Decodable, Sendable {
        var role: String
        var level: Int64
        var effectiveFrom: String
        var effectiveUntil: String?
        /// Codes of sites; none: everywhere.
        var sites: [String]?
    }

    /// `quality.json`: one process with its items.
    struct Process: Decodable, Sendable {
        var code: String
        var version: Int64
        var phase: String?
        var name: String
        var passThreshold: Int64?
        var estimatedMinutes: Int64?
        var items: [Item]?
    }

    struct Item: Decodable, Sendable {
        var item: Int64
        var title: String
        var category: String?
        var isRequired: Bool?
        var unit: String?
        /// Decimals are texts, so that 0.50 keeps its places.
        var low: String?
        var high: String?
        var expected: String?
        var procedure: String?
    }

    /// `projects.json`.
    struct Projects: Decodable, Sendable {
        var projects: [Project]
    }

    struct Project: Decodable, Sendable {
        var id: String
        var number: String
        var title: String
        var definition: String?
        var definitionVersion: Int64?
        var priority: String?
        var requestedDueDate: String?
        /// Codes of the sites that open it; none: all sites.
        var sites: [String]?
    }
}
