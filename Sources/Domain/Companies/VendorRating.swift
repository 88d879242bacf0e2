public import CRDT

/// What somebody found a vendor to be worth after a delivery: a fact that nobody edits.
///
/// A correction is a rating that names what it replaces; without a figure it takes it back.
///
/// - Source: DOM-163, DOM-164.
public struct VendorRating: Fact {
    public static let number: UInt32 = 16
    public static let companyField: UInt32 = 1
    public static let subjectField: UInt32 = 2
    public static let itemField: UInt32 = 3
    public static let onTimeField: UInt32 = 4
    public static let qualityField: UInt32 = 5
    public static let communicationField: UInt32 = 6
    public static let recommendField: UInt32 = 7
    public static let issuesField: UInt32 = 8
    public static let supersedesField: UInt32 = 9

    public static let entity = Entity(
        number,
        "vendor_rating",
        in: [.subject],
        form: .event(stream: [companyField]),
        fields: [
            Field(companyField, "company", .id, .fixed),
            Field(subjectField, "subject", .id, .fixed),
            Field(itemField, "item", .text, .fixed),
            Field(onTimeField, "on_time", .bool, .fixed),
            Field(qualityField, "quality", .integer, .fixed),
            Field(communicationField, "communication", .integer, .fixed),
            Field(recommendField, "would_recommend", .bool, .fixed),
            Field(issuesField, "issues", .text, .fixed),
            Field(supersedesField, "supersedes", .id, .set),
        ]
    )

    public let company: ID
    /// The project, order or event that it is about.
    public var subject: ID?
    /// What was delivered.
    public var item: String?
    public var isOnTime: Bool?
    /// 1 to 5.
    public var quality: Int64?
    /// 1 to 5.
    public var communication: Int64?
    public var wouldRecommend: Bool?
    public var issues: String?
    /// The ratings that it replaces.
    public var supersedes: Set<ID> = []

    public init(of company: ID) { self.company = company }

    public init(_ fields: Fields) {
        company = fields.id(Self.companyField) ?? .zero
        subject = fields.id(Self.subjectField)
        item = fields.text(Self.itemField)
        isOnTime = fields.bool(Self.onTimeField)
        quality = fields.integer(Self.qualityField).flatMap(Self.figure)
        communication = fields.integer(Self.communicationField).flatMap(Self.figure)
        wouldRecommend = fields.bool(Self.recommendField)
        issues = fields.text(Self.issuesField)
        supersedes = Set(
            fields.elements(Self.supersedesField).compactMap {
                if case .id(let id) = $0 { id } else { nil }
            }
        )
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.companyField, company)
        values.set(Self.subjectField, subject)
        values.set(Self.itemField, item)
        values.set(Self.onTimeField, isOnTime)
        values.set(Self.qualityField, quality)
        values.set(Self.communicationField, communication)
        values.set(Self.recommendField, wouldRecommend)
        values.set(Self.issuesField, issues)
        values.add(Self.supersedesField, supersedes.map(Value.id))
        return values
    }

    /// Whether it says anything; one that does not takes back what it replaces.
    public var hasFigures: Bool {
        isOnTime != nil || quality != nil || communication != nil || wouldRecommend != nil
    }

    private static func figure(_ number: Int64) -> Int64? {
        (1...5).contains(number) ? number : nil
    }

    /// - Throws: `outOfRange`, `empty` for a rating that neither says nor replaces anything,
    ///   `tooLong`.
    public func check() throws(RuleFault) {
        for figure in [quality, communication].compactMap(\.self)
        where !(1...5).contains(figure) {
            throw RuleFault(.outOfRange, "a rating is 1 to 5, not \(figure)")
        }
        guard hasFigures || !supersedes.isEmpty else {
            throw RuleFault(.empty, "say how it was: on time, quality, communication, recommend")
        }
        try TextRule.comment(issues)
        if let item { try TextRule.title(item) }
    }
}

/// The ratings of one company that count, and what they come to.
///
/// Never written anywhere.
///
/// - Source: DOM-163, DOM-164.
public struct VendorMetrics: Hashable, Sendable {
    /// The ratings that count, by rank.
    public let counted: [ID]
    /// Ratings of which a correction or another correction counts beside it: not settled.
    public let conflicts: [ID]
    /// Of the ratings that say so, in hundredths of a percent; nil: none says.
    public let onTimeBasisPoints: Int64?
    /// The mean in hundredths, rounded down; nil: none says.
    public let qualityHundredths: Int64?
    public let communicationHundredths: Int64?
    public let recommendBasisPoints: Int64?

    /// Folds the ratings of one company.
    public init(_ stream: Stream<VendorRating>) {
        let chosen = Self.chosen(stream)
        let ratings = chosen.counted.filter(\.event.hasFigures)
        counted = ratings.map(\.id)
        conflicts = chosen.conflicts
        func mean(_ figure: (VendorRating) -> Int64?, times unit: Int64) -> Int64? {
            let figures = ratings.compactMap { figure($0.event) }
            return figures.isEmpty ? nil : figures.reduce(0, +) * unit / Int64(figures.count)
        }
        onTimeBasisPoints = mean({ $0.isOnTime.map { $0 ? 1 : 0 } }, times: 10_000)
        qualityHundredths = mean(\.quality, times: 100)
        communicationHundredths = mean(\.communication, times: 100)
        recommendBasisPoints = mean({ $0.wouldRecommend.map { $0 ? 1 : 0 } }, times: 10_000)
    }

    /// One rating of each group that corrections tie together: of those that stand, the last.
    private static func chosen(
        _ stream: Stream<VendorRating>
    ) -> (counted: [Stream<VendorRating>.Entry], conflicts: [ID]) {
        let entries = stream.entries
        let places = Dictionary(zip(entries.map(\.id), entries.indices)) { first, _ in first }
        var group = Array(entries.indices)
        func root(_ place: Int) -> Int {
            var place = place
            while group[place] != place { place = group[place] }
            return place
        }
        var replaced: Set<Int> = []
        for (place, entry) in entries.enumerated() {
            for id in entry.event.supersedes {
                guard let other = places[id], stream.saw(entry, entries[other]) else { continue }
                replaced.insert(other)
                group[max(root(place), root(other))] = min(root(place), root(other))
            }
        }
        var standing: [Int: [Int]] = [:]
        for place in entries.indices where !replaced.contains(place) {
            standing[root(place), default: []].append(place)
        }
        let groups = standing.values.sorted { ($0.last ?? 0) < ($1.last ?? 0) }
        return (
            groups.compactMap { $0.last.map { entries[$0] } },
            groups.filter { $0.count > 1 }.flatMap { $0.map { entries[$0].id } }
        )
    }
}
