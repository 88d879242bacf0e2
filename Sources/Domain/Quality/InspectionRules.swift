public import CRDT

/// What opening an inspection, attaching evidence and waiving need: asked before it is written,
/// and again by the hub.
///
/// - Source: DOM-77.
public enum InspectionRules {
    /// Finds the attempt of a new inspection of a build by a plan.
    ///
    /// - Parameters:
    ///   - plan: The code of the plan.
    ///   - build: What is inspected.
    ///   - inspections: Those of the subject as they were shown.
    ///   - person: Who opens it.
    /// - Returns: One above the attempts by every version of the plan.
    /// - Throws: `notAllowed`, `empty`, `tooLong`, `wrongOrder` unless the last attempt failed.
    public static func nextAttempt(
        by plan: String,
        of build: String,
        after inspections: [InspectionStanding],
        person: Standing
    ) throws(RuleFault) -> Int64 {
        try Act.openInspection.check(person)
        try TextRule.code(build)
        let own = inspections.filter { $0.plan == plan && $0.build == build }
        guard let last = own.map(\.attempt).max() else { return 1 }
        let failed = own.contains {
            $0.attempt == last && $0.shown == Inspected.Result.fail.rawValue
        }
        guard failed, last < .max else {
            throw RuleFault(.wrongOrder, "attempt \(last) has not failed: go on with it")
        }
        return last + 1
    }

    /// Checks evidence of an item.
    ///
    /// - Parameters:
    ///   - evidence: What is to be attached.
    ///   - measured: The item as it was shown; nil: the plan has none of that number.
    ///   - person: Who attaches it.
    /// - Throws: `notAllowed`, `unknownItem`, `unknownValue`, `empty` for a signature of nothing,
    ///   `wrongOrder` for one that does not name what stands, `tooLong`.
    public static func check(
        _ evidence: Evidence,
        of measured: Measured?,
        by person: Standing
    ) throws(RuleFault) {
        try Act.attachEvidence.check(person)
        guard let measured else {
            throw RuleFault(.unknownItem, "the plan has no item \(evidence.item)")
        }
        switch evidence.content {
        case .photo(let hash, let name), .document(let hash, let name):
            guard hash.count == 32 else {
                throw RuleFault(.unknownValue, "a photo or document is called by its hash")
            }
            if let name { try TextRule.title(name) }
        case .signature(let signer, let signed):
            guard signer == person.user else {
                throw RuleFault(.notAllowed, "nobody signs for another")
            }
            guard !measured.heads.isEmpty else {
                throw RuleFault(.empty, "measure the item before it is signed")
            }
            guard signed == Set(measured.heads.map(\.id)) else {
                throw RuleFault(.wrongOrder, "a signature names what stands: look again")
            }
        case .unknown:
            throw RuleFault(.unknownValue, "evidence is a photo, a document or a signature")
        }
    }

    /// Checks a request for a waiver, or with `isHub` the decision on it.
    ///
    /// - Parameters:
    ///   - waiver: What is to be written.
    ///   - failing: The ids of the measurements that make items fail, as they were shown.
    ///   - isHub: Whether it is a hub that decides.
    ///   - person: Who asks or decides.
    /// - Throws: `notAllowed`, `hubOnly`, `reasonRequired`, `tooLong`, `empty`, `wrongOrder`.
    public static func check(
        _ waiver: Waiver,
        failing: Set<ID>,
        isHub: Bool = false,
        by person: Standing
    ) throws(RuleFault) {
        guard isHub || waiver.decision == nil else {
            throw RuleFault(.hubOnly, "the hub decides: ask for a waiver")
        }
        let act: Act = waiver.decision == nil ? .askForWaiver : .decideWaiver
        try act.check(person)
        try TextRule.reason(waiver.reason)
        try TextRule.comment(waiver.conditions)
        guard !waiver.accepts.isEmpty else {
            throw RuleFault(.empty, "name the measurements that are to be accepted")
        }
        guard waiver.decision == .refused || waiver.accepts.isSubset(of: failing) else {
            throw RuleFault(.wrongOrder, "only what fails is waived: look again")
        }
        if waiver.decision == .conditionalPass { try TextRule.reason(waiver.conditions) }
    }
}
