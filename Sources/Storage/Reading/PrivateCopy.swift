import CRDT
import CSQLite
import Domain
import Synchronization

/// What one person may read, copied into a database in memory on which their own SQL runs.
///
/// Nothing else is in it: no hidden row or column, no count of anything hidden, no row number of
/// the store. It lives as long as one statement.
///
/// - Source: DOM-240.
public final class PrivateCopy {
    /// What one statement may cost.
    public struct Limits: Hashable, Sendable {
        /// Bytes of the statement's text.
        public var textBytes = 20_000
        /// Rows of the answer.
        public var rows = 10_000
        /// Bytes of the answer.
        public var answerBytes = 8 << 20
        /// Pages of 4 KiB that the copy may have.
        public var pages = 16_384
        /// Bytes of memory beside the copy; looked at every ``stepsAtOnce`` steps.
        public var memoryBytes = 64 << 20
        /// Steps of SQLite's machine.
        public var steps = 200_000_000

        /// Few enough that what they can ask for in between is small.
        public static let stepsAtOnce = 64

        public init() {}
    }

    /// A table of the copy.
    public struct Table: Hashable, Sendable {
        /// A column with the kind of its values, in SQL's words.
        public struct Column: Hashable, Sendable {
            public let name: String
            public let type: String
        }

        public let name: String
        public let columns: [Column]
        /// Whether its rows are events.
        public let isEvent: Bool
    }

    let connection: Connection
    let session: CopySession

    /// One at a time, so that what they need together stays what one may need.
    static let turn = Mutex(())

    /// Copies the tables whose names stand in a text.
    ///
    /// - Parameters:
    ///   - view: As the person may read it.
    ///   - text: The statement that will be run.
    ///   - limits: What it may cost.
    ///   - isOver: Whether it has taken too long; asked again and again.
    /// - Throws: ``QueryFault``, or what the disk says.
    init(
        _ view: View,
        namedIn text: String,
        _ limits: Limits,
        isOver: @escaping () -> Bool
    ) throws {
        connection = try Connection(path: ":memory:", mode: .copy)
        session = CopySession(limits, isOver: isOver)
        try connection.execute("PRAGMA max_page_count = \(limits.pages)")
        for entity in view.schema.entities {
            guard let table = view.table(of: entity) else { continue }
            // One that is not named is not missed.
            guard StatementText.forbidden(in: text, [table.name]) != nil else { continue }
            let columns = table.columns.map { "\"\($0.name)\" \($0.type)" }
            try connection.execute(
                "CREATE TABLE \"\(table.name)\" (\(columns.joined(separator: ", "))) STRICT"
            )
            session.tables.insert(table.name)
            do throws(StorageError) {
                try fill(table, of: entity, from: view)
            } catch {
                guard error.code == .full else { throw error }
                throw QueryFault(
                    .tooLarge,
                    "what you may read of \(table.name) is too much to copy"
                )
            }
        }
        connection.lock(session)
    }

    private func fill(
        _ table: Table,
        of entity: Entity,
        from view: View
    ) throws(StorageError) {
        let marks = table.columns.map { _ in "?" }.joined(separator: ", ")
        let insert = "INSERT INTO \"\(table.name)\" VALUES (\(marks))"
        try connection.execute("BEGIN")
        for scope in try view.scopes() where entity.scopes.contains(scope.kind) {
            if entity.isEvent {
                for event in try view.events(of: entity, in: scope) where event.exclusion == nil {
                    let statement = try connection.prepare(insert)
                    statement.bind("\(scope)").bind("\(event.id)")
                        .bind("\(event.origin.user)")
                        .bind(Int64(clamping: event.origin.time.milliseconds))
                    view.bind(event.fields, of: entity, to: statement)
                    try statement.run()
                }
            } else {
                for record in try view.records(of: entity, in: scope) {
                    let statement = try connection.prepare(insert)
                    statement.bind("\(scope)").bind("\(record.id)")
                        .bind(record.isDeleted ? 1 : 0)
                    view.bind(record.fields, of: entity, to: statement)
                    try statement.run()
                }
            }
        }
        try connection.execute("COMMIT")
    }
}

// MARK: - Tables

extension View {
    /// The tables of a private copy: a kind that the person may not read has none.
    public func copiedTables() -> [PrivateCopy.Table] {
        schema.entities.compactMap(table)
    }

    fileprivate func table(of entity: Entity) -> PrivateCopy.Table? {
        guard wall.map({ $0.extent(of: entity.number) != .none }) ?? true else { return nil }
        let own: [PrivateCopy.Table.Column] =
            [.init(name: "_scope", type: "TEXT"), .init(name: "_id", type: "TEXT")]
            + (entity.isEvent
                ? [.init(name: "_author", type: "TEXT"), .init(name: "_at", type: "INTEGER")]
                : [.init(name: "_deleted", type: "INTEGER")])
        let fields = copiedFields(of: entity).map { field in
            PrivateCopy.Table.Column(name: field.name, type: field.sqlType)
        }
        return PrivateCopy.Table(name: entity.name, columns: own + fields, isEvent: entity.isEvent)
    }

    private func copiedFields(of entity: Entity) -> [Field] {
        entity.fields.filter { reads(field: $0.number, of: entity.number) }
    }

    fileprivate func bind(_ fields: Fields, of entity: Entity, to statement: PreparedStatement) {
        for field in copiedFields(of: entity) {
            switch field.merge {
            case .set:
                let elements = fields.elements(field.number).map(\.sqlText).sorted()
                statement.bind(Value.jsonText(elements))
            case .map:
                let entries = fields.entries(field.number).map {
                    "\(Value.jsonText($0.key)):\(Value.jsonText($0.value.sqlText))"
                }
                statement.bind("{\(entries.joined(separator: ","))}")
            case .fixed, .register, .cautious, .authority, .counter:
                fields[field.number].map { $0.bind(to: statement) }
                    ?? { _ = statement.bindNull() }()
            }
        }
    }
}

extension Field {
    /// The type of the column: numbers with places are texts, so that 0.50 keeps them.
    fileprivate var sqlType: String {
        if merge == .set || merge == .map { return "TEXT" }
        return switch kind {
        case .bool, .integer: "INTEGER"
        case .bytes: "BLOB"
        case .decimal, .text, .id, .link, .list: "TEXT"
        }
    }
}

extension Value {
    fileprivate func bind(to statement: PreparedStatement) {
        switch self {
        case .null, .unknown: statement.bindNull()
        case .bool(let bool): statement.bind(bool ? 1 : 0)
        case .integer(let integer): statement.bind(integer)
        case .bytes(let bytes): statement.bind(bytes)
        case .decimal, .text, .id, .link, .list: statement.bind(sqlText)
        }
    }

    /// The value as a text of a column.
    fileprivate var sqlText: String {
        switch self {
        case .null, .unknown: ""
        case .bool(let bool): bool ? "1" : "0"
        case .integer(let integer): "\(integer)"
        case .decimal(let mantissa, let scale):
            DecimalNumber(mantissa: mantissa, scale: scale).map { "\($0)" } ?? ""
        case .text(let text): text
        case .bytes(let bytes): ID(bytes).map { "\($0)" } ?? ""
        case .id(let id): "\(id)"
        case .link(let scope, let id): "\(scope)/\(id)"
        case .list(let items): Value.jsonText(items.map(\.sqlText))
        }
    }

    fileprivate static func jsonText(_ items: [String]) -> String {
        "[\(items.map { jsonText($0) }.joined(separator: ","))]"
    }

    /// A text as JSON has it.
    fileprivate static func jsonText(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
