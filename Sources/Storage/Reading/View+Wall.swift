import CRDT
public import Domain

extension View {
    /// The same rows as one person may read them.
    public func asRead(
        by reading: Reading,
        _ rules: ReadingRules = .standard
    ) -> View {
        View(
            connection: connection,
            schema: schema,
            tenant: tenant,
            wall: Wall(reading, rules, schema: schema, tenant: tenant)
        )
    }

    /// Whether all that a draft touches may be read by a person: what it edits as it is, what it
    /// adds as it will be.
    ///
    /// - Parameters:
    ///   - draft: What is to be written.
    ///   - reading: Of whoever writes it.
    ///   - rules: The policy.
    /// - Returns: false: whoever asked is told that there is nothing of that name.
    /// - Throws: What the disk says.
    /// - Source: DOM-239.
    public func admits(
        _ draft: Draft,
        of reading: Reading,
        _ rules: ReadingRules = .standard
    ) throws(StorageError) -> Bool {
        let wall = Wall(reading, rules, schema: schema, tenant: tenant)
        for (scope, written) in draft.parts {
            let operations = written.filter { !ReadingRules.evidence.contains($0.entity) }
            guard !operations.isEmpty else { continue }
            let number = try connection.number(of: scope)
            if let number {
                guard try wall.reads(scope: number, on: connection) else { return false }
            } else {
                let own = Reading.SubjectFacts(creator: reading.user)
                guard reading.reads(scope, { own }) else { return false }
            }
            for operation in operations {
                guard try admits(operation, in: number, wall) else { return false }
            }
        }
        return true
    }

    private func admits(
        _ operation: Operation,
        in number: Int64?,
        _ wall: Wall
    ) throws(StorageError) -> Bool {
        let entity = operation.entity
        switch operation.target {
        case .existing(let id), .natural(let id):
            if let number, try connection.record(id, of: entity, in: number) != nil {
                return try wall.reads(id, of: entity, in: number, on: connection)
                    && operation.edits.allSatisfy { wall.reads(field: $0.field, of: entity) }
            }
            if case .existing = operation.target { return wall.extent(of: entity) != .none }
        case .new, .event, .unknown: break
        }
        return try wall.reads(new: Fields(of: operation), of: entity, on: connection)
    }
}

// MARK: - What is shown

extension View {
    func reads(scope number: Int64) throws(StorageError) -> Bool {
        try wall?.reads(scope: number, on: connection) ?? true
    }

    func reads(_ id: ID, of entity: UInt32, in number: Int64) throws(StorageError) -> Bool {
        try wall?.reads(id, of: entity, in: number, on: connection) ?? true
    }

    func reads(field: UInt32, of entity: UInt32) -> Bool {
        wall?.reads(field: field, of: entity) ?? true
    }

    /// The scopes held that may be read.
    func readScopes() throws(StorageError) -> [(scope: Scope, number: Int64, position: Int64)] {
        let held = try connection.heldScopes()
        guard wall != nil else { return held }
        var read: [(scope: Scope, number: Int64, position: Int64)] = []
        for place in held where try reads(scope: place.number) { read.append(place) }
        return read
    }

    /// A record as it is shown: without the fields that are not for the person.
    func shown(_ id: ID, _ record: Record, of entity: Entity) -> StoredRecord {
        let hidden = hidden(of: entity.number)
        guard !hidden.isEmpty else {
            return StoredRecord(id: id, entity: entity, record: record)
        }
        let rest = Record(
            creations: record.creations,
            registers: record.registers.filter { !hidden.contains($0.key.field) },
            sets: record.sets.filter { !hidden.contains($0.key) },
            sums: record.sums.filter { !hidden.contains($0.key) }
        )
        return StoredRecord(id: id, entity: entity, record: rest)
    }

    /// An operation as it is shown.
    func shown(_ operation: Operation) -> Operation {
        let hidden = hidden(of: operation.entity)
        guard !hidden.isEmpty else { return operation }
        return Operation(
            operation.entity,
            operation.target,
            after: operation.after,
            edits: operation.edits.filter { !hidden.contains($0.field) }
        )
    }

    private func hidden(of entity: UInt32) -> Set<UInt32> { wall?.hidden(of: entity) ?? [] }

    /// Reads what is unpacked whole before some of its fields are left out.
    func unpacking<T>(
        _ entity: UInt32,
        _ body: () throws(StorageError) -> T
    ) throws(StorageError) -> T {
        try hidden(of: entity).isEmpty ? body() : connection.beneath(body)
    }
}
