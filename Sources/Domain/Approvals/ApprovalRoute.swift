/// How one request is decided: who must agree, in which order, and by when.
///
/// - Source: DOM-195, DOM-196.
public struct ApprovalRoute: Hashable, Sendable {
    /// nil: no policy fits, and management decides.
    public let policy: String?
    public let version: Int64?
    public let mode: ApprovalOutline.Mode
    /// None: the hub's machine approves.
    public let steps: [ApprovalStep]
    /// Hours from receipt.
    public let hours: Int64
    public let remindHours: Int64?
    public let expiryDays: Int64?
    public let reassigns: Bool

    /// Finds the route of a request.
    ///
    /// - Parameters:
    ///   - ask: The request.
    ///   - facts: All that is known of it.
    ///   - amount: In the tenant's currency; nil where it cannot be said.
    ///   - policies: All versions of all policies.
    ///   - settings: Of the tenant.
    public init(
        of ask: ApprovalAsk,
        _ facts: ApprovalFacts,
        amount: DecimalNumber?,
        among policies: [ApprovalOutline],
        _ settings: ApprovalSettings
    ) {
        let found = Self.policy(for: ask, facts, among: policies, settings)
        policy = found?.slug
        version = found?.version
        mode = found?.mode ?? .sequential
        hours = found?.hours[ask.priority] ?? settings.hours(ask.priority)
        remindHours = found?.remindHours
        expiryDays = found?.expiryDays
        reassigns = found?.reassigns ?? false
        steps = found.map { $0.steps(facts, amount: amount, settings) } ?? [Self.management]
    }

    /// Who decides where nothing is said.
    public static let management = ApprovalStep(
        "management",
        order: 1,
        .role("management", level: 1)
    )

    /// The policy that a request follows: of those that fit the one of greatest precedence, then of
    /// the first slug; of each the newest version that is published.
    private static func policy(
        for ask: ApprovalAsk,
        _ facts: ApprovalFacts,
        among policies: [ApprovalOutline],
        _ settings: ApprovalSettings
    ) -> ApprovalOutline? {
        var newest: [String: ApprovalOutline] = [:]
        for policy in policies where policy.isPublished && policy.isActive {
            guard newest[policy.slug].map({ $0.version < policy.version }) ?? true else { continue }
            newest[policy.slug] = policy
        }
        let fitting = newest.values.filter { policy in
            policy.approvalType == ask.type
                && (policy.subjectType.map { $0 == ask.subject.kind } ?? true)
                && policy.when.areMet(by: facts, settings)
        }
        return fitting.min { ($1.precedence, $0.slug) < ($0.precedence, $1.slug) }
    }
}

extension ApprovalOutline {
    /// The steps that a request needs.
    ///
    /// Where conditions leave none of a tier that has some, all of the tier stand: only a tier
    /// without steps is decided by nobody.
    func steps(
        _ facts: ApprovalFacts,
        amount: DecimalNumber?,
        _ settings: ApprovalSettings
    ) -> [ApprovalStep] {
        var candidates = steps
        if let tier = ApprovalTier.of(amount, among: tiers) {
            if tier.steps.isEmpty { return [] }
            candidates = steps.filter { tier.steps.contains($0.slug) }
        }
        let needed = candidates.filter { step in
            stepsWhen[step.slug]?.areMet(by: facts, settings) ?? true
        }
        return needed.isEmpty ? candidates : needed
    }
}

/// An amount in the currency of the tenant, with the rate that was used.
public struct ApprovalAmount: Hashable, Sendable {
    /// nil where it cannot be said: no amount, no rate, or too many digits.
    public let converted: DecimalNumber?
    /// nil where none was needed.
    public let rate: DecimalNumber?

    /// Converts what a request says.
    ///
    /// - Source: DOM-195; C-35 of the design's decisions.
    public init(
        _ amount: DecimalNumber?,
        in currency: String?,
        tenant: String?,
        _ settings: ApprovalSettings
    ) {
        guard let amount, let currency, currency != tenant else {
            // An amount without a currency is in the tenant's.
            converted = amount
            rate = nil
            return
        }
        rate = settings.rate(of: currency)
        converted = rate.flatMap(amount.multiplied)
    }
}

extension DecimalNumber {
    /// The exact product; nil if it has more digits than a decimal holds.
    public func multiplied(by other: DecimalNumber) -> DecimalNumber? {
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: other.mantissa)
        let (places, _) = scale.addingReportingOverflow(other.scale)
        guard !overflow else { return nil }
        return DecimalNumber(mantissa: product, scale: places)
    }
}
