import CRDT
import Domain
import Foundation
import Testing

/// The sample firm of `fixtures/factory-pulse`, as records of the catalogue.
struct Company {
    struct File: Decodable {
        struct Site: Decodable {
            let id, code, name, timezone: String
        }

        struct Role: Decodable {
            let code, name: String
            let parent: String?
        }

        struct Membership: Decodable {
            let role, effective_from: String
            let level: Int64
        }

        struct User: Decodable {
            let id, username, display_name: String
            let manager: String?
            let memberships: [Membership]
        }

        let slug: String
        let sites: [Site]
        let roles: [Role]
        let users: [User]
    }

    struct Workflows: Decodable {
        struct Stage: Decodable {
            let slug, name: String
            let order: Int64
            let days: Int64?
            let roles: [String]
        }

        struct SubStage: Decodable {
            let slug, stage, name: String
            let order: Int64
            let roles: [String]
        }

        struct Part: Decodable {
            let slug: String
            let requires_approval: Bool?
        }

        struct Definition: Decodable {
            let name: String
            let version: Int64
            let stages, sub_stages: [Part]
        }

        let stages: [Stage]
        let sub_stages: [SubStage]
        let definitions: [Definition]
    }

    struct Quality: Decodable {
        struct Item: Decodable {
            let item: Int64
            let title: String
            let is_required: Bool
            let unit, low, high: String?
        }

        let code: String
        let items: [Item]
    }

    struct Projects: Decodable {
        struct Project: Decodable {
            let id, number, title, definition: String
            let definition_version: Int64
        }

        let projects: [Project]
    }

    let file: File
    let workflows: Workflows
    let projects: Projects
    let items: [ItemDefinition]

    init() throws {
        file = try Self.read("company")
        workflows = try Self.read("workflows")
        projects = try Self.read("projects")
        items = try (Self.read("quality") as Quality).items.map { item in
            ItemDefinition(
                item: item.item,
                title: item.title,
                isRequired: item.is_required,
                unit: item.unit,
                tolerance: Tolerance(
                    low: try item.low.map(DecimalNumber.init(typed:)),
                    high: try item.high.map(DecimalNumber.init(typed:))
                )
            )
        }
    }

    /// The package this file stands in.
    static var top: URL {
        URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    private static func read<Content: Decodable>(_ name: String) throws -> Content {
        let url = top.appending(path: "fixtures/factory-pulse/\(name).json")
        return try JSONDecoder().decode(Content.self, from: Data(contentsOf: url))
    }

    /// What a person may do at any site; nothing for a name that is not in the file.
    func standing(_ username: String) -> Standing {
        let user = file.users.first { $0.username == username }
        let memberships = (user?.memberships ?? []).map { membership in
            Fields([
                Membership.user: .id(userID(username)),
                Membership.role: .text(membership.role),
                Membership.level: .integer(membership.level),
                Membership.effectiveFrom: .text(membership.effective_from),
            ])
        }
        let roles = file.roles.map { role in
            Fields([
                Role.code: .text(role.code), Role.parent: role.parent.map(Value.text) ?? .null,
            ])
        }
        return Standing(
            user: userID(username),
            memberships: memberships,
            roles: roles,
            on: "2026-11-21",
            at: nil
        )
    }

    func userID(_ username: String) -> ID {
        file.users.first { $0.username == username }.flatMap { ID(text: $0.id) } ?? .zero
    }

    /// A workflow of the file.
    func template(_ name: String) -> WorkflowTemplate? {
        guard let definition = workflows.definitions.first(where: { $0.name == name }) else {
            return nil
        }
        let stages = workflows.stages.map { stage in
            Fields(
                [
                    WorkflowStage.slug: .text(stage.slug),
                    WorkflowStage.order: .integer(stage.order),
                    WorkflowStage.estimatedDays: stage.days.map(Value.integer) ?? .null,
                ],
                sets: [WorkflowStage.responsibleRoles: Set(stage.roles.map(Value.text))]
            )
        }
        let subStages = workflows.sub_stages.map { subStage in
            Fields(
                [
                    WorkflowSubStage.slug: .text(subStage.slug),
                    WorkflowSubStage.stage: .text(subStage.stage),
                    WorkflowSubStage.order: .integer(subStage.order),
                ],
                sets: [WorkflowSubStage.responsibleRoles: Set(subStage.roles.map(Value.text))]
            )
        }
        return WorkflowTemplate(fields(of: definition), stages: stages, subStages: subStages)
    }

    private func fields(of definition: Workflows.Definition) -> Fields {
        Fields(
            [
                WorkflowDefinition.name: .text(definition.name),
                WorkflowDefinition.version: .integer(definition.version),
            ],
            sets: [
                WorkflowDefinition.stages: Set(
                    definition.stages.map { WorkflowDefinition.StagePart($0.slug).value }
                ),
                WorkflowDefinition.subStages: Set(
                    definition.sub_stages.map {
                        WorkflowDefinition.SubStagePart(
                            $0.slug,
                            requiresApproval: $0.requires_approval
                        ).value
                    }
                ),
            ]
        )
    }
}

@Suite("Sample company")
struct CompanyTests {
    @Test("it is whole: every role, manager, stage and sub-stage that is named exists")
    func whole() throws {
        let company = try Company()
        let roles = Set(company.file.roles.map(\.code))
        let users = Set(company.file.users.map(\.id))
        let stages = Set(company.workflows.stages.map(\.slug))
        let subStages = Set(company.workflows.sub_stages.map(\.slug))

        #expect(company.file.users.count == 13)
        #expect(company.file.sites.map(\.code) == ["HCM", "HAN"])
        #expect(subStages.count == 27)
        #expect(roles.isSuperset(of: company.file.roles.compactMap(\.parent)))
        #expect(users.isSuperset(of: company.file.users.compactMap(\.manager)))
        #expect(roles.isSuperset(of: company.file.users.flatMap(\.memberships).map(\.role)))
        #expect(roles.isSuperset(of: company.workflows.sub_stages.flatMap(\.roles)))
        #expect(roles.isSuperset(of: company.workflows.stages.flatMap(\.roles)))
        #expect(stages.isSuperset(of: company.workflows.sub_stages.map(\.stage)))
        for definition in company.workflows.definitions {
            #expect(stages.isSuperset(of: definition.stages.map(\.slug)))
            #expect(subStages.isSuperset(of: definition.sub_stages.map(\.slug)))
            #expect(company.template(definition.name)?.stages.count == 8)
        }
        let ids = company.file.users.map(\.id) + company.file.sites.map(\.id)
        #expect(ids.allSatisfy { ID(text: $0) != nil })
        #expect(company.projects.projects.map(\.number) == ["PRJ-000123"])
    }
}
