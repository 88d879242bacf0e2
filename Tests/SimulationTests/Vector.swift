import Bytes
import Identity

/// Bytes or a course of events, and what must follow from them.
///
/// Every vector ends up with a digest: BLAKE2b-256 of its one form without the digest.
struct Vector {
    private(set) var members: [String: JSON]

    init(_ name: String, _ structure: String, _ outcome: String, _ more: [String: JSON]) {
        members = more
        members["name"] = .text(name)
        members["structure"] = .text(structure)
        members["outcome"] = .text(outcome)
    }

    /// A structure and what reading it comes to: `ok` or the code of the refusal.
    init(
        _ name: String,
        _ structure: String,
        _ bytes: [UInt8],
        _ outcome: String = "ok",
        _ more: [String: JSON] = [:]
    ) {
        self.init(name, structure, outcome, more)
        members["bytes"] = .hex(bytes)
        guard outcome == "ok", bytes.count < Self.describedMax,
            let read = try? VectorReader.read(structure, bytes)
        else { return }
        members["fields"] = read.fields
    }

    /// Above this nothing is gained by saying again what stands in the bytes.
    private static let describedMax = JSON.repetitiveMin

    var json: JSON {
        var members = members
        let form = JSON.object(members).form
        members["digest"] = .hex(Blake2b.hash256(Array(form.utf8)))
        return .object(members)
    }
}

extension [Vector] {
    /// A good structure, and the same cut short and with a byte left over.
    mutating func add(
        _ name: String,
        _ structure: String,
        _ bytes: [UInt8],
        _ more: [String: JSON] = [:]
    ) {
        append(Vector(name, structure, bytes, "ok", more))
        append(Vector("\(name), truncated", structure, bytes.dropLast(), "truncated"))
        append(Vector("\(name), trailing", structure, bytes + [0], "trailing"))
    }
}

/// A file of vectors about one chapter of the protocol.
struct VectorFile {
    let name: String
    /// What stands in it, in a sentence.
    let about: String
    let vectors: [Vector]

    var text: String {
        let lines = vectors.map(\.json.form).joined(separator: ",\n")
        return "{\"about\":\(JSON.text(about).form),\"vectors\":[\n\(lines)\n]}\n"
    }
}

/// What a vector cannot be made without.
struct Missing: Error {}

func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}
