public import CRDT

/// That an entry of hours is to be read otherwise: one event of the corrections of that entry.
public struct HoursCorrection: Fact {
    public static let number: UInt32 = 208
    public static let entryField: UInt32 = 1
    public static let startField: UInt32 = 2
    public static let endField: UInt32 = 3
    public static let reasonField: UInt32 = 4
    public static let voidField: UInt32 = 5
    public static let billableField: UInt32 = 6

    public static let entity = Entity(
        number,
        "time_correction",
        in: [.site],
        form: .event(stream: [entryField]),
        fields: [
            Field(entryField, "entry", .id, .fixed),
            Field(startField, "start", .integer, .fixed),
            Field(endField, "end", .integer, .fixed),
            Field(reasonField, "reason", .text, .fixed),
            Field(voidField, "void", .bool, .fixed),
            Field(billableField, "billable", .bool, .fixed),
        ],
        indexes: indexes
    )

    /// The corrections that say when an entry began, by that.
    public static let byStart = Index(1, "start", [.value(startField)])

    private static let indexes = [byStart]

    /// The id of the event that began the entry; without one the correction does nothing.
    public let entry: ID?
    /// Milliseconds since 1970; nil leaves what the entry says.
    public let start: Int64?
    /// Milliseconds since 1970; nil leaves what the entry says.
    public let end: Int64?
    public let reason: String?
    /// Whether the entry is not to count at all.
    public let isVoid: Bool
    /// Whether it can be charged; nil leaves what the entry says.
    public let isBillable: Bool?

    public init(
        of entry: ID,
        start: Int64? = nil,
        end: Int64? = nil,
        isVoid: Bool = false,
        isBillable: Bool? = nil,
        reason: String
    ) {
        self.entry = entry
        self.start = start
        self.end = end
        self.isVoid = isVoid
        self.isBillable = isBillable
        self.reason = reason
    }

    public init(_ fields: Fields) {
        entry = fields.id(Self.entryField)
        start = fields.integer(Self.startField)
        end = fields.integer(Self.endField)
        reason = fields.text(Self.reasonField)
        isVoid = fields.bool(Self.voidField) ?? false
        isBillable = fields.bool(Self.billableField)
    }

    /// Whether it says anything; one that does not, as one that was set aside, counts for nothing.
    public var isSaying: Bool { start != nil || end != nil || isVoid || isBillable != nil }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.entryField, entry)
        values.set(Self.startField, start)
        values.set(Self.endField, end)
        values.set(Self.reasonField, reason)
        values.set(Self.voidField, isVoid ? true : nil as Bool?)
        values.set(Self.billableField, isBillable)
        return values
    }
}
