import CRDT
import Domain
import Foundation
import Testing

/// The tables of `protocol/domain.md`, written from the catalogue.
@Suite("Domain document")
struct DocumentTests {
    private static let mark = "<!-- The tables below are written by DomainTests. -->"

    @Test("the tables of protocol/domain.md say what the catalogue says (GEMBA_WRITE_VECTORS=1)")
    func tables() throws {
        let url = Company.top.appending(path: "protocol/domain.md")
        let document = try String(contentsOf: url, encoding: .utf8)
        let rules = document.components(separatedBy: Self.mark)[0]
        let expected =
            rules.trimmingCharacters(in: .newlines) + "\n\n" + Self.mark + "\n\n"
            + (acts + readingRights + reading + roles + steps + taskSteps + defectSteps + records)
            .joined(separator: "\n")
            + "\n"

        if ProcessInfo.processInfo.environment["GEMBA_WRITE_VECTORS"] == "1" {
            try expected.write(to: url, atomically: true, encoding: .utf8)
        } else {
            #expect(document == expected, "run with GEMBA_WRITE_VECTORS=1")
        }
    }

    private var acts: [String] {
        [
            "## Acts", "", "| act | permission | category | needs | least method |",
            "|---|---|---|---|---|",
        ]
            + Act.allCases.map { act in
                let grants = act.grants.map { $0.words() }.joined(separator: ", or ")
                return "| `\(act.rawValue)` | `\(act.permission)` | \(act.category.rawValue) "
                    + "| \(grants) | \(act.leastMethod) |"
            } + [""]
    }

    private var readingRights: [String] {
        ["## Reading rights", "", "| right | who has it |", "|---|---|"]
            + ReadingRight.allCases.map { right in
                let held = Grants.standard.reaching(right.permission).filter(\.pattern.isExact)
                let who = held.map { $0.words() }.joined(separator: ", or ")
                return "| `\(right.permission)` | \(who) |"
            } + [""]
    }

    private var reading: [String] {
        ["## Reading", "", "| entity | class | rows | other fields |", "|---|---|---|---|"]
            + Catalogue.schema.entities.map { entity in
                guard let rule = ReadingRules.standard[entity.number] else {
                    return "| \(entity.name) | | | |"
                }
                let fields = rule.fields.sorted { $0.key < $1.key }.map { number, dataClass in
                    "`\(entity.field(number)?.name ?? "")` \(dataClass.rawValue)"
                }
                return "| \(entity.name) | \(rule.dataClass.rawValue) "
                    + "| \(rule.rows.words(of: entity)) | \(fields.joined(separator: ", ")) |"
            } + [""]
    }

    private var roles: [String] {
        ["## Roles", "", "| role | name | parent |", "|---|---|---|"]
            + RoleCatalogue.entries.map { "| `\($0.code)` | \($0.name) | \($0.parent ?? "") |" }
            + [""]
    }

    private var steps: [String] {
        let actions: [(String, ProgressStep.Action)] = [
            ("start", .start), ("finish", .finish(needsApproval: false, revision: nil)),
            ("block", .block), ("unblock", .unblock([])), ("skip", .skip), ("reopen", .reopen),
            ("decide", .approve(revision: nil)),
        ]
        return ["## Steps", "", "| step | from |", "|---|---|"]
            + actions.map { name, action in
                let states = SubStageProgress.Status.allCases
                    .filter(ProgressRules.allowed(from: action).contains)
                return "| `\(name)` | \(states.map(\.rawValue).joined(separator: ", ")) |"
            } + [""]
    }

    private var taskSteps: [String] {
        let actions: [TaskStep.Action] = [
            .start, .progress(0), .hold, .resume([]), .complete, .cancel, .reopen, .issue,
        ]
        return table("Task steps", actions.map { ($0.word, TaskRules.allowed(from: $0)) })
    }

    private var defectSteps: [String] {
        let actions: [DefectStep.Action] = [
            .start, .contain, .resolve, .verify, .refuse, .reopen,
            .reclassify(.minor, isDecided: false), .waive,
        ]
        return table("Defect steps", actions.map { ($0.word, DefectRules.allowed(from: $0)) })
    }

    private func table<State: CaseIterable & Hashable & RawRepresentable<String>>(
        _ title: String,
        _ rows: [(String?, Set<State>)]
    ) -> [String] {
        ["## \(title)", "", "| step | from |", "|---|---|"]
            + rows.map { word, allowed in
                let states = State.allCases.filter(allowed.contains).map(\.rawValue)
                return "| `\(word ?? "?")` | \(states.joined(separator: ", ")) |"
            } + [""]
    }

    private var records: [String] {
        let schema = Catalogue.schema
        let rows = schema.entities.map { entity in
            let scopes = entity.scopes.sorted { $0.rawValue < $1.rawValue }.map { "\($0)" }
            return "| \(entity.number) | \(entity.name) | \(form(entity)) "
                + "| \(scopes.joined(separator: ", ")) "
                + "| \(entity.writer == .hub ? "hub" : "any device") |"
        }
        return [
            "## Records", "",
            "Schema version \(schema.version). Of a fixed or register field the kind says what "
                + "values count; of a set, what elements; of a map, what a key may have. An "
                + "event's fields are all set when it is recorded.", "",
            "| entity | name | form | scope | writer |", "|---|---|---|---|---|",
        ] + rows + [""] + schema.entities.flatMap(fields).dropLast()
    }

    private func form(_ entity: Entity) -> String {
        switch entity.form {
        case .entity(let key):
            key.isEmpty ? "record" : "record, key \(names(key, entity))"
        case .event(let stream):
            stream.isEmpty ? "event" : "event, stream \(names(stream, entity))"
        }
    }

    private func names(_ fields: [UInt32], _ entity: Entity) -> String {
        fields.map { entity.field($0)?.name ?? "?" }.joined(separator: ", ")
    }

    private func fields(_ entity: Entity) -> [String] {
        [
            "### \(entity.number) \(entity.name)", "",
            "| field | name | kind | merge |", "|---|---|---|---|",
        ]
            + entity.fields.map { field in
                "| \(field.number) | \(field.name) | \(field.kind) | \(merge(field)) |"
            } + [""]
    }

    private func merge(_ field: Field) -> String {
        switch field.merge {
        case .fixed: "fixed"
        case .register: "register"
        case .authority: "authority"
        case .set: "set"
        case .counter: "counter"
        case .map: "map"
        case .cautious(let values):
            "cautious: " + values.map(word).joined(separator: " < ")
        }
    }

    private func word(_ value: Value) -> String {
        if case .text(let text) = value { text } else { "\(value)" }
    }
}

extension ReadingRule.Rows {
    fileprivate func words(of entity: Entity) -> String {
        func name(_ field: UInt32) -> String { "`\(entity.field(field)?.name ?? "")`" }
        return switch self {
        case .ofScope: "all"
        case .own(let field, let right): "own by \(name(field)), others with `\(right.rawValue)`"
        case .customers: "DOM-235"
        case .ofCompany(let field): "as the company in \(name(field))"
        case .addressed(let person, let role): "addressed by \(name(person)) and \(name(role))"
        }
    }
}
