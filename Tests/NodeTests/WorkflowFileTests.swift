import CRDT
import Domain
import Foundation
import Node
import Simulation
import Storage
import Testing

/// The workflows that ship as files, and how a firm brings in its own.
@Suite("Workflow files")
struct WorkflowFileTests {
    private let firm: Firm
    private var hub: LocalNode { firm.hub.node }
    private static let folder = "\(Sources.top)/fixtures/workflows"

    init() throws { firm = try Firm() }

    private func management() throws -> Actor { try firm.hub.actor("nguyen.van.a") }

    @discardableResult
    private func take(_ file: String, isDryRun: Bool = false) throws -> WorkflowImport {
        try hub.importWorkflows("\(Self.folder)/\(file)", isDryRun: isDryRun, by: management())
    }

    private func file(_ text: String) throws -> String {
        let path = firm.hub.simulated.place.directory + "/workflow.json"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func refusal(_ text: String) throws -> CommandFault? {
        let path = try file(text)
        return #expect(throws: CommandFault.self) {
            try hub.importWorkflows(path, by: management())
        }
    }

    @Test("FP-050 C-11: the listed sub-stages are 27, three or four to each of eight stages")
    func twentySeven() throws {
        try take("factory-pulse.json")
        let template = try hub.workflow("Default Workflow", version: 2).template

        #expect(template.stages.map(\.seeds.count) == [3, 3, 3, 4, 3, 3, 4, 4])
        #expect(template.stages.reduce(0) { $0 + $1.seeds.count } == 27)
        #expect(Set(template.stages.flatMap(\.seeds).map(\.slug)).count == 27)
    }

    /// Sub-stages with their roles, decisions, exit criteria (C-14).
    @Test("FP-041 FP-042 FP-043 FP-044 FP-045 FP-046 FP-047 FP-048: each stage is as listed")
    func stages() throws {
        try take("factory-pulse.json")
        let template = try hub.workflow("Default Workflow", version: 2).template
        let listed = Self.listed
        #expect(template.stages.map(\.slug) == listed.map(\.stage))
        for (row, stage) in zip(listed, template.stages) {
            let note = Comment(rawValue: row.requirement)
            #expect(stage.seeds.map(\.slug) == row.subStages.map(\.0), note)
            #expect(stage.seeds.map(\.roles) == row.subStages.map(\.1), note)
            #expect(stage.criteria.count { $0.kind == .decision } == row.decisions, note)
            #expect(stage.criteria.count { $0.kind == .exit } == row.exits, note)
            #expect(stage.documents.count == row.documents, note)
            #expect(stage.documents.allSatisfy { $0.count >= 1 }, note)
        }
    }

