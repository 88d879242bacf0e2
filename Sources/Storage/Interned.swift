import Bytes
import CRDT
import Wire

/// A replica as the store refers to it: by a small integer.
struct InternedReplica {
    let number: Int64
    let id: ID
    let device: ID
    let kind: UInt8
    let site: ID
    /// Milliseconds since 1970 between which a stamp of the replica is plausible.
    let validity: ClosedRange<UInt64>

    var isHub: Bool { kind == Certificate.Kind.hub.rawValue }

    /// The rank of a write of this replica (MERGE-6).
    func rank(_ name: Name) -> Rank {
        Rank(name, isPlausible: validity.contains(name.stamp.time.milliseconds))
    }
}

/// What a connection remembers of the small integers: rows of these tables never change, so what
/// was read once holds until a rollback takes back an insertion.
final class Interned {
    fileprivate var scopes: [Scope: Int64] = [:]
    fileprivate var scopesByNumber: [Int64: Scope] = [:]
    fileprivate var replicas: [ID: InternedReplica] = [:]
    fileprivate var replicasByNumber: [Int64: InternedReplica] = [:]
    fileprivate var tenant: ID?
    fileprivate var references: [ID: Int64] = [:]
    fileprivate var referenced: [Int64: ID] = [:]
    /// Ids that were written once of late, and are interned if they come again.
    fileprivate var seen: Set<ID> = []
    /// Entries of each of these.
    fileprivate static let referencesMax = 16_384

    func forget() {
        references = [:]
        referenced = [:]
        seen = []
        scopes = [:]
        scopesByNumber = [:]
        replicas = [:]
        replicasByNumber = [:]
    }
}

// MARK: - Scopes

extension Connection {
    /// Whose store it is.
    func tenant() throws(StorageError) -> ID {
        if let known = interned.tenant { return known }
        guard let tenant = try meta("tenant").flatMap({ ID($0) }) else {
            throw StorageError(.damaged, "the store names no tenant")
        }
        interned.tenant = tenant
        return tenant
    }

    /// The number of a scope; nil if nothing of it is held.
    func number(of scope: Scope) throws(StorageError) -> Int64? {
        if let known = interned.scopes[scope] { return shows(scope: known) ? known : nil }
        let found = try prepare("SELECT number FROM scope WHERE kind = ? AND key = ?")
            .bind(Int64(scope.kind.rawValue)).bind(scope.key)
            .first { $0.integer(0) }
        if let found { remember(scope, found) }
        return found
    }

    /// Whether a scope that this connection knows is for the person that it reads for.
    private func shows(scope number: Int64) -> Bool { session?.reads(scope: number) ?? true }

    /// The number of a scope, which is given one if it has none.
    func intern(_ scope: Scope) throws(StorageError) -> Int64 {
        if let known = try number(of: scope) { return known }
        let sql = "INSERT INTO scope (kind, key, position) VALUES (?, ?, 0) RETURNING number"
        let new = try prepare(sql)
            .bind(Int64(scope.kind.rawValue)).bind(scope.key)
            .first { $0.integer(0) }
        guard let new else { throw StorageError(.database, "a scope was not inserted") }
        remember(scope, new)
        return new
    }

    /// Takes back the number of a scope of which nothing came to be held.
    func forget(_ scope: Scope, _ number: Int64) throws(StorageError) {
        try prepare("DELETE FROM scope WHERE number = ? AND position = 0").bind(number).run()
        interned.scopes[scope] = nil
        interned.scopesByNumber[number] = nil
    }

    func scope(numbered number: Int64) throws(StorageError) -> Scope {
        if let known = interned.scopesByNumber[number] { return known }
        let row = try prepare("SELECT kind, key FROM scope WHERE number = ?").bind(number)
            .first { (kind: $0.integer(0), key: $0.bytes(1)) }
        guard let row, let key = ID(row.key), let kind = UInt8(exactly: row.kind),
            let scope = Scope(kind: kind, key: key)
        else { throw StorageError(.damaged, "scope \(number) is not readable") }
        remember(scope, number)
        return scope
    }

    private func remember(_ scope: Scope, _ number: Int64) {
        interned.scopes[scope] = number
        interned.scopesByNumber[number] = scope
    }
}

// MARK: - Replicas

extension Connection {
    private static let replicaColumns =
        "number, id, device, kind, site, not_before, not_after FROM replica"

    /// A replica whose binding is held; nil for a stranger.
    func replica(_ id: ID) throws(StorageError) -> InternedReplica? {
        if let known = interned.replicas[id] { return known }
        let row = try beneath { () throws(StorageError) in
            try prepare("SELECT \(Self.replicaColumns) WHERE id = ?").bind(id)
                .first(Self.readReplica)
        }
        guard let row else { return nil }
        return try remember(row)
    }

