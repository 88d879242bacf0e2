import Foundation
import Testing

/// Which test shows which requirement: a table made from the names of the tests.
@Suite("Requirements")
struct RequirementTests {
    private static let path = "Tests/Requirements.md"
    private let tree = Tree()

    @Test("every requirement of the day's work has a test that names it, or a reason why not")
    func requirementsAreShown() throws {
        let shown = try testsByRequirement()
        for id in Requirements.areas.flatMap(\.ids) {
            let isExcused = Requirements.reasons[id] != nil
            let isShown = shown[id] != nil
            #expect(isShown || isExcused, "\(id): name it in the test that shows it")
            #expect(!(isShown && isExcused), "\(id): has a test: take its reason away")
        }
        let known = Set(Requirements.areas.flatMap(\.ids))
        for id in Requirements.reasons.keys where !known.contains(id) {
            Issue.record("\(id): a reason for what is in no area")
        }
    }

    @Test("the table of requirements is what the names of the tests say")
    func tableIsCurrent() throws {
        let url = tree.top.appending(path: Self.path)
        let table = try self.table()
        if ProcessInfo.processInfo.environment["GEMBA_WRITE_TABLES"] == "1" {
            try table.write(to: url, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: url, encoding: .utf8)
        #expect(
            written == table,
            "GEMBA_WRITE_TABLES=1 writes it: then read what changed, an id must not disappear"
        )
    }

    private func table() throws -> String {
        let shown = try testsByRequirement()
        var lines = [
            "# Requirements of the day's work and the tests that show them", "",
            "Made from the names of the tests; a reason stands where there is none.",
        ]
        for area in Requirements.areas {
            lines += ["", "## \(area.letter). \(area.name)", "", "| id | shown by |", "|---|---|"]
            for id in area.ids {
                let names = shown[id].map { $0.joined(separator: "; ") }
                let reason = Requirements.reasons[id].map { "*\($0)*" }
                let text = names ?? reason ?? "**nothing**"
                lines.append("| \(id) | \(text.replacing("|", with: "\\|")) |")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The names of the tests that show a requirement, sorted.
    private func testsByRequirement() throws -> [String: [String]] {
        var tests: [String: Set<String>] = [:]
        let name = /@Test\(\s*"((?:[^"\\]|\\.)*)"/
        for file in try tree.files(in: ["Tests"], ending: [".swift"]) {
            for match in file.text.matches(of: name) {
                let name = String(match.1)
                for id in requirements(in: name) { tests[id, default: []].insert(name) }
            }
        }
        return tests.mapValues { $0.sorted() }
    }

    /// The ids that a name says, and those of a range such as `FP-041 to FP-048`.
    private func requirements(in name: String) -> [String] {
        let citation = /(FP|TV|AD|PJ)-(\d{3})(?:(?: to |…|–)(?:FP-|TV-|AD-|PJ-)?(\d{3}))?/
        return name.matches(of: citation).flatMap { match -> [String] in
            guard let first = Int(match.2) else { return [] }
            let last = match.3.flatMap { Int($0) } ?? first
            return (first...max(first, min(last, first + 40))).map { number in
                "\(match.1)-" + String(format: "%03d", number)
            }
        }
    }
}
