import CRDT
import Domain
import Storage

// The stage that follows by itself (DOM-112).

extension ProjectView {
    /// The advance that a step brings about; nil if the subject stays where it is.
    ///
    /// - Parameters:
    ///   - step: What is about to be written.
    ///   - isHub: Whether the node confirms what it writes.
    ///   - view: Where the workflow stands.
    /// - Returns: The advance.
    /// - Throws: What reading the store does.
    func following(
        _ step: Stream<ProgressStep>.Entry,
        isHub: Bool,
        on view: View
    ) throws -> StageAdvance? {
        guard stages.derived == nil else { return nil }
        var steps = steps
        let known = steps[step.event.subStage]?.entries ?? []
        steps[step.event.subStage] = Stream(known + [step])
        let stages = ProjectStages(advances, steps: steps)
        var following = try next(after: stages, steps, criteria, on: view)
        following?.isConfirmed = isHub
        return following
    }

    /// The advance that the confirmation of a criterion brings about.
    func following(
        _ criteria: StageCriteria,
        isHub: Bool,
        on view: View
    ) throws -> StageAdvance? {
        guard stages.derived == nil else { return nil }
        let stages = ProjectStages(advances, steps: steps)
        var following = try next(after: stages, steps, criteria, on: view)
        following?.isConfirmed = isHub
        return following
    }

    /// The advance that follows by itself, unless quality holds the stage (DOM-141).
    ///
    /// - Parameters:
    ///   - stages: Where the project stands, with nothing derived.
    ///   - steps: The steps of each sub-stage, by slug.
    ///   - criteria: What was confirmed of exit criteria.
    ///   - view: Where the workflow stands, and what quality says.
    /// - Returns: The advance, not confirmed.
    /// - Throws: What reading the store does.
    func next(
        after stages: ProjectStages,
        _ steps: [String: Stream<ProgressStep>],
        _ criteria: StageCriteria,
        on view: View
    ) throws -> StageAdvance? {
        guard stages.isDue(steps), let template = try? view.workflow(of: record),
            let next = stages.next(of: subject, steps: steps, in: template, criteria: criteria),
            try !isHeld(next, in: template, on: view)
        else { return nil }
        return next
    }

    /// Whether quality holds the stage that an advance would leave.
    func isHeld(
        _ advance: StageAdvance,
        in template: WorkflowTemplate,
        on view: View
    ) throws -> Bool {
        do {
            try view.checkLeaving(advance, of: self, in: template, now: 0)
            return false
        } catch is RuleFault {
            return true
        }
    }

    /// Refuses work on what a hub has cancelled.
    ///
    /// - Throws: `RuleFault`: `cancelled`.
    func checkAlive() throws(RuleFault) {
        guard record.fields.bool(Project.isCancelled) != true else {
            throw RuleFault(.cancelled, "\(number) is cancelled")
        }
    }
}

extension Fact {
    /// The entry that an event about to be written will have.
    func entry(at stamp: Stamp, after seen: [Name]) -> Stream<Self>.Entry {
        let rank = Rank(Name(stamp, hash: 0), isPlausible: true)
        return Stream.Entry(self, rank: rank, index: 0, after: seen)
    }
}

extension Draft {
    /// Writes the advance that a step brings about, with the step.
    mutating func addFollowing(
        _ step: Stream<ProgressStep>.Entry,
        of project: ProjectView,
        isHub: Bool,
        on view: View
    ) throws {
        guard let next = try project.following(step, isHub: isHub, on: view) else { return }
        add(next.operation(after: project.advances.heads), in: project.scope)
    }

    /// Writes the advance that is shown and that nobody has written yet.
    mutating func addDerived(of project: ProjectView) {
        guard let derived = project.stages.derived else { return }
        add(derived.operation(after: project.advances.heads), in: project.scope)
    }
}
