public import CRDT

/// Somebody who may decide a step, and with whose rights.
public struct Approver: Hashable, Comparable, Sendable {
    public let person: ID
    /// Who lent the rights; nil: they are the person's own.
    public let lender: ID?

    public init(_ person: ID, lender: ID? = nil) {
        self.person = person
        self.lender = lender
    }

    /// Own rights before lent ones.
    public static func < (left: Approver, right: Approver) -> Bool {
        (left.lender == nil ? 0 : 1, left.person) < (right.lender == nil ? 0 : 1, right.person)
    }
}

/// What decides who may decide, beside the directory.
public struct ApprovalPlace: Sendable {
    /// Whoever asked, and whoever did what is to be approved: they decide nothing.
    public var authors: Set<ID>
    public var requestedBy: ID
    /// The person the project is assigned to.
    public var projectManager: ID?

    public init(authors: Set<ID>, requestedBy: ID, projectManager: ID?) {
        self.authors = authors
        self.requestedBy = requestedBy
        self.projectManager = projectManager
    }
}

extension Policy {
    /// Whoever may decide a step.
    ///
    /// Where nobody may, management does, so that no request hangs on an empty chair.
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - place: What else decides.
    ///   - decided: Who has decided another step of the chain.
    ///   - line: Who reports to whom.
    ///   - occasion: When.
    /// - Returns: Own rights first, then by id.
    /// - Source: DOM-201.
    public func approvers(
        of step: ApprovalStep,
        _ place: ApprovalPlace,
        decided: Set<ID>,
        _ line: ReportingLine,
        at occasion: Occasion
    ) -> [Approver] {
        let barred = place.authors.union(decided)
        let found: [Approver] =
            switch step.who {
            case .role(let role, let level): holders(of: role, level: level, at: occasion)
            case .projectManager:
                place.projectManager.map { deputies(of: $0, at: occasion) } ?? []
            case .managerChain:
                line.managers(of: place.requestedBy)
                    .filter { isActive($0, at: occasion) }
                    .map { Approver($0) }
            case .unknown: []
            }
        let free = found.filter { !barred.contains($0.person) }
        guard free.isEmpty else { return free }
        return holders(of: Self.management, level: 1, at: occasion)
            .filter { !barred.contains($0.person) }
    }

    private static var management: String { "management" }

    /// Whoever holds a role at a level, by own rights or lent ones.
    public func holders(of role: String, level: Int, at occasion: Occasion) -> [Approver] {
        people.keys.compactMap { person -> Approver? in
            guard isActive(person, at: occasion) else { return nil }
            if ownLevels(of: person, at: occasion)[role] ?? 0 >= level { return Approver(person) }
            let lenders = lent(to: person, at: occasion)
                .filter { $0.levels[role] ?? 0 >= level }
                .map(\.lender)
            return lenders.min().map { Approver(person, lender: $0) }
        }
        .sorted()
    }

    /// A person and those to whom they lent all their rights.
    private func deputies(of person: ID, at occasion: Occasion) -> [Approver] {
        let own = isActive(person, at: occasion) ? [Approver(person)] : []
        let others = people.keys.filter { other in
            isActive(other, at: occasion) && hasAllRights(of: person, other, at: occasion)
        }
        return (own + others.map { Approver($0, lender: person) }).sorted()
    }

    /// The members of management, ascending.
    public func management(at occasion: Occasion) -> Set<ID> {
        Set(holders(of: Self.management, level: 1, at: occasion).map(\.person))
    }

    /// Who is told that people did not decide in time: everybody above them; of somebody without a
    /// manager all of management.
    ///
    /// - Source: DOM-203.
    public func above(
        _ late: Set<ID>,
        _ line: ReportingLine,
        at occasion: Occasion
    ) -> Set<ID> {
        var told: Set<ID> = []
        for person in late {
            let managers = line.managers(of: person).filter { isActive($0, at: occasion) }
            told.formUnion(managers.isEmpty ? management(at: occasion) : Set(managers))
        }
        return late.isEmpty ? management(at: occasion) : told
    }
}
