import Bytes
import CRDT
import Identity
@testable import Wire

/// Tokens, requests and the words two people compare (ID-13 to 16).
enum JoiningVectors {
    static func file() throws -> VectorFile {
        VectorFile(
            name: "joining",
            about: "Join tokens, join requests and handshake words: protocol/identity.md.",
            vectors: try tokens() + badTokens() + requests() + words()
        )
    }

    private static let secret: [UInt8] = (0..<16).map { $0 &* 17 }
    private static let address = "hub.example:7400"

    private static func token(_ address: String = address) throws -> JoinToken {
        let tenant = ID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)
        return try required(JoinToken(tenant: tenant, secret: secret, address: address))
    }

    private static func tokens() throws -> [Vector] {
        try [address, "10.0.0.7:1", "[fe80::1]:65535"].map { address in
            let token = try token(address)
            return Vector(
                "a token",
                "token",
                Array(token.text.utf8),
                "ok",
                ["id": .hex(token.id), "psk": .hex(token.presharedKey)]
            )
        } + [
            Vector("in upper case", "token", Array(upper(try token()).utf8))
        ]
    }

    private static func upper(_ token: JoinToken) -> String {
        let parts = token.text.split(separator: "@")
        return parts[0].uppercased() + "@" + parts[1]
    }

    private static func badTokens() throws -> [Vector] {
        let text = try token().text
        let letters = try required(text.split(separator: "@").first.map(String.init))
        let last = letters.dropLast()
        let cases: [(String, String)] = [
            ("nothing", ""), ("no address", letters), ("an empty address", letters + "@"),
            ("no port", letters + "@hub.example"), ("no host", letters + "@:7400"),
            ("port 0", letters + "@hub.example:0"), ("port 65536", letters + "@hub.example:65536"),
            ("a port with a zero before it", letters + "@hub.example:07400"),
            ("a space", letters + "@hub example:7400"),
            ("another version", "gemba2" + letters.dropFirst(6) + "@" + address),
            ("a letter too few", last + "@" + address),
            ("a letter too many", letters + "a@" + address),
            ("padding", letters + "=@" + address), ("a digit that is none", last + "1@" + address),
            ("another secret", String(text.prefix(50)) + "zz" + text.dropFirst(52)),
        ]
        return cases.map { Vector($0.0, "token", Array($0.1.utf8), "invalid") }
    }

    // MARK: - Requests

    private static func requests() throws -> [Vector] {
        let signer = try key(0x21)
        let request = JoinRequest(
            handshakeHash: (0..<64).map { $0 },
            tokenID: try token().id,
            signKey: signer.publicKey,
            channelKey: try channelKey(0x22).publicKey
        )
        let bytes = request.encoded
        var renewal = request
        renewal.oldCertificate = Hash(of: [1])
        let signed = Signed(signing: request, with: signer)
        let other = Signed(signing: request, with: try key(0x23))
        var exchanged = request
        exchanged.handshakeHash[0] ^= 1
        let moved = Signed(exchanged, signature: signed.signature)
        func proof(_ name: String, _ signed: Signed<JoinRequest>, _ holds: Bool) -> Vector {
            let more: [String: JSON] = ["key": signer.publicKey.json, "isSigned": .bool(holds)]
            return Vector(name, "signedRequest", signed.encoded, "ok", more)
        }
        var vectors: [Vector] = []
        vectors.add("a request", "request", bytes, ["hash": request.hash.json])
        vectors.add("a signed request", "signedRequest", signed.encoded)
        let weak = StatementVectors.weakKeys[2].1
        vectors += [
            Vector("of a device that was certified", "request", renewal.encoded),
            proof("by its key", signed, true), proof("by another key", other, false),
            proof("of another handshake", moved, false),
            Vector(
                "a weak sign key",
                "request",
                StatementVectors.patched(bytes, 96, weak),
                "invalid"
            ),
            Vector(
                "a channel key of zeros",
                "request",
                StatementVectors.patched(bytes, 128, EncodingVectors.filled(0, 32)),
                "invalid"
            ),
            Vector(
                "another tag",
                "request",
                StatementVectors.patched(bytes, 14, [0x32]),
                "invalid"
            ),
        ]
        return vectors
    }

    private static func words() -> [Vector] {
        [EncodingVectors.filled(0, 64), EncodingVectors.filled(0xff, 64), (0..<64).map { $0 &* 7 }]
            .map {
                let words = Proquint.words(ofHandshake: $0)
                return Vector("words", "words", "ok", ["bytes": .hex($0), "words": .text(words)])
            }
    }
}
