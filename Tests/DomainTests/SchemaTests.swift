import CRDT
import Domain
import Testing

@Suite("Catalogue")
struct SchemaTests {
    private let entities = Catalogue.schema.entities

    @Test("numbers and names are unique, of entities and of the fields of each")
    func unique() {
        #expect(Set(entities.map(\.number)).count == entities.count)
        #expect(Set(entities.map(\.name)).count == entities.count)
        for entity in entities {
            #expect(Set(entity.fields.map(\.number)).count == entity.fields.count, "\(entity.name)")
            #expect(Set(entity.fields.map(\.name)).count == entity.fields.count, "\(entity.name)")
            #expect(!entity.fields.contains { $0.number == FieldEdit.deleted }, "\(entity.name)")
        }
    }

    @Test("key and stream fields exist and are fixed; of an event everything is fixed or a set")
    func fixed() {
        for entity in entities {
            let named: [UInt32]
            switch entity.form {
            case .entity(let key): named = key
            case .event(let stream):
                named = stream
                let merges = entity.fields.map(\.merge)
                #expect(merges.allSatisfy { [.fixed, .set, .authority].contains($0) })
            }
            for number in named {
                #expect(entity.field(number)?.merge == .fixed, "\(entity.name) \(number)")
            }
        }
    }

    @Test("what lies in the tenant scope alone, and statements, only hubs write; the rest anybody")
    func writers() {
        for entity in entities where HubStatement.isOne(entity.number) {
            #expect(entity.writer == .hub && entity.scopes == HubStatement.scopes)
        }
        for entity in entities where !HubStatement.isOne(entity.number) {
            #expect((entity.writer == .hub) == (entity.scopes == [.tenant]), "\(entity.name)")
        }
    }

    @Test("names are lower case, with underscores")
    func names() {
        let letters = Set("abcdefghijklmnopqrstuvwxyz_")
        for name in entities.flatMap({ [$0.name] + $0.fields.map(\.name) }) {
            #expect(name.allSatisfy(letters.contains), "\(name)")
        }
    }

    @Test("a decision that no hub wrote does not count (DOM-8)")
    func decisions() {
        let approval = ProgressStep("assembly", .approve(revision: nil)).operation()

        let byStation = Catalogue.schema.counted(
            approval,
            in: .subject(id(1)),
            isHub: false,
            naturalID: { _, _ in .zero }
        )

        guard case .counts(let rest) = byStation else {
            Issue.record("\(byStation)")
            return
        }
        #expect(ProgressStep(Fields(of: rest)).action == .unknown)
    }

    @Test("edits of a creation ascend by field, then by length and bytes of the element (CHG-5)")
    func order() {
        var values = FieldValues()
        values.add(3, ["qa", "production", "sales"].map(Value.text))
        values.set(1, "slug" as String?)
        values[2] = .null
        values.add(4, [.list([.text("bb"), .null]), .list([.text("a"), .null])])
        values.add(5, [.id(id(2)), .id(id(1))])

        let edits = values.edits

        #expect(edits.map(\.field) == [1, 3, 3, 3, 4, 4, 5, 5])
        #expect(edits[1].action == .add(.text("qa"), replacing: []))
        #expect(edits[2].action == .add(.text("sales"), replacing: []))
        #expect(edits[4].action == .add(.list([.text("a"), .null]), replacing: []))
        #expect(edits[6].action == .add(.id(id(1)), replacing: []))
    }

    @Test("a record shows the more cautious of two results, whatever the clocks say (MERGE-8)")
    func cautious() {
        var record = Record()
        for (time, result) in [(9, "PASS"), (2, "FAIL"), (5, "PENDING")] as [(UInt64, String)] {
            let stamp = Stamp(HybridTime(milliseconds: time), id(time))
            var values = FieldValues()
            values.set(Inspection.result, result as String?)
            record.apply(
                Operation(Inspection.number, .natural(id(1)), edits: values.edits),
                rank: Rank(Name(stamp, hash: 0), isPlausible: true)
            )
        }

        #expect(Fields(of: record, Inspection.entity).text(Inspection.result) == "FAIL")
    }
}
