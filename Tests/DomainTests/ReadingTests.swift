import CRDT
import Domain
import Testing

/// Who may read what, asked of the policy alone.
@Suite("Reading")
struct ReadingTests {
    private static let (hcm, han) = (ID(high: 1, low: 1), ID(high: 1, low: 2))
    private static let (anna, binh) = (ID(high: 2, low: 1), ID(high: 2, low: 2))
    private static let day = Occasion(day: "2025-11-21", milliseconds: 1_000)

    private static func fields(_ fill: (inout FieldValues) -> Void) -> Fields {
        var values = FieldValues()
        fill(&values)
        return Fields(of: Operation(0, .new, edits: values.edits))
    }

    /// A directory in which Anna holds one role, and rights beside those of the code.
    private static func reading(
        role: String?,
        level: Int64 = 1,
        sites: [ID] = [],
        endedAt: Int64? = nil,
        status: String = "active",
        rights: [(role: String, permission: String, isActive: Bool)] = [],
        at occasion: Occasion = day
    ) -> Reading {
        let memberships = role.map { role in
            [
                fields { values in
                    values.set(Membership.user, anna)
                    values.set(Membership.role, role)
                    values.set(Membership.level, level)
                    values.set(Membership.effectiveFrom, "2025-01-01")
                    values.set(Membership.endedAt, endedAt)
                    values.add(Membership.sites, sites.map(Value.id))
                }
            ]
        }
        let policy = Policy(
            users: [
                fields { values in
                    values.set(User.user, anna)
                    values.set(User.status, status)
                }
            ],
            roles: RoleCatalogue.entries.map { entry in
                fields { values in
                    values.set(Role.code, entry.code)
                    values.set(Role.parent, entry.parent)
                }
            },
            memberships: memberships ?? [],
            permissions: rights.map { right in
                fields { values in
                    values.set(RolePermission.role, right.role)
                    values.set(RolePermission.permission, right.permission)
                    values.set(RolePermission.isActive, right.isActive)
                }
            }
        )
        return policy.reading(of: anna, at: occasion)
    }

    private func subject(
        at site: ID? = nil,
        by creator: ID? = nil,
        to assigned: ID? = nil
    ) -> Reading.SubjectFacts {
        Reading.SubjectFacts(
            sites: Set([site].compactMap(\.self)),
            creator: creator,
            assigned: Set([assigned].compactMap(\.self))
        )
    }

    @Test("TV-003: an order is read by who created it, whom it is given to, and with the right")
    func orders() {
        // The tenant takes the right from members: the rule of the seed is left.
        let taken = [("@member", "orders:read_all", false)]
        let plain = Self.reading(role: "production", rights: taken)
        let chief = Self.reading(
            role: "production",
            rights: taken + [("production", "orders:read_all", true)]
        )
        #expect(!plain.reads(subject(at: Self.hcm, by: Self.binh, to: Self.binh)))
        #expect(plain.reads(subject(at: Self.hcm, by: Self.anna)))
        #expect(plain.reads(subject(at: Self.hcm, by: Self.binh, to: Self.anna)))
        #expect(chief.reads(subject(at: Self.hcm, by: Self.binh)))
        #expect(!Self.reading(role: nil, rights: taken).reads(subject(at: Self.hcm, by: nil)))
    }

    @Test("FP-008: a member reads the subjects of the sites where they hold a role, and their own")
    func sites() {
        let here = Self.reading(role: "assembler", sites: [Self.hcm])
        #expect(here.reads(subject(at: Self.hcm)))
        #expect(!here.reads(subject(at: Self.han)))
        #expect(!here.reads(subject()))
        #expect(here.reads(subject(at: Self.han, by: Self.anna)))
        #expect(here.reads(.site(Self.hcm)) { subject() })
        #expect(!here.reads(.site(Self.han)) { subject() })
        let everywhere = Self.reading(role: "assembler")
        #expect(everywhere.reads(subject(at: Self.han)))
        #expect(everywhere.reads(subject()))
    }

    @Test("TV-004: customers are read by some roles, and by who has an order of theirs")
    func customers() {
        let rule = ReadingRules.standard[Domain.Company.number]
        func company(
            _ kind: String,
            by author: ID,
            _ orders: [Reading.SubjectFacts] = []
        )
            -> Reading.RowFacts
        {
            let fields = Self.fields { $0.add(Domain.Company.kinds, [.text(kind)]) }
            let facts = Reading.CompanyFacts(fields, by: author, orders: orders)
            return Reading.RowFacts(fields, by: author, company: facts)
        }
        let seller = Self.reading(role: "sales")
        let manager = Self.reading(role: "sales", level: 2)
        let admin = Self.reading(role: "admin")
        let others = company("customer", by: Self.binh, [subject(by: Self.binh)])
        #expect(!seller.reads(others, of: rule))
        #expect(manager.reads(others, of: rule))
        #expect(admin.reads(others, of: rule))
        let created = company("customer", by: Self.binh, [subject(by: Self.anna)])
        let given = company("customer", by: Self.binh, [subject(to: Self.anna)])
        #expect(seller.reads(created, of: rule))
        #expect(seller.reads(given, of: rule))
        #expect(seller.reads(company("customer", by: Self.anna), of: rule))
        #expect(seller.reads(company("vendor", by: Self.binh), of: rule))
    }

