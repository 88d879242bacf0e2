public import Domain
import Foundation

/// A check plan as a file holds it, and as one is written to be edited.
///
/// JSON: `{"code", "version", "phase", "name", "pass_threshold" (hundredths of a percent),
/// "estimated_minutes", "assembly", "holds": [slug], "items": [{"item", "title", "type",
/// "is_required", "unit", "low", "high", "nominal", "minus", "plus", "excludes_low",
/// "excludes_high", "samples", "accepted", "photo_required", "document_required",
/// "signature_required", "category", "expected", "procedure", "tools"}]}`; decimals are texts.
struct PlanFile: Codable, Sendable {
    struct Item: Codable, Sendable {
        var item: Int64
        var title: String
        var type: String?
        var isRequired: Bool?
        var unit: String?
        var low: String?
        var high: String?
        var nominal: String?
        /// How far below and above the nominal value it may be, in place of limits.
        var minus: String?
        var plus: String?
        var excludesLow: Bool?
        var excludesHigh: Bool?
        var samples: Int64?
        var accepted: Int64?
        var photoRequired: Bool?
        var documentRequired: Bool?
        var signatureRequired: Bool?
        var category: String?
        var expected: String?
        var procedure: String?
        var tools: [String]?
    }

    var code: String
    /// Of a file that is published: the version it becomes, if it says one.
    var version: Int64?
    var phase: String
    var name: String
    var passThreshold: Int64?
    var estimatedMinutes: Int64?
    var assembly: String?
    var holds: [String]?
    var items: [Item]

    /// The longest file that is read: 4 MiB.
    private static let fileBytesMax = 4 << 20

    /// - Throws: `.notFound`, `.badInput`.
    init(path: String) throws {
        guard let bytes = try PrivateFile.read(path, atMost: Self.fileBytesMax) else {
            throw CommandFault(.notFound, "there is no file \(path)")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(PlanFile.self, from: Data(bytes))
        } catch {
            throw CommandFault(.badInput, "\(path) is no check plan: \(error)", reason: "no-plan")
        }
    }

    /// The plan that the file describes, at a version.
    ///
    /// - Throws: `RuleFault` for limits that cannot be read, and kinds that are not known.
    func plan(version: Int64) throws(RuleFault) -> CheckPlan {
        var definitions: [ItemDefinition] = []
        for item in items { definitions.append(try item.definition()) }
        var plan = CheckPlan(
            code,
            version: version,
            phase: phase,
            name: name,
            passThreshold: passThreshold ?? 10_000,
            estimatedMinutes: estimatedMinutes ?? 30,
            holds: Set(holds ?? []),
            items: definitions
        )
        plan.assembly = assembly
        return plan
    }
}

extension PlanFile.Item {
    /// - Throws: `RuleFault`: `unknownValue`, `badLimits`, and what reading a number throws.
    fileprivate func definition() throws(RuleFault) -> ItemDefinition {
        var kind: ItemDefinition.Kind?
        if let type {
            guard let known = ItemDefinition.Kind(word: type.uppercased()) else {
                let known = ItemDefinition.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw RuleFault(.unknownValue, "item \(item) is one of \(known)")
            }
            kind = known
        }
        let nominal = try decimal(self.nominal)
        var definition = ItemDefinition(
            item: item,
            title: title,
            isRequired: isRequired ?? true,
            unit: unit,
            tolerance: try tolerance(about: nominal),
            kind: kind
        )
        definition.nominal = nominal
        try sampling(&definition)
        if photoRequired == true { definition.evidence.insert(.photo) }
        if documentRequired == true { definition.evidence.insert(.document) }
        if signatureRequired == true { definition.evidence.insert(.signature) }
        definition.category = category
        definition.expected = expected
        definition.procedure = procedure
        definition.tools = Set(tools ?? [])
        return definition
    }

    private func sampling(_ definition: inout ItemDefinition) throws(RuleFault) {
        let size = samples ?? 1
        guard (1...ItemDefinition.Sampling.sizeMax).contains(size),
            (0..<size).contains(accepted ?? 0)
        else {
            throw RuleFault(.outOfRange, "item \(item): 1 to 1000 samples, and fewer may fail")
        }
        definition.sampling = ItemDefinition.Sampling(size: size, accepted: accepted ?? 0)
    }

    private func tolerance(about nominal: DecimalNumber?) throws(RuleFault) -> Tolerance {
        let (low, high) = (try decimal(low), try decimal(high))
        let (minus, plus) = (try decimal(minus), try decimal(plus))
        guard minus != nil || plus != nil else {
            return Tolerance(
                low: low,
                high: high,
                excludesLow: excludesLow ?? false,
                excludesHigh: excludesHigh ?? false
            )
        }
        let zero = DecimalNumber(mantissa: 0, scale: 0)
        let isPositive = [minus, plus].compactMap(\.self).allSatisfy { side in
            zero?.isAtMost(side) ?? false
        }
        guard let nominal, low == nil, high == nil, isPositive else {
            throw RuleFault(
                .badLimits,
                "item \(item): a tolerance is not negative and about a nominal value, no limits"
            )
        }
        guard let both = Tolerance(nominal: nominal, minus: minus, plus: plus) else {
            throw RuleFault(.tooManyDigits, "item \(item): its limits have too many digits")
        }
        return both
    }

    /// In files a comma never stands in a number (DOM-35).
    private func decimal(_ text: String?) throws(RuleFault) -> DecimalNumber? {
        guard let text else { return nil }
        return try DecimalNumber(typed: text)
    }
}

extension CheckPlan {
    /// The plan as a file holds it.
    public var json: JSON {
        let json: JSON = [
            "code": .text(code), "version": .integer(version), "phase": .text(phase),
            "name": .text(name), "pass_threshold": .integer(passThreshold),
            "estimated_minutes": .integer(estimatedMinutes),
        ]
        return (assembly.map { json.with("assembly", .text($0)) } ?? json)
            .with("holds", .list(holds.sorted()) { .text($0) })
            .with("items", .list(items, \.json))
    }
}

extension ItemDefinition {
    /// The item as a file holds it: what is absent is left out.
    fileprivate var json: JSON {
        var members = [JSON.Member("item", .integer(item)), JSON.Member("title", .text(title))]
        func add(_ key: String, _ text: String?) {
            if let text { members.append(JSON.Member(key, .text(text))) }
        }
        func flag(_ key: String, _ isSet: Bool) {
            if isSet { members.append(JSON.Member(key, true)) }
        }
        add("type", kind?.rawValue)
        members.append(JSON.Member("is_required", .bool(isRequired)))
        add("unit", unit)
        add("low", tolerance.low?.description)
        add("high", tolerance.high?.description)
        add("nominal", nominal?.description)
        flag("excludes_low", tolerance.excludesLow)
        flag("excludes_high", tolerance.excludesHigh)
        if sampling.size > 1 {
            members.append(JSON.Member("samples", .integer(sampling.size)))
            members.append(JSON.Member("accepted", .integer(sampling.accepted)))
        }
        flag("photo_required", evidence.contains(.photo))
        flag("document_required", evidence.contains(.document))
        flag("signature_required", evidence.contains(.signature))
        add("category", category)
        add("expected", expected)
        add("procedure", procedure)
        if !tools.isEmpty {
            members.append(JSON.Member("tools", .list(tools.sorted()) { .text($0) }))
        }
        return .object(members)
    }
}
