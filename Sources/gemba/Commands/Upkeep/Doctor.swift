import ArgumentParser
import Node

struct Doctor: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at store, keys, clock, certificate, peers and disk.",
        discussion: """
            Exit status 1 if something is bad; warnings alone are 0.

            gemba doctor --data /var/lib/gemba
            """
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let findings = try Health(of: node).findings
        var table = Table("WHAT", "HOW", "FOUND")
        let items = findings.map { finding in
            table.add(finding.subject, finding.grade.rawValue, finding.text)
            return [
                "subject": .text(finding.subject), "grade": .text(finding.grade.rawValue),
                "text": .text(finding.text),
            ] as JSON
        }
        let bad = findings.filter { $0.grade == .bad }
        return Reply(
            ["ok": .bool(bad.isEmpty), "findings": .list(items)],
            lines: table.lines,
            fault: bad.first.map {
                CommandFault(.refused, "\($0.subject): \($0.text)", reason: "ill")
            }
        )
    }
}
