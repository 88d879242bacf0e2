import CRDT
import Domain
import Bytes
import Storage

/// What of an inspection is open, and why it does not pass.
///
/// JSON of an inspection: `{"inspection", "project", "build", "process", "process_version",
/// "attempt", "status", "result", "declared", "pass_percentage", "threshold", "lot_size", "failed",
/// "pending", "waived", "conflicts", "open": [{"item", "what"}], "assigned_to", "inspector_notes",
/// "reviewer_notes", "corrective_actions", "waivers", "evidence", "items"}`.
extension InspectionView {
    /// Everything that keeps it from passing: the item, and what it wants.
    public var open: [(item: Int64?, what: String)] {
        var open: [(Int64?, String)] = []
        if plan == nil { open.append((nil, "the plan is not here")) }
        open += inspected.pending.map { ($0, "not measured") }
        open += inspected.conflicts.map { ($0, "measurements disagree: a lead measures again") }
        open += inspected.failed.filter { !inspected.conflicts.contains($0) }.map { item in
            let failing = self[item]?.measured.failing ?? []
            let isAsked = waiverStream.entries.contains { entry in
                waivers.asked.contains(entry.id) && !entry.event.accepts.isDisjoint(with: failing)
            }
            return (item, isAsked ? "failed, waiver asked: the hub decides" : "failed")
        }
        open += inspected.requirements.map { ($0.item, "\($0.kind.rawValue) missing") }
        open += criticalDefects.map { (nil, "critical defect \($0) is open") }
        return open
    }

    public var lines: [String] {
        let share = DecimalNumber(mantissa: Int64(inspected.passBasisPoints), scale: 2)
        var table = Table("ITEM", "TITLE", "LIMITS", "RESULT", "MEASURED")
        for item in items {
            table.add(
                "\(item.definition.item)",
                item.definition.title,
                item.definition.limits,
                inspected.waived.contains(item.definition.item)
                    ? "WAIVED" : item.measured.result.rawValue,
                item.measured.heads.map { found(by: $0) }.joined(separator: " | ")
            )
        }
        let passed = share.map { "\($0)" } ?? "?"
        let open = self.open.map { item, what in
            "  open: " + (item.map { "item \($0) " } ?? "") + what
        }
        return ["\(label) of \(projectNumber): \(result), \(passed) % passed"] + table.lines + open
    }

    /// What became of one item, for whoever measured it.
    public func outcome(of number: Int64) -> [String] {
        guard let item = self[number] else { return [] }
        let found = item.measured.heads.map { self.found(by: $0) }.joined(separator: " | ")
        let title = "item \(number) \(item.definition.title)"
        return ["\(title): \(item.measured.result.rawValue) (\(found)); \(label) is \(result)"]
    }

    private func found(by head: Measured.Head) -> String {
        let measurement = head.measurement
        let value = measurement.value.map { "\($0) \(measurement.unit ?? "")" }
        let sample = measurement.sample == 1 ? nil : "sample \(measurement.sample)"
        let parts = [sample, value, measurement.outcome.rawValue].compactMap(\.self)
        let author = events[head.id].map { " by \(names.user($0.origin.user))" } ?? ""
        return parts.joined(separator: " ") + author
    }
}

// MARK: - For scripts

extension InspectionView {
    public var json: JSON {
        let fields = record.fields
        let json: JSON = [
            "inspection": .text("\(record.id)"), "project": .text(projectNumber),
            "build": .text(build), "process": .text(process),
            "process_version": .integer(orNull: fields.integer(Inspection.processVersion)),
            "attempt": .integer(attempt), "status": .text(inspected.status.rawValue),
            "result": .text(result), "declared": .text(orNull: fields.text(Inspection.result)),
            "pass_percentage": .number(inspected.passBasisPoints),
            "threshold": .integer(orNull: plan?.passThreshold),
            "lot_size": .integer(orNull: fields.integer(Inspection.lotSize)),
            "failed": .list(inspected.failed) { .integer($0) },
            "pending": .list(inspected.pending) { .integer($0) },
            "waived": .list(inspected.waived) { .integer($0) },
            "conflicts": .list(inspected.conflicts) { .integer($0) },
            "open": .list(open) { ["item": .integer(orNull: $0.item), "what": .text($0.what)] },
        ]
        return
            json
            .with("assigned_to", .text(orNull: fields.id(Inspection.assignedTo).map(names.user)))
            .with("inspector_notes", .text(orNull: fields.text(Inspection.inspectorNotes)))
            .with("reviewer_notes", .text(orNull: fields.text(Inspection.reviewerNotes)))
            .with("corrective_actions", .text(orNull: fields.text(Inspection.correctiveActions)))
            .with("waivers", .list(waiverStream.entries, json(of:)))
            .with("evidence", .list(evidence, json(of:)))
            .with("items", .list(items, json(of:)))
    }

