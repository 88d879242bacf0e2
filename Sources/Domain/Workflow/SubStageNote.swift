import CRDT

/// What people keep about a sub-stage of a subject beside its progress: who does it, a value for
/// each key, and how many pieces are done.
///
/// Its status is not here: that follows from the events of its progress. Its id follows from
/// tenant, subject and sub-stage, so that it is the same wherever it is made.
///
/// - Source: DOM-183.
public enum SubStageNote {
    public static let number: UInt32 = 25
    /// The slug of the sub-stage.
    public static let subStage: UInt32 = 1
    public static let assignedTo: UInt32 = 2
    public static let metadata: UInt32 = 3
    /// The pieces that are done: every station adds its own.
    public static let pieces: UInt32 = 4

    public static let entity = Entity(
        number,
        "progress",
        in: [.subject],
        form: .entity(key: [subStage]),
        fields: [
            Field(subStage, "sub_stage", .text, .fixed),
            Field(assignedTo, "assigned_to", .id),
            Field(metadata, "metadata", .text, .map),
            Field(pieces, "pieces", .integer, .counter),
        ]
    )

    /// Longest value of a key, in bytes of UTF-8.
    public static let valueBytesMax = 1_024
    /// Most pieces that anybody counts to, and at once: beyond it is a slip of the hand.
    public static let piecesMax: Int64 = 1_000_000_000

    /// Refuses a count below zero or beyond what there can be (MERGE-11).
    ///
    /// - Parameters:
    ///   - delta: What is added.
    ///   - shown: What the node shows.
    /// - Throws: `outOfRange`.
    public static func check(adding delta: Int64, to shown: Int64) throws(RuleFault) {
        let (sum, overflow) = shown.addingReportingOverflow(delta)
        guard delta != 0, delta.magnitude <= piecesMax.magnitude, !overflow,
            // What stations counted apart may be off; a step back to what can be is allowed.
            (0...piecesMax).contains(sum)
                || (!(0...piecesMax).contains(shown) && sum.magnitude < shown.magnitude)
        else {
            throw RuleFault(.outOfRange, "pieces are 0 to \(piecesMax); here are \(shown)")
        }
    }

    /// - Throws: `empty` for a blank key, `tooLong`.
    public static func check(_ key: String, _ value: String?) throws(RuleFault) {
        try TextRule.code(key)
        guard (value?.utf8.count ?? 0) <= valueBytesMax else {
            throw RuleFault(.tooLong, "a value holds at most \(valueBytesMax) bytes")
        }
    }
}
