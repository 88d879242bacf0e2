import Foundation

/// Published vectors, made by other programs.
enum Vectors {
    /// A file of vectors, or nil where the folder is not there.
    static func file(_ name: String) -> URL? {
        folders.map { $0.appending(path: name) }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// Every Noise vector for our hash, curve and cipher in any of the folders.
    static func noise() throws -> [NoiseVector] {
        try folders.flatMap { folder in
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
            return try (names ?? []).sorted().filter { $0.hasSuffix(".json") }.flatMap { name in
                try read(folder.appending(path: name))
            }
        }
    }

    private static func read(_ file: URL) throws -> [NoiseVector] {
        guard let vectors = try? JSONDecoder().decode(NoiseFile.self, from: Data(contentsOf: file))
        else { return [] }
        return vectors.vectors.filter { $0.protocolName.hasSuffix("_25519_ChaChaPoly_BLAKE2b") }
    }

    private static var folders: [URL] {
        let top = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["GEMBA_VECTORS"].map {
            URL(fileURLWithPath: $0)
        }
        let known = ["fixtures/vectors", "../shared/vectors"].map { top.appending(path: $0) }
        return (named.map { [$0] } ?? []) + known
    }

    private struct NoiseFile: Decodable {
        let vectors: [NoiseVector]
    }
}

/// A handshake and some messages after it, in the form that cacophony and snow share.
struct NoiseVector: Decodable, Sendable {
    struct Message: Decodable, Sendable {
        let payload: String
        let ciphertext: String
    }

    let protocolName: String
    let initiatorPrologue: String
    let initiatorPSKs: [String]?
    let initiatorStatic: String?
    let initiatorEphemeral: String
    let initiatorRemote: String?
    let responderPrologue: String
    let responderPSKs: [String]?
    let responderStatic: String?
    let responderEphemeral: String?
    let responderRemote: String?
    let handshakeHash: String?
    let messages: [Message]

    enum CodingKeys: String, CodingKey {
        case protocolName = "protocol_name"
        case initiatorPrologue = "init_prologue"
        case initiatorPSKs = "init_psks"
        case initiatorStatic = "init_static"
        case initiatorEphemeral = "init_ephemeral"
        case initiatorRemote = "init_remote_static"
        case responderPrologue = "resp_prologue"
        case responderPSKs = "resp_psks"
        case responderStatic = "resp_static"
        case responderEphemeral = "resp_ephemeral"
        case responderRemote = "resp_remote_static"
        case handshakeHash = "handshake_hash"
        case messages
    }
}