    private func json(of waiver: Stream<Waiver>.Entry) -> JSON {
        [
            "id": .text("\(waiver.id)"),
            "decision": .text(orNull: waiver.event.decision?.rawValue),
            "accepts": .list(waiver.event.accepts.sorted()) { .text("\($0)") },
            "reason": .text(orNull: waiver.event.reason),
            "conditions": .text(orNull: waiver.event.conditions),
            "open": .bool(waivers.asked.contains(waiver.id)), "by": author(waiver.id),
        ]
    }

    private func json(of evidence: Stream<Evidence>.Entry) -> JSON {
        var hash: [UInt8]?
        var name: String?
        var signed: Set<ID> = []
        switch evidence.event.content {
        case .photo(let content, let title), .document(let content, let title):
            (hash, name) = (content, title)
        case .signature(_, let names): signed = names
        case .unknown: break
        }
        return [
            "id": .text("\(evidence.id)"), "item": .integer(evidence.event.item),
            "kind": .text(evidence.event.kind?.rawValue ?? "unknown"),
            "name": .text(orNull: name), "hash": .text(orNull: hash.map { Hex.encode($0) }),
            "signs": .list(signed.sorted()) { .text("\($0)") },
            "defect": .text(orNull: evidence.event.defect), "by": author(evidence.id),
        ]
    }

    private func json(of item: Item) -> JSON {
        let definition = item.definition
        let missing = inspected.requirements.filter { $0.item == definition.item }
        let json: JSON = [
            "item": .integer(definition.item), "title": .text(definition.title),
            "type": .text(orNull: definition.kind?.rawValue),
            "required": .bool(definition.isRequired), "unit": .text(orNull: definition.unit),
            "low": .text(orNull: definition.tolerance.low?.description),
            "high": .text(orNull: definition.tolerance.high?.description),
            "nominal": .text(orNull: definition.nominal?.description),
            "expected": .text(orNull: definition.expected),
            "procedure": .text(orNull: definition.procedure),
            "samples": .integer(item.measured.size),
            "accepted": .integer(definition.sampling.accepted),
            "result": .text(item.measured.result.rawValue), "count": .number(item.measured.count),
            "missing": .list(missing) { .text($0.kind.rawValue) },
            "seen": .text(Seen(item.stream.heads).text),
        ]
        let standing = Set(item.measured.heads.map(\.id))
        return json.with(
            "measurements",
            .list(item.stream.entries) { entry in
                measurement(entry).with("stands", .bool(standing.contains(entry.id)))
            }
        )
    }

    private func measurement(_ entry: Stream<Measurement>.Entry) -> JSON {
        let measurement = entry.event
        return [
            "id": .text("\(entry.id)"), "outcome": .text(measurement.outcome.rawValue),
            "value": .text(orNull: measurement.value?.description),
            "unit": .text(orNull: measurement.unit), "sample": .integer(measurement.sample),
            "instrument": .text(orNull: measurement.instrument),
            "text": .text(orNull: measurement.text),
            "comment": .text(orNull: measurement.comment), "by": author(entry.id),
        ]
    }

    private func author(_ id: ID) -> JSON {
        events[id].map { Authorship($0.origin, names).json } ?? .null
    }
}

extension ItemDefinition {
    /// The bounds of an item with their unit, as `<= 0.50 ml/min`; empty where it has none.
    var limits: String {
        let low = tolerance.low.map { (tolerance.excludesLow ? "> " : ">= ") + "\($0)" }
        let high = tolerance.high.map { (tolerance.excludesHigh ? "< " : "<= ") + "\($0)" }
        let text = [low, high].compactMap(\.self).joined(separator: ", ")
        return text.isEmpty ? "" : "\(text) \(unit ?? "")"
    }
}
