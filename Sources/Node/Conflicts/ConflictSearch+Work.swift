import CRDT
import Domain
import Storage

// Tasks, dependencies and defects; and what was closed by someone who did not know what holds it.

extension ConflictSearch {
    func tasks(of work: ProjectWork) -> [ConflictCase] {
        work.tasks.items.flatMap { item in
            [join(of: item, work), doubleWork(on: item, work)].compactMap(\.self)
        } + work.tasks.graph.dropped.map { cycle($0, work) }
    }

    private func join(of item: ProjectTasks.Item, _ work: ProjectWork) -> ConflictCase? {
        let pairs = item.progress.conflicts
        guard !pairs.isEmpty else { return nil }
        let winners = Set(pairs.map(\.winner))
        let code = item.definition.code
        let target = "\(work.project.number) \(code)"
        let settling =
            switch item.progress.status {
            case .onHold: "gemba task resume \(target), then gemba task complete \(target)"
            case .cancelled: "gemba task reopen \(target) --reason TEXT, if it is to be done"
            default: "gemba task complete \(target)"
            }
        return ConflictCase(
            .taskJoin,
            place(work.project, detail: "task \(code)"),
            what: code,
            sides: sides(
                of: item.stream,
                winners.union(pairs.map(\.loser)),
                shown: winners,
                origin: work.tasks.origin,
                words: Self.words
            ),
            settledBy: settling,
            seen: item.stream.heads
        )
    }

    private func doubleWork(on item: ProjectTasks.Item, _ work: ProjectWork) -> ConflictCase? {
        let doubled = Set(item.progress.doubled)
        guard !doubled.isEmpty else { return nil }
        let code = item.definition.code
        let target = "\(work.project.number) \(code)"
        return ConflictCase(
            .doubleWork,
            place(work.project, detail: "double \(code)"),
            what: code,
            sides: sides(
                of: item.stream,
                doubled,
                shown: doubled,
                origin: work.tasks.origin,
                words: Self.words
            ),
            settledBy: "gemba task issue \(target) --reason TEXT, or any later step on it",
            seen: item.stream.heads
        )
    }

    private func cycle(_ dropped: TaskGraph.Dropped, _ work: ProjectWork) -> ConflictCase {
        let own = dropped.edge
        let around = work.tasks.graph.edges.filter { edge in
            zip(dropped.path, dropped.path.dropFirst()).contains {
                ($0, $1) == (edge.edge.predecessor, edge.edge.successor)
            }
        }
        func side(_ edge: TaskGraph.Edge, isShown: Bool) -> ConflictCase.Side {
            ConflictCase.Side(
                value: "\(edge.edge.predecessor) before \(edge.edge.successor)",
                isShown: isShown,
                author: author(work.tasks.origin(edge.id)),
                hadSeen: []
            )
        }
        let (early, late) = (own.edge.predecessor, own.edge.successor)
        return ConflictCase(
            .dependencyCycle,
            place(work.project, detail: "dependency \(own.id)"),
            what: "\(early) before \(late)",
            sides: around.map { side($0, isShown: true) } + [side(own, isShown: false)],
            settledBy: "gemba task unlink \(work.project.number) \(early) \(late), or another of it"
        )
    }

    func defects(of work: ProjectWork) -> [ConflictCase] {
        work.defects.items.compactMap { item in
            let pairs = item.progress.conflicts
            guard !pairs.isEmpty else { return nil }
            let winners = Set(pairs.map(\.winner))
            let code = item.definition.code
            let target = "\(work.project.number) \(code)"
            let next = item.progress.status == .resolved ? "verify" : "resolve"
            return ConflictCase(
                .defectJoin,
                place(work.project, detail: "defect \(code)"),
                what: code,
                sides: sides(
                    of: item.stream,
                    winners.union(pairs.map(\.loser)),
                    shown: winners,
                    origin: { work.defects.origin($0) },
                    words: { $0.action.words + ($0.reason.map { " \"\($0)\"" } ?? "") }
                ),
                settledBy: "gemba defect \(next) \(target), until somebody who saw both verifies",
                seen: item.stream.heads
            )
        }
    }

    private static func words(_ step: TaskStep) -> String {
        let word = step.action == .askToCancel ? "ask to cancel" : step.action.word ?? "step"
        return word + (step.reason.map { " \"\($0)\"" } ?? "")
    }

    /// The events of a stream that stand against each other, with what each had seen.
    func sides<Event: Fact>(
        of stream: Stream<Event>,
        _ partners: Set<ID>,
        shown: Set<ID>,
        origin: (ID) -> Origin?,
        words: (Event) -> String
    ) -> [ConflictCase.Side] {
        stream.entries.filter { partners.contains($0.id) }.map { entry in
            let seen = stream.entries.filter { stream.saw(entry, $0) }.map { earlier in
                let user = origin(earlier.id).map { names.user($0.user) } ?? "-"
                return "\(words(earlier.event)) by \(user)"
            }
            return ConflictCase.Side(
                value: words(entry.event),
                isShown: shown.contains(entry.id),
                author: author(origin(entry.id)),
                hadSeen: seen
            )
        }
    }
}

// MARK: - Closed while held

extension ConflictSearch {
    /// What is closed in the current stage, and the stage that was left, though something holds it.
    ///
    /// No clock decides this: whoever closed it may not have known, or it came up afterwards, and
    /// either way somebody must look.
    func held(_ work: ProjectWork) -> [ConflictCase] {
        let project = work.project
        let closed =
            project.stage.map(project.rows)?
            .filter { $0.isClosed || $0.status == .inReview } ?? []
        let cases = closed.compactMap { row -> ConflictCase? in
            let slug = row.seed.slug
            let tasks = work.tasks.items.filter {
                $0.definition.subStage == slug && !$0.progress.isClosed
            }
            .map { "task \($0.definition.code) is \($0.progress.status.rawValue)" }
            let isLast = slug == closed.last?.seed.slug
            let reasons = work.gate(of: slug).reasons.filter { isLast || !$0.isDefect }
            return held(
                slug,
                by: tasks + reasons.map(\.words),
                closing: row.progress.closed,
                work,
                settledBy: "close what holds it, or gemba progress reopen \(project.number) \(slug)"
            )
        }
        let left = project.advances.entries.last { $0.event.to == project.stage }
        guard let left, let from = left.event.from else { return cases }
        let reasons = work.gate(of: from).reasons.filter { !$0.isDefect }
        let stage = held(
            from,
            by: reasons.map(\.words),
            closing: left.id,
            work,
            settledBy: "close what holds it, or gemba stage advance \(project.number) \(from) "
                + "--reason TEXT (management)"
        )
        return cases + [stage].compactMap(\.self)
    }

    private func held(
        _ slug: String,
        by reasons: [String],
        closing: ID?,
        _ work: ProjectWork,
        settledBy: String
    ) -> ConflictCase? {
        guard !reasons.isEmpty else { return nil }
        let closer = ConflictCase.Side(
            value: "\(slug) closed",
            isShown: true,
            author: author(closing.flatMap { work.project.events[$0]?.origin }),
            hadSeen: []
        )
        let holders = reasons.map { reason in
            ConflictCase.Side(value: reason, isShown: false, author: nil, hadSeen: [])
        }
        return ConflictCase(
            .held,
            place(work.project, detail: "held \(slug)"),
            what: slug,
            sides: [closer] + holders,
            settledBy: settledBy
        )
    }
}

extension QualityGate.Reason {
    fileprivate var isDefect: Bool { if case .criticalDefect = self { true } else { false } }
}
