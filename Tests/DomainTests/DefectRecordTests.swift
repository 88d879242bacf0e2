import CRDT
import Domain
import Testing

/// What is written of a defect (DOM-85).
@Suite("Defect records")
struct DefectRecordTests {
    @Test("TV-128 a defect is checked before it is written, and reads as written")
    func definitions() throws {
        var defect = DefectDefinition("D-1", description: "scratch on the left panel")
        defect.category = "surface"
        defect.inspection = id(900)
        defect.item = 2
        defect.build = "B-2025-0007"
        defect.location = "panel"
        defect.coordinates = try ["1.5", "0", "-2"].map(DecimalNumber.init(typed:))
        defect.affectsAppearance = true
        defect.customerVisible = false
        defect.containment = "set aside"
        defect.rootCause = "worn jig"
        defect.correctiveAction = "new jig"
        defect.preventiveAction = "check weekly"
        defect.assignedTo = id(3)
        defect.due = "2026-12-01"
        let operation = Operation(Defect.number, .natural(id(1)), edits: defect.values.edits)
        #expect(DefectDefinition(Fields(of: operation)) == defect)

        let worker = Standing(user: id(7), levels: ["production": 1])
        func fault(
            _ change: (inout DefectDefinition) -> Void,
            by person: Standing
        ) -> RuleFault.Code? {
            var changed = defect
            change(&changed)
            do throws(RuleFault) {
                try DefectRules.check(changed, by: person)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(fault({ _ in }, by: worker) == nil)
        #expect(fault({ $0.due = "tomorrow" }, by: worker) == .notADay)
        #expect(fault({ $0.coordinates.removeLast() }, by: worker) == .outOfRange)
        #expect(fault({ $0.category = " " }, by: worker) == .empty)
        let long = String(repeating: "x", count: 16_385)
        #expect(fault({ $0.rootCause = long }, by: worker) == .tooLong)
        #expect(
            fault({ $0 = DefectDefinition("D-2", description: "") }, by: worker)
                == .reasonRequired
        )
        #expect(fault({ _ in }, by: Standing(user: id(7), levels: [:])) == .notAllowed)
    }
}
