import Bytes
import CRDT

/// The verbs of an edit (CHG-4).
private enum Verb {
    static let write: UInt8 = 0
    static let rewrite: UInt8 = 1
    static let add: UInt8 = 2
    static let readd: UInt8 = 3
    static let remove: UInt8 = 4
    static let increment: UInt8 = 5
    static let put: UInt8 = 6
    static let reput: UInt8 = 7
    static let fieldMax: UInt64 = 1 << 28 - 1
}

extension FieldEdit.Action {
    fileprivate var verb: UInt8 {
        switch self {
        case .write(_, let seen): seen.isEmpty ? Verb.write : Verb.rewrite
        case .add(_, let seen): seen.isEmpty ? Verb.add : Verb.readd
        case .remove: Verb.remove
        case .increment: Verb.increment
        case .put(_, _, let seen): seen.isEmpty ? Verb.put : Verb.reput
        case .unknown(let verb, _): verb
        }
    }

    /// Whether it may stand in what creates: everything that names nothing.
    var mayCreate: Bool {
        switch verb {
        case Verb.rewrite, Verb.readd, Verb.remove, Verb.reput: false
        default: true
        }
    }

    /// What tells apart the edits of one field (CHG-5).
    fileprivate var discriminator: [UInt8] {
        switch self {
        case .add(let element, _), .remove(let element, _): element.encoded
        case .put(let key, _, _): Array(key.utf8)
        case .write, .increment, .unknown: []
        }
    }
}

extension FieldEdit {
    /// Whether one edit stands before another in an operation.
    fileprivate static func precedes(_ left: FieldEdit, _ right: FieldEdit) -> Bool {
        guard left.field == right.field else { return left.field < right.field }
        return left.action.discriminator.lexicographicallyPrecedes(right.action.discriminator)
    }
}

extension FieldEdit {
    /// Throws unless the edits of an operation are read back as they are written.
    static func check(_ edits: [FieldEdit], creating: Bool) throws(Malformed) {
        guard edits.count <= Limits.editsMax else { throw Malformed(.overLimit, "edits", at: 0) }
        let edits = edits.span
        for index in edits.indices {
            let field = edits[index].field
            guard field <= Verb.fieldMax else { throw Malformed(.overLimit, "field", at: 0) }
            if index > 0, field <= edits[index - 1].field, !precedes(edits[index - 1], edits[index])
            {
                throw Malformed(.notCanonical, "edits", at: 0)
            }
            try edits[index].action.check(creating: creating)
        }
    }
}

extension FieldEdit.Action {
    fileprivate func check(creating: Bool) throws(Malformed) {
        switch self {
        case .write(let value, let seen), .add(let value, let seen):
            try value.check("value")
            try Self.check(seen, creating: creating)
        case .remove(let element, let names):
            guard !names.isEmpty else { throw Malformed(.invalid, "replaced", at: 0) }
            try element.check("element")
            try Self.check(names, creating: creating)
        case .increment(let delta):
            guard delta.magnitude <= Limits.counterDeltaMax.magnitude else {
                throw Malformed(.overLimit, "delta", at: 0)
            }
        case .put(let key, let value, let seen):
            try key.check(atMost: Limits.mapKeyBytesMax, "key")
            try value.check("value")
            try Self.check(seen, creating: creating)
        case .unknown(let verb, let bytes):
            guard (Verb.reput + 1...15).contains(verb) else {
                throw Malformed(.invalid, "edit", at: 0)
            }
            try bytes.check(atMost: Limits.unknownBytesMax, "edit")
        }
    }

    private static func check(_ seen: [Name], creating: Bool) throws(Malformed) {
        guard !seen.isEmpty else { return }
        guard !creating else { throw Malformed(.invalid, "edits", at: 0) }
        try seen.check("replaced")
    }
}

extension Writer {
    mutating func edits(_ edits: [FieldEdit], by references: inout References?) {
        varint(UInt64(edits.count))
        let edits = edits.span
        for index in edits.indices {
            varint(UInt64(edits[index].field) << 4 | UInt64(edits[index].action.verb))
            action(edits[index].action, by: &references)
        }
    }

    private mutating func action(_ action: FieldEdit.Action, by references: inout References?) {
        switch action {
        case .write(let value, let seen), .add(let value, let seen):
            self.value(value, by: &references)
            if !seen.isEmpty { names(seen, by: &references) }
        case .remove(let element, let seen):
            value(element, by: &references)
            names(seen, by: &references)
        case .increment(let delta):
            zigzag(delta)
        case .put(let key, let value, let seen):
            text(key)
            self.value(value, by: &references)
            if !seen.isEmpty { names(seen, by: &references) }
        case .unknown(_, let bytes):
            prefixed(bytes)
        }
    }
}

extension Reader {
    mutating func edits(by references: inout References?) throws(Malformed) -> [FieldEdit] {
        let count = try count(atMost: Limits.editsMax, "edits")
        var edits: [FieldEdit] = []
        edits.reserveCapacity(min(count, remaining))
        var field: UInt32?
        for _ in 0..<count {
            let edit = try edit(by: &references)
            // Fields rise nearly always: the edit before is looked at only where they do not.
            if let field, edit.field <= field, let last = edits.last,
                !FieldEdit.precedes(last, edit)
            {
                throw malformed(.notCanonical, "edits")
            }
            field = edit.field
            edits.append(edit)
        }
        return edits
    }

    private mutating func edit(by references: inout References?) throws(Malformed) -> FieldEdit {
        let tag = try varint("edit")
        guard tag >> 4 <= Verb.fieldMax else { throw malformed(.overLimit, "field") }
        return FieldEdit(UInt32(tag >> 4), try action(UInt8(tag & 15), by: &references))
    }

    private mutating func action(
        _ verb: UInt8,
        by references: inout References?
    ) throws(Malformed) -> FieldEdit.Action {
        switch verb {
        case Verb.write, Verb.rewrite:
            let value = try value("value", by: &references)
            return .write(value, replacing: try seen(verb == Verb.rewrite, by: &references))
        case Verb.add, Verb.readd:
            let element = try value("element", by: &references)
            return .add(element, replacing: try seen(verb == Verb.readd, by: &references))
        case Verb.remove:
            let element = try value("element", by: &references)
            return .remove(element, names: try seen(true, by: &references))
        case Verb.increment:
            return .increment(try delta())
        case Verb.put, Verb.reput:
            let key = try text(atMost: Limits.mapKeyBytesMax, "key")
            let value = try value("value", by: &references)
            return .put(key: key, value, replacing: try seen(verb == Verb.reput, by: &references))
        default:
            let bytes = try prefixed(atMost: Limits.unknownBytesMax, "edit")
            return .unknown(verb: verb, bytes: bytes)
        }
    }

    private mutating func delta() throws(Malformed) -> Int64 {
        let delta = try zigzag("delta")
        guard delta.magnitude <= Limits.counterDeltaMax.magnitude else {
            throw malformed(.overLimit, "delta")
        }
        return delta
    }

    /// The names of a verb that has them: at least one.
    private mutating func seen(
        _ isThere: Bool,
        by references: inout References?
    ) throws(Malformed) -> [Name] {
        guard isThere else { return [] }
        let names = try names("replaced", by: &references)
        guard !names.isEmpty else { throw malformed(.invalid, "replaced") }
        return names
    }
}
