import CRDT
import Domain
import Node
import Storage
import Testing

/// The catalogue of stages and the versions of workflows, at a hub.
@Suite("Workflow versions")
struct WorkflowVersionTests {
    private let firm: Firm
    private var hub: LocalNode { firm.hub.node }
    private let name = "Default Workflow"

    init() throws { firm = try Firm() }

    private func management() throws -> Actor { try firm.hub.actor("nguyen.van.a") }

    private func edit(_ version: Int64? = nil, _ fill: (inout WorkflowChange) -> Void) throws {
        var change = WorkflowChange()
        fill(&change)
        _ = try hub.editWorkflow(name, version: version, by: management(), change.apply)
    }

    private func seed(_ slug: String, version: Int64) throws -> SubStageSeed? {
        try hub.workflow(name, version: version).template.stages.flatMap(\.seeds)
            .first { $0.slug == slug }
    }

    @Test("FP-031 FP-032 FP-033 FP-051: the catalogue holds stages and sub-stages as rows")
    func catalogue() throws {
        let (stages, subStages) = try hub.read { view in
            (
                try view.records(of: WorkflowStage.entity, in: .tenant),
                try view.records(of: WorkflowSubStage.entity, in: .tenant)
            )
        }
        let names = WorkflowStage.entity.fields.map(\.name)
        let subNames = WorkflowSubStage.entity.fields.map(\.name)

        #expect(stages.count == 14 && subStages.count == 27)
        #expect(
            Set(names).isSuperset(of: [
                "name", "slug", "stage_order", "responsible_roles", "estimated_duration_days",
                "is_active",
            ])
        )
        #expect(
            Set(subNames).isSuperset(of: [
                "stage", "name", "slug", "sub_stage_order", "is_required", "requires_approval",
                "can_skip", "auto_advance", "responsible_roles", "estimated_duration_hours",
                "is_active",
            ])
        )
        #expect(Set(stages.compactMap { $0.fields.text(WorkflowStage.slug) }).count == 14)
        #expect(stages.allSatisfy { !$0.fields.texts(WorkflowStage.responsibleRoles).isEmpty })
        // Another row of the same slug is the same row.
        let again = try hub.put(StageEdit("production"), by: management())
        #expect(again.isEmpty)
    }

    @Test("FP-052: a stage is created and changed at the hub, and by nobody else")
    func stageService() throws {
        var edit = StageEdit("painting")
        (edit.name, edit.order, edit.days, edit.roles) = ("Painting", 7, 2, ["production"])
        #expect(try hub.put(edit, by: management()).new == ["workflow_stage": 1])
        edit = StageEdit("painting")
        edit.days = 3
        #expect(try hub.put(edit, by: management()).changed == ["workflow_stage": 1])
        #expect(try hub.put(edit, by: management()).isEmpty)

        let stage = try hub.stages().first { $0.slug == "painting" }
        #expect(stage?.name == "Painting" && stage?.days == 3 && stage?.roles == ["production"])
        let station = #expect(throws: CommandFault.self) {
            try firm.st1.node.put(edit, by: firm.st1.actor("nguyen.van.a"))
        }
        #expect(station?.reason == "hub-only")
    }

    @Test("FP-052: whoever may not define workflows is refused a change")
    func notAllowed() throws {
        var edit = StageEdit("painting")
        edit.name = "Painting"
        let refused = #expect(throws: RuleFault.self) {
            try hub.put(edit, by: firm.hub.actor("pham.thi.d"))
        }
        #expect(refused?.code == .notAllowed)
        #expect(try hub.stages().allSatisfy { $0.slug != "painting" })
    }

    @Test("FP-034 FP-038: the next version is a clone, numbered by the hub, edited, published")
    func versions() throws {
        #expect(try hub.cloneWorkflow(name, by: management()) == 2)
        #expect(try hub.workflows().map(\.state).sorted() == ["draft", "published", "published"])
        try edit { change in
            change.subStage = "assembly"
            change.approval = .yes
            change.hours = 16
        }
        #expect(try seed("assembly", version: 2)?.requiresApproval == true)
        #expect(try seed("assembly", version: 2)?.hours == 16)
        #expect(try seed("assembly", version: 1)?.requiresApproval == false)

        _ = try hub.publishWorkflow(name, by: management())
        let frozen = #expect(throws: RuleFault.self) {
            try edit(2) { $0.exclude = ["assembly"] }
        }
        #expect(frozen?.code == .published)
        #expect(try hub.cloneWorkflow(name, version: 1, by: management()) == 3)
        #expect(try seed("assembly", version: 3)?.requiresApproval == false)
    }

    @Test("FP-034: a draft is nobody's workflow; a published one is frozen by every command")
    func drafts() throws {
        let before = try hub.workflow(name, version: 1).template
        _ = try hub.cloneWorkflow(name, by: management())
        var new = NewProject("Bracket")
        new.workflow = name
        new.sites = ["HCM"]
        let first = try hub.project("\(hub.create(new, by: management()))")
        #expect(first.record.fields.integer(Project.definitionVersion) == 1)
        new.workflowVersion = 2
        #expect(throws: CommandFault.self) { try hub.create(new, by: management()) }

        let draft = try #require(try hub.workflows().first { $0.version == 2 })
        let text = try hub.exportWorkflow(name, version: 2)
        #expect(text.contains("\"published\" : false") && !draft.isPublished)
        for change in [
            { (change: inout WorkflowChange) in change.exclude = ["packaging"] },
            { change in change.criteriaHold = .yes },
            { change in change.moves = ["quoted=production"] },
        ] {
            #expect(throws: RuleFault.self) { try edit(1, change) }
        }
        #expect(try hub.workflow(name, version: 1).template == before)
    }

    @Test("FP-035 FP-036: inclusion and every override of stage and sub-stage are of the version")
    func overrides() throws {
        _ = try hub.cloneWorkflow(name, by: management())
        try edit { change in
            change.stage = "production"
            change.order = 20
            change.days = 9
            change.approval = .yes
            change.roles = ["production_manager"]
            change.criteria = ["packed=It is packed"]
            change.documents = ["qa_report=2"]
        }
        try edit { change in
            change.subStage = "packaging"
            change.order = 0
            change.roles = ["logistics"]
            change.approval = .no
            change.skip = .yes
            change.autoAdvance = .yes
            change.hours = 4
        }
        try edit { change in
            change.exclude = [
                "assembly", "quoted", "cost_analysis", "quote_preparation", "internal_approval",
                "quote_sent",
            ]
        }
        let template = try hub.workflow(name, version: 2).template
        let stage = try #require(template["production"])

        #expect(template.stages.last?.slug == "production" && template["quoted"] == nil)
        #expect(stage.days == 9 && stage.roles == ["production_manager"])
        #expect(stage.seeds.map(\.slug) == ["packaging", "production_setup", "quality_testing"])
        #expect(stage.seeds.map(\.requiresApproval) == [false, true, true])
        let packaging = stage.seeds[0]
        #expect(packaging.canSkip && packaging.autoAdvance && packaging.hours == 4)
        #expect(packaging.roles == ["logistics"])
        #expect(stage.criteria.map(\.key) == ["packed"])
        #expect(stage.documents.map(\.count) == [2])
    }

    @Test("FP-036 C-18: null takes the catalogue's value again; a regulated approval stays")
    func backToCatalogue() throws {
        _ = try hub.cloneWorkflow(name, by: management())
        #expect(try seed("quality_testing", version: 2)?.requiresApproval == true)
        try edit { change in
            change.subStage = "quality_testing"
            change.approval = .catalogue
        }
        #expect(try seed("quality_testing", version: 2)?.requiresApproval == false)

        try regulate("quality_testing")
        let refused = #expect(throws: CommandFault.self) {
            try edit { change in
                change.subStage = "quality_testing"
                change.approval = .no
            }
        }
        #expect(refused?.message.contains("regulated") == true)
        #expect(try seed("quality_testing", version: 2)?.requiresApproval == true)
    }

    /// Says of a sub-stage of the catalogue that its approval stays.
    private func regulate(_ slug: String) throws {
        _ = try hub.act(.machine) { acting in
            let record = try acting.view.records(of: WorkflowSubStage.entity, in: .tenant)
                .first { $0.fields.text(WorkflowSubStage.slug) == slug }
            let fields = [WorkflowSubStage.requiresApproval, WorkflowSubStage.isRegulated]
            let edits = fields.map { field in
                FieldEdit(field, .write(.bool(true), replacing: record?.names(field) ?? []))
            }
            var draft = Draft()
            let target = Operation.Target.existing(record?.id ?? .zero)
            draft.add(Operation(WorkflowSubStage.number, target, edits: edits), in: .tenant)
            return draft
        }
    }

    @Test("FP-040: the firm's default has all its stages and sub-stages; a retired one takes none")
    func defaultWorkflow() throws {
        let template = try hub.workflow(name, version: 1).template
        #expect(template.stages.count == 8)
        #expect(template.stages.flatMap(\.seeds).count { $0.isRequired } == 27)
        // Two are active: one has to be named.
        var new = NewProject("Bracket")
        new.sites = ["HCM"]
        #expect(throws: CommandFault.self) { try hub.create(new, by: management()) }
        try hub.setActive(false, workflow: "Manufacturing Workflow", by: management())
        let project = try hub.project("\(hub.create(new, by: management()))")
        #expect(project.record.fields.text(Project.definition) == name)
    }

    @Test(
        "FP-039 FP-078: no row of the catalogue or a workflow names a project; all reach stations"
    )
    func noProjects() throws {
        for entity in [WorkflowStage.entity, WorkflowSubStage.entity, WorkflowDefinition.entity] {
            #expect(entity.scopes == [.tenant] && entity.writer == .hub)
            #expect(!entity.fields.contains { $0.name.contains("project") })
        }
        for entity in [
            Project.entity, StageAdvance.entity, ProgressStep.entity, ApprovalRequest.entity,
            SubStageNote.entity, CriterionCheck.entity,
        ] {
            #expect(entity.scopes == [.subject])
        }
        #expect(
            try firm.st3.node.workflow(name).template == hub.workflow(name).template
        )
    }
}
