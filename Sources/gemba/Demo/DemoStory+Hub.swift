import Foundation
import Node

// What only a hub does: it decides, and it keeps tenants apart.

extension DemoStory {
    /// The finished test waits for an approval, which is decided at the hub and counts everywhere.
    func approve() throws {
        stage.title("The test waits for its approval, which only the hub can give (S-04)")
        try stage.show(stage.hub, ["approval", "list"])
        let listed = try stage.hub.must(["approval", "list", "--json"]).object
        let approvals = listed["approvals"] as? [[String: Any]] ?? []
        guard let approval = approvals.first?["approval"] as? String else {
            throw CommandFault(.damaged, "there is no request to decide", reason: "demo")
        }
        try refuse(
            stage.first,
            ["approval", "decide", "--as", "tran.thi.b", approval, "approve"],
            "a station decides nothing"
        )
        try refuse(
            stage.hub,
            ["approval", "decide", "--as", "bui.thi.h", approval, "approve"],
            "nobody approves what they asked for"
        )
        try stage.act(
            stage.hub,
            ["approval", "decide", "--as", "tran.thi.b", approval, "approve"]
        )
        try stage.settle(stage.nodes)
        try stage.show(stage.far, ["project", "show", project])
    }

    /// A station of another tenant asks this tenant's hub, and learns nothing.
    func probe() throws {
        stage.title("A device of another tenant knocks at this hub")
        let stranger = stage.stranger
        try stranger.must([
            "hub", "init", "--tenant", "TORVAN Medical", "--site", "TOR-A", "--admin",
            "admin@torvan.example", "--trust-local", "--no-recovery",
        ])
        try refuse(
            stranger,
            ["sync", "--peer", stage.hub.address ?? ""],
            "it holds no certificate of this tenant"
        )
    }

    /// A command that must be refused, and says why.
    private func refuse(_ node: DemoNode, _ arguments: [String], _ why: String) throws {
        let answer = try node.ask(arguments)
        guard answer.status != 0 else {
            throw CommandFault(.damaged, "\(node.name) did what it must not", reason: "demo")
        }
        stage.tell("\(node.name)$ gemba \(arguments.joined(separator: " "))")
        let said = answer.message.split(separator: "\n").last.map(String.init) ?? ""
        stage.tell("      refused, for \(why): \(said)")
    }
}
