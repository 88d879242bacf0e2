import Foundation
import Testing

/// The style of the house, executed: each message says what to do instead.
@Suite("Tidy")
struct TidyTests {
    private let tree = Tree()

    @Test("a file holds at most 400 lines, a line at most 100 characters")
    func filesAreShort() throws {
        for file in try tree.files(in: ["Sources", "Tests"], ending: [".swift"]) {
            #expect(file.lines.count <= 401, "\(file.path): split it by topic, Type+Topic.swift")
            for (index, line) in file.lines.enumerated() where line.count > 100 {
                Issue.record("\(file.path):\(index + 1): wrap at 100 characters")
            }
        }
    }

    @Test("a function holds at most 60 lines")
    func functionsAreShort() throws {
        for file in try tree.files(in: ["Sources", "Tests"], ending: [".swift"]) {
            for (line, length) in functionLengths(file) where length > 60 {
                Issue.record("\(file.path):\(line): \(length) lines: name its parts and call them")
            }
        }
    }

    /// The first line and the length of each function, by the indentation of its closing brace.
    private func functionLengths(_ file: Tree.File) -> [(line: Int, length: Int)] {
        var open: [(line: Int, indent: Int)] = []
        var lengths: [(Int, Int)] = []
        for (index, line) in file.lines.enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            if text == "}" || text.hasPrefix("} "), let last = open.last, last.indent == indent {
                lengths.append((last.line + 1, index - last.line + 1))
                open.removeLast()
            }
            let isFunction =
                text.contains("func ") || text.hasPrefix("init(") || text.contains(" init(")
            let isComment = text.hasPrefix("//") || text.hasPrefix("\"")
            if isFunction, !isComment, !text.hasSuffix("}") {
                open.removeAll { $0.indent >= indent }
                open.append((index, indent))
            }
        }
        return lengths
    }

    @Test(
        "what the style bans does not stand in Sources",
        arguments: [
            ("TODO", "finish it or say so in the documentation", []),
            ("FIXME", "finish it or say so in the documentation", []),
            ("XXX", "finish it or say so in the documentation", []),
            ("Task {", "use a task group or a service", ["gemba"]),
            ("Task.detached", "use a task group or a service", ["gemba"]),
            ("try!", "handle the error", []),
            ("fatalError", "use precondition with a sentence, or an error", []),
            ("Date()", "take the time as a parameter", ["gemba"]),
            ("UUID()", "derive ids, or take them as a parameter", []),
            (".random(in", "take a generator as a parameter", []),
            ("print(", "return values; only the command prints", ["gemba"]),
            ("nonisolated(unsafe)", "use a Mutex", []),
        ] as [(String, String, [String])]
    )
    func nothingBanned(word: String, instead: String, allowed: [String]) throws {
        for file in try tree.files(in: ["Sources"], ending: [".swift"]) {
            let target = file.folders.dropFirst().first.map(String.init) ?? ""
            guard !allowed.contains(target) else { continue }
            for (index, line) in file.lines.enumerated() where contains(line, word) {
                Issue.record("\(file.path):\(index + 1): \(word): \(instead)")
            }
        }
    }

    private func contains(_ line: Substring, _ word: String) -> Bool {
        guard let range = line.range(of: word) else { return false }
        let code = line[..<range.lowerBound]
        let before = code.last
        let isPartOfWord = before.map { $0.isLetter || $0 == "_" } ?? false
        return !isPartOfWord && !code.contains("//")
    }

    @Test("rows 1 to 4 and the session import neither Foundation nor anything that acts")
    func lowRowsArePure() throws {
        let pure = ["Bytes", "CRDT", "Domain", "Identity", "Wire"].map { "Sources/\($0)" }
        let acting = ["Foundation", "Dispatch", "Glibc", "Synchronization", "GRDB", "NIOCore"]
        let sessions = try tree.files(in: ["Sources/Sync"], ending: [".swift"])
            .filter { $0.name.hasPrefix("Session") || $0.name.hasPrefix("SharedScopes") }
        for file in try tree.files(in: pure, ending: [".swift"]) + sessions {
            for module in acting where file.text.contains("import \(module)\n") {
                Issue.record(
                    "\(file.path): imports \(module): take time, chance and bytes as values"
                )
            }
        }
    }

    @Test("no folder is a drawer")
    func foldersAreNamed() throws {
        let drawers: Set<Substring> = [
            "Utils", "Helpers", "Common", "Extensions", "Models", "Managers",
        ]
        for path in try tree.paths(in: ["Sources", "Tests"]) {
            let folders = path.split(separator: "/").dropLast()
            #expect(drawers.isDisjoint(with: folders), "\(path): name the folder after the domain")
            #expect(folders.count <= 4, "\(path): at most two folders below a target")
        }
    }

    @Test("a Markdown file has exactly one title")
    func documentsHaveATitle() throws {
        let documents = try tree.files(in: ["protocol", "fixtures", "Sources"], ending: [".md"])
        for file in documents {
            var isCode = false
            let titles = file.lines.filter { line in
                if line.hasPrefix("```") { isCode.toggle() }
                return !isCode && line.hasPrefix("# ")
            }
            #expect(titles.count == 1, "\(file.path): \(titles.count) titles")
        }
    }

    @Test("every rule of the protocol is cited by a test or a source file")
    func rulesAreCited() throws {
        let rule = /\*\*((?:ENC|CHG|MERGE|ID|SYNC|TCP|SIG|DOM|RET|AUD|WIT|EVD)-\d+)\*\*/
        let swift = try tree.files(in: ["Sources", "Tests"], ending: [".swift"])
        let cited = Set(swift.flatMap { rules(in: $0.text) })
        for file in try tree.files(in: ["protocol"], ending: [".md"]) {
            for match in file.text.matches(of: rule) {
                let id = String(match.1)
                #expect(cited.contains(id), "\(file.path): \(id): name it where it is tested")
            }
        }
    }

    @Test("every rule of the protocol is defined once")
    func rulesAreDefinedOnce() throws {
        let rule = /(?m)^\s*- \*\*([A-Z]+-\d+)\*\*/
        var places: [String: [String]] = [:]
        for file in try tree.files(in: ["protocol"], ending: [".md"]) {
            for match in file.text.matches(of: rule) {
                places[String(match.1), default: []].append(file.path)
            }
        }
        #expect(places.count > 100, "the rules are found by how they begin")
        for (id, paths) in places where paths.count > 1 {
            Issue.record("\(id): defined in \(paths): give one of them a new number")
        }
    }

    /// The rule ids that a text cites, and those in ranges such as "CHG-1 to CHG-4" and "ID-1…16".
    private func rules(in text: String) -> [String] {
        let citation = /([A-Z]{2,5})-(\d+)(?:(?: to |…|–|-)(?:[A-Z]+-)?(\d+))?/
        return text.matches(of: citation).flatMap { match -> [String] in
            guard let first = Int(match.2) else { return [] }
            let last = match.3.flatMap { Int($0) } ?? first
            return (first...max(first, min(last, first + 40))).map { "\(match.1)-\($0)" }
        }
    }

    @Test("every file of fixtures is named by a test, a program or a document beside it")
    func fixturesAreUsed() throws {
        let readers = try tree.files(
            in: ["Sources", "Tests", "fixtures"],
            ending: [".swift", ".py", ".md"]
        )
        for path in try tree.paths(in: ["fixtures"]) {
            let parts = path.split(separator: "/")
            let name = parts.last.map(String.init) ?? path
            let stem = name.split(separator: ".").first.map(String.init) ?? name
            let isNamed = readers.contains { $0.path != path && $0.text.contains(stem) }
            #expect(isNamed || name == "README.md", "\(path): open it in a test, or delete it")
        }
    }

    @Test("the top level holds what the README says and nothing else")
    func topLevelIsBare() throws {
        let expected: Set<String> = [
            "Package.swift", "Sources", "Tests", "protocol", "fixtures", "README.md",
        ]
        let found = try FileManager.default.contentsOfDirectory(atPath: tree.top.path)
            .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
        #expect(Set(found) == expected)
    }
}
