import Bytes
import CRDT
import Domain
import Foundation
import Hub
import Identity
import Node
import SeededRandom
import Storage
import Testing

@testable import Wire

@Suite("Evidence packs", .serialized)
struct EvidenceTests {
    @Test("both verifiers say the same of a pack: everything is there, opened, and signed")
    func whole() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let pack = try evidence.pack()
        let report = try evidence.report(pack)
        let said = try evidence.python(pack)
        let size = try #require(evidence.workshop.hub.store.auditHead?.size)
        #expect(report.head.size == size && report.opened == Int(size))
        #expect(report.closed == 0 && report.erased == 0 && report.changes > 6)
        #expect(said["ok"] as? Bool == true)
        for (name, value) in [
            ("opened", report.opened), ("closed", report.closed), ("erased", report.erased),
            ("changes", report.changes), ("feeds", report.feeds), ("rulings", report.rulings),
            ("refusals", report.refusals), ("clocks_apart", report.clocksApart),
            ("revocations", report.revocations),
        ] {
            #expect(said[name] as? Int == value, "\(name)")
        }
    }

    @Test("P1: each of 10,000 changed bytes of an evidence pack is found by both verifiers")
    func flipped() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let scopes: [Scope] = [.subject(EvidenceCase.subject)]
        let pack = try evidence.pack(
            EvidenceHead.Query(since: 0, until: EvidenceHead.Query.all.until, scopes: scopes)
        )
        let said = try evidence.python(pack, flips: 10_000)
        #expect(said["flips"] as? Int == 10_000 && said["unnoticed"] as? Int == 0)
        var random = SplitMix64(seed: 31)
        var changed = pack
        for _ in 0..<10_000 {
            let place = random.below(pack.count)
            let mask = UInt8(1 + random.below(255))
            changed[place] ^= mask
            #expect(evidence.refusal(changed) != nil, "byte \(place) by \(mask)")
            changed[place] ^= mask
        }
        for place in [0, pack.count / 2, pack.count - 1] {
            #expect(evidence.refusal(Array(pack[..<place])) == "container")
        }
        #expect(evidence.refusal(pack + [0]) == "container")
    }

    @Test("P2: a pack says one thing to people and to machines, and names who did what, and when")
    func forPeople() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let pack = try evidence.pack()
        let files = try Ustar.decode(pack)
        let csv = try #require(files.first { $0.name == "audit.csv" })
        let lines = String(decoding: csv.bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == Int(try evidence.report(pack).head.size) + 1)
        #expect(lines.contains { $0.contains("\"export\"") && $0.contains("command=audit export") })
        let lie = try evidence.resigned(pack) { files in
            let text = String(decoding: files["audit.csv", default: []], as: UTF8.self)
            files["audit.csv"] = Array(text.replacing("\"export\"", with: "\"backup\"").utf8)
        }
        #expect(evidence.refusal(lie) == "entry")
        #expect(try evidence.otherRefusal(lie) == "entry")
    }

    @Test(
        "FP-133: approvals and quality records are exported as tables under the hub's signature"
    )
    func compliance() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let files = try Ustar.decode(try evidence.pack())
        func table(_ name: String) throws -> [Substring] {
            let file = try #require(files.first { $0.name == name })
            return String(decoding: file.bytes, as: UTF8.self).split(separator: "\r\n")
        }
        let quality = try table("tables/quality.csv")
        #expect(quality.count == 5)
        #expect(quality.contains { $0.contains("outcome=FAIL") && $0.contains("nguyen.van.a") })
        let approvals = try table("tables/approvals.csv")
        #expect(approvals.contains { $0.contains("stage_event") && $0.contains("production") })
        #expect(try table("tables/set_aside.csv").count == 1)
        let sums = try #require(files.first { $0.name == "SHA256SUMS" })
        #expect(String(decoding: sums.bytes, as: UTF8.self).contains("tables/approvals.csv"))
    }

    @Test("P19, FP-137: both results of a leak test stay, each with author, time and signed change")
    func history() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let pack = try evidence.pack()
        let files = try Ustar.decode(pack)
        let file = try #require(files.first { $0.name == "tables/quality.csv" })
        let rows = String(decoding: file.bytes, as: UTF8.self).split(separator: "\r\n").dropFirst()
        let hashes = rows.compactMap { $0.split(separator: ",").last }
        #expect(Set(hashes).count == 4)
        let csv = try #require(files.first { $0.name == "audit.csv" })
        let text = String(decoding: csv.bytes, as: UTF8.self)
        for hash in hashes { #expect(text.contains(hash)) }
        // Of the first result neither the change nor its entry can be taken away.
        let cut = try evidence.resigned(pack) { files in
            var rest: [[UInt8]] = []
            try EvidenceVerifier.items(files["changes.bin", default: []][...]) {
                reader throws(Malformed) in
                rest.append(try reader.long())
            }
            var writer = Writer()
            for chunk in rest.dropLast() {
                writer.u32(UInt32(chunk.count))
                writer.raw(chunk)
            }
            files["changes.bin"] = writer.bytes
        }
        #expect(evidence.refusal(cut) == "completeness")
        #expect(try evidence.otherRefusal(cut) == "completeness")
    }

    @Test("a query of a scope and a period opens what it asks for, and closes the rest")
    func query() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let scopes: [Scope] = [.subject(EvidenceCase.subject)]
        let all = EvidenceHead.Query.all
        let one = try evidence.pack(
            EvidenceHead.Query(since: 0, until: all.until, scopes: scopes)
        )
        let report = try evidence.report(one)
        #expect(report.closed > 0 && report.changes == 3)
        #expect(try evidence.otherRefusal(one) == nil)
        let logins = EvidenceHead.Query(since: Workshop.noon + 4_000, until: all.until, kinds: [10])
        let late = try evidence.pack(logins)
        #expect(try evidence.report(late).opened == 2)
        #expect(try evidence.otherRefusal(late) == nil)
        // Who was asked for a scope cannot hide an export, nor show less than the period.
        let hidden = try evidence.resigned(one) { entries in
            let index = try #require(entries.lastIndex { $0.leaf.kind == 10 })
            entries[index].content = .closed
        }
        #expect(evidence.refusal(hidden) == "completeness")
        #expect(try evidence.otherRefusal(hidden) == "completeness")
    }

    @Test("what stock tools say of the signature of a pack: openssl, sha256sum, tar")
    func stockTools() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let folder = "\(evidence.workshop.folder)/opened"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = try evidence.file("pack.tar", try evidence.pack())
        #expect(try EvidenceCase.run("/usr/bin/tar", ["xf", path], in: folder).status == 0)
        let sums = ["-c", "--quiet", "SHA256SUMS"]
        #expect(try EvidenceCase.run("/usr/bin/sha256sum", sums, in: folder).status == 0)
        let check = [
            "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "signer.pem", "-in",
            "evidence.head", "-sigfile", "evidence.sig",
        ]
        let verified = try EvidenceCase.run("/usr/bin/openssl", check, in: folder)
        #expect(verified.status == 0 && verified.output.contains("Verified Successfully"))
        let summed = try EvidenceCase.run("/usr/bin/sha256sum", ["SHA256SUMS"], in: folder)
        let head = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/evidence.head"))
        #expect(summed.output.hasPrefix(Hex.encode(Array(head.suffix(32)))))
        var wrong = head
        wrong[30] ^= 1
        try wrong.write(to: URL(fileURLWithPath: "\(folder)/evidence.head"))
        #expect(try EvidenceCase.run("/usr/bin/openssl", check, in: folder).status != 0)
    }

    @Test("another root, another hub and another tenant's checkpoint prove nothing")
    func foreign() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let pack = try evidence.pack()
        #expect(throws: EvidenceFault.self) {
            try EvidenceVerifier(root: ID(high: 1, low: 1)).verify(pack)
        }
        let other = try Workshop(seed: 9)
        defer { other.clean() }
        _ = try other.hub.store.signCheckpoint(wallMilliseconds: Workshop.noon)
        let held = try other.hub.auditCheckpoint().checkpoint
        #expect(evidence.refusal(pack, held: held) == "consistency")
        #expect(try evidence.otherRefusal(pack, held: held) == "consistency")
    }

    @Test(
        "an entry rewritten, cut, moved, put in or hidden is found by both, whatever the hub signs",
        arguments: [
            ("rewritten", "tree"), ("truncated", "tree"), ("reordered", "tree"),
            ("inserted", "tree"), ("said otherwise", "entry"), ("hidden", "completeness"),
            ("erased and not said", "completeness"),
        ]
    )
    func tampered(how: String, code: String) throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let lie = try evidence.resigned(try evidence.pack()) { entries in
            switch how {
            case "rewritten": entries[3].leaf.time += 1
            case "truncated": entries.removeLast()
            case "reordered": entries.swapAt(2, 3)
            case "inserted": entries.insert(entries[1], at: 5)
            case "hidden": entries[3].content = .closed
            default:
                let last = entries.count - 1
                guard case .opened(var opening) = entries[last].content else { return }
                opening.detail[opening.detail.count - 1] ^= 1
                entries[last].content = how == "said otherwise" ? .opened(opening) : .closed
            }
        }
        #expect(evidence.refusal(lie) == code)
        #expect(try evidence.otherRefusal(lie) == code)
    }

    @Test("a change altered, a statement left out and a head of another log are found by both")
    func otherFiles() throws {
        let evidence = try EvidenceCase()
        defer { evidence.workshop.clean() }
        let pack = try evidence.pack()
        let altered = try evidence.resigned(pack) { $0["changes.bin"]?[600] ^= 1 }
        let cut = try evidence.resigned(pack) { files in
            var items: [(UInt8, [UInt8])] = []
            try EvidenceVerifier.items(files["authority.bin", default: []][...]) {
                reader throws(Malformed) in
                items.append((try reader.u8("kind"), try reader.long()))
            }
            var writer = Writer()
            for (kind, bytes) in items.dropLast() {
                writer.u8(kind)
                writer.u32(UInt32(bytes.count))
                writer.raw(bytes)
            }
            files["authority.bin"] = writer.bytes
        }
        for lie in [altered, cut] {
            let code = evidence.refusal(lie)
            #expect(code != nil && code != "sums" && code != "container")
            #expect(try evidence.otherRefusal(lie) == code)
        }
        let other = try evidence.resigned(pack) { files in
            var head = try EvidenceHead(decoding: files["evidence.head", default: []])
            head.root = .zero
            files["evidence.head"] = head.encoded
        }
        #expect(evidence.refusal(other) == "checkpoint")
        #expect(try evidence.otherRefusal(other) == "checkpoint")
    }
}
