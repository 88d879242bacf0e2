import CRDT

/// Something that the conditions of a policy can ask of a request: the whole list.
///
/// - Source: DOM-192.
public enum ApprovalFact: String, Hashable, Sendable, CaseIterable {
    /// In the tenant's currency, as are the next two, which are other words for it.
    case amount
    case quoteValue = "quote_value"
    case poValue = "po_value"
    case quotes
    case marginPercent = "margin_percent"
    case priority
    /// Critical to quality.
    case ctq
    case regulated
    case exportControlled = "export_controlled"
    case specialProcess = "special_process"
    case expedited
    /// Defects of the subject that are not closed.
    case openDefects = "open_defects"
    case ctqFailures = "ctq_failures"
    case reworkPercent = "rework_percent"
    case dateSlipDays = "date_slip_days"

    public enum Kind: String, Hashable, Sendable {
        case number
        case flag
        case word
    }

    public var kind: Kind {
        switch self {
        case .priority: .word
        case .ctq, .regulated, .exportControlled, .specialProcess, .expedited: .flag
        case .amount, .quoteValue, .poValue, .quotes, .marginPercent, .openDefects, .ctqFailures,
            .reworkPercent, .dateSlipDays:
            .number
        }
    }
}

/// What is known of a request.
public struct ApprovalFacts: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case number(DecimalNumber)
        case flag(Bool)
        case word(String)

        /// Reads a value as people write it; nil if it is none of the kind.
        public init?(_ text: String, of kind: ApprovalFact.Kind) {
            switch kind {
            case .number:
                guard let number = try? DecimalNumber(typed: text) else { return nil }
                self = .number(number)
            case .flag:
                switch text.lowercased() {
                case "true", "yes": self = .flag(true)
                case "false", "no": self = .flag(false)
                default: return nil
                }
            case .word: self = .word(text)
            }
        }

        var value: CRDT.Value {
            switch self {
            case .number(let number): number.value
            case .flag(let flag): .bool(flag)
            case .word(let word): .text(word)
            }
        }
    }

    public var values: [ApprovalFact: Value]

    public init(_ values: [ApprovalFact: Value] = [:]) { self.values = values }

    /// Reads facts as a record lists them; what is of a newer version is left out.
    ///
    /// A number that is said twice is left out too: what is not known meets every condition.
    init(_ elements: Set<CRDT.Value>) {
        var values: [ApprovalFact: Value] = [:]
        var said: Set<ApprovalFact> = []
        for element in elements {
            guard case .list(let items) = element, items.count == 2,
                case .text(let name) = items[0], let fact = ApprovalFact(rawValue: name)
            else { continue }
            guard said.insert(fact).inserted else {
                values[fact] = nil
                continue
            }
            switch (fact.kind, items[1]) {
            case (.flag, .bool(let flag)): values[fact] = .flag(flag)
            case (.word, .text(let word)): values[fact] = .word(word)
            case (.number, let value): values[fact] = DecimalNumber(value).map(Value.number)
            default: break
            }
        }
        self.values = values
    }

    var elements: [CRDT.Value] {
        values.map { .list([.text($0.key.rawValue), $0.value.value]) }
    }
}

/// What a tenant has decided about its approvals: numbers with names, and rates of currencies.
///
/// - Source: DOM-193; C-19, C-34, C-35 of the design's decisions.
public struct ApprovalSettings: Hashable, Sendable {
    /// What policies may ask of the tenant, which has no default.
    public static let limits = [
        "quotes_min", "quote_margin_min", "quote_total_max", "large_spend_min",
        "date_slip_days_max", "rework_percent_max",
    ]

    /// Hours in which an approval is due, by priority, where neither policy nor tenant says any.
    public static let defaultHours: [String: Int64] = [
        "urgent": 8, "high": 24, "normal": 48, "low": 96,
    ]

    private static let hoursPrefix = "sla_hours_"
    private static let ratePrefix = "rate_"

    public let values: [String: DecimalNumber]

    public init(_ values: [String: DecimalNumber]) { self.values = values }

    /// Reads the record of ``Tenant``.
    public init(_ tenant: Fields) {
        values = Dictionary(
            tenant.entries(Tenant.settings).compactMap { entry in
                DecimalNumber(entry.value).map { (entry.key, $0) }
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Whether a setting of that name means anything.
    public static func isKnown(_ name: String) -> Bool {
        if limits.contains(name) { return true }
        if name.hasPrefix(hoursPrefix) {
            return defaultHours.keys.contains(String(name.dropFirst(hoursPrefix.count)))
        }
        let code = name.dropFirst(ratePrefix.count).utf8
        return name.hasPrefix(ratePrefix) && code.count == 3
            && code.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    public subscript(name: String) -> DecimalNumber? { values[name] }

    /// What one unit of a currency is worth in the tenant's.
    public func rate(of currency: String) -> DecimalNumber? {
        values[Self.ratePrefix + currency]
    }

    /// The name of the setting that holds the rate of a currency.
    public static func rateName(_ currency: String) -> String { ratePrefix + currency }

    /// In how many hours an approval of a priority is due.
    public func hours(_ priority: String) -> Int64 {
        let said = values[Self.hoursPrefix + priority].flatMap { number in
            number.scale == 0 && number.mantissa > 0 ? number.mantissa : nil
        }
        return said ?? Self.defaultHours[priority] ?? Self.defaultHours["normal"] ?? 48
    }

    /// Checks a setting that a person gives.
    ///
    /// - Throws: `unknownValue`, `outOfRange`.
    public static func check(_ name: String, _ number: DecimalNumber) throws(RuleFault) {
        guard isKnown(name) else {
            let known = (limits + defaultHours.keys.map { hoursPrefix + $0 }.sorted())
                .joined(separator: ", ")
            throw RuleFault(.unknownValue, "a setting is one of \(known), or rate_ and a currency")
        }
        guard number.mantissa >= 0 else {
            throw RuleFault(.outOfRange, "a setting is not negative")
        }
        let isHours = name.hasPrefix(hoursPrefix)
        if isHours, number.scale != 0 || !(1...ApprovalOutline.hoursMax).contains(number.mantissa) {
            throw RuleFault(.outOfRange, "hours are whole, 1 to \(ApprovalOutline.hoursMax)")
        }
        if name.hasPrefix(ratePrefix), number.mantissa == 0 {
            throw RuleFault(.outOfRange, "a rate is above zero")
        }
    }
}
