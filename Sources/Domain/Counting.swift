public import CRDT

/// Why an operation does not count: it is kept and forwarded, and holds up nothing.
///
/// A pure function of the operation, its change's author and the schema of this version; it never
/// tightens between versions, so that a refold under newer software loses nothing (MERGE-12).
public enum Uncounted: String, Hashable, Sendable {
    /// The kind of operation belongs to a newer version.
    case unknownOperation
    /// The entity belongs to a newer version.
    case unknownEntity
    /// The entity may not live in this kind of scope.
    case wrongScope
    /// An event was edited, or an entity recorded as an event.
    case wrongForm
    /// The id is not the hash of scope and key.
    case wrongKey
    /// Only a hub may write the entity.
    case hubOnly
    /// No edit of an existing record counts.
    case noEdit
}

/// What a store makes of an operation.
public enum Counted: Hashable, Sendable {
    /// The part of the operation that is folded.
    case counts(Operation)
    /// None of it is folded, for this reason.
    case set(aside: Uncounted)
}

extension Schema {
    /// The part of an operation that counts: fields that are unknown, of a wrong kind, fixed in an
    /// edit, or reserved to a hub are left out; the rest of the operation stands.
    ///
    /// - Parameters:
    ///   - operation: As its author wrote it.
    ///   - scope: The scope of its change.
    ///   - isHub: Whether the author's certificate is of kind hub.
    ///   - naturalID: Gives the id that belongs to an entity's key values, in the order of its key.
    /// - Returns: The part to fold, or the reason why there is none.
    public func counted(
        _ operation: Operation,
        in scope: Scope,
        isHub: Bool,
        naturalID: (Entity, [Value]) -> ID
    ) -> Counted {
        if case .unknown = operation.target { return .set(aside: .unknownOperation) }
        guard let entity = self[operation.entity] else { return .set(aside: .unknownEntity) }
        guard entity.scopes.contains(scope.kind) else { return .set(aside: .wrongScope) }
        guard isHub || entity.writer == .anyDevice else { return .set(aside: .hubOnly) }
        if let fault = formFault(of: operation, entity, naturalID) { return .set(aside: fault) }

        let isCreation = operation.target.isCreation
        if entity.countsAll(operation.edits, isCreation: isCreation, isHub: isHub),
            isCreation || !operation.edits.isEmpty
        {
            return .counts(operation)
        }
        let edits = operation.edits.filter {
            entity.counts($0, isCreation: isCreation, isHub: isHub)
        }
        guard isCreation || !edits.isEmpty else { return .set(aside: .noEdit) }
        return .counts(
            Operation(operation.entity, operation.target, after: operation.after, edits: edits)
        )
    }

    private func formFault(
        of operation: Operation,
        _ entity: Entity,
        _ naturalID: (Entity, [Value]) -> ID
    ) -> Uncounted? {
        switch (operation.target, entity.form) {
        case (.new, .entity(let key)):
            return key.isEmpty ? nil : .wrongKey
        case (.natural(let id), .entity(let key)):
            guard !key.isEmpty else { return .wrongKey }
            let values = key.map { field in operation.written(field) ?? .null }
            return id == naturalID(entity, values) ? nil : .wrongKey
        case (.existing, .entity), (.event, .event):
            return nil
        default:
            return .wrongForm
        }
    }
}

extension Operation {
    /// The value that the operation writes to a register of its record.
    public func written(_ field: UInt32) -> Value? {
        for edit in edits where edit.field == field {
            if case .write(let value, _) = edit.action { return value }
        }
        return nil
    }
}

extension Operation {
    /// What the operation sets a register or a key of a map to, and the heads that it replaces.
    public func write(of cell: Record.Cell) -> (value: Value, replaced: [Name])? {
        for edit in edits where edit.field == cell.field {
            switch edit.action {
            case .write(let value, let seen) where cell.key == nil: return (value, seen)
            case .put(let key, let value, let seen)
            where cell == Record.Cell(field: edit.field, key: key):
                return (value, seen)
            default: break
            }
        }
        return nil
    }
}

extension Operation.Target {
    /// Whether the operation brings its record into being.
    public var isCreation: Bool {
        switch self {
        case .new, .natural, .event: true
        case .existing, .unknown: false
        }
    }
}

extension Entity {
    /// Whether every edit counts; a span, since this is asked of each row that arrives.
    func countsAll(_ edits: [FieldEdit], isCreation: Bool, isHub: Bool) -> Bool {
        let (edits, fields) = (edits.span, fields.span)
        for index in edits.indices {
            let place = Int(edits[index].field) - 1
            // Nearly always: a register or fixed field is written in the creation.
            if isCreation, fields.indices.contains(place),
                fields[place].number == edits[index].field, fields[place].isPlain,
                case .write(let value, _) = edits[index].action, fields[place].admits(value)
            {
                continue
            }
            guard counts(edits[index], isCreation: isCreation, isHub: isHub) else { return false }
        }
        return true
    }

    /// Whether an edit of one field counts.
    func counts(_ edit: FieldEdit, isCreation: Bool, isHub: Bool) -> Bool {
        let known = edit.field == FieldEdit.deleted && !isEvent ? Field.deleted : field(edit.field)
        guard let field = known else { return false }
        if field.merge == .fixed, !isCreation { return false }
        if field.merge == .authority, !isHub { return false }
        switch edit.action {
        case .write(let value, _):
            return field.merge.isRegister && field.admits(value)
        case .add(let element, _), .remove(let element, _):
            return field.merge == .set && element != .null && field.admits(element)
        case .increment:
            return field.merge == .counter
        case .put(_, let value, _):
            return field.merge == .map && field.admits(value)
        case .unknown:
            return false
        }
    }
}

extension Field.Merge {
    /// Whether the field is one register, which a write sets.
    var isRegister: Bool {
        switch self {
        case .fixed, .register, .cautious, .authority: true
        case .set, .counter, .map: false
        }
    }
}