    func replica(numbered number: Int64) throws(StorageError) -> InternedReplica {
        if let known = interned.replicasByNumber[number] { return known }
        let row = try beneath { () throws(StorageError) in
            try prepare("SELECT \(Self.replicaColumns) WHERE number = ?").bind(number)
                .first(Self.readReplica)
        }
        guard let row else { throw StorageError(.damaged, "replica \(number) is missing") }
        return try remember(row)
    }

    /// Gives a replica a number and keeps its binding.
    func intern(_ verified: VerifiedBinding) throws(StorageError) -> InternedReplica {
        if let known = try replica(verified.replica) { return known }
        let certificate = verified.certificate
        try prepare(
            """
            INSERT INTO replica (id, device, kind, site, not_before, not_after, binding)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        )
        .bind(verified.replica).bind(certificate.device)
        .bind(Int64(certificate.kind.rawValue)).bind(certificate.site)
        .bind(bits: certificate.notBefore).bind(bits: certificate.notAfter)
        .bind(verified.binding.encoded)
        .run()
        guard let new = try replica(verified.replica) else {
            throw StorageError(.database, "a replica was not inserted")
        }
        return new
    }

    /// The binding of a replica as it came.
    func binding(of replica: ID) throws(StorageError) -> Binding? {
        let bytes = try prepare("SELECT binding FROM replica WHERE id = ?").bind(replica)
            .first { $0.bytes(0) }
        guard let bytes else { return nil }
        do throws(Malformed) {
            return try Binding(decoding: bytes)
        } catch {
            throw StorageError(.damaged, "the binding of replica \(replica): \(error)")
        }
    }

    private static func readReplica(_ row: borrowing RowReader) -> InternedReplica? {
        guard let id = row.id(1), let device = row.id(2),
            let kind = UInt8(exactly: row.integer(3)), let site = row.id(4)
        else { return nil }
        let first = row.bits(5)
        return InternedReplica(
            number: row.integer(0),
            id: id,
            device: device,
            kind: kind,
            site: site,
            validity: first...max(first, row.bits(6))
        )
    }

    private func remember(_ row: InternedReplica?) throws(StorageError) -> InternedReplica {
        guard let row else { throw StorageError(.damaged, "a replica is not readable") }
        interned.replicas[row.id] = row
        interned.replicasByNumber[row.number] = row
        return row
    }
}

// MARK: - References

extension Connection {
    /// The number of an id that records mention again and again; nil if it is better spelled out.
    ///
    /// An id that comes for the second time of late is given a number: people, subjects and stages
    /// soon have theirs, and ids that are mentioned once never do.
    func reference(to id: ID) throws(StorageError) -> Int64? {
        if let known = interned.references[id] { return known }
        guard interned.seen.remove(id) != nil else {
            if interned.seen.count >= Interned.referencesMax { interned.seen = [] }
            interned.seen.insert(id)
            return nil
        }
        var number = try prepare("SELECT number FROM reference WHERE id = ?").bind(id)
            .first { $0.integer(0) }
        if number == nil {
            number = try prepare("INSERT INTO reference (id) VALUES (?) RETURNING number").bind(id)
                .first { $0.integer(0) }
        }
        guard let number else { throw StorageError(.database, "a reference was not inserted") }
        if interned.references.count >= Interned.referencesMax { interned.references = [:] }
        interned.references[id] = number
        return number
    }

    /// The number of an id, which is given one if it has none.
    func intern(_ id: ID) throws(StorageError) -> Int64 {
        let number = try referenceNumber(of: id)
        if let number { return number }
        let new = try prepare("INSERT INTO reference (id) VALUES (?) RETURNING number").bind(id)
            .first { $0.integer(0) }
        guard let new else { throw StorageError(.database, "a reference was not inserted") }
        return new
    }

    /// The number of an id; nil for one that has none.
    func referenceNumber(of id: ID) throws(StorageError) -> Int64? {
        if let known = interned.references[id] { return known }
        let number = try prepare("SELECT number FROM reference WHERE id = ?").bind(id)
            .first { $0.integer(0) }
        guard let number else { return nil }
        if interned.references.count >= Interned.referencesMax { interned.references = [:] }
        interned.references[id] = number
        return number
    }

    /// The id that a number stands for.
    func referenced(_ number: Int64) throws(StorageError) -> ID {
        if let known = interned.referenced[number] { return known }
        let id = try beneath { () throws(StorageError) in
            try prepare("SELECT id FROM reference WHERE number = ?").bind(number)
                .first { $0.id(0) }
        }
        guard let id = id ?? nil else {
            throw StorageError(.damaged, "reference \(number) is missing")
        }
        if interned.referenced.count >= Interned.referencesMax { interned.referenced = [:] }
        interned.referenced[number] = id
        return id
    }
}
