import CRDT
import Domain

/// Tables of a made-up firm, as large as wanted: the same for the same seed, byte for byte.
///
/// For load: customers, contacts, projects in stages that go round, and tasks. They are files like
/// any other, and are taken in by an import.
public struct SampleTables: Sendable {
    /// How much is made.
    public struct Size: Hashable, Sendable {
        public var projects: Int
        /// Each with two contacts.
        public var companies: Int
        /// 1 to this many a project.
        public var tasks: Int

        public init(projects: Int, companies: Int = 100, tasks: Int = 6) {
            self.projects = max(1, min(projects, Self.projectsMax))
            self.companies = max(1, min(companies, 10_000))
            self.tasks = max(1, min(tasks, 20))
        }

        public static let projectsMax = 100_000
    }

    /// The text of each table, in the order in which they are taken in.
    public let files: [(table: RecordTable, text: String)]

    private static let workflow = "Sample Workflow"
    private static let stages = ["draft", "configuration", "production", "quality_control"]

    /// - Parameters:
    ///   - seed: What the choices follow from.
    ///   - size: How much is made.
    public init(seed: UInt64, _ size: Size) {
        var random = SampleRandom(seed: seed)
        let companies = Self.companies(size.companies, &random)
        let projects = Self.projects(size, companies, &random)
        files = [
            (.stages, Self.text(.stages, Self.stageRows)),
            (.definitions, Self.text(.definitions, [Self.definitionRow])),
            (.companies, Self.text(.companies, companies)),
            (.contacts, Self.text(.contacts, Self.contacts(companies, &random))),
            (.projects, Self.text(.projects, projects)),
            (.tasks, Self.text(.tasks, Self.tasks(size, projects, &random))),
        ]
    }

    private static func text(_ table: RecordTable, _ rows: [[String: String]]) -> String {
        let used = Set(rows.flatMap(\.keys))
        let columns = table.columnNames.filter(used.contains)
        let lines = rows.map { row in columns.map { CommaSeparated.guarded(row[$0] ?? "") } }
        return CommaSeparated.text([columns] + lines, withMark: false)
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    // MARK: Rows

    private static var stageRows: [[String: String]] {
        stages.enumerated().map { place, slug in
            [
                "slug": slug, "name": "Sample \(slug)", "order": "\(place + 1)",
                "roles": "production", "days": "\(5 * (place + 1))",
            ]
        }
    }

    private static var definitionRow: [String: String] {
        ["name": workflow, "version": "1", "stages": stages.joined(separator: "|")]
    }

    private static func companies(
        _ count: Int,
        _ random: inout SampleRandom
    ) -> [[String: String]] {
        let first = ["North", "Delta", "Lotus", "Harbour", "Summit", "River", "Cedar", "Iron"]
        let second = ["Precision", "Optics", "Medical", "Automation", "Casting", "Dynamics"]
        return (1...count).map { number in
            [
                "number": "TEST-C-\(padded(number))",
                "name": "\(random.pick(first)) \(random.pick(second)) \(number)",
                "kinds": random.below(5) == 0 ? "customer|vendor" : "customer",
                "customer_type": random.pick(Company.customerTypes),
                "country": random.pick(["VN", "US", "JP", "DE"]),
            ]
        }
    }

    private static func contacts(
        _ companies: [[String: String]],
        _ random: inout SampleRandom
    ) -> [[String: String]] {
        let given = ["An", "Binh", "Chi", "Dung", "Giang", "Hoa", "Khanh", "Linh", "Minh", "Nga"]
        let family = ["Nguyen", "Tran", "Le", "Pham", "Vu", "Bui", "Do", "Ngo", "Ly"]
        return companies.flatMap { company in
            (1...2).map { place in
                let number = company["number"] ?? ""
                return [
                    "company": number,
                    "name": "\(random.pick(family)) \(random.pick(given))",
                    "email": "contact\(place)@\(number.lowercased()).example",
                    "is_primary": place == 1 ? "yes" : "no",
                ]
            }
        }
    }

    private static func projects(
        _ size: Size,
        _ companies: [[String: String]],
        _ random: inout SampleRandom
    ) -> [[String: String]] {
        (1...size.projects).map { number in
            [
                "number": "TEST-PROJECT-\(padded(number))", "title": "Test project \(number)",
                "workflow": workflow, "workflow_version": "1",
                "stage": stages[(number - 1) % stages.count],
                "priority": random.pick(Project.priorities),
                "customer": random.pick(companies)["number"] ?? "",
                "delivery_in_days": "\(random.below(365))",
            ]
        }
    }

    private static func tasks(
        _ size: Size,
        _ projects: [[String: String]],
        _ random: inout SampleRandom
    ) -> [[String: String]] {
        projects.flatMap { project in
            (0...random.below(size.tasks)).map { number in
                [
                    "project": project["number"] ?? "", "code": "T-\(number + 1)",
                    "title": "Test task \(number + 1)", "type": random.pick(WorkTask.types),
                    "estimated_minutes": "\(15 * (1 + random.below(32)))",
                    "priority": random.pick(WorkTask.priorities),
                ]
            }
        }
    }
}

/// Choices that follow from a seed.
///
/// - Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
struct SampleRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number from 0 to below a bound, which is above 0.
    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        word ^= word >> 31
        return Int(word.multipliedFullWidth(by: UInt64(max(1, bound))).high)
    }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }
}
