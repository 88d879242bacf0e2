public import CRDT

/// That a person has seen notices or taken note of handover notes.
///
/// Whose it is follows from who signed its change: nobody says it for another. Marks only add up;
/// of several that name one thing the earliest counts (DOM-178).
public struct SeenMark: Fact {
    public static let number: UInt32 = 39
    public static let noticesField: UInt32 = 1
    public static let handoversField: UInt32 = 2
    /// Most ids in one event.
    public static let idsMax = 200

    public static let entity = Entity(
        number,
        "notification_mark",
        in: [.tenant, .site],
        form: .event(stream: []),
        fields: [
            Field(noticesField, "read", .id, .set),
            Field(handoversField, "acknowledged", .id, .set),
        ]
    )

    /// The ids of the notices that were read.
    public let notices: Set<ID>
    /// The ids of the handover notes that were taken note of.
    public let handovers: Set<ID>

    public init(notices: Set<ID> = [], handovers: Set<ID> = []) {
        self.notices = notices
        self.handovers = handovers
    }

    public init(_ fields: Fields) {
        notices = Self.ids(fields.elements(Self.noticesField))
        handovers = Self.ids(fields.elements(Self.handoversField))
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.add(Self.noticesField, notices.map(Value.id))
        values.add(Self.handoversField, handovers.map(Value.id))
        return values
    }

    private static func ids(_ values: Set<Value>) -> Set<ID> {
        Set(values.compactMap { if case .id(let id) = $0 { id } else { nil } })
    }
}

/// When each person saw what: the join of all marks, whatever the order in which they came.
///
/// ```swift
/// var marks = SeenMarks()
/// marks.take(SeenMark(notices: [notice]), by: anna, at: 2_000)
/// marks.take(SeenMark(notices: [notice]), by: anna, at: 1_000)
/// marks.read(notice, by: anna)  // 1000
/// ```
///
/// - Source: DOM-178.
public struct SeenMarks: Hashable, Sendable {
    private struct Key: Hashable {
        let person: ID
        let thing: ID
    }

    private var notices: [Key: UInt64] = [:]
    private var handovers: [Key: UInt64] = [:]

    public init() {}

    /// Takes a mark; taking it again changes nothing.
    ///
    /// - Parameters:
    ///   - mark: What was seen.
    ///   - person: Who signed it; the machine sees nothing.
    ///   - milliseconds: Since 1970, of the stamp.
    public mutating func take(_ mark: SeenMark, by person: ID, at milliseconds: UInt64) {
        guard person != .zero else { return }
        for notice in mark.notices {
            notices[Key(person: person, thing: notice), default: .max]
                .lower(to: milliseconds)
        }
        for handover in mark.handovers {
            handovers[Key(person: person, thing: handover), default: .max]
                .lower(to: milliseconds)
        }
    }

    /// When a person read a notice first, milliseconds since 1970; nil: not yet.
    public func read(_ notice: ID, by person: ID) -> UInt64? {
        notices[Key(person: person, thing: notice)]
    }

    /// When a person took note of a handover note first; nil: not yet.
    public func acknowledged(_ handover: ID, by person: ID) -> UInt64? {
        handovers[Key(person: person, thing: handover)]
    }

    /// Who took note of a handover note, with when.
    public func acknowledgements(of handover: ID) -> [ID: UInt64] {
        let own = handovers.filter { $0.key.thing == handover }
        return Dictionary(own.map { ($0.key.person, $0.value) }, uniquingKeysWith: min)
    }

    /// Who read one of some notices first, with when.
    public func readers(of notice: (ID) -> ID, among people: some Sequence<ID>) -> [ID: UInt64] {
        let pairs = people.compactMap { person in
            read(notice(person), by: person).map { (person, $0) }
        }
        return Dictionary(pairs, uniquingKeysWith: min)
    }
}

extension UInt64 {
    fileprivate mutating func lower(to other: UInt64) { self = Swift.min(self, other) }
}
