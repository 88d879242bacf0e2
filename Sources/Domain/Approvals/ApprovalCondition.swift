import CRDT

/// One condition of a policy: a fact, an operator, a literal, and nothing else.
///
/// ```swift
/// let narrow = ApprovalCondition("margin_percent < $quote_margin_min")
/// narrow?.isMet(by: facts, settings)  // true also where the margin is not known
/// ```
///
/// What is not known of a request meets every condition, for conditions only ever add people who
/// must agree.
///
/// - Source: DOM-192.
public struct ApprovalCondition: Hashable, Sendable {
    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "="
        case unequal = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    /// As it was written; a draft may hold what cannot be published.
    public let fact: String
    public let comparison: String
    /// A number, yes or no, a word, or `$` and the name of a setting.
    public let literal: String

    public init(_ fact: String, _ comparison: String, _ literal: String) {
        self.fact = fact
        self.comparison = comparison
        self.literal = literal
    }

    /// Reads three words with blanks between; anything else is nil.
    public init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        self.init(words[0], words[1], words[2])
    }

    public var text: String { "\(fact) \(comparison) \(literal)" }

    /// The setting that it asks for; nil if it asks for none.
    public var setting: String? { literal.hasPrefix("$") ? String(literal.dropFirst()) : nil }

    /// What keeps it from being published; nil if nothing does.
    public func fault(_ settings: ApprovalSettings) -> String? {
        guard let known = ApprovalFact(rawValue: fact) else { return "there is no fact \(fact)" }
        guard let comparison = Comparison(rawValue: comparison) else {
            return "\(text): an operator is =, !=, <, <=, > or >="
        }
        guard known.kind == .number || [.equal, .unequal].contains(comparison) else {
            return "\(text): a \(known.kind.rawValue) is compared by = or !="
        }
        if let setting {
            guard known.kind == .number else { return "\(text): a setting is a number" }
            guard ApprovalSettings.limits.contains(setting) else {
                return "\(text): there is no setting \(setting)"
            }
            return settings[setting] == nil
                ? "\(text): the tenant has not set \(setting): gemba approval setting" : nil
        }
        guard let value = ApprovalFacts.Value(literal, of: known.kind) else {
            return "\(text): \(literal) is no \(known.kind.rawValue)"
        }
        if known == .priority, case .word(let word) = value, !Project.priorities.contains(word) {
            return "\(text): a priority is one of \(Project.priorities.joined(separator: ", "))"
        }
        return nil
    }

    /// Whether it holds of a request, or cannot be known not to.
    public func isMet(by facts: ApprovalFacts, _ settings: ApprovalSettings) -> Bool {
        guard let known = ApprovalFact(rawValue: fact), let value = facts.values[known],
            let comparison = Comparison(rawValue: comparison)
        else { return true }
        let other =
            setting.map { settings[$0].map(ApprovalFacts.Value.number) }
            ?? ApprovalFacts.Value(literal, of: known.kind)
        guard let other else { return true }
        switch (value, other) {
        case (.number(let left), .number(let right)): return comparison.holds(left, right)
        case (.flag(let left), .flag(let right)):
            return comparison == .unequal ? left != right : left == right
        case (.word(let left), .word(let right)):
            return comparison == .unequal ? left != right : left == right
        default: return true
        }
    }
}

extension ApprovalCondition.Comparison {
    fileprivate func holds(_ left: DecimalNumber, _ right: DecimalNumber) -> Bool {
        let (isAtMost, isAtLeast) = (left.isAtMost(right), right.isAtMost(left))
        return switch self {
        case .equal: isAtMost && isAtLeast
        case .unequal: !(isAtMost && isAtLeast)
        case .less: !isAtLeast
        case .atMost: isAtMost
        case .greater: !isAtMost
        case .atLeast: isAtLeast
        }
    }
}

/// Conditions of which one set must hold whole; none: always.
public struct ApprovalConditions: Hashable, Sendable {
    /// What may be written: alternatives, each of conditions that hold together.
    public var alternatives: [[ApprovalCondition]]

    public init(_ alternatives: [[ApprovalCondition]] = []) { self.alternatives = alternatives }

    /// Reads lines, each an alternative, with `and` between its conditions.
    ///
    /// - Returns: nil for what are no three words.
    public init?(lines: [String]) {
        var alternatives: [[ApprovalCondition]] = []
        for line in lines {
            var conditions: [ApprovalCondition] = []
            for part in line.split(separator: " and ", omittingEmptySubsequences: false) {
                guard let condition = ApprovalCondition(String(part)) else { return nil }
                conditions.append(condition)
            }
            alternatives.append(conditions)
        }
        self.alternatives = alternatives
    }

    public var lines: [String] {
        alternatives.map { $0.map(\.text).joined(separator: " and ") }
    }

    /// The conditions, one by one.
    public var all: [ApprovalCondition] { alternatives.flatMap(\.self) }

    public func areMet(by facts: ApprovalFacts, _ settings: ApprovalSettings) -> Bool {
        alternatives.isEmpty
            || alternatives.contains { $0.allSatisfy { $0.isMet(by: facts, settings) } }
    }

    /// As elements of a set: whose they are, which alternative, and the three words.
    func elements(of owner: String) -> [Value] {
        alternatives.enumerated().flatMap { place, conditions in
            conditions.map { condition in
                .list(
                    [
                        owner, "\(place)", condition.fact, condition.comparison, condition.literal,
                    ].map(Value.text)
                )
            }
        }
    }

    /// Reads what ``elements(of:)`` writes, by whose they are.
    static func read(_ elements: Set<Value>) -> [String: ApprovalConditions] {
        var read: [String: [Int: [ApprovalCondition]]] = [:]
        for element in elements {
            guard case .list(let items) = element else { continue }
            let words = items.compactMap { if case .text(let text) = $0 { text } else { nil } }
            guard words.count == 5, let place = Int(words[1]) else { continue }
            let condition = ApprovalCondition(words[2], words[3], words[4])
            read[words[0], default: [:]][place, default: []].append(condition)
        }
        return read.mapValues { places in
            ApprovalConditions(
                places.sorted { $0.key < $1.key }.map { $0.value.sorted { $0.text < $1.text } }
            )
        }
    }
}
