import Bytes
import CRDT
import Foundation
import Testing

/// The vectors of `fixtures/vectors/gemba`: what another implementation is checked with.
///
/// With GEMBA_WRITE_VECTORS=1 in the environment the files are written instead.
@Suite("Vectors", .serialized)
struct VectorTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures/vectors/gemba")

    private static let files: [(name: String, make: @Sendable () throws -> VectorFile)] = [
        ("encoding", EncodingVectors.file), ("changes", ChangeVectors.file),
        ("statements", StatementVectors.file), ("joining", JoiningVectors.file),
        ("frames", FrameVectors.file), ("chunks", ChunkVectors.file),
        ("digests", DigestVectors.file), ("signatures", SignatureVectors.file),
        ("merges", MergeVectors.file), ("rulings", RulingVectors.file),
    ]

    /// Structures whose bytes are not read but hashed.
    private static let computed: Set<String> = ["naturalID", "words", "reason", "shown"]

    private static func path(_ name: String) -> URL {
        folder.appendingPathComponent("\(name).json")
    }

    @Test("each file on disk is what is made here", arguments: files.map(\.name))
    func current(name: String) throws {
        let made = try required(Self.files.first { $0.name == name }).make()
        let path = Self.path(name)
        if ProcessInfo.processInfo.environment["GEMBA_WRITE_VECTORS"] == "1" {
            try FileManager.default.createDirectory(
                at: Self.folder,
                withIntermediateDirectories: true
            )
            try Data(made.text.utf8).write(to: path)
        }
        let held = try String(decoding: Data(contentsOf: path), as: UTF8.self)
        #expect(held.utf8.elementsEqual(made.text.utf8), "fixtures/README.md says how to remake it")
    }

    @Test("each structure on disk reads as its vector says", arguments: files.map(\.name))
    func readable(name: String) throws {
        let file = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: Self.path(name)))
        let vectors = try required(file["vectors"]?.list)
        #expect(vectors.count > 3)
        for vector in vectors where vector["bytes"] != nil {
            let (title, structure, outcome) = try (
                required(vector["name"]?.text), required(vector["structure"]?.text),
                required(vector["outcome"]?.text)
            )
            guard !Self.computed.contains(structure), outcome != "untrusted" else { continue }
            let bytes = try required(vector["bytes"]?.bytes)
            do throws(Malformed) {
                let replica = vector["replica"]?.bytes.flatMap { ID($0) }
                let read = try Self.read(structure, bytes, replica)
                #expect(outcome == "ok", "\(structure): \(title)")
                #expect(read.encoded == nil || read.encoded == bytes, "\(structure): \(title)")
                if let fields = vector["fields"] {
                    #expect(fields == read.fields, "\(structure): \(title)")
                }
            } catch {
                #expect(error.code.rawValue == outcome, "\(structure): \(title): \(error)")
            }
        }
    }

    private static func read(
        _ structure: String,
        _ bytes: [UInt8],
        _ replica: ID?
    ) throws(Malformed) -> VectorReader.Read {
        do {
            return try VectorReader.read(structure, bytes, replica: replica)
        } catch let malformed as Malformed {
            throw malformed
        } catch {
            throw Malformed(.invalid, "no reader of \(structure)", at: 0)
        }
    }
}
