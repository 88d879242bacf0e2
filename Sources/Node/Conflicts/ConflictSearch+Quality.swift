import CRDT
import Domain
import Storage

// Waivers and signatures of inspections; stops of hours.

extension ConflictSearch {
    func waivers(of inspection: InspectionView, _ project: ProjectView) -> [ConflictCase] {
        let contested = Set(inspection.waivers.contested)
        guard !contested.isEmpty else { return [] }
        let refusals = inspection.waiverStream.entries.filter { $0.event.decision == .refused }
        let cautious = refusals.filter { contested.contains($0.id) }
        let conditional = inspection.waiverStream.entries.filter {
            contested.contains($0.id) && $0.event.decision == .conditionalPass
        }
        let shown = Set((cautious.isEmpty ? conditional : cautious).map(\.id))
        return [
            ConflictCase(
                .waiver,
                place(project, detail: "waiver \(inspection.record.id)"),
                what: "waiver of \(inspection.label)",
                sides: sides(
                    of: inspection.waiverStream,
                    contested,
                    shown: shown,
                    origin: { inspection.events[$0]?.origin },
                    words: { waiver in
                        (waiver.decision?.rawValue ?? "asked")
                            + (waiver.reason.map { " \"\($0)\"" } ?? "")
                    }
                ),
                settledBy: "gemba qc waiver decide \(project.number) --process "
                    + "\(inspection.process) --decision … (at the hub)",
                seen: inspection.waiverStream.heads
            )
        ]
    }

    /// Signatures that count no more, because other measurements stand by now.
    func signatures(of inspection: InspectionView, _ project: ProjectView) -> [ConflictCase] {
        inspection.items.compactMap { item in
            let number = item.definition.item
            let isOpen = inspection.inspected.requirements.contains {
                $0.item == number && $0.kind == .signature
            }
            let signatures = inspection.evidence.filter {
                $0.event.item == number && $0.event.kind == .signature
            }
            guard isOpen, !signatures.isEmpty else { return nil }
            let signed = signatures.map { entry in
                ConflictCase.Side(
                    value: "signed",
                    isShown: false,
                    author: author(inspection.events[entry.id]?.origin),
                    hadSeen: seen(by: entry.event, of: item)
                )
            }
            let standing = item.measured.heads.map { head in
                ConflictCase.Side(
                    value: Self.words(head.measurement),
                    isShown: true,
                    author: author(inspection.events[head.id]?.origin),
                    hadSeen: []
                )
            }
            return ConflictCase(
                .signature,
                place(project, detail: "signature \(inspection.record.id) \(number)"),
                what: "signature of \(inspection.label) item \(number)",
                sides: standing + signed,
                settledBy: "gemba qc evidence \(project.number) \(number) --kind signature "
                    + "--process \(inspection.process)"
            )
        }
    }

    private func seen(by evidence: Evidence, of item: InspectionView.Item) -> [String] {
        guard case .signature(_, let signed) = evidence.content else { return [] }
        return item.stream.entries.filter { signed.contains($0.id) }
            .map { Self.words($0.event) }
    }

    private static func words(_ measurement: Measurement) -> String {
        let value = measurement.value.map { "\($0) \(measurement.unit ?? "") " } ?? ""
        return value + measurement.outcome.rawValue
    }

    /// Entries that were stopped in two places: the stop of greatest rank counts until somebody
    /// corrects the entry.
    func stops(in hours: HoursView, _ scope: Scope) -> [ConflictCase] {
        let twice = hours.sheet.entries.filter {
            $0.flags.contains(.stoppedTwice) && !$0.flags.contains(.corrected)
        }
        return twice.map { entry in
            let clock = hours.clock(of: entry.id)
            let stops = hours.events.values.filter {
                $0.fields.text(HoursEvent.actionField) == "stop"
                    && $0.fields.id(HoursEvent.entryField) == entry.id
                    && $0.fields.id(HoursEvent.personField) == entry.person
            }
            .sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
            let sides = stops.map { stop in
                ConflictCase.Side(
                    value: "stopped "
                        + clock.hour(
                            milliseconds: stop.fields.integer(HoursEvent.wallField) ?? 0
                        ),
                    isShown: stop.id == stops.last?.id,
                    author: author(stop.origin),
                    hadSeen: []
                )
            }
            return ConflictCase(
                .stops,
                place(hours, scope, entry.id, detail: "stops"),
                what: "hours of \(names.user(entry.person ?? .zero))",
                sides: sides,
                settledBy: "gemba hours correct \(hours.short(entry.id)) --end TIME --reason TEXT"
            )
        }
    }
}
