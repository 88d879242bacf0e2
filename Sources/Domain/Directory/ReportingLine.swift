public import CRDT

/// Who reports to whom, as the directory says; a circle ends where it began.
///
/// - Source: DOM-96.
public struct ReportingLine: Sendable {
    private let managers: [ID: ID]

    /// - Parameter users: Records of ``User``.
    public init(_ users: some Sequence<Fields>) {
        var managers: [ID: ID] = [:]
        for user in users {
            guard let id = user.id(User.user), let manager = user.id(User.manager) else { continue }
            managers[id] = manager
        }
        self.managers = managers
    }

    /// The managers above a person, the nearest first, each once and never the person.
    public func managers(of user: ID) -> [ID] {
        var chain: [ID] = []
        var passed: Set<ID> = [user]
        var next = managers[user]
        while let manager = next, passed.insert(manager).inserted {
            chain.append(manager)
            next = managers[manager]
        }
        return chain
    }

    /// The people who report to a person, ascending.
    public func reports(of user: ID) -> [ID] {
        managers.filter { $0.value == user && $0.key != user }.map(\.key).sorted()
    }

    /// Whether a person would come to stand above themselves.
    public func closesCircle(_ manager: ID, above user: ID) -> Bool {
        manager == user || managers(of: manager).contains(user)
    }
}
