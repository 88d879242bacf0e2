import Node
import Testing

@Suite("What commands print")
struct TextTests {
    @Test("an object keeps the order in which its keys were written")
    func objectsKeepOrder() {
        let json: JSON = ["z": 1, "a": ["list", true], "m": .null]

        #expect(json.text == #"{"z":1,"a":["list",true],"m":null}"#)
    }

    @Test("quotes, controls and turns of direction are escaped in JSON")
    func jsonEscapes() {
        let json = JSON.text("a\"b\\c\u{1b}[2J\u{202e}\u{9b}\n")

        #expect(json.text == #""a\"b\\c\u001b[2J\u202e\u009b\n""#)
    }

    @Test("no foreign text moves a terminal's cursor or forges a line")
    func foreignTextIsHarmless() {
        let line = PrintableText.line("Title\u{1b}]0;x\u{07}\ngemba: refused\u{2028}\u{202e}éñ 工")

        #expect(line == "Title\u{FFFD}]0;x\u{FFFD}\u{FFFD}gemba: refused\u{FFFD}\u{FFFD}éñ 工")
    }

    @Test("columns are as wide as their widest cell")
    func tablesLineUp() {
        var table = Table("A", "NAME")
        table.add("long", "x")
        table.add("b", "yy")

        #expect(table.lines == ["A     NAME", "long  x", "b     yy"])
    }

    @Test(
        "days are those of the calendar",
        arguments: [
            (0, "1970-01-01"), (951_782_400_000, "2000-02-29"), (1_795_262_400_000, "2026-11-21"),
            (4_102_444_800_000, "2100-01-01"),
        ] as [(UInt64, String)]
    )
    func daysAreCivil(milliseconds: UInt64, day: String) {
        #expect(CalendarDay.text(milliseconds: milliseconds) == day)
    }

    @Test("every fault has an exit status of its own, and none is success")
    func statusesDiffer() {
        let statuses = CommandFault.Code.allCases.map(\.exitStatus)

        #expect(Set(statuses).count == statuses.count)
        #expect(!statuses.contains(0))
    }
}
