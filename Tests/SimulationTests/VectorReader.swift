import Bytes
import CRDT
import Identity
@testable import Wire

/// Reads structures by the names they have in vectors.
enum VectorReader {
    /// What was read, as JSON, and the bytes it is written back as; nil where those may differ.
    typealias Read = (fields: JSON, encoded: [UInt8]?)

    /// Reads a structure; a change of a replica that is named must not edit what it makes (CHG-6).
    static func read(
        _ structure: String,
        _ bytes: [UInt8],
        replica: ID? = nil
    ) throws -> Read {
        if let read = try number(structure, bytes) { return read }
        if let read = try field(structure, bytes) { return read }
        if let read = try signed(structure, bytes) { return read }
        switch structure {
        case "body", "change": return try body(bytes, replica)
        case "frame": return try frame(bytes)
        case "chunk": return try chunk(bytes)
        case "frontier":
            // A frame of one frontier in the tenant's scope.
            let head = [0x05, 1, 1, 1] + Scope.tenant.bytes
            let read = try frame(head + bytes)
            guard case .frontiers(_, _, let frontiers) = try Frame(decoding: head + bytes) else {
                throw Missing()
            }
            let encoded = read.encoded.map { Array($0.dropFirst(head.count)) }
            return (frontiers.first?.frontier.json ?? .null, encoded)
        case "token":
            guard let token = JoinToken(text: String(decoding: bytes, as: UTF8.self)) else {
                throw Malformed(.invalid, "token", at: 0)
            }
            let fields: [String: JSON] = [
                "tenant": token.tenant.json, "secret": .hex(token.secret),
                "address": .text(token.address),
            ]
            let canonical = Array(token.text.utf8)
            return (.object(fields), canonical == bytes ? canonical : nil)
        default: throw Missing()
        }
    }

    private static func number(_ structure: String, _ bytes: [UInt8]) throws -> Read? {
        var (reader, writer) = (Reader(bytes), Writer())
        let value: JSON
        func taken<Number: BinaryInteger>(_ number: Number, _ write: (Number) -> Void) -> JSON {
            write(number)
            return .decimal(number)
        }
        switch structure {
        case "u8": value = taken(try reader.u8("n")) { writer.u8($0) }
        case "u16": value = taken(try reader.u16("n")) { writer.u16($0) }
        case "u32": value = taken(try reader.u32("n")) { writer.u32($0) }
        case "u48": value = taken(try reader.u48("n")) { writer.u48($0) }
        case "u64": value = taken(try reader.u64("n")) { writer.u64($0) }
        case "varint": value = taken(try reader.varint("n")) { writer.varint($0) }
        case "zigzag": value = taken(try reader.zigzag("n")) { writer.zigzag($0) }
        default: return nil
        }
        try reader.end("vector")
        return (value, writer.bytes)
    }

    private static func field(_ structure: String, _ bytes: [UInt8]) throws -> Read? {
        var (reader, writer) = (Reader(bytes), Writer())
        let value: JSON
        switch structure {
        case "text":
            let text = try reader.text(atMost: Limits.textBytesMax, "text")
            value = .text(text)
            writer.text(text)
        case "bytes":
            let content = try reader.prefixed(atMost: Limits.bytesValueMax, "bytes")
            value = .hex(content)
            writer.prefixed(content)
        case "scope":
            let scope = try reader.scope("scope")
            value = .text(scope.description)
            writer.scope(scope)
        case "value":
            let read = try reader.value("value")
            value = read.json
            writer.value(read)
        case "name":
            let name = try reader.name("name")
            value = name.json
            writer.name(name)
        case "names":
            let names = try reader.names("names")
            value = .list(names.map(\.json))
            writer.names(names)
        default: return nil
        }
        try reader.end("vector")
        return (value, writer.bytes)
    }

    private static func signed(_ structure: String, _ bytes: [UInt8]) throws -> Read? {
        func plain<Structure: Described>(_ type: Structure.Type) throws -> Read {
            let read = try Structure(decoding: bytes)
            return (read.json, read.encoded)
        }
        func signed<Structure: Described>(_ type: Structure.Type) throws -> Read {
            let read = try Signed<Structure>(decoding: bytes)
            return (read.json, read.encoded)
        }
        func cosigned<Structure: Described>(_ type: Structure.Type) throws -> Read {
            let read = try Cosigned<Structure>(decoding: bytes)
            return (read.json, read.encoded)
        }
        switch structure {
        case "root": return try plain(RootStatement.self)
        case "statement": return try plain(Statement.self)
        case "certificate": return try plain(Certificate.self)
        case "replica": return try plain(ReplicaStatement.self)
        case "request": return try plain(JoinRequest.self)
        case "esign": return try plain(ElectronicSignature.self)
        case "claim": return try plain(PersonalKeyClaim.self)
        case "signedRoot": return try cosigned(RootStatement.self)
        case "signedStatement": return try cosigned(Statement.self)
        case "signedCertificate", "believedCertificate": return try signed(Certificate.self)
        case "signedReplica": return try signed(ReplicaStatement.self)
        case "signedRequest": return try signed(JoinRequest.self)
        case "signedEsign": return try signed(ElectronicSignature.self)
        case "signedClaim": return try signed(PersonalKeyClaim.self)
        case "binding", "believedBinding":
            let binding = try Binding(decoding: bytes)
            return (binding.json, binding.encoded)
        case "credentials", "believedCredentials":
            let credentials = try Credentials(decoding: bytes)
            return (credentials.json, credentials.encoded)
        default: return nil
        }
    }

    /// A body of another format is kept as it is.
    private static func body(_ bytes: [UInt8], _ replica: ID?) throws -> Read {
        if let format = Body.format(of: bytes), format != Body.format { return (.null, bytes) }
        let body = try Body(decoding: bytes)
        if let replica, body.namesItsOwn(replica: replica) {
            throw Malformed(.invalid, "operations", at: 0)
        }
        return (body.json, body.encoded())
    }

    private static func frame(_ bytes: [UInt8]) throws -> Read {
        let frame = try Frame(decoding: bytes)
        if case .ignored = frame { return (.null, nil) }
        return (frame.json, frame.encoded())
    }

    /// The content of a chunk frame; what zstd makes of the same bytes differs by its version.
    private static func chunk(_ bytes: [UInt8]) throws -> Read {
        guard case .chunk(let packed) = try Frame(decoding: [0x07] + bytes) else { throw Missing() }
        let chunk = try packed.expanded()
        if packed.encoding != 0 {
            let again = try EncodedChunk(chunk, encoding: 1).expanded()
            return (again.json, nil)
        }
        let isPlain = !chunk.items.contains { if case .ignored = $0 { true } else { false } }
        return (
            chunk.json, isPlain ? [0] + chunk.scope.bytes + (try packed.content(of: chunk)) : nil
        )
    }
}

extension EncodedChunk {
    fileprivate func content(of chunk: Chunk) throws -> [UInt8] {
        try EncodedChunk(chunk, encoding: encoding).content
    }
}
