import Testing

/// Every kind of slip at the command line, one after another, at a hub of the sample company.
@Suite("Bad input at the command line")
struct BadInputCommandTests {
    @Test("each of more than eighty slips has its code and a sentence, and changes nothing")
    func table() async throws {
        #expect(BadInput.all.count > 80)
        let firm = try await Firm("bad-input")
        let hub = firm.hub
        try await firm.startProduction()
        for command in Self.prepared { try await hub.done(words(command)) }
        let before = try await hub.changesOfWork()
        let running = try await hub.run()
        for bad in BadInput.all {
            let answer = try await hub.command(words(bad.command) + ["--json"])
            #expect(answer.status == bad.status, "\(bad.command): \(answer)")
            #expect(answer.output.isEmpty, "\(bad.command): \(answer)")
            let fault = try answer.fault().error
            #expect(fault.reason == bad.reason, "\(bad.command): \(answer)")
            #expect(fault.status == bad.status, "\(bad.command): \(answer)")
            #expect((10...600).contains(fault.message.count), "\(bad.command): \(answer)")
        }
        #expect(try await hub.changesOfWork() == before)
        try await running.end()
    }

    private static let prepared = [
        "task add PRJ-000123 Frame --code T-1 --sub-stage assembly --as nguyen.van.a",
        "task add PRJ-000123 Cover --code T-2 --as nguyen.van.a",
        "task link PRJ-000123 T-1 T-2 --as nguyen.van.a",
        "qc start PRJ-000123 --process FINAL_QC --build B-1 --as bui.thi.h",
        "defect report PRJ-000123 scratch --severity MINOR --code D-1 --as bui.thi.h",
    ]

    /// The words of a command as a shell would take them apart: quotes keep blanks.
    private func words(_ command: String) -> [String] {
        var words: [String] = []
        var (word, isQuoted, hasWord) = ("", false, false)
        for letter in command {
            switch letter {
            case "\"":
                isQuoted.toggle()
                hasWord = true
            case " " where !isQuoted:
                if hasWord { words.append(word) }
                (word, hasWord) = ("", false)
            default:
                word.append(letter)
                hasWord = true
            }
        }
        if hasWord { words.append(word) }
        return words.map { $0 == BadInput.long ? String(repeating: "x", count: 10_000) : $0 }
    }
}
