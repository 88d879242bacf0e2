public import CRDT

/// That somebody looked at an exit criterion of a stage, and found it met or not.
public struct CriterionCheck: Fact {
    public static let number: UInt32 = 27
    public static let stageField: UInt32 = 1
    public static let criterionField: UInt32 = 2
    public static let metField: UInt32 = 3
    public static let noteField: UInt32 = 4
    public static let checkedByField: UInt32 = 5

    public static let entity = Entity(
        number,
        "stage_criterion_check",
        in: [.subject],
        form: .event(stream: [stageField]),
        fields: [
            Field(stageField, "stage", .text, .fixed),
            Field(criterionField, "criterion", .text, .fixed),
            Field(metField, "met", .bool, .fixed),
            Field(noteField, "note", .text, .fixed),
            Field(checkedByField, "checked_by", .id, .fixed),
        ]
    )

    public let stage: String
    /// The key of the criterion; without one the check does nothing.
    public let criterion: String?
    /// An absent word is no: the cautious one.
    public let isMet: Bool
    public let note: String?
    /// Who looked.
    public let checkedBy: ID?

    public init(
        _ criterion: String,
        of stage: String,
        isMet: Bool,
        note: String? = nil,
        by checkedBy: ID
    ) {
        self.stage = stage
        self.criterion = criterion
        self.isMet = isMet
        self.note = note
        self.checkedBy = checkedBy
    }

    public init(_ fields: Fields) {
        stage = fields.text(Self.stageField) ?? ""
        criterion = fields.text(Self.criterionField)
        isMet = fields.bool(Self.metField) ?? false
        note = fields.text(Self.noteField)
        checkedBy = fields.id(Self.checkedByField)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.stageField, stage)
        values.set(Self.criterionField, criterion)
        values.set(Self.metField, isMet)
        values.set(Self.noteField, note)
        values.set(Self.checkedByField, checkedBy)
        return values
    }
}

/// What was confirmed of the exit criteria of a subject's stages.
///
/// Of each person the newest word counts; where two differ both are shown, and the criterion is
/// not met.
///
/// - Complexity: O(n²) in the checks of a stage.
/// - Source: DOM-115.
public struct StageCriteria: Sendable {
    public typealias Entry = Stream<CriterionCheck>.Entry

    /// How a criterion stands.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Nobody has looked.
        case open
        /// Everybody who looked says so.
        case met
        /// Everybody who looked says no.
        case notMet = "not_met"
        /// Some say yes, some no.
        case disputed
    }

    /// The newest word of each person, by stage and criterion, by rank.
    private let words: [String: [String: [Entry]]]

    /// - Parameter streams: The checks of each stage.
    public init(_ streams: [String: Stream<CriterionCheck>]) {
        words = streams.mapValues(Self.words)
    }

    private static func words(_ stream: Stream<CriterionCheck>) -> [String: [Entry]] {
        let valid = stream.entries.filter { $0.event.criterion != nil && $0.event.checkedBy != nil }
        let byCriterion = Dictionary(grouping: valid) { $0.event.criterion ?? "" }
        return byCriterion.mapValues { checks in
            let byPerson = Dictionary(grouping: checks) { $0.event.checkedBy ?? .zero }
            let newest = byPerson.values.compactMap { own in
                // Two words of one person beside each other: the cautious one.
                let standing = own.filter { word in !own.contains { stream.saw($0, word) } }
                return standing.last { !$0.event.isMet } ?? standing.last
            }
            return newest.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
        }
    }

    /// Who says what of a criterion, by rank.
    public func words(of criterion: String, in stage: String) -> [Entry] {
        words[stage]?[criterion] ?? []
    }

    public func state(of criterion: String, in stage: String) -> State {
        let said = Set(words(of: criterion, in: stage).map(\.event.isMet))
        if said.isEmpty { return .open }
        return said.count > 1 ? .disputed : said == [true] ? .met : .notMet
    }

    /// The exit criteria of a stage that are not met.
    public func open(
        of stage: String,
        in template: WorkflowTemplate
    ) -> [WorkflowDefinition.CriterionPart] {
        (template[stage]?.criteria ?? []).filter {
            $0.kind == .exit && state(of: $0.key, in: stage) != .met
        }
    }
}
