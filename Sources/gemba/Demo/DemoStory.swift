import Foundation
import Node

/// A morning of real work on five machines, after the stories S-01, S-02, S-03 and S-20.
struct DemoStory {
    let stage: DemoStage
    /// The folder of the sample company.
    let company: String
    let project = "PRJ-000123"

    func play() throws {
        try found()
        try workTogether()
        try workApart()
        try meet()
        try reunite()
        try decide()
        try approve()
        try probe()
        try check()
        try prove()
    }

    // MARK: Acts

    /// A hub, the sample company, and four devices that join.
    private func found() throws {
        let hub = stage.hub
        stage.title("A hub is founded, and the sample company is loaded")
        try hub.must([
            "hub", "init", "--tenant", "Factory Pulse", "--site", "HCM", "--timezone",
            "Asia/Ho_Chi_Minh", "--admin", "nguyen.van.a@factory-pulse.example", "--trust-local",
            "--no-recovery",
        ])
        try stage.act(hub, ["import", company])
        try hub.start()
        let address = hub.address ?? ""

        stage.title("Two stations, one of another site, and a technician's laptop join")
        for (node, site) in [(stage.first, "HCM"), (stage.second, "HCM"), (stage.far, "HAN")] {
            try join(node, ["--site", site, "--kind", "station"], at: address)
        }
        let technician = ["--site", "HCM", "--kind", "technician", "--user", "ngo.van.i"]
        try join(stage.laptop, technician, at: address)
        for node in stage.nodes where !node.isRunning { try node.start() }
        try stage.settle(stage.nodes)
    }

    private func join(_ node: DemoNode, _ rights: [String], at address: String) throws {
        let invited = try stage.hub.must(["hub", "invite", "--advertise", address] + rights)
        let joined = try node.must(["join", "--name", node.name], input: invited.output)
        stage.tell(joined.lines.first ?? node.name)
    }

    /// With the network: what one does the others see at once.
    private func workTogether() throws {
        stage.title("With the network: production of \(project) begins (S-01)")
        try stage.act(
            stage.hub,
            [
                "stage", "advance", "--as", "nguyen.van.a", project, "production", "--reason",
                "customer waived the RFQ",
            ]
        )
        try stage.settle(stage.nodes)
        try progress(stage.first, "finish", "do.thi.j", "production_setup")
        try progress(stage.first, "start", "do.thi.j", "assembly")
        try stage.act(
            stage.first,
            [
                "qc", "start", "--as", "bui.thi.h", project, "--process", "FINAL_QC", "--build",
                "B-2025-0007",
            ]
        )
        try stage.settle(stage.nodes)
    }

    /// Without it: each station goes on with what it knows.
    private func workApart() throws {
        stage.title("The network is cut: the hub is gone, and nobody sees anybody")
        stage.hub.stop()
        stage.tell("HUB has ended")

        stage.title("Assembly is finished at ST-1 and blocked at ST-2 (S-02)")
        try progress(stage.first, "finish", "do.thi.j", "assembly")
        try progress(stage.second, "block", "ly.van.k", "assembly", reason: "crack in frame")

        stage.title("Leak test: 0.42 passes at ST-1, 0.71 fails on the laptop (S-03)")
        try measure(stage.first, "bui.thi.h", "0.42")
        try measure(stage.laptop, "ngo.van.i", "0.71")

        stage.title("Ly Van K is on two machines at once (S-20)")
        try log(stage.first, "WORK", from: "09:00", to: "12:10")
        try log(stage.second, "REWORK", from: "10:00", to: "11:30")
    }

    /// Two stations meet with no hub between them.
    private func meet() throws {
        stage.title("ST-1 and ST-2 meet directly, with no hub")
        try stage.show(stage.first, ["sync", "--peer", stage.second.address ?? ""])
        try stage.settle([stage.first, stage.second])
        stage.tell("Both show the safe value: blocked, whatever the clocks say")
        try stage.show(stage.second, ["project", "show", project])
    }

    /// The hub comes back.
    private func reunite() throws {
        stage.title("The hub returns; what was withheld flows")
        try stage.hub.start()
        for node in stage.nodes where node !== stage.hub { try node.must(["sync"]) }
        try stage.settle(stage.nodes)
        try stage.show(stage.hub, ["conflict", "list"])
        try showWhoDisagreed()
        try stage.show(stage.hub, ["qc", "show", project])
    }

    /// People settle what machines may not.
    private func decide() throws {
        stage.title("People who have seen both sides settle it")
        try progress(
            stage.second,
            "unblock",
            "do.thi.j",
            "assembly",
            reason: "frame replaced"
        )
        try progress(stage.second, "finish", "do.thi.j", "assembly")
        try stage.settle(stage.nodes)
        try measure(stage.first, "bui.thi.h", "0.44")
        try stage.settle(stage.nodes)
        try correct()
        try progress(stage.first, "start", "bui.thi.h", "quality_testing")
        try progress(stage.first, "finish", "bui.thi.h", "quality_testing")
        try stage.settle(stage.nodes)
        try stage.show(stage.far, ["project", "show", project])
        try stage.show(stage.far, ["conflict", "list"])
    }

    private func check() throws {
        stage.title("Every chain, signature and record is checked on every node")
        for node in stage.nodes { try stage.act(node, ["verify"]) }
        try stage.settle(stage.nodes)
    }
}

// MARK: - Commands

extension DemoStory {
    private func progress(
        _ node: DemoNode,
        _ step: String,
        _ user: String,
        _ subStage: String,
        reason: String? = nil
    ) throws {
        let why = reason.map { ["--reason", $0] } ?? []
        try stage.act(node, ["progress", step, "--as", user, project, subStage] + why)
    }

    /// Who wrote what about assembly, where, when, and what each had seen.
    private func showWhoDisagreed() throws {
        let listed = try stage.hub.must(["conflict", "list", "--json"]).object
        let cases = listed["conflicts"] as? [[String: Any]] ?? []
        let joint = cases.first { ($0["kind"] as? String) == "progress_join" }
        guard let name = (joint?["conflict"] ?? joint?["id"]) as? String else {
            throw CommandFault(.damaged, "the conflict about assembly is missing", reason: "demo")
        }
        try stage.show(stage.hub, ["conflict", "show", name])
    }

    private func measure(_ node: DemoNode, _ user: String, _ value: String) throws {
        try stage.act(
            node,
            ["qc", "measure", "--as", user, project, "4", value, "--unit", "ml/min"]
        )
    }

    private func log(_ node: DemoNode, _ kind: String, from: String, to: String) throws {
        try stage.act(
            node,
            [
                "hours", "log", "--as", "ly.van.k", project, "--kind", kind,
                "--start", from, "--end", to,
            ]
        )
    }

    /// The forgotten stop is corrected by a lead; nobody's hours are cut by a machine.
    private func correct() throws {
        let listed = try stage.hub.must(["hours", "list", "--json"]).object
        let entries = listed["entries"] as? [[String: Any]] ?? []
        let forgotten = entries.first { ($0["kind"] as? String) == "WORK" }
        guard let entry = forgotten?["entry"] as? String else {
            throw CommandFault(.damaged, "the entry of the morning is missing", reason: "demo")
        }
        try stage.act(
            stage.first,
            [
                "hours", "correct", "--as", "do.thi.j", entry, "--end", "10:00", "--reason",
                "forgot to stop",
            ]
        )
        try stage.settle(stage.nodes)
        try stage.show(stage.hub, ["hours", "list"])
    }
}
