import CRDT
import Domain
import Foundation
import Node
import Storage

// Tasks, inspections, defects and hours of the sample company.

extension Firm {
    /// The project enters production everywhere.
    func enterProduction() throws {
        let management = try hub.actor("nguyen.van.a")
        try hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        try meetAll()
    }

    /// Publishes a check plan of two items, one of them measured, that holds the work.
    func publishPlan(holds: [String], _ more: String = "") throws {
        let plan = """
            {"code": "LEAK", "phase": "FINAL_QC", "name": "Leak check", "holds": \(holds),
             "items": [
               {"item": 1, "title": "Label", "type": "VISUAL"},
               {"item": 2, "title": "Leak", "type": "MEASUREMENT", "unit": "ml/min",
                "high": "0.50"}\(more)]}
            """
        try hub.publish(plan)
        try meetAll()
    }
}

extension Station {
    /// Publishes a plan from a file.
    @discardableResult
    func publish(_ json: String, as user: String = "tran.thi.b") throws -> CheckPlan {
        try withFile("plan.json", json) { path in
            try node.publishPlan(file: path, by: actor(user))
        }
    }

    /// A file that is there while `body` runs.
    func withFile<Result>(
        _ name: String,
        _ text: String,
        _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.path + "/gemba-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        return try body("\(folder)/\(name)")
    }

    @discardableResult
    func addTask(
        _ code: String,
        subStage: String? = nil,
        estimate: Int64? = nil,
        assign: [String] = [],
        as user: String = "do.thi.j"
    ) throws -> String {
        var request = TaskRequest()
        request.code = code
        request.title = "Task \(code)"
        request.subStage = subStage
        request.estimatedMinutes = estimate
        request.assignees = assign
        return try node.addTask(request, to: Firm.project, by: actor(user))
    }

    func task(
        _ kind: TaskStepRequest.Kind,
        _ code: String,
        as user: String = "ly.van.k",
        reason: String? = nil,
        share: Int64? = nil
    ) throws {
        var request = TaskStepRequest(kind, Firm.project, code, reason: reason)
        request.share = share
        try node.take(request, by: actor(user))
    }

    /// A task as this node shows it.
    func task(_ code: String) throws -> ProjectTasks.Item? {
        try node.tasks(of: Firm.project).tasks[code]
    }

    func link(
        _ early: String,
        _ late: String,
        _ kind: TaskDependency.Kind = .finishToStart,
        lag: Int64 = 0
    ) throws {
        try node.linkTasks(
            early,
            before: late,
            of: Firm.project,
            kind,
            lagMinutes: lag,
            by: actor("do.thi.j")
        )
    }

    @discardableResult
    func report(
        _ code: String,
        _ severity: Defect.Severity,
        as user: String = "ly.van.k"
    ) throws -> String {
        var request = DefectRequest("something is wrong", severity)
        request.code = code
        return try node.reportDefect(request, of: Firm.project, by: actor(user))
    }

    func defect(
        _ kind: DefectStepRequest.Kind,
        _ code: String,
        as user: String = "do.thi.j",
        text: String? = nil,
        reason: String? = nil,
        severity: Defect.Severity? = nil
    ) throws {
        var request = DefectStepRequest(kind, Firm.project, code, reason: reason)
        request.text = text
        request.severity = severity
        try node.take(request, by: actor(user))
    }

    /// A defect as this node shows it.
    func defect(_ code: String) throws -> ProjectDefects.Item? {
        try node.defects(of: Firm.project).defects[code]
    }

    func open(_ plan: String, _ build: String, as user: String = "ngo.van.i") throws {
        let name = InspectionName(Firm.project, plan, build: build)
        _ = try node.openInspection(name, by: actor(user))
    }

    func measure(
        _ item: Int64,
        _ found: String,
        of plan: String,
        as user: String = "ngo.van.i",
        _ edit: (inout LocalNode.Finding) -> Void = { _ in }
    ) throws {
        var finding = LocalNode.Finding(found)
        edit(&finding)
        let name = InspectionName(Firm.project, plan)
        try node.measure(item, of: name, finding, by: actor(user))
    }

    /// The latest inspection by a plan, as this node shows it.
    func inspection(_ plan: String) throws -> InspectionView {
        try node.inspection(InspectionName(Firm.project, plan))
    }
}

/// The code of the rule that refuses an act; nil if nothing does.
func refusal(_ act: () throws -> Void) -> RuleFault.Code? {
    do {
        try act()
        return nil
    } catch let fault as RuleFault {
        return fault.code
    } catch {
        return nil
    }
}

/// What a refusal says; empty if nothing is refused.
func refusalText(_ act: () throws -> Void) -> String {
    do {
        try act()
        return ""
    } catch {
        return CommandFault(error).message
    }
}
