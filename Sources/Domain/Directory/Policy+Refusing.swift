import CRDT

extension Policy {
    /// Why a person may not, and who could.
    public struct Refusal: Hashable, Sendable {
        /// What stands in the way.
        public enum Missing: Hashable, Sendable {
            /// The account is suspended or disabled.
            case activeAccount
            /// None of the grants applies; what each of them needs, in words.
            case grants([String])
        }

        public let act: Act
        public let missing: Missing
        /// The names of people who could do it there and then, at most ``namesMax``.
        public let whoCould: [String]
        /// How many more could.
        public let more: Int

        /// Most people that a refusal names.
        public static let namesMax = 3

        /// One sentence for whoever was refused.
        public var message: String {
            guard !whoCould.isEmpty else { return why }
            let others = more > 0 ? " and \(more) more" : ""
            return "\(why); \(whoCould.joined(separator: ", "))\(others) can"
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
        let able = able(request)
        return Refusal(
            act: request.act,
            missing: isActive(request.user, at: request.occasion)
                ? .grants(words) : .activeAccount,
            whoCould: Array(able.prefix(Refusal.namesMax)),
            more: max(0, able.count - Refusal.namesMax)
        )
    }

    /// The names of the other people whom the same request would be allowed, in the order of
    /// who comes closest: by the act's own grants before those over everything, then by name.
    private func able(_ request: Request) -> [String] {
        var found: [(isWide: Bool, name: String, id: ID)] = []
        for (id, person) in people where id != request.user {
            var asked = request
            asked.user = id
            guard isActive(id, at: request.occasion) else { continue }
            let rights = Rights(user: id, levels: levels(of: id, at: request.occasion))
            let grants = grants.reaching(request.act.permission)
                .filter { rights.satisfy($0, asked) }
            guard !grants.isEmpty, let name = person.name else { continue }
            found.append((!grants.contains { $0.pattern.isExact }, name, id))
        }
        return
            found
            .sorted { ($0.isWide ? 1 : 0, $0.name, $0.id) < ($1.isWide ? 1 : 0, $1.name, $1.id) }
            .map(\.name)
    }
}
