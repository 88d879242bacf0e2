public import CRDT
public import Domain
import Storage

/// What was tried where, for people and scripts.
public struct LoginAttemptList: Sendable {
    /// One line of it.
    public struct Row: Sendable {
        public let attempt: LoginAttempt
        public let device: ID
        /// Counted at this node, and not written as a fact yet.
        public let isWaiting: Bool
    }

    /// Which attempts are asked for.
    public struct Filter: Sendable {
        /// A user name; nil: of everybody, and of names that nobody has.
        public var user: String?
        /// Only what did not succeed.
        public var failedOnly = false
        /// Milliseconds since 1970.
        public var since: UInt64 = 0
        /// Most rows.
        public var limit = 200

        public init() {}
    }

    /// The latest first.
    public let rows: [Row]
    private let names: Nicknames

    init(_ rows: [Row], _ names: Nicknames) {
        self.rows = rows
        self.names = names
    }

    public var json: [JSON] {
        rows.map { row in
            let content = row.attempt.content
            return [
                "kind": .text(content.kind.rawValue), "success": .bool(content.isSuccess),
                "user": .text(orNull: content.user.map(names.user)),
                "name_hash": .text(orNull: content.nameHash.map(Self.digits)),
                "reason": .text(orNull: content.reason), "act": .text(orNull: content.act),
                "method": .number(content.method), "device": .text(names.device(row.device)),
                "account": content.account.map { .number($0) } ?? .null,
                "count": .number(row.attempt.count),
                "first": .text(Moment.text(milliseconds: UInt64(clamping: row.attempt.first))),
                "last": .text(Moment.text(milliseconds: UInt64(clamping: row.attempt.last))),
                "waiting": .bool(row.isWaiting),
            ]
        }
    }

    public var table: Table {
        var table = Table("LAST (UTC)", "WHAT", "WHO", "RESULT", "COUNT", "AT")
        for row in rows {
            let content = row.attempt.content
            let who = content.user.map(names.user) ?? content.nameHash.map { "?" + Self.digits($0) }
            let what = content.act.map { "\(content.kind.rawValue) \($0)" }
            table.add(
                CalendarDay.time(milliseconds: UInt64(clamping: row.attempt.last)),
                what ?? content.kind.rawValue,
                who ?? "-",
                content.isSuccess ? "ok" : content.reason ?? "refused",
                "\(row.attempt.count)",
                names.device(row.device)
            )
        }
        return table
    }

    private static func digits(_ hash: [UInt8]) -> String {
        hash.prefix(4).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        .joined()
    }
}

extension LocalNode {
    /// What was tried at the nodes whose sites this one holds: at a hub, everywhere.
    ///
    /// - Throws: `.notFound` for a person who is not known.
    public func loginAttempts(
        _ filter: LoginAttemptList.Filter = LoginAttemptList.Filter()
    ) throws -> LoginAttemptList {
        let waiting = try waitingAttempts().map {
            LoginAttemptList.Row(attempt: $0, device: store.device, isWaiting: true)
        }
        return try read { view in
            let wanted = try filter.user.map { try view.userID(named: $0) }
            var rows = waiting
            let scopes = try view.scopes().filter { LoginAttempt.entity.scopes.contains($0.kind) }
            for scope in scopes {
                let events = try view.events(
                    of: LoginAttempt.entity,
                    in: scope,
                    since: filter.since
                )
                rows += events.filter { $0.exclusion == nil }.map { event in
                    LoginAttemptList.Row(
                        attempt: LoginAttempt(event.fields),
                        device: event.origin.device,
                        isWaiting: false
                    )
                }
            }
            let found = rows.filter { row in
                (wanted.map { row.attempt.content.user == $0 } ?? true)
                    && !(filter.failedOnly && row.attempt.content.isSuccess)
            }
            let latest = found.sorted {
                ($0.attempt.last, $0.attempt.first, $0.device)
                    > ($1.attempt.last, $1.attempt.first, $1.device)
            }
            return LoginAttemptList(
                Array(latest.prefix(max(0, filter.limit))),
                try Nicknames(view)
            )
        }
    }
}
