import CRDT
import Domain
import Testing

/// The right that a hub asks for of each kind of record that a station may write.
@Suite("Rights of operations")
struct RequiredActTests {
    private static let user = ID(high: 5, low: 5)

    private static let open = Catalogue.schema.entities.filter { $0.writer == .anyDevice }

    /// A record of a kind as somebody could write it, with every field that a station may set.
    private static func operation(_ entity: Entity, _ target: Operation.Target) -> Operation {
        var values = FieldValues()
        for field in entity.fields {
            switch (field.merge, field.kind) {
            case (.authority, _), (.map, _), (.counter, _): break
            case (.set, _): values.add(field.number, [.id(user)])
            case (_, .id): values.set(field.number, user)
            case (_, .integer): values.set(field.number, 1 as Int64)
            case (_, .bool): values.set(field.number, true)
            case (_, .bytes): values[field.number] = .bytes([1])
            case (_, .text): values.set(field.number, field.name == "action" ? "start" : "word")
            default: break
            }
        }
        return Operation(entity.number, target, edits: values.edits)
    }

    @Test("DOM-290: every kind that a station may write has a right, or is named as having none")
    func complete() {
        for entity in Self.open {
            let target: Operation.Target = entity.isEvent ? .event : .natural(Self.user)
            let required = RequiredAct(Self.operation(entity, target), by: Self.user)
            #expect(
                (required != nil) != RequiredAct.unasked.contains(entity.number),
                "\(entity.name): say what right it needs, or that it needs none"
            )
            guard !entity.isEvent, required != nil else { continue }
            let edit = Self.operation(entity, .existing(Self.user))
            #expect(RequiredAct(edit, by: Self.user) != nil, "an edit of \(entity.name)")
        }
    }

    @Test("DOM-290: what only hubs write, and a kind of a newer version, asks for nothing")
    func hubs() {
        for entity in Catalogue.schema.entities where entity.writer == .hub {
            let operation = Self.operation(entity, entity.isEvent ? .event : .natural(Self.user))
            #expect(RequiredAct(operation, by: Self.user) == nil, "\(entity.name)")
        }
        #expect(RequiredAct(Operation(9_999, .event, edits: []), by: Self.user) == nil)
    }

    @Test("DOM-290: a criterion, a signature and preferences in another's name are for nobody")
    func otherNames() {
        let other = ID(high: 6, low: 6)
        let check = CriterionCheck("tested", of: "delivery", isMet: true, by: other).operation()
        let signature = Evidence(inspection: other, item: 1, .signature(by: other, of: []))
            .operation()
        for operation in [check, signature] {
            #expect(RequiredAct(operation, by: Self.user)?.context == .inAnotherName)
            #expect(RequiredAct(operation, by: other)?.context == RequiredAct.Context.none)
        }
        let photo = Evidence(inspection: other, item: 1, .photo([1], name: nil)).operation()
        #expect(RequiredAct(photo, by: Self.user)?.context == RequiredAct.Context.none)
    }

    @Test("DOM-290: the fields that are written say which right it is, and several may do")
    func fields() {
        func edit(_ entity: UInt32, _ fields: UInt32...) -> [Act] {
            let edits = fields.map { FieldEdit($0, .write(.text("x"), replacing: [])) }
            let operation = Operation(entity, .existing(Self.user), edits: edits)
            return RequiredAct(operation, by: Self.user)?.acts ?? []
        }
        #expect(edit(SubStageNote.number, SubStageNote.assignedTo) == [.assignSubStage])
        #expect(edit(SubStageNote.number, SubStageNote.metadata) == [.noteSubStage])
        #expect(edit(WorkTask.number, WorkTask.notes) == [.holdTask, .planTasks])
        #expect(edit(WorkTask.number, WorkTask.title).first == .planTasks)
        #expect(edit(WorkTask.number, WorkTask.notes, WorkTask.title).first == .planTasks)
        #expect(edit(Domain.Company.number, Domain.Company.primaryContact).first == .editContact)
        #expect(edit(Domain.Company.number, Domain.Company.name).first == .editCompany)
        #expect(edit(Project.number, Project.title) == [.editProject, .importRecords])
        #expect(edit(Inspection.number, Inspection.result) == [.settleMeasurement])
    }
}
