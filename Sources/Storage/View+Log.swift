public import CRDT
public import Domain
import Wire

/// One operation of the log, as its author wrote it, with what became of it.
public struct LogEntry: Sendable {
    public let origin: Origin
    /// As clock verdicts limit it.
    public let rank: Rank
    /// Which operation of its change it is.
    public let index: UInt16
    /// The record or event; nil for an operation of a newer version.
    public let id: ID?
    public let operation: Operation
    /// The part that counts; nil if nothing of it does.
    public let counted: Operation?
    /// Why no node of this version counts it; nil if it could count.
    public let setAside: Uncounted?
    /// Why statements of hubs set its change aside; nil if they do not.
    public let exclusion: Exclusion?
}

extension View {
    /// The scopes of which something is held, each with the position of its last change.
    public func positions() throws(StorageError) -> [(scope: Scope, position: Int64)] {
        try readScopes().map { ($0.scope, $0.position) }
    }

    /// What statements of hubs set aside in a scope, by the positions of the changes.
    public func exclusions(in scope: Scope) throws(StorageError) -> [Int64: Exclusion] {
        guard let number = try connection.number(of: scope), try reads(scope: number) else {
            return [:]
        }
        return try connection.standing(of: number).changes.compactMapValues {
            $0.exclusion(of: 0)
        }
    }

    /// Every operation of a scope between two positions of the log, in order of arrival.
    ///
    /// No change comes before one that it names (MERGE-5). Of a change of a newer format nothing
    /// is known, and it has no entry.
    ///
    /// - Parameters:
    ///   - scope: Whose log is read.
    ///   - after: Changes above this position.
    ///   - upTo: And not above this one.
    ///   - body: Takes an entry; false ends the reading.
    /// - Throws: What the disk says.
    /// - Complexity: O(changes in the range).
    public func forEachEntry(
        in scope: Scope,
        after: Int64 = 0,
        upTo: Int64 = .max,
        _ body: (LogEntry) -> Bool
    ) throws(StorageError) {
        guard let number = try connection.number(of: scope) else { return }
        try connection.forEachChange(in: number, after: after, upTo: upTo) {
            logged throws(StorageError) in
            guard let change = try logged.body() else { return true }
            for entry in try entries(of: logged, change, in: scope, number)
            where try reads(entry, in: number) {
                guard body(entry) else { return false }
            }
            return true
        }
    }

    /// Every operation on a record or event, counting or not, in order of arrival.
    ///
    /// - Complexity: O(changes that touch it).
    public func entries(
        touching id: ID,
        of entity: UInt32,
        in scope: Scope
    ) throws(StorageError) -> [LogEntry] {
        guard let number = try connection.number(of: scope),
            try reads(id, of: entity, in: number)
        else { return [] }
        var found: [LogEntry] = []
        for position in try connection.positions(touching: id, of: entity, in: number) {
            let logged = try connection.change(at: position, in: number)
            guard let body = try logged.body() else { continue }
            found += try entries(of: logged, body, in: scope, number).filter {
                $0.id == id && $0.operation.entity == entity
            }
        }
        return found
    }

    private func entries(
        of logged: LoggedChange,
        _ body: Body,
        in scope: Scope,
        _ number: Int64
    ) throws(StorageError) -> [LogEntry] {
        let folding = Folder(connection: connection, schema: schema, tenant: tenant)
        let standing = try connection.standing(of: number)
        let rank = standing.rank(logged.rank(body))
        let origin = Origin(logged, body, scope: scope)
        return body.operations.enumerated().map { index, operation in
            let place = Folder.Place(
                scope: scope,
                number: number,
                position: logged.position,
                index: UInt16(truncatingIfNeeded: index),
                rank: rank,
                author: logged.replica
            )
            var counted: Operation?
            var setAside: Uncounted?
            switch folding.counted(operation, at: place) {
            case .counts(let part): counted = shown(part)
            case .set(aside: let reason): setAside = reason
            }
            let exclusion = standing.exclusion(at: logged.position, of: operation.entity)
            return LogEntry(
                origin: origin,
                rank: rank,
                index: place.index,
                id: operation.recordID(derived: place.derivedID),
                operation: shown(operation),
                counted: exclusion == nil ? counted : nil,
                setAside: setAside,
                exclusion: exclusion
            )
        }
    }

    /// Whether an entry of the log may be read.
    private func reads(_ entry: LogEntry, in number: Int64) throws(StorageError) -> Bool {
        guard wall != nil else { return true }
        guard let id = entry.id else { return false }
        return try reads(id, of: entry.operation.entity, in: number)
    }

    /// The operations of a change that may be read, as they are shown.
    func shown(
        _ body: Body,
        _ logged: LoggedChange,
        in number: Int64
    ) throws(StorageError) -> [Operation] {
        guard wall != nil else { return body.operations }
        let stamp = logged.rank(body).name.stamp
        var shown: [Operation] = []
        for (index, operation) in body.operations.enumerated() {
            let derived = ID(createdAt: stamp, index: UInt16(truncatingIfNeeded: index))
            guard let id = operation.recordID(derived: derived),
                try reads(id, of: operation.entity, in: number)
            else { continue }
            shown.append(self.shown(operation))
        }
        return shown
    }
}