    @Test("FP-049 C-10: the other list has its eight stages with roles and days, 56 in all")
    func manufacturing() throws {
        try take("factory-pulse-manufacturing.json")
        let template = try hub.workflow("Manufacturing Workflow", version: 2).template

        #expect(
            template.stages.map(\.slug) == [
                "inquiry_received", "technical_review", "quote_preparation", "customer_approval",
                "production_planning", "manufacturing", "quality_control", "delivery_installation",
            ]
        )
        #expect(template.stages.map(\.order) == Array(1...8))
        #expect(template.stages.compactMap(\.days) == [1, 3, 5, 2, 7, 30, 5, 3])
        #expect(template.stages.compactMap(\.days).reduce(0, +) == 56)
        #expect(template.stages[5].roles == ["production", "qa"])
        #expect(template.stages.allSatisfy { $0.seeds.isEmpty })
    }

    @Test("DOM-123: an order goes through its phases by the moves of the file, and by no other")
    func order() throws {
        try take("torvan-order.json")
        let template = try hub.workflow("TORVAN order").template
        let phases = template.stages.map { $0.slug.dropFirst(6).uppercased() }
        let allowed = Set(
            template.moves.map { "\($0.from.dropFirst(6).uppercased())>\($0.to)" }
                .map { $0.replacing("order_", with: "").uppercased() }
        )

        #expect(
            phases == [
                "DRAFT", "CONFIGURATION", "APPROVAL", "PRODUCTION", "QUALITY_CONTROL", "PACKAGING",
                "SHIPPING", "DELIVERED",
            ]
        )
        #expect(
            allowed == [
                "DRAFT>CONFIGURATION", "DRAFT>CANCELLED", "CONFIGURATION>APPROVAL",
                "CONFIGURATION>DRAFT", "CONFIGURATION>CANCELLED", "APPROVAL>PRODUCTION",
                "APPROVAL>CONFIGURATION", "APPROVAL>CANCELLED", "PRODUCTION>QUALITY_CONTROL",
                "PRODUCTION>CONFIGURATION", "PRODUCTION>CANCELLED", "QUALITY_CONTROL>PACKAGING",
                "QUALITY_CONTROL>PRODUCTION", "PACKAGING>SHIPPING", "PACKAGING>QUALITY_CONTROL",
                "SHIPPING>DELIVERED", "SHIPPING>PACKAGING",
            ]
        )
        #expect(template.subjectType == "order")
    }

    @Test("a production advance goes through its states, back too, and is cancelled aside")
    func advance() throws {
        try take("production-advance.json")
        let template = try hub.workflow("Production advance").template
        let statuses = template.stages.compactMap(\.status)

        #expect(statuses == ["draft", "in_progress", "pending_approval", "approved", "completed"])
        #expect(template.subjectType == "production_advance")
        let back = template.move(from: "advance_pending_approval", to: "advance_in_progress")
        #expect(back != nil)
        #expect(template.move(from: "advance_draft", to: "advance_approved") == nil)
        #expect(template.move(from: "advance_completed", to: "cancelled") == nil)
    }

    @Test(
        "importing again changes nothing, and a dry run nothing at all",
        arguments: [
            "factory-pulse.json", "factory-pulse-manufacturing.json", "torvan-order.json",
            "production-advance.json",
        ]
    )
    func idempotent(name: String) throws {
        let before = try hub.store.digests().map(\.hash)
        let dry = try take(name, isDryRun: true)
        #expect(try hub.store.digests().map(\.hash) == before)

        let first = try take(name)
        let digests = try hub.store.digests().map(\.hash)
        let again = try take(name)

        #expect(dry == first && !first.isEmpty)
        #expect(again.isEmpty)
        #expect(try hub.store.digests().map(\.hash) == digests)
    }

    @Test("what is exported imports as the same, and at another firm makes the same workflow")
    func roundTrip() throws {
        for (name, file) in [
            ("Default Workflow", "factory-pulse.json"), ("TORVAN order", "torvan-order.json"),
        ] {
            try take(file)
            let text = try hub.exportWorkflow(name)
            #expect(try hub.importWorkflows(self.file(text), by: management()).isEmpty)
            let other = try Firm(seed: 9)
            let actor = try other.hub.actor("nguyen.van.a")
            _ = try other.hub.node.importWorkflows(self.file(text), by: actor)
            #expect(try other.hub.node.workflow(name).template == hub.workflow(name).template)
        }
    }

    @Test("one bad row refuses the file, with the reasons of every such row; nothing is written")
    func badRows() throws {
        let before = try hub.store.digests().map(\.hash)
        let fault = try refusal(
            """
            {"stages": [{"slug": "a b", "name": " "}, {"slug": "ok", "name": "Fine"},
              {"slug": "c", "name": "C", "roles": ["wizard"]}],
             "sub_stages": [{"stage": "nowhere", "name": "X"}],
             "definitions": [{"name": "W", "version": 0, "stages": [{"slug": "gone"},
               {"slug": "ok", "documents": [{"category": "po", "count": 0}]}, {"slug": "ok"}],
               "moves": [{"from": "ok", "to": "where"}]}]}
            """
        )
        let lines = (fault?.message ?? "").split(separator: "\n")

        #expect(fault?.code == .badInput)
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("stages 1 (a b): ") && lines[0].contains("; "))
        #expect(lines[1] == "stages 3 (c): there is no role wizard")
        #expect(lines[2].hasPrefix("sub_stages 1 (nowhere_x): there is no stage nowhere"))
        for reason in [
            "versions begin at 1", "no stage gone", "stage ok stands twice", "where is none",
            "at least one document",
        ] {
            #expect(lines[3].contains(reason), "\(reason)")
        }
        #expect(try hub.store.digests().map(\.hash) == before)
    }

    @Test("what is no such file is named", arguments: ["", "{", "[]", "{\"stages\": [{}]}"])
    func notAFile(text: String) throws {
        #expect(try refusal(text)?.code == .badInput)
    }

    @Test("FP-065 C-65: a sub-stage without a slug is called by its stage and its name")
    func slugs() throws {
        _ = try hub.importWorkflows(
            file(
                """
                {"stages": [{"slug": "paint", "name": "Paint"}],
                 "sub_stages": [{"stage": "paint", "name": "2nd Coat & Dry"}]}
                """
            ),
            by: management()
        )
        let slugs = try hub.read { try $0.records(of: WorkflowSubStage.entity, in: .tenant) }
            .compactMap { $0.fields.text(WorkflowSubStage.slug) }
        #expect(slugs.contains("paint_2nd_coat_dry"))
    }
}

