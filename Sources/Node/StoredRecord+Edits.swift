import CRDT
import Domain
import Storage

extension StoredRecord {
    /// The edits that make the record say what values do, in place of what it shows (MERGE-9).
    ///
    /// Fixed fields stay; a register that the values do not set is emptied.
    func edits(to values: FieldValues) -> [FieldEdit] {
        entity.fields.sorted { $0.number < $1.number }.flatMap { field -> [FieldEdit] in
            switch field.merge {
            case .fixed: return []
            // Counters are added to and keys of maps are put one by one.
            case .counter, .map: return []
            case .set: return edits(of: field, to: values.elements(field.number))
            case .register, .cautious, .authority:
                let wanted = values[field.number]
                guard wanted != fields[field.number] else { return [] }
                let empty = field.kind == .bool ? Value.bool(false) : .null
                guard (wanted ?? empty) != fields[field.number] else { return [] }
                let names = names(field.number)
                return [FieldEdit(field.number, .write(wanted ?? empty, replacing: names))]
            }
        }
    }

    private func edits(of field: Field, to wanted: Set<Value>) -> [FieldEdit] {
        let shown = fields.elements(field.number)
        var changed = FieldValues()
        changed.add(field.number, wanted.symmetricDifference(shown))
        return changed.edits.map { edit in
            guard case .add(let element, _) = edit.action, shown.contains(element) else {
                return edit
            }
            let names = record.sets[field.number]?.additions[element] ?? []
            return FieldEdit(field.number, .remove(element, names: names.sorted()))
        }
    }
}
