import CRDT
import Domain
import SeededRandom
import Testing

@Suite("Companies")
struct CompanyRuleTests {
    @Test(
        "TV-009: an e-mail address has a local part, a domain, a point and two letters (DOM-160)",
        arguments: [
            ("minh.nguyen@technova.vn", true), ("A+b_c%d-e@x.CO", true), ("a@b.co.uk", true),
            ("a@b.c", false), ("@b.vn", false), ("a@.vn", false), ("a b@c.vn", false),
            ("a@b", false), ("a@b.v1", false), ("a@@b.vn", false), ("a@b.vn ", false),
            ("ä@b.vn", false), (String(repeating: "a", count: 250) + "@b.vn", false), ("", false),
        ]
    )
    func email(text: String, isAddress: Bool) throws {
        #expect(((try? EmailAddress(typed: text)) != nil) == isAddress)
    }

    @Test("TV-009: addresses are compared without case, and kept as typed")
    func emailCase() throws {
        let (one, other) = (
            try EmailAddress(typed: "A.B@C.vn"), try EmailAddress(typed: "a.b@c.VN")
        )

        #expect(one == other && Set([one, other]).count == 1)
        #expect(one.text == "A.B@C.vn")
    }

    @Test("AD-008: companies are one kind of record, and vendor is one of its kinds, as a set")
    func oneTable() {
        let names = Catalogue.schema.entities.map(\.name)

        #expect(!names.contains { ["vendor", "customer", "supplier"].contains($0) })
        #expect(Domain.Company.entity.field(Domain.Company.kinds)?.merge == .set)
        #expect(Domain.Company.allKinds.contains("vendor"))
    }

    @Test("AD-010: of what the three systems call alike there is one kind of record each")
    func oneEntityPerConcept() {
        for name in ["company", "contact", "project", "user", "role", "task", "qc_defect"] {
            #expect(Catalogue.schema.entities.filter { $0.name == name }.count == 1, "\(name)")
        }
    }

    @Test("TV-023, TV-024: customer types and statuses are those of the lists, and no others")
    func words() throws {
        for type in ["HEALTHCARE", "LABORATORY", "VETERINARY", "RESEARCH", "OTHER"] {
            try CompanyRules.check(type, in: Domain.Company.customerType, of: Domain.Company.entity)
        }
        for status in ["ACTIVE", "INACTIVE", "PROSPECT", "SUSPENDED"] {
            try CompanyRules.check(status, in: Domain.Company.status, of: Domain.Company.entity)
        }
        let fault = #expect(throws: RuleFault.self) {
            try CompanyRules.check(
                "DENTAL",
                in: Domain.Company.customerType,
                of: Domain.Company.entity
            )
        }
        #expect(fault?.code == .unknownValue)
        #expect(throws: RuleFault.self) {
            try CompanyRules.check("GONE", in: Domain.Company.status, of: Domain.Company.entity)
        }
    }

    @Test("TV-022: number, status, acceptance and merger do not count where a station writes them")
    func authority() {
        var values = FieldValues()
        values.set(Domain.Company.company, id(1))
        values.set(Domain.Company.name, "Acme")
        values.set(Domain.Company.humanNumber, "C-1")
        values.set(Domain.Company.status, "ACTIVE")
        values.set(Domain.Company.isAccepted, true)
        values.set(Domain.Company.mergedInto, id(2))
        values.set(Domain.Company.creditLimit, Int64(5))
        let creation = Operation(Domain.Company.number, .natural(id(9)), edits: values.edits)

        let counted = Catalogue.schema.counted(
            creation,
            in: Domain.Company.directory,
            isHub: false,
            naturalID: { _, _ in id(9) }
        )

        guard case .counts(let rest) = counted else {
            Issue.record("\(counted)")
            return
        }
        #expect(rest.edits.map(\.field) == [Domain.Company.company, Domain.Company.name])
    }

    @Test("FP-024: the type of a contact follows from what its company is (DOM-158)")
    func contactTypes() {
        #expect(Contact.type(ofCompanyOf: ["vendor", "customer"]) == "customer")
        #expect(Contact.type(ofCompanyOf: ["supplier"]) == "supplier")
        #expect(Contact.type(ofCompanyOf: ["vendor"]) == "supplier")
        #expect(Contact.type(ofCompanyOf: []) == "internal")
    }

    @Test("TV-025: an address is validated while its lines are those that were checked (DOM-157)")
    func validatedAddress() {
        let lines = Value.list([.null, .text("12 Nguyen Hue")])
        let other = Value.list([.null, .text("13 Nguyen Hue")])
        let checked = Fields([CompanyAddress.lines: lines, CompanyAddress.validated: lines])
        let moved = Fields([CompanyAddress.lines: other, CompanyAddress.validated: lines])

        #expect(CompanyAddress.isValidated(checked))
        #expect(!CompanyAddress.isValidated(moved))
        #expect(!CompanyAddress.isValidated(Fields([:])))
    }

    @Test("FP-029: an intake names a customer or a company (DOM-162)")
    func intake() throws {
        try CompanyRules.checkIntake(customer: "C-1", companyName: nil)
        try CompanyRules.checkIntake(customer: " ", companyName: "Acme")
        for (customer, name) in [(nil, nil), ("", " "), (nil, "\t")] as [(String?, String?)] {
            let fault = #expect(throws: RuleFault.self) {
                try CompanyRules.checkIntake(customer: customer, companyName: name)
            }
            #expect(fault?.code == .empty)
        }
    }

    @Test("TV-163: INITIATED of older logs is STARTED; the statuses are those of the list")
    func importStatus() {
        #expect(ImportJob.Status(word: "INITIATED") == .started)
        #expect(
            ImportJob.Status.allCases.map(\.rawValue)
                == ["STARTED", "IN_PROGRESS", "SUCCESS", "WARNING", "ERROR", "ROLLBACK"]
        )
        #expect(ImportJob.Status(word: "DONE") == nil)
    }

    @Test("an import job is read as it was written (DOM-168)")
    func importJob() {
        var job = ImportJob("companies", file: "c.csv", content: [1, 2], .warning)
        job.rows = 7
        job.created = 3
        job.changed = 2
        job.unchanged = 1
        job.refused = 1
        job.errors = "row 3: a company has a name"
        job.startedAt = 10
        job.completedAt = 20

        #expect(ImportJob(Fields(of: job.operation())) == job)
    }
}

