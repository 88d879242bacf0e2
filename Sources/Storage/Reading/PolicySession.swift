import CRDT
import CSQLite
import Domain

/// What a policy reader knows of whom it reads for, and what it lets statements do.
///
/// Switching the person is one assignment; compiled statements stay.
///
/// - Source: DOM-238.
final class PolicySession {
    /// Of the person for whom is read; nil: nobody, and there is nothing to see.
    var wall: Wall? {
        didSet { (known, failure, steps) = (nil, nil, 0) }
    }
    /// Whether a statement of this program is compiled or run that needs what persons may not use.
    var isOwn = false
    /// The names of the views that tables are shadowed by, those that people see and those beneath.
    var shown: Set<String> = []
    var beneath: Set<String> = []
    /// Names of functions that nobody can guess.
    let nonce: String
    /// Steps of SQLite's machine for one moment of one person.
    var stepsMax = 4_000_000_000
    /// Why a function could not answer.
    private(set) var failure: StorageError?
    private unowned let connection: Connection
    private var steps = 0
    /// The last kind and scope that were asked for, all of whose rows are one answer.
    private var known: (scope: Int64, entity: Int64, isReadable: Bool)?

    /// Steps between two looks at how many there were.
    static let stepsAtOnce: Int32 = 1_000

    init(_ connection: Connection, nonce: String) {
        self.connection = connection
        self.nonce = nonce
    }

    var isBeneath: Bool { connection.isBeneath }

    /// Whether to stop: this moment has taken too long.
    func isOver() -> Bool {
        steps += Int(Self.stepsAtOnce)
        return steps > stepsMax
    }

    /// Whether a row may be read; `id` is asked for only where it decides.
    func reads(scope: Int64, entity: Int64, id: () -> ID?) -> Bool {
        if connection.isBeneath { return true }
        if let known, known.scope == scope, known.entity == entity { return known.isReadable }
        guard let wall, let kind = UInt32(exactly: entity) else { return false }
        do throws(StorageError) {
            guard try wall.reads(scope: scope, on: connection) else {
                known = (scope, entity, false)
                return false
            }
            let extent = wall.extent(of: kind)
            guard extent == .some else {
                known = (scope, entity, extent == .all)
                return extent == .all
            }
            guard let id = id() else { return false }
            return try wall.reads(id, of: kind, in: scope, on: connection)
        } catch {
            failure = error
            return false
        }
    }

    func reads(scope: Int64) -> Bool {
        if connection.isBeneath { return true }
        guard let wall else { return false }
        do throws(StorageError) {
            return try wall.reads(scope: scope, on: connection)
        } catch {
            failure = error
            return false
        }
    }

    /// Whether no field of a kind is hidden from the person.
    func showsWhole(_ entity: Int64) -> Bool {
        if connection.isBeneath { return true }
        guard let wall, let kind = UInt32(exactly: entity) else { return false }
        return wall.hidden(of: kind).isEmpty
    }

    /// Fails if a function could not answer: what was read is not the whole then.
    func check() throws(StorageError) {
        if let failure { throw failure }
    }
}

// MARK: - What statements may do

extension PolicySession {
    /// Functions that a statement may use beside the policy's own.
    static let functions: Set<String> = [
        "abs", "avg", "coalesce", "count", "group_concat", "hex", "ifnull", "instr", "length",
        "like", "lower", "max", "min", "nullif", "quote", "replace", "round", "substr", "sum",
        "total", "trim", "typeof", "upper",
    ]

    /// Whether a step of compiling is allowed; whatever is not named is not.
    func allows(
        _ action: Int32,
        _ first: String?,
        _ second: String?,
        _ database: String?,
        in inner: String?
    ) -> Bool {
        if isOwn { return true }
        switch action {
        case SQLITE_SELECT: return true
        case SQLITE_FUNCTION:
            guard let name = second else { return false }
            return Self.functions.contains(name.lowercased())
                || (name.hasSuffix(nonce) && inner.map(beneath.contains) == true)
        case SQLITE_READ:
            guard let table = first else { return false }
            if let inner, beneath.contains(inner) {
                return database == "main" && inner == "p\(nonce)_\(table)"
            }
            return database != "main" && (shown.contains(table) || beneath.contains(table))
        default: return false
        }
    }
}