extension WorkflowFileTests {
    /// What 000 lists of a stage: its sub-stages with their roles, decisions, exit criteria.
    private struct Listed {
        let requirement: String
        let stage: String
        let subStages: [(String, [String])]
        let decisions: Int
        let exits: Int
        let documents: Int
    }

    /// What 000 lists.
    private static let listed = [
        Listed(
            requirement: "FP-041",
            stage: "inquiry_received",
            subStages: [
                ("rfq_review", ["sales"]), ("feasibility_check", ["engineering"]),
                ("customer_clarification", ["sales"]),
            ],
            decisions: 2,
            exits: 3,
            documents: 3
        ),
        Listed(
            requirement: "FP-042",
            stage: "technical_review",
            subStages: [
                ("engineering_review", ["engineering"]), ("qa_review", ["qa"]),
                ("production_review", ["production"]),
            ],
            decisions: 2,
            exits: 2,
            documents: 3
        ),
        Listed(
            requirement: "FP-043",
            stage: "supplier_rfq_sent",
            subStages: [
                ("supplier_identification", ["procurement"]),
                ("rfq_preparation", ["procurement"]), ("response_collection", ["procurement"]),
            ],
            decisions: 1,
            exits: 2,
            documents: 2
        ),
        Listed(
            requirement: "FP-044",
            stage: "quoted",
            subStages: [
                ("cost_analysis", ["engineering", "finance"]), ("quote_preparation", ["sales"]),
                ("internal_approval", ["finance", "management"]), ("quote_sent", ["sales"]),
            ],
            decisions: 2,
            exits: 1,
            documents: 2
        ),
        Listed(
            requirement: "FP-045",
            stage: "order_confirmed",
            subStages: [
                ("po_review", ["finance", "sales"]), ("contract_finalization", ["management"]),
                ("order_acknowledgement", ["sales"]),
            ],
            decisions: 2,
            exits: 2,
            documents: 2
        ),
        Listed(
            requirement: "FP-046",
            stage: "procurement_planning",
            subStages: [
                ("bom_finalization", ["engineering"]),
                ("purchase_order_creation", ["procurement"]),
                ("supplier_confirmation", ["procurement"]),
            ],
            decisions: 1,
            exits: 1,
            documents: 2
        ),
        Listed(
            requirement: "FP-047",
            stage: "production",
            subStages: [
                ("production_setup", ["production"]), ("assembly", ["production"]),
                ("quality_testing", ["qa"]), ("packaging", ["logistics", "production"]),
            ],
            decisions: 2,
            exits: 3,
            documents: 4
        ),
        Listed(
            requirement: "FP-048",
            stage: "completed",
            subStages: [
                ("final_inspection", ["qa"]), ("shipping", ["logistics"]),
                ("delivery_confirmation", ["logistics", "sales"]),
                ("project_closure", ["management"]),
            ],
            decisions: 1,
            exits: 3,
            documents: 4
        ),
    ]
}
