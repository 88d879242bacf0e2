import Bytes
import CRDT
import Testing
import Wire

@Suite("Body")
struct BodyTests {
    @Test("a body has the bytes of CHG-1 to CHG-4")
    func bytes() throws {
        let seen = Name(Stamp(HybridTime(raw: 5), ID(high: 0, low: 6)), hash: 7)
        let body = body([
            Operation(2, .new, edits: [FieldEdit(1, .write(.bool(true), replacing: []))]),
            Operation(
                3,
                .existing(BodyCases.record),
                edits: [FieldEdit(0, .write(.null, replacing: [seen]))]
            ),
            Operation(4, .event, after: [], edits: []),
        ])
        let header: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 42, 3] + ID.zero.bytes + [0, 0, 1, 3]
        let new: [UInt8] = [2 << 3 | 1, 1, 1 << 4, 2]
        let existing: [UInt8] = [3 << 3 | 3] + BodyCases.record.bytes + [1, 1, 0, 1]
        let name: [UInt8] =
            [0, 0, 0, 0, 0, 0, 0, 5] + ID(high: 0, low: 6).bytes
            + [0, 0, 0, 0, 0, 0, 0, 7]
        let event: [UInt8] = [4 << 3 | 4, 0, 0]

        #expect(body.encoded() == header + new + existing + name + event)
        #expect(try Body(decoding: body.encoded()) == body)
    }

    @Test("what an author's check lets through is read back equal")
    func roundTrip() throws {
        for seed in 0..<400 {
            var arbitrary = Arbitrary(seed: UInt64(seed))
            let body = arbitrary.body()
            let bytes = try body.checked()

            #expect(try Body(decoding: bytes) == body, "SEED=\(seed)")
        }
    }

    @Test("an author's check and a receiver's reading forbid the same")
    func sameRules() {
        var refusals = 0
        for seed in 0..<4_000 {
            var arbitrary = Arbitrary(seed: UInt64(10_000 + seed))
            let body = arbitrary.spoilt(arbitrary.body())
            let isRead = (try? Body(decoding: body.encoded())) == body
            let isWritten = (try? body.checked()) != nil

            #expect(isRead == isWritten, "SEED=\(seed) \(body)")
            if !isWritten { refusals += 1 }
        }
        #expect(refusals > 500)
    }

    @Test("a body has one encoding")
    func oneEncoding() {
        for seed in 0..<4 {
            var arbitrary = Arbitrary(seed: UInt64(1_000 + seed))
            expectOneEncoding(arbitrary.body().encoded()) { try Body(decoding: $0).encoded() }
        }
    }

    @Test("random bytes after a valid header never trap")
    func noise() {
        var arbitrary = Arbitrary(seed: 5)
        let header = Array(body([]).encoded().dropLast())
        for _ in 0..<3_000 {
            let bytes = header + [1] + arbitrary.bytes(arbitrary.below(60))
            if let body = try? Body(decoding: bytes) { #expect(body.encoded() == bytes) }
        }
    }

    @Test(
        "neither receiver nor author lets pass what the rules forbid",
        arguments: BodyCases.forbidden
    )
    func refused(what: String, operations: [Operation]) {
        let body = body(operations)

        #expect(throws: Malformed.self, "\(what)") { try body.checked() }
    }

    @Test("the limits of ENC-9 are the last that pass", arguments: BodyCases.limits)
    func limits(what: String, fits: [Operation], exceeds: [Operation]) throws {
        #expect(throws: Never.self, "\(what)") { try body(fits).checked() }
        let fault = #expect(throws: Malformed.self, "\(what)") { try body(exceeds).checked() }
        #expect(fault?.code == .overLimit)
    }

    @Test("a body of another format is not read, but its format is")
    func otherFormat() {
        #expect(Body.format(of: [2, 1, 1]) == 2)
        #expect(Body.format(of: []) == nil)
        #expect(throws: Malformed.self) { try Body(decoding: [2, 1, 1]) }
    }

    private func body(_ operations: [Operation]) -> Body {
        Body(
            time: HybridTime(raw: 42),
            authority: 3,
            user: .zero,
            login: 0,
            method: .machine,
            schema: 1,
            operations: operations
        )
    }
}
