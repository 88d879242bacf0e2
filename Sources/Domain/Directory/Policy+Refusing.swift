import CRDT

extension Policy {
    /// Why a person may not, and who could.
    ///
    /// Who could is looked for when somebody asks: a rule that only wants to know whether does not
    /// pay for it.
    public struct Refusal: Sendable {
        /// What stands in the way.
        public enum Missing: Hashable, Sendable {
            /// The account is suspended or disabled.
            case activeAccount
            /// None of the grants applies; what each of them needs, in words.
            case grants([String])
        }

        public let act: Act
        public let missing: Missing
        private let policy: Policy
        private let request: Request

        /// Most people that a refusal names.
        public static let namesMax = 3

        fileprivate init(_ request: Request, missing: Missing, by policy: Policy) {
            act = request.act
            self.missing = missing
            self.policy = policy
            self.request = request
        }

        /// The names of people who could do it there and then, at most ``namesMax``, and how many
        /// more could.
        ///
        /// - Complexity: O(n log n) in the people who hold a role that the act asks for; in all of
        ///   the tenant where any role will do.
        public var whoCould: (names: [String], more: Int) {
            let able = policy.able(request)
            let names = Array(able.prefix(Self.namesMax))
            return (names, able.count - names.count)
        }

        /// One sentence for whoever was refused.
        public var message: String {
            let (names, more) = whoCould
            guard !names.isEmpty else { return why }
            let others = more > 0 ? " and \(more) more" : ""
            return "\(why); \(names.joined(separator: ", "))\(others) can"
        }

        /// What is missing, in words.
        public var why: String {
            switch missing {
            case .activeAccount: "\(act.permission): this account may not act"
            case .grants(let words) where words.isEmpty:
                "\(act.permission) is granted to nobody"
            case .grants(let words): "\(act.permission) needs \(words.joined(separator: ", or "))"
            }
        }
    }

    /// The refusal of a request that nothing allows.
    func refusal(of request: Request) -> Refusal {
        let reaching = grants.reaching(request.act.permission)
        // Rights over everything say nothing about this act, unless nothing else does.
        let exact = reaching.filter { $0.pattern.isExact }
        let words = (exact.isEmpty ? reaching : exact).map {
            $0.words(responsible: request.responsible)
        }
        let isActive = isActive(request.user, at: request.occasion)
        return Refusal(request, missing: isActive ? .grants(words) : .activeAccount, by: self)
    }

    /// The names of the other people whom the same request would be allowed, in the order of
    /// who comes closest: by the act's own grants before those over everything, then by name.
    private func able(_ request: Request) -> [String] {
        let reaching = grants.reaching(request.act.permission)
        var found: [(isWide: Bool, name: String, id: ID)] = []
        for id in candidates(reaching, request) where id != request.user {
            var asked = request
            asked.user = id
            guard let name = people[id]?.name, isActive(id, at: request.occasion) else { continue }
            let rights = Rights(user: id, levels: levels(of: id, at: request.occasion))
            let grants = reaching.filter { rights.satisfy($0, asked) }
            guard !grants.isEmpty else { continue }
            found.append((!grants.contains { $0.pattern.isExact }, name, id))
        }
        return
            found
            .sorted { ($0.isWide ? 1 : 0, $0.name, $0.id) < ($1.isWide ? 1 : 0, $1.name, $1.id) }
            .map(\.name)
    }

    /// People of whom some may have what one of some grants asks for, and outside of whom nobody
    /// has: whoever was given such a role at any time, or is lent anything.
    private func candidates(_ grants: [Grant], _ request: Request) -> Set<ID> {
        var found = Set(delegations.keys)
        for grant in grants {
            switch grant.holder {
            case .member: return Set(people.keys)
            case .assignee: found.formUnion(request.assigned)
            case .responsible:
                for role in request.responsible { found.formUnion(holders[role] ?? []) }
            case .role(let code): found.formUnion(holders[code] ?? [])
            }
        }
        return found
    }
}
