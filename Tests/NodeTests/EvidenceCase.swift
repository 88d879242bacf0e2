import Bytes
import CRDT
import Domain
import Foundation
import Hub
import Identity
import Node
import Storage
import Testing

@testable import Wire

/// A hub with a station that watched it, work of an auditor's interest, and packs of it.
struct EvidenceCase {
    let workshop: Workshop
    let admin: Actor

    static let subject = ID(high: 0x50, low: 7)
    static let other = ID(high: 0x51, low: 7)
    private static let inspection = ID(high: 0x52, low: 7)

    init() throws {
        workshop = try Workshop()
        admin = try workshop.hub.actor(as: "nguyen.van.a", by: .tester)
        for subject in [Self.subject, Self.other] { try work(on: subject) }
    }

    /// A stage is entered, and a leak test fails and is passed.
    func work(on subject: ID) throws {
        let advance: [FieldEdit] = [
            FieldEdit(StageAdvance.subjectField, .write(.id(subject), replacing: [])),
            FieldEdit(StageAdvance.toField, .write(.text("production"), replacing: [])),
            FieldEdit(StageAdvance.kindField, .write(.text("override"), replacing: [])),
            FieldEdit(StageAdvance.reasonField, .write(.text("=waived, \"by\" A"), replacing: [])),
        ]
        try write(CRDT.Operation(StageAdvance.number, .event, edits: advance), in: subject)
        for (outcome, value) in [("FAIL", 71), ("PASS", 42)] {
            let edits: [FieldEdit] = [
                FieldEdit(1, .write(.id(Self.inspection), replacing: [])),
                FieldEdit(2, .write(.integer(4), replacing: [])),
                FieldEdit(3, .write(.text(outcome), replacing: [])),
                FieldEdit(4, .write(.decimal(mantissa: Int64(value), scale: 2), replacing: [])),
            ]
            try write(CRDT.Operation(Measurement.number, .event, edits: edits), in: subject)
        }
    }

    private func write(_ operation: CRDT.Operation, in subject: ID) throws {
        workshop.pass(milliseconds: 1_000)
        _ = try workshop.hub.act(admin) { _ in
            var draft = Draft()
            draft.add(operation, in: .subject(subject))
            return draft
        }
    }

    func pack(_ query: EvidenceHead.Query = .all) throws -> [UInt8] {
        workshop.pass(milliseconds: 1_000)
        return try workshop.hub.exportEvidence(query, by: admin).bytes
    }

    var root: ID { workshop.hub.store.tenant }

    func report(_ pack: [UInt8], held: SignedCheckpoint? = nil) throws -> EvidenceReport {
        try EvidenceVerifier(root: root, held: held).verify(pack)
    }

    /// The code with which the verifier in Swift refuses; nil if it does not.
    func refusal(_ pack: [UInt8], held: SignedCheckpoint? = nil) -> String? {
        do throws(EvidenceFault) {
            _ = try EvidenceVerifier(root: root, held: held).verify(pack)
            return nil
        } catch {
            return error.code.rawValue
        }
    }
}

// MARK: - The other verifier

extension EvidenceCase {
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(workshop.folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// What the verifier in Python says of a pack.
    func python(
        _ pack: [UInt8],
        held: SignedCheckpoint? = nil,
        flips: Int = 0
    ) throws -> [String: Any] {
        var arguments = [
            "\(Sources.top)/fixtures/evidence.py", try file("pack.tar", pack), "--root", "\(root)",
        ]
        if let held { arguments += ["--checkpoint", try file("held.note", held.encoded)] }
        if flips > 0 { arguments += ["--flips", "\(flips)"] }
        let output = try Self.run("/usr/bin/python3", arguments).output
        let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
        return try #require(object as? [String: Any])
    }

    /// The code with which it refuses; nil if it does not.
    func otherRefusal(_ pack: [UInt8], held: SignedCheckpoint? = nil) throws -> String? {
        let said = try python(pack, held: held)
        return try #require(said["ok"] as? Bool) ? nil : said["code"] as? String
    }

    static func run(
        _ program: String,
        _ arguments: [String],
        in folder: String? = nil
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"]
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
}

// MARK: - A hub that signs a lie

extension EvidenceCase {
    /// A pack with other files, all of it hashed and signed again with the hub's own key.
    func resigned(
        _ pack: [UInt8],
        _ change: (inout [String: [UInt8]]) throws -> Void
    ) throws -> [UInt8] {
        let files = try Ustar.decode(pack)
        var bytes: [String: [UInt8]] = [:]
        for file in files { bytes[file.name] = Array(file.bytes) }
        try change(&bytes)
        let listed = files.dropFirst(3).map { Ustar.File($0.name, bytes[$0.name] ?? []) }
        let sums = Array(EvidenceText.sums(of: Array(listed)).utf8)
        var head = try EvidenceHead(decoding: bytes["evidence.head"] ?? [])
        head.sums = Hash(digest: SHA256.hash(sums))
        let signed = Signed(signing: head, with: workshop.hub.store.keys.sign)
        return Ustar.encode(
            [
                Ustar.File("evidence.head", head.encoded),
                Ustar.File("evidence.sig", signed.signature), Ustar.File("SHA256SUMS", sums),
            ] + listed
        )
    }

    /// The entries of a pack changed, and the lines for people made to fit.
    func resigned(
        _ pack: [UInt8],
        entries change: @escaping (inout [EvidenceEntry]) throws -> Void
    ) throws -> [UInt8] {
        try resigned(pack) { files in
            var entries: [EvidenceEntry] = []
            try EvidenceVerifier.items(files["entries.bin", default: []][...]) {
                reader throws(Malformed) in
                entries.append(try EvidenceEntry(reading: &reader))
            }
            try change(&entries)
            var writer = Writer()
            for entry in entries { entry.write(to: &writer) }
            files["entries.bin"] = writer.bytes
            files["audit.csv"] = Array(EvidenceText.csv(of: entries).utf8)
        }
    }
}
