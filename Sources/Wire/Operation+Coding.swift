import Bytes
import CRDT

/// The kinds of operation (CHG-3).
private enum Kind {
    static let new: UInt8 = 1
    static let natural: UInt8 = 2
    static let existing: UInt8 = 3
    static let event: UInt8 = 4
    static let entityMax: UInt64 = 1 << 29 - 1
}

extension Operation.Target {
    fileprivate var kind: UInt8 {
        switch self {
        case .new: Kind.new
        case .natural: Kind.natural
        case .existing: Kind.existing
        case .event: Kind.event
        case .unknown(let kind, _): kind
        }
    }

    /// The id that is written with the operation; nil where it is derived or unknown.
    var spelledID: ID? {
        switch self {
        case .natural(let id), .existing(let id): id
        case .new, .event, .unknown: nil
        }
    }

    /// Whether the id follows from the stamp and the operation's index.
    var hasDerivedID: Bool {
        switch self {
        case .new, .event: true
        case .natural, .existing, .unknown: false
        }
    }
}

extension Operation {
    /// Throws unless the operation is read back as it is written.
    func check() throws(Malformed) {
        guard entity <= Kind.entityMax else { throw Malformed(.overLimit, "entity", at: 0) }
        guard target == .event || after.isEmpty else { throw Malformed(.invalid, "after", at: 0) }
        switch target {
        case .new, .natural:
            try FieldEdit.check(edits, creating: true)
        case .event:
            try after.check("after")
            try FieldEdit.check(edits, creating: true)
        case .existing:
            guard !edits.isEmpty else { throw Malformed(.invalid, "edits", at: 0) }
            try FieldEdit.check(edits, creating: false)
        case .unknown(let kind, let bytes):
            guard edits.isEmpty, kind == 0 || (Kind.event + 1...7).contains(kind) else {
                throw Malformed(.invalid, "operation", at: 0)
            }
            try bytes.check(atMost: Limits.unknownBytesMax, "operation")
        }
    }
}

extension Writer {
    mutating func operation(_ operation: Operation, by references: inout References?) {
        varint(UInt64(operation.entity) << 3 | UInt64(operation.target.kind))
        switch operation.target {
        case .unknown(_, let bytes):
            return prefixed(bytes)
        case .natural(let id), .existing(let id):
            self.id(id, by: &references)
        case .event:
            names(operation.after, by: &references)
        case .new:
            break
        }
        edits(operation.edits, by: &references)
    }
}

extension Reader {
    mutating func operation(by references: inout References?) throws(Malformed) -> Operation {
        let tag = try varint("operation")
        guard tag >> 3 <= Kind.entityMax else { throw malformed(.overLimit, "entity") }
        let entity = UInt32(tag >> 3)
        switch UInt8(tag & 7) {
        case Kind.new:
            return Operation(entity, .new, edits: try creation(by: &references))
        case Kind.natural:
            let id = try id("record", by: &references)
            return Operation(entity, .natural(id), edits: try creation(by: &references))
        case Kind.existing:
            let id = try id("record", by: &references)
            let edits = try edits(by: &references)
            guard !edits.isEmpty else { throw malformed(.invalid, "edits") }
            return Operation(entity, .existing(id), edits: edits)
        case Kind.event:
            let after = try names("after", by: &references)
            return Operation(entity, .event, after: after, edits: try creation(by: &references))
        case let kind:
            let bytes = try prefixed(atMost: Limits.unknownBytesMax, "operation")
            return Operation(entity, .unknown(kind: kind, bytes: bytes), edits: [])
        }
    }

    /// Reads the edits of what creates: it has seen nothing (CHG-5).
    private mutating func creation(
        by references: inout References?
    ) throws(Malformed) -> [FieldEdit] {
        let edits = try edits(by: &references)
        guard edits.allSatisfy(\.action.mayCreate) else { throw malformed(.invalid, "edits") }
        return edits
    }
}
