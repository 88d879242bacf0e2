import CRDT
import Domain
import Foundation
import Node
import Testing

/// Check plans, measurements, evidence and waivers at stations that do not hear each other.
@Suite("Inspections at stations")
struct InspectionsTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.enterProduction()
    }

    @Test("TV-121 TV-125 a plan is published whole at the hub, version after version, and frozen")
    func plans() throws {
        try firm.publishPlan(holds: ["packaging"])
        let first = try firm.st1.node.plan("LEAK")
        #expect(first.version == 1)
        #expect(first.items.map(\.title) == ["Label", "Leak"])
        var change = PlanChange()
        change.passThreshold = 9_000
        change.without = [1]
        let clone = try firm.st1.node.clonePlan("Leak check", change)
        #expect(clone.version == 2)
        let lead = try firm.st1.actor("tran.thi.b")
        #expect(
            refusal {
                _ = try firm.st1.node.publishPlan(cloning: "LEAK", change, by: lead)
            } == .hubOnly
        )
        let qa = try firm.hub.actor("bui.thi.h")
        #expect(
            refusal { _ = try firm.hub.node.publishPlan(cloning: "LEAK", change, by: qa) }
                == .notAllowed
        )
        let second = try firm.hub.node.publishPlan(
            cloning: "LEAK",
            change,
            by: firm.hub.actor("tran.thi.b")
        )
        try firm.meetAll()

        #expect(second.version == 2)
        #expect(second.items.map(\.item) == [2])
        for station in firm.all {
            #expect(try station.node.plan("LEAK").passThreshold == 9_000)
            #expect(try station.node.plan("LEAK", version: 1) == first)
            #expect(try station.node.plans(all: true).map(\.plan.code).contains("FINAL_QC"))
        }
        // What `show` prints is what `publish` takes.
        try firm.hub.publish(second.next.json.text)
        #expect(try firm.hub.node.plan("LEAK").items == second.items)
    }

    @Test(
        "TV-121 TV-124 TV-127 a plan that makes no sense is refused before anything is written",
        arguments: [
            ("{\"code\": \"X\"}", "no-plan"),
            (plan(phase: "LAST", "{\"item\": 1, \"title\": \"a\"}"), "unknown-value"),
            (plan(""), "empty"),
            (plan("{\"item\":1,\"title\":\"a\",\"type\":\"SMELL\"}"), "unknown-value"),
            (plan("{\"item\":1,\"title\":\"a\",\"low\":\"2\",\"high\":\"1\"}"), "bad-limits"),
            (plan("{\"item\":1,\"title\":\"a\"},{\"item\":1,\"title\":\"b\"}"), "duplicate-item"),
            (plan("{\"item\":1,\"title\":\"a\",\"type\":\"MEASUREMENT\"}"), "empty"),
            (plan("{\"item\":1,\"title\":\"a\",\"high\":\"0,5\",\"unit\":\"m\"}"), "decimal-comma"),
            (plan("{\"item\":1,\"title\":\"a\",\"samples\":3,\"accepted\":3}"), "out-of-range"),
            (plan("{\"item\":1,\"title\":\"a\",\"plus\":\"1\",\"unit\":\"m\"}"), "bad-limits"),
        ]
    )
    func refused(plan: String, reason: String) throws {
        let error = #expect(throws: (any Error).self) { try firm.hub.publish(plan) }
        #expect(error.map { CommandFault($0).reason } == reason)
        #expect(try firm.hub.node.plans().map(\.plan.code) == ["FINAL_QC"])
    }

    private static func plan(phase: String = "FINAL_QC", _ items: String) -> String {
        "{\"code\":\"X\",\"phase\":\"\(phase)\",\"name\":\"x\",\"items\":[\(items)]}"
    }

    @Test("TV-120 a build is inspected again once an attempt failed, and each build apart")
    func attempts() throws {
        try firm.publishPlan(holds: [])
        let st1 = firm.st1
        try st1.open("LEAK", "B-1")
        #expect(refusal { try st1.open("LEAK", "B-1") } == .wrongOrder)
        try st1.measure(1, "pass", of: "LEAK")
        try st1.measure(2, "0.71", of: "LEAK")
        try st1.open("LEAK", "B-1")
        try st1.open("LEAK", "B-2")

        let all = try st1.node.inspections(of: Firm.project)
        #expect(
            all.map(\.label) == ["B-1 LEAK attempt 1", "B-1 LEAK attempt 2", "B-2 LEAK attempt 1"]
        )
        #expect(all.map(\.result) == ["FAIL", "PENDING", "PENDING"])
        #expect(all.map(\.inspected.status) == [.failed, .pending, .pending])
    }

    @Test("TV-124 TV-127 samples of a lot, instruments, tolerances about a nominal, other units")
    func measuring() throws {
        try firm.publishPlan(
            holds: [],
            """
            , {"item": 3, "title": "Bore", "type": "MEASUREMENT", "unit": "mm", "nominal": "12.00",
               "minus": "0.05", "plus": "0.10", "samples": 3, "accepted": 1}
            , {"item": 4, "title": "Runs", "type": "FUNCTIONAL"}
            , {"item": 5, "title": "Manual", "type": "DOCUMENTATION", "is_required": false}
            """
        )
        let st1 = firm.st1
        var name = InspectionName(Firm.project, "LEAK", build: "B-1")
        name.lot = 50
        _ = try st1.node.openInspection(name, by: st1.actor("ngo.van.i"))
        func bore(_ sample: Int64, _ found: String, unit: String? = nil) throws {
            try st1.measure(3, found, of: "LEAK") { finding in
                finding.sample = sample
                finding.unit = unit
                finding.instrument = "micrometer 7"
            }
        }
        try bore(1, "12,05")
        try bore(2, "１２．０９")
        #expect(try st1.inspection("LEAK")[3]?.measured.result == .pending)
        try bore(3, "1.211", unit: "cm")
        let item = try #require(try st1.inspection("LEAK")[3])
        #expect(item.measured.result == .pass)
        #expect(item.measured.samples.map(\.result) == [.pass, .pass, .fail])
        let last = try #require(item.measured.samples.last?.heads.last?.measurement)
        #expect(last.value?.description == "12.11")
        #expect(last.text == "1.211 cm")
        #expect(last.instrument == "micrometer 7")
        #expect(item.definition.tolerance.low?.description == "11.95")
        #expect(refusal { try bore(4, "12.0") } == .unknownSample)
        #expect(refusal { try bore(1, "12.0", unit: "in") } == .wrongUnit)
        #expect(refusal { try bore(1, "1,200") } == .thousands)
        #expect(refusal { try st1.measure(4, "fail", of: "LEAK") } == .reasonRequired)
        try st1.measure(4, "fail", of: "LEAK") { $0.comment = "does not start" }
        #expect(try st1.inspection("LEAK").inspected.failed == [4])
        #expect(try st1.defect("LEAK-1-4-B-1")?.progress.severity == .major)
    }

    @Test("TV-122 TV-123 a station asks for a waiver, the hub decides, and only on what it saw")
    func waiver() throws {
        try firm.publishPlan(holds: ["assembly"])
        try firm.st1.open("LEAK", "B-1")
        try firm.st1.measure(1, "fail", of: "LEAK") { $0.comment = "scratched" }
        try firm.st1.measure(2, "0.4", of: "LEAK")
        let name = InspectionName(Firm.project, "LEAK")
        var ask = WaiverRequest(reason: "cannot be seen")
        ask.items = [1]
        let qa = try firm.st1.actor("ngo.van.i")
        try firm.st1.node.waive(ask, of: name, by: qa)
        #expect(
            try firm.st1.inspection("LEAK").open.map(\.what) == [
                "failed, waiver asked: the hub decides"
            ]
        )
        var decide = WaiverRequest(.conditionalPass, reason: "agreed")
        let lead = try firm.st1.actor("tran.thi.b")
        #expect(refusal { try firm.st1.node.waive(decide, of: name, by: lead) } == .hubOnly)
        try firm.meetAll()
        let manager = try firm.hub.actor("tran.thi.b")
        #expect(
            refusal { try firm.hub.node.waive(decide, of: name, by: manager) } == .reasonRequired
        )
        decide.conditions = "not for this customer"
        try firm.hub.node.waive(decide, of: name, by: manager)
        try firm.meetAll()

        for station in firm.all {
            let inspection = try station.inspection("LEAK")
            #expect(inspection.result == "CONDITIONAL_PASS")
            #expect(inspection.inspected.status == .waived)
            #expect(inspection.inspected.waived == [1])
            #expect(inspection.open.isEmpty)
        }
        try firm.st2.measure(1, "fail", of: "LEAK") { $0.comment = "scratched again" }
        #expect(try firm.st2.inspection("LEAK").result == "FAIL")
    }

    @Test("TV-123 a refusal takes back what was waived")
    func refusedWaiver() throws {
        try firm.publishPlan(holds: [])
        try firm.hub.open("LEAK", "B-1")
        try firm.hub.measure(1, "fail", of: "LEAK") { $0.comment = "scratched" }
        try firm.hub.measure(2, "0.4", of: "LEAK")
        let name = InspectionName(Firm.project, "LEAK")
        let manager = try firm.hub.actor("tran.thi.b")
        var request = WaiverRequest(.waived, reason: "small")
        request.items = [1]
        try firm.hub.node.waive(request, of: name, by: manager)
        #expect(try firm.hub.inspection("LEAK").result == "WAIVED")
        request.decision = .refused
        try firm.hub.node.waive(request, of: name, by: manager)
        #expect(try firm.hub.inspection("LEAK").result == "FAIL")
    }

    @Test("TV-124 TV-130 photo, document and signature are asked for, and a signature gets stale")
    func evidence() throws {
        try firm.publishPlan(
            holds: [],
            """
            , {"item": 3, "title": "Seal", "type": "VISUAL", "photo_required": true,
               "document_required": true, "signature_required": true}
            """
        )
        let st1 = firm.st1
        try st1.open("LEAK", "B-1")
        for item in [1, 3] as [Int64] { try st1.measure(item, "pass", of: "LEAK") }
        try st1.measure(2, "0.4", of: "LEAK")
        let name = InspectionName(Firm.project, "LEAK")
        func attach(_ kind: Evidence.Kind, _ station: Station, _ text: String = "") throws {
            try station.withFile("\(kind).bin", text) { path in
                let request = EvidenceRequest(kind, path: kind == .signature ? nil : path)
                let actor = try station.actor("ngo.van.i")
                try station.node.attach(request, to: 3, of: name, by: actor)
            }
        }
        func open() throws -> [String] { try st1.inspection("LEAK").open.map(\.what) }
        #expect(try open() == ["document missing", "photo missing", "signature missing"])
        try attach(.photo, st1, "a picture")
        try attach(.document, st1, "a sheet")
        try attach(.signature, st1)
        #expect(try st1.inspection("LEAK").result == "PASS")
        try firm.meetAll()
        let json = try firm.hub.inspection("LEAK").json.text
        #expect(json.contains("\"name\":\"photo.bin\""))
        // BLAKE2b-256 of "a picture", by another program.
        #expect(json.contains(Self.hash))

        try firm.st2.measure(3, "pass", of: "LEAK")
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.inspection("LEAK").result == "PENDING")
            let stale = try #require(try station.conflicts(.signature).first)
            #expect(stale.sides.map(\.value) == ["PASS", "signed"])
        }
        try attach(.signature, firm.st2)
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.inspection("LEAK").result == "PASS")
            #expect(try station.conflicts(.signature).isEmpty)
        }
        #expect(try firm.hub.inspection("LEAK").evidence.count == 4)
    }

    private static let hash =
        "2831e05f5b0544ead83f0a832b679063"
        + "4a7c9ba8bfb92a341a52181e752d262f"

    @Test("TV-126 notes and corrective actions written apart stand side by side")
    func notes() throws {
        try firm.publishPlan(holds: [])
        try firm.st1.open("LEAK", "B-1")
        try firm.meetAll()
        let name = InspectionName(Firm.project, "LEAK")
        for (station, text) in [(firm.st1, "fit a new seal"), (firm.st2, "grind the flange")] {
            var note = InspectionNote()
            note.correctiveActions = text
            note.inspectorNotes = "see photo"
            note.assignedTo = "ngo.van.i"
            try station.node.note(note, on: name, by: station.actor("ngo.van.i"))
        }
        try firm.meetAll()
        let conflicts = try firm.hub.conflicts(.field)
        #expect(conflicts.map(\.what) == ["corrective_actions"])
        try firm.hub.node.settle(
            "\(conflicts[0].id)",
            with: .value("new seal, flange ground"),
            by: firm.hub.actor("bui.thi.h")
        )
        try firm.meetAll()
        let json = try firm.st1.inspection("LEAK").json.text
        #expect(json.contains("\"corrective_actions\":\"new seal, flange ground\""))
        #expect(json.contains("\"inspector_notes\":\"see photo\""))
        #expect(json.contains("\"assigned_to\":\"ngo.van.i\""))
        var note = InspectionNote()
        note.result = "fail"
        try firm.st1.node.note(note, on: name, by: firm.st1.actor("ngo.van.i"))
        #expect(try firm.st1.inspection("LEAK").result == "FAIL")
    }

    @Test("TV-129 FP-141 the pass rate comes from the inspections, those pending left out")
    func rate() throws {
        try firm.publishPlan(holds: [])
        let st1 = firm.st1
        for (build, found) in [("B-1", "0.1"), ("B-2", "0.9"), ("B-3", nil), ("B-4", "0.2")] {
            try st1.open("LEAK", build)
            guard let found else { continue }
            let name = InspectionName(Firm.project, "LEAK", build: build)
            let actor = try st1.actor("ngo.van.i")
            try st1.node.measure(1, of: name, LocalNode.Finding("pass"), by: actor)
            try st1.node.measure(2, of: name, LocalNode.Finding(found), by: actor)
        }
        #expect(try st1.node.passRate(of: Firm.project).basisPoints == 6_666)
        let json = try st1.node.passRate().json.text
        #expect(json.hasPrefix("{\"inspections\":4,\"decided\":3,\"passed\":2,\"pass_rate\":6666"))
        let failed = try st1.node.inspection(InspectionName(Firm.project, "LEAK", build: "B-2"))
        #expect(failed.inspected.passBasisPoints == 5_000)
        #expect(try firm.hub.node.passRate().basisPoints == nil)
    }
}