@Suite("Mergers of companies")
struct CompanyMergerTests {
    /// The rule of DOM-156, read aloud: step on until nothing follows or a company comes again.
    private func naive(_ company: ID, _ merged: [ID: ID]) -> ID {
        var visited = [company]
        while let next = merged[visited.last ?? company] {
            if visited.contains(next) { return next == company ? company : next }
            visited.append(next)
        }
        return visited.last ?? company
    }

    @Test("whoever names a merged company means the one it turned out to be (DOM-156)")
    func chain() {
        let mergers = CompanyMergers([id(1): id(2), id(2): id(3)])

        #expect(mergers.standing(for: id(1)) == id(3))
        #expect(mergers.standing(for: id(3)) == id(3))
        #expect(mergers.standing(for: id(9)) == id(9))
    }

    @Test("of a circle each stands for itself, whatever was merged first (DOM-156)")
    func circle() {
        let mergers = CompanyMergers([id(1): id(2), id(2): id(1), id(3): id(1), id(4): id(4)])

        #expect(mergers.standing(for: id(1)) == id(1))
        #expect(mergers.standing(for: id(2)) == id(2))
        #expect(mergers.standing(for: id(3)) == id(1))
        #expect(mergers.standing(for: id(4)) == id(4))
    }

    @Test("a second evaluator agrees on 2,000 random directories")
    func laws() {
        var random = SplitMix64(seed: 12)
        for _ in 0..<2_000 {
            var merged: [ID: ID] = [:]
            for company in UInt64(0)..<6 where random.next() % 2 == 0 {
                merged[id(company)] = id(random.next() % 6)
            }
            let mergers = CompanyMergers(merged)
            for company in UInt64(0)..<6 {
                #expect(mergers.standing(for: id(company)) == naive(id(company), merged))
            }
        }
    }

    @Test("a company is not merged twice, into itself, or into what was merged into it (DOM-161)")
    func rules() throws {
        let mergers = CompanyMergers([id(1): id(2)])
        try CompanyRules.check(merging: id(2), into: id(3), mergers)

        let twice = #expect(throws: RuleFault.self) {
            try CompanyRules.check(merging: id(1), into: id(3), mergers)
        }
        let back = #expect(throws: RuleFault.self) {
            try CompanyRules.check(merging: id(2), into: id(1), mergers)
        }
        let own = #expect(throws: RuleFault.self) {
            try CompanyRules.check(merging: id(3), into: id(3), mergers)
        }

        #expect(twice?.code == .wrongOrder)
        #expect(back?.code == .cycle && own?.code == .cycle)
    }
}
