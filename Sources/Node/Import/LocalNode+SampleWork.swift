import CRDT
import Domain
import Storage
import Wire

extension LocalNode {
    /// What a made-up working day came to.
    public struct SampleWork: Hashable, Sendable {
        /// What was done, as `PRJ-000002 assembly finish do.thi.j`, in its order.
        public let steps: [String]
    }

    /// Lets the people of a made-up firm work: starts, finishes, blocks and lifts, by a seed.
    ///
    /// The same seed on the same records does the same. Nothing is done that a rule forbids.
    ///
    /// - Parameters:
    ///   - seed: What the choices follow from.
    ///   - count: How many steps are tried, at most 10,000.
    /// - Returns: The steps that were taken.
    /// - Throws: `.refused` in a tenant that does not take people at their word.
    public func playSample(seed: UInt64, count: Int) throws -> SampleWork {
        let trustsLocal = try read { view in
            try view.tenantRecord()?.fields.bool(Tenant.trustsLocal) ?? false
        }
        guard trustsLocal else {
            throw CommandFault(.refused, "only a firm that trusts its stations can be played")
        }
        var random = SampleRandom(seed: seed)
        let people = try read { try SamplePeople($0) }
        var steps: [String] = []
        for _ in 0..<max(0, min(count, 10_000)) {
            let projects = try projects().filter { $0.stage != nil && !$0.rows.isEmpty }
            guard !projects.isEmpty else { break }
            let project = random.pick(projects)
            guard let stage = project.stage,
                let row = Self.choice(in: project.rows(of: stage), &random)
            else { continue }
            guard let person = people.anyone(holding: row.seed.roles, &random) else { continue }
            let kind = Self.step(from: row.status, &random)
            var request = ProgressRequest(kind, "\(project.subject)", row.seed.slug)
            if kind == .block { request.reason = "waiting for material" }
            let actor = Actor(user: person.id, method: .asserted)
            guard (try? take(request, by: actor)) != nil else { continue }
            steps.append("\(project.number) \(row.seed.slug) \(kind.rawValue) \(person.name)")
        }
        return SampleWork(steps: steps)
    }

    private static func choice(
        in rows: [SubStageRow],
        _ random: inout SampleRandom
    ) -> SubStageRow? {
        let open = rows.filter { [.pending, .inProgress, .blocked].contains($0.status) }
        return open.isEmpty ? nil : random.pick(open)
    }

    private static func step(
        from status: SubStageProgress.Status,
        _ random: inout SampleRandom
    ) -> ProgressRequest.Kind {
        switch status {
        case .blocked: .unblock
        case .pending: .start
        default: random.below(4) == 0 ? .block : .finish
        }
    }
}

/// Who holds which role, by user name.
private struct SamplePeople {
    private var holders: [String: [(name: String, id: ID)]] = [:]

    init(_ view: View) throws {
        var names: [ID: String] = [:]
        for record in try view.records(of: User.entity, in: .tenant) {
            if let id = record.fields.id(User.user) {
                names[id] = record.fields.text(User.username)
            }
        }
        for record in try view.records(of: Membership.entity, in: .tenant) {
            guard let id = record.fields.id(Membership.user), let name = names[id],
                let role = record.fields.text(Membership.role)
            else { continue }
            holders[role, default: []].append((name, id))
        }
        holders = holders.mapValues { $0.sorted { ($0.name, $0.id) < ($1.name, $1.id) } }
    }

    func anyone(
        holding roles: [String],
        _ random: inout SampleRandom
    ) -> (name: String, id: ID)? {
        let able = roles.sorted().flatMap { holders[$0] ?? [] }
        return able.isEmpty ? nil : random.pick(able)
    }
}
