import CRDT
public import Domain
import Storage

/// What people have to do, of the tasks that this node holds.
///
/// JSON: `{"held": "all" at a hub or "own", "people": [{"user", "pending", "active", "on_hold",
/// "completed" (in 30 days), "remaining_minutes", "average_minutes"}]}`.
public struct WorkloadReport: Sendable {
    public let people: [Workload]
    private let names: Nicknames
    private let isHub: Bool

    init(of person: ID?, isHub: Bool, on view: View, now: Int64) throws {
        names = try Nicknames(view)
        self.isHub = isHub
        var shares: [Workload.Share] = []
        for (scope, _) in try view.projectRecords() {
            let items = try ProjectTasks(in: scope, on: view, now: now).items
            // Few subjects have tasks.
            let sheet =
                try items.isEmpty ? Timesheet([], corrections: []) : view.timesheet(of: scope.key)
            for item in items {
                let code = item.definition.code
                let actual = sheet.entries.minutes(onTask: code, of: scope.key)
                shares.append(
                    Workload.Share(item.definition, item.progress, actualMinutes: actual)
                )
            }
        }
        let users = try view.records(of: User.entity, sortedBy: User.username).filter { user in
            let status = user.fields.text(User.status)
            return status == nil || status == "active"
        }
        people = users.compactMap { $0.fields.id(User.user) }
            .filter { person == nil || $0 == person }
            .map { Workload(of: $0, tasks: shares, now: now) }
    }

    public var json: JSON {
        [
            "held": .text(isHub ? "all" : "own"),
            "people": .list(people) { load in
                [
                    "user": .text(names.user(load.user)), "pending": .number(load.pending),
                    "active": .number(load.active), "on_hold": .number(load.onHold),
                    "completed": .number(load.completed),
                    "remaining_minutes": .integer(load.remainingMinutes),
                    "average_minutes": .integer(orNull: load.averageMinutes),
                ]
            },
        ]
    }

    public var lines: [String] {
        var table = Table("WHO", "PENDING", "ACTIVE", "HELD", "DONE", "LEFT", "AVERAGE")
        for load in people {
            table.add(
                names.user(load.user),
                "\(load.pending)",
                "\(load.active)",
                "\(load.onHold)",
                "\(load.completed)",
                "\(load.remainingMinutes) min",
                load.averageMinutes.map { "\($0) min" } ?? "-"
            )
        }
        return people.isEmpty ? ["nobody is known here"] : table.lines
    }
}

extension LocalNode {
    /// What people have to do: of everything at a hub, of its own scope at a station.
    ///
    /// - Parameter person: A user; nil: everybody who is active.
    /// - Returns: One workload a person, by user name.
    /// - Throws: `.notFound`.
    public func workload(of person: String? = nil) throws -> WorkloadReport {
        let (isHub, now) = (isHub, Int64(clamping: wallMilliseconds))
        return try read { view in
            let user = try person.map(view.userID(named:))
            return try WorkloadReport(of: user, isHub: isHub, on: view, now: now)
        }
    }
}
