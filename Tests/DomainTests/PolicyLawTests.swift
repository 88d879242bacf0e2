import CRDT
import Domain
import SeededRandom
import Testing

/// The policy beside the naive one: every small world, and many large ones.
@Suite("Policy laws")
struct PolicyLawTests {
    private let days = ["2026-03-09", "2026-03-10", "2026-03-11"]
    private let acts: [Act] = [.unblock, .editProject, .workOnTask, .measure]

    private func disagreements(
        _ world: NaivePolicy,
        occasions: [Occasion],
        users: [ID]
    ) -> Int {
        let policy = world.policy
        let table = world.table.filter { row in
            acts.contains { PermissionPattern(row.permission)?.matches($0.permission) ?? false }
        }
        var count = 0
        for act in acts {
            for occasion in occasions {
                for user in users {
                    for (responsible, assigned) in [([], []), (["a", "c"], [user])] {
                        let request = Policy.Request(
                            act,
                            by: user,
                            at: occasion,
                            responsible: responsible,
                            assigned: Set(assigned)
                        )
                        if policy.allows(request)
                            != world.allows(request, by: table)
                        {
                            count += 1
                        }
                    }
                }
            }
        }
        return count
    }

    /// The world of a number below 576: each of its parts in every way.
    private func world(_ number: Int) -> NaivePolicy {
        var rest = number
        func pick<Element>(_ items: [Element]) -> Element {
            defer { rest /= items.count }
            return items[rest % items.count]
        }
        let parent = pick([nil, "b", "a"])
        let isActive = pick([true, false])
        let level = pick([1, 2])
        let until = pick([nil, days[1]])
        let ended = pick([nil, Self.noon])
        let loan = pick([nil, "a", "*"])
        let right = pick(["none", "add", "take", "own_assignments"])
        var world = NaivePolicy()
        world.roles = [
            .init(code: "a", parent: parent), .init(code: "b", parent: nil, isActive: isActive),
            .init(code: "sales", parent: "a"),
        ]
        world.members = [
            .init(
                user: id(1),
                role: "sales",
                level: level,
                from: days[0],
                until: until,
                endedAt: ended,
                sites: level == 1 ? [id(50)] : []
            )
        ]
        if let loan {
            let role = loan == "*" ? nil : loan
            world.lent = [
                .init(
                    user: id(1),
                    delegate: id(2),
                    role: role,
                    from: days[1],
                    until: days[2],
                    revokedAt: ended
                )
            ]
        }
        let takes = right == "take"
        if right != "none" {
            world.rights = [
                .init(
                    role: takes ? "sales" : "a",
                    permission: takes ? "project:update" : "quality:*",
                    level: 1,
                    isActive: !takes,
                    conditions: right == "own_assignments" ? [right] : []
                )
            ]
        }
        return world
    }

    private static let noon: Int64 = 1_773_118_800_000

    @Test("every small world is judged as the naive evaluator judges it (DOM-30, DOM-91)")
    func exhaustive() {
        let places = [id(50), id(51), nil]
        let times = [nil, Self.noon - 1, Self.noon]
        let occasions = (0..<9).map { number in
            Occasion(
                day: days[number % 3],
                milliseconds: times[(number / 3 + number) % 3],
                site: places[number / 3]
            )
        }
        for number in 0..<576 {
            let world = world(number)
            let found = disagreements(
                world,
                occasions: (0..<3).map { occasions[(number + $0 * 3) % 9] },
                users: [id(1), id(2)]
            )
            #expect(found == 0, "\(world)")
        }
    }

    @Test("random worlds are judged as the naive evaluator judges them", arguments: 1...20)
    func random(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let world = randomWorld(&random)
        let occasions = days.flatMap { day in
            [nil, sites[0]].flatMap { site in
                times.map { Occasion(day: day, milliseconds: $0, site: site) }
            }
        }

        #expect(disagreements(world, occasions: occasions, users: users) == 0, "\(world)")
    }

    private let codes = ["a", "b", "c", "sales", "qa", "admin", "management", "production"]
    private let sites = [id(50), id(51)]
    private let users = (1...4).map { id(UInt64($0)) }
    private let times: [Int64?] = [nil, 1_000, 2_000, 3_000]

    private func randomWorld(_ random: inout SplitMix64) -> NaivePolicy {
        func pick<Element>(_ items: [Element]) -> Element {
            items[Int(random.next() % UInt64(items.count))]
        }
        var world = NaivePolicy()
        for code in codes where pick([true, true, true, false]) {
            world.roles.append(
                .init(code: code, parent: pick([nil] + codes), isActive: pick([true, true, false]))
            )
        }
        for _ in 0..<6 {
            world.members.append(
                .init(
                    user: pick(users),
                    role: pick(codes),
                    level: pick([1, 2, 3]),
                    from: pick(days),
                    until: pick([nil] + days),
                    endedAt: pick(times),
                    sites: pick([[], [sites[0]], Set(sites)])
                )
            )
        }
        for _ in 0..<3 {
            world.lent.append(
                .init(
                    user: pick(users),
                    delegate: pick(users),
                    role: pick([nil] + codes),
                    from: pick(days),
                    until: pick(days + ["2026-04-01"]),
                    revokedAt: pick(times)
                )
            )
        }
        let patterns = [
            "*", "project:*", "*:block", "quality:measure", "progress:finish", "user:manage",
        ]
        for permission in patterns where pick([true, false]) {
            world.rights.append(
                .init(
                    role: pick(codes + ["@member", "@responsible", "@assignee"]),
                    permission: permission,
                    level: pick([1, 2, 3]),
                    sites: pick([[], [sites[1]]]),
                    isActive: pick([true, true, false]),
                    conditions: pick([[], ["own_assignments"], ["own_duties"], ["newer"]])
                )
            )
        }
        if pick([true, false]) { world.suspended[pick(users)] = 2_000 }
        return world
    }
}