    @Test("TV-059: every kind and field has a class, and each class its right")
    func classes() throws {
        for entity in Catalogue.schema.entities {
            let rule = try #require(ReadingRules.standard[entity.number], "\(entity.name)")
            for field in rule.fields.keys {
                #expect(entity.field(field) != nil, "\(entity.name) has no field \(field)")
            }
        }
        #expect(
            Set(ReadingRules.standard.rules.keys) == Set(Catalogue.schema.entities.map(\.number))
        )
        let rights: [(role: String?, classes: Set<DataClass>)] = [
            (nil, [.public]), ("assembler", [.public, .internal]),
            ("finance", [.public, .internal, .restricted]), ("management", Set(DataClass.allCases)),
            ("auditor", Set(DataClass.allCases)), ("admin", Set(DataClass.allCases)),
        ]
        for (role, classes) in rights {
            let reading = Self.reading(role: role)
            #expect(Set(DataClass.allCases.filter(reading.reads)) == classes, "\(role ?? "none")")
        }
        let money = ReadingRules.standard[Domain.Company.number]
        #expect(money?.dataClass(of: Domain.Company.creditLimit) == .restricted)
        #expect(money?.dataClass(of: Domain.Company.name) == .internal)
    }

    @Test("C-79: reading is judged by now, and by who may act at all")
    func now() {
        func reads(_ endedAt: Int64?, _ status: String = "active", at time: Int64) -> Bool {
            Self.reading(
                role: "management",
                endedAt: endedAt,
                status: status,
                at: Occasion(day: "2025-11-21", milliseconds: time)
            )
            .reads(.internal)
        }
        #expect(reads(nil, at: 5))
        #expect(reads(10, at: 9))
        #expect(!reads(10, at: 10))
        #expect(!reads(nil, "suspended", at: 5))
        #expect(!Self.reading(role: "management", status: "disabled").reads(.public))
    }

    @Test("a decision holds until a time comes at which a right ends, and no longer (DOM-232)")
    func epochs() {
        func policy(_ endedAt: Int64) -> Policy {
            Policy(
                users: [Fields](),
                roles: [Self.fields { $0.set(Role.code, "qa") }],
                memberships: [
                    Self.fields { values in
                        values.set(Membership.user, Self.anna)
                        values.set(Membership.role, "qa")
                        values.set(Membership.effectiveFrom, "2025-01-01")
                        values.set(Membership.endedAt, endedAt)
                    }
                ]
            )
        }
        let held = policy(10)
        var last: (epoch: Int, reading: Reading)?
        var changes = 0
        for time in Int64(0)..<20 {
            let occasion = Occasion(day: "2025-11-21", milliseconds: time)
            let reading = held.reading(of: Self.anna, at: occasion)
            let epoch = held.epoch(of: Self.anna, at: occasion)
            if let last, last.epoch == epoch { #expect(last.reading == reading, "\(time)") }
            if let last, last.reading != reading { changes += 1 }
            last = (epoch, reading)
        }
        #expect(changes == 1)
    }

    @Test(
        "FP-006: what administers the tenant is of admin or management, at the level that it says"
    )
    func administration() {
        let administrative: [Act] = [
            .manageUsers, .grantRoles, .grantRights, .setSecrets, .delegateForOthers,
            .importRecords, .grantNumbers, .manageRetention, .defineApproval,
        ]
        for act in administrative {
            for entry in RoleCatalogue.entries {
                let standing = Standing(user: Self.anna, levels: [entry.code: 3])
                let isAllowed = standing.decide(act).isAllowed
                if isAllowed { #expect(["admin", "management"].contains(entry.code), "\(act)") }
            }
            let admin = Standing(user: Self.anna, levels: ["admin": 1])
            #expect(admin.decide(act).isAllowed, "\(act)")
        }
    }

    @Test("FP-007: templates are read by every member and defined by admin and management alone")
    func templates() {
        for entity in [WorkflowDefinition.entity, WorkflowStage.entity, WorkflowSubStage.entity] {
            let rule = ReadingRules.standard[entity.number]
            #expect(Self.reading(role: "assembler").extent(of: rule) == .all)
            #expect(Self.reading(role: nil).extent(of: rule) == .none)
            #expect(entity.writer == .hub)
        }
        let definers = RoleCatalogue.entries.map(\.code).filter { code in
            Standing(user: Self.anna, levels: [code: 3]).decide(.defineWorkflow).isAllowed
        }
        #expect(Set(definers) == ["admin", "management"])
    }

    @Test("AD-002: ratings of vendors are read by every member of the tenant, and by nobody else")
    func ratings() {
        let rule = ReadingRules.standard[VendorRating.number]
        let vendor = Self.fields { $0.add(Domain.Company.kinds, [.text("vendor")]) }
        let rating = Reading.RowFacts(
            Fields([:]),
            by: Self.binh,
            company: Reading.CompanyFacts(vendor, by: Self.binh, orders: [])
        )
        #expect(Self.reading(role: "assembler").reads(rating, of: rule))
        #expect(!Self.reading(role: nil).reads(rating, of: rule))
    }
}
