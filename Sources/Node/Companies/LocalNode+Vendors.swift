public import CRDT
public import Domain
public import Storage
import Wire

/// A vendor with its ratings and what they come to; nothing of it is written anywhere.
///
/// JSON: `{"company", "name", "ratings", "on_time", "recommended" (hundredths of a percent),
/// "quality", "communication" (texts, as 4.25), "conflicts", "all": [{"rating", "counts",
/// "on_time", "quality", "communication", "would_recommend", "item", "issues", "supersedes",
/// "by"}]}`.
public struct VendorView: Sendable {
    public let entry: CompanyDirectory.Entry
    public let stream: Stream<VendorRating>
    public let metrics: VendorMetrics
    private let origins: [ID: Origin]
    private let names: Nicknames

    init(_ entry: CompanyDirectory.Entry, _ directory: CompanyDirectory, on view: View) throws {
        self.entry = entry
        names = try Nicknames(view)
        // The streams of what was merged are one with it (DOM-163).
        let companies = Set([entry.id] + directory.merged(into: entry.id)).sorted()
        let events = try companies.flatMap { company in
            try view.events(
                of: VendorRating.entity,
                in: Company.directory,
                stream: [.id(company)]
            )
        }
        stream = Stream(events.map { $0.entry(as: VendorRating.self) })
        metrics = VendorMetrics(stream)
        origins = Dictionary(events.map { ($0.id, $0.origin) }) { first, _ in first }
    }

    public var summary: JSON {
        [
            "company": .text("\(entry.id)"), "name": .text(entry.name),
            "ratings": .number(metrics.counted.count),
            "on_time": .integer(orNull: metrics.onTimeBasisPoints),
            "recommended": .integer(orNull: metrics.recommendBasisPoints),
            "quality": .text(orNull: metrics.qualityHundredths.map(Self.mean)),
            "communication": .text(orNull: metrics.communicationHundredths.map(Self.mean)),
            "conflicts": .list(metrics.conflicts) { .text("\($0)") },
        ]
    }

    public var json: JSON {
        let counted = Set(metrics.counted)
        return summary.with(
            "all",
            .list(stream.entries) { entry in
                let rating = entry.event
                return [
                    "rating": .text("\(entry.id)"), "counts": .bool(counted.contains(entry.id)),
                    "on_time": rating.isOnTime.map(JSON.bool) ?? .null,
                    "quality": .integer(orNull: rating.quality),
                    "communication": .integer(orNull: rating.communication),
                    "would_recommend": rating.wouldRecommend.map(JSON.bool) ?? .null,
                    "item": .text(orNull: rating.item), "issues": .text(orNull: rating.issues),
                    "supersedes": .list(rating.supersedes.sorted()) { .text("\($0)") },
                    "by": origins[entry.id].map { Authorship($0, names).json } ?? .null,
                ]
            }
        )
    }

    public var lines: [String] {
        func share(_ points: Int64?) -> String { points.map { "\(Self.mean($0)) %" } ?? "-" }
        let quality = metrics.qualityHundredths.map(Self.mean) ?? "-"
        let words = metrics.communicationHundredths.map(Self.mean) ?? "-"
        return [
            "\(entry.name): \(metrics.counted.count) ratings",
            "  on time \(share(metrics.onTimeBasisPoints)), quality \(quality), communication "
                + "\(words), recommended \(share(metrics.recommendBasisPoints))",
        ] + (metrics.conflicts.isEmpty ? [] : ["  corrections stand beside each other"])
    }

    private static func mean(_ hundredths: Int64) -> String {
        DecimalNumber(mantissa: hundredths, scale: 2).map { "\($0)" } ?? "?"
    }
}

extension LocalNode {
    /// The companies that are vendors, or were rated, with their metrics, by name.
    public func vendors() throws -> [VendorView] {
        try read { view in
            let directory = try view.companies()
            return try directory.companies
                .filter { $0.fields.texts(Company.kinds).contains("vendor") }
                .map { try VendorView($0, directory, on: view) }
        }
    }

    /// A vendor with its ratings.
    public func vendor(_ name: String) throws -> VendorView {
        try read { view in
            let id = try view.companyID(named: name)
            let directory = try view.companies(CompanyNeeds(companies: [id]))
            return try VendorView(try directory.only(called: "\(id)"), directory, on: view)
        }
    }

    /// Rates a vendor, or replaces a rating of it.
    ///
    /// - Parameters:
    ///   - name: A number, name or id.
    ///   - project: What it is about: a number, title or id.
    ///   - fill: Sets the figures, and what is superseded.
    ///   - actor: Who rates.
    /// - Returns: The vendor as it is then.
    /// - Throws: `RuleFault`; `.refused` for a company that is no vendor; `.notFound` for a rating
    ///   that it does not have.
    @discardableResult
    public func rateVendor(
        _ name: String,
        about project: String? = nil,
        _ fill: @Sendable (inout VendorRating) -> Void,
        by actor: Actor
    ) throws -> VendorView {
        let company = try read { try $0.companyID(named: name) }
        let subject = try project.map { project in
            try read { try $0.projectRecord(named: project).scope.key }
        }
        var rating = VendorRating(of: company)
        rating.subject = subject
        fill(&rating)
        try rating.check()
        try ShortText.text(rating.issues)
        let new = rating
        let node = CompanyNode(self)
        _ = try act(by: actor) { acting, person in
            try person.check(.rateVendor)
            let directory = try acting.view.companies(CompanyNeeds(companies: [company]))
            guard let entry = directory[company],
                entry.fields.texts(Company.kinds).contains("vendor")
            else { throw CommandFault(.refused, "that is no vendor", reason: "no-vendor") }
            let vendor = try VendorView(entry, directory, on: acting.view)
            let known = Set(vendor.stream.entries.map(\.id))
            guard known.isSuperset(of: new.supersedes) else {
                throw CommandFault(.notFound, "it has no such rating", reason: "unknown-name")
            }
            var draft = Draft()
            try node.open(&draft, on: acting.view)
            draft.add(new.operation(after: vendor.stream.heads), in: Company.directory)
            return draft
        }
        return try vendor("\(company)")
    }
}
