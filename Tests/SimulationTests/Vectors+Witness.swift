import Bytes
import CRDT
import Identity
@testable import Wire

/// Notes, checkpoints, cosignatures and their frames (WIT-1 to WIT-6).
enum WitnessVectors {
    static func file() throws -> VectorFile {
        VectorFile(
            name: "witness",
            about: "Signed notes, checkpoints and cosignatures: protocol/witness.md.",
            vectors: try notes() + checkpoints() + badCheckpoints() + signatures() + frames()
        )
    }

    private static let tenant = ID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)
    private static let device = ID(high: 0xde, low: 1)

    private static func checkpoint(
        _ size: UInt64 = 20_852_163,
        host: String = "hub.example",
        epoch: UInt32 = 1,
        root: UInt8 = 0x0a
    ) throws -> Checkpoint {
        let origin = try required(LogOrigin(host: host, tenant: tenant, epoch: epoch))
        let hash = try required(Hash([UInt8](repeating: root, count: 32)))
        return try required(Checkpoint(origin: origin, size: size, root: hash))
    }

    private static func cosigned(_ count: UInt64 = 1) throws -> SignedCheckpoint {
        let bare = try checkpoint()
        var signed = SignedCheckpoint(signing: bare, with: try key(0x31))
        let witness = try key(0x32)
        signed.add(
            (0..<count).map {
                let device = ID(high: 0xde, low: 1 + $0)
                return Cosignature(of: bare, by: device, key: witness, time: 1_795_262_400)
            }
        )
        return signed
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    // MARK: - Notes

    private static func notes() throws -> [Vector] {
        let line = "— key AAAAAAA=\n"
        let good = [
            ("one signature", "text\n\n" + line),
            ("an empty line in the text", "a\n\nb\n\n" + line),
            ("two keys", "text\n\n" + line + "— other AAAAAAA=\n"),
            ("two ids of one name", "text\n\n" + line + "— key AQAAAAA=\n"),
            ("a name with letters of others", "text\n\n— ключ AAAAAAA=\n"),
        ]
        let bad = [
            ("nothing", "", "truncated"),
            ("no last line feed", "text\n\n— key AAAAAAA=", "truncated"),
            ("no empty line", "text\n" + line, "invalid"), ("no text", "\n\n" + line, "invalid"),
            ("no signature", "text\n\n", "invalid"),
            ("a carriage return", "text\r\n\n" + line, "invalid"),
            ("a tab", "te\txt\n\n" + line, "invalid"),
            ("a delete", "te\u{7f}xt\n\n" + line, "invalid"),
            ("a zero", "te\0xt\n\n" + line, "invalid"),
            ("a hyphen", "text\n\n- key AAAAAAA=\n", "invalid"),
            ("two spaces", "text\n\n—  key AAAAAAA=\n", "invalid"),
            ("a space after", "text\n\n— key AAAAAAA= \n", "invalid"),
            ("no name", "text\n\n—  AAAAAAA=\n", "invalid"),
            ("a plus in the name", "text\n\n— a+b AAAAAAA=\n", "invalid"),
            ("no padding", "text\n\n— key AAAAAAA\n", "invalid"),
            ("bits left over", "text\n\n— key AAAAAAB=\n", "invalid"),
            ("letters of another base64", "text\n\n— key AAAAAA_=\n", "invalid"),
            ("an id alone", "text\n\n— key AAAAAA==\n", "invalid"),
            ("a key twice", "text\n\n" + line + line, "notCanonical"),
            ("an empty line at the end", "text\n\n" + line + "\n", "invalid"),
        ]
        let many = (0..<66).map { "— key\($0) AAAAAAA=\n" }.joined()
        return good.map { Vector($0.0, "note", bytes($0.1)) }
            + bad.map { Vector($0.0, "note", bytes($0.1), $0.2) }
            + [
                Vector("66 signatures", "note", bytes("text\n\n" + many), "overLimit"),
                Vector("no text of ours", "note", [0xff, 0x0a, 0x0a] + bytes(line), "invalid"),
                Vector(
                    "too long",
                    "note",
                    [UInt8](repeating: 0x61, count: 16_384) + bytes("\n\n" + line),
                    "overLimit"
                ),
            ]
    }

    // MARK: - Checkpoints

    private static func checkpoints() throws -> [Vector] {
        let key = try key(0x31)
        let cases = try [
            ("a checkpoint", checkpoint()), ("of nothing", checkpoint(0)),
            ("of the largest log", checkpoint(1 << 63 - 1)),
            ("of a later epoch", checkpoint(7, epoch: .max)),
            ("of a short name", checkpoint(7, host: "h")),
        ]
        return cases.map { name, checkpoint in
            let signed = SignedCheckpoint(signing: checkpoint, with: key)
            return Vector(
                name,
                "checkpoint",
                signed.encoded,
                "ok",
                [
                    "key": key.publicKey.json, "isSigned": .bool(true),
                    "hash": checkpoint.hash.json,
                ]
            )
        } + [
            Vector("with a cosignature", "checkpoint", try cosigned().encoded),
            Vector("with 64 cosignatures", "checkpoint", try cosigned(64).encoded),
        ]
    }

    private static func badCheckpoints() throws -> [Vector] {
        let text = String(decoding: try cosigned(2).encoded, as: UTF8.self)
        let rows = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func changed(_ row: Int, _ new: String) -> [UInt8] {
            var rows = rows
            rows[row] = new
            return bytes(rows.joined(separator: "\n"))
        }
        func inserted(_ row: Int, _ new: String) -> [UInt8] {
            var rows = rows
            rows.insert(new, at: row)
            return bytes(rows.joined(separator: "\n"))
        }
        var swapped = rows
        swapped.swapAt(5, 6)
        let tenantName = Base32.encode(tenant.bytes)
        let lines: [(String, [UInt8], String)] = [
            ("an extension line", inserted(3, "extension"), "invalid"),
            ("a size with a zero before it", changed(1, "020852163"), "invalid"),
            ("a size with a sign", changed(1, "+20852163"), "invalid"),
            ("a size of 2^63", changed(1, "9223372036854775808"), "invalid"),
            ("no size", changed(1, ""), "invalid"),
            (
                "a root of 31 bytes", changed(2, Base64.encode([UInt8](repeating: 1, count: 31))),
                "invalid"
            ),
            ("a root without padding", changed(2, String(rows[2].dropLast())), "invalid"),
            ("an origin in upper case", changed(0, rows[0].uppercased()), "invalid"),
            (
                "an origin of another service", changed(0, "hub.example/other/\(tenantName)/1"),
                "invalid"
            ),
            ("an epoch of zero", changed(0, "hub.example/gemba/\(tenantName)/0"), "invalid"),
            ("another log's signature", changed(0, "hub.example/gemba/\(tenantName)/2"), "invalid"),
            ("a host with a slash", changed(0, "hub/example/gemba/\(tenantName)/1"), "invalid"),
            ("cosignatures out of order", bytes(swapped.joined(separator: "\n")), "notCanonical"),
            (
                "a cosignature of another host",
                changed(5, rows[5].replacing("hub.", with: "hut.")), "invalid"
            ),
            (
                "no log signature", bytes((rows[...3] + rows[5...]).joined(separator: "\n")),
                "invalid"
            ),
        ]
        return lines.map { Vector($0.0, "checkpoint", $0.1, $0.2) }
    }

    private static func signatures() throws -> [Vector] {
        let (log, witness, other) = (try key(0x31), try key(0x32), try key(0x33))
        let signed = try cosigned()
        func vector(_ name: String, _ signed: SignedCheckpoint, _ more: [String: JSON]) -> Vector {
            Vector(name, "checkpoint", signed.encoded, "ok", more)
        }
        func moved(_ to: Checkpoint) throws -> [UInt8] {
            let text = String(decoding: signed.encoded, as: UTF8.self)
            let rows = text.split(separator: "\n", omittingEmptySubsequences: false)
            return to.text + bytes(rows[3...].joined(separator: "\n"))
        }
        func proof(_ key: SigningKey, _ name: String, _ holds: Bool) -> [String: JSON] {
            ["key": key.publicKey.json, name: .bool(holds)]
        }
        return [
            vector("by another key", signed, proof(other, "isSigned", false)),
            vector("by a witness as a log", signed, proof(witness, "isSigned", false)),
            vector("cosigned", signed, proof(witness, "isCosigned", true)),
            vector("cosigned by another", signed, proof(other, "isCosigned", false)),
            vector("cosigned by the log", signed, proof(log, "isCosigned", false)),
            Vector(
                "a signature of another size",
                "checkpoint",
                try moved(checkpoint(7)),
                "ok",
                proof(log, "isSigned", false)
            ),
            Vector(
                "a signature of another root",
                "checkpoint",
                try moved(checkpoint(root: 3)),
                "ok",
                proof(log, "isSigned", false)
            ),
            Vector(
                "a cosignature of another size",
                "checkpoint",
                try moved(checkpoint(7)),
                "ok",
                proof(witness, "isCosigned", false)
            ),
        ]
    }

    // MARK: - Frames

    private static func frames() throws -> [Vector] {
        let signed = try cosigned()
        let root = try required(Hash([UInt8](repeating: 7, count: 32)))
        let held = WitnessFrame.held(WitnessFrame.Held(checkpoint: signed.bare, claims: [5, .max]))
        let nothing = WitnessFrame.held(WitnessFrame.Held(checkpoint: nil, claims: []))
        let shown = WitnessFrame.shown(
            WitnessFrame.Shown(
                authority: 12,
                checkpoint: signed,
                cited: signed.bare,
                proofs: [[root, root], []]
            )
        )
        let cosignature = try required(signed.cosignatures.first)
        let told = WitnessFrame.judged(.cosigned(epoch: 1, size: 9, cosignature))
        let refused = WitnessFrame.judged(.refused(.twoFaces, epoch: 1, size: 9))
        var vectors: [Vector] = []
        vectors.add("what is held", "witness", held.encoded)
        vectors.add("nothing is held", "witness", nothing.encoded)
        vectors.add("what is shown", "witness", shown.encoded)
        vectors.add("a cosignature", "witness", told.encoded)
        vectors.add("a refusal", "witness", refused.encoded)
        return vectors + [
            Vector(
                "another version",
                "witness",
                [0x50, 2] + nothing.encoded.dropFirst(2),
                "invalid"
            ),
            Vector("another type", "witness", [0x53, 1, 0, 0], "invalid"),
            Vector("nine claims", "witness", [0x50, 1, 0, 9], "overLimit"),
            Vector(
                "a reason that is none",
                "witness",
                [0x52, 1, 6] + refused.encoded.dropFirst(3),
                "invalid"
            ),
            Vector("a checkpoint that is none", "witness", [0x50, 1, 1, 0x0a, 0], "invalid"),
        ]
    }
}

// MARK: - What they say

extension SignedNote {
    var json: JSON {
        .object([
            "text": .hex(text),
            "lines": .list(
                lines.map { .list([.text($0.name), .hex($0.keyID), .hex($0.signature)]) }
            ),
        ])
    }
}

extension Cosignature {
    var json: JSON {
        .object([
            "device": device.json, "keyId": .hex(keyID), "time": .decimal(time),
            "signature": .hex(signature),
        ])
    }
}

extension SignedCheckpoint {
    var json: JSON {
        .object([
            "host": .text(checkpoint.origin.host), "tenant": checkpoint.origin.tenant.json,
            "epoch": .decimal(checkpoint.origin.epoch), "size": .decimal(checkpoint.size),
            "root": checkpoint.root.json, "keyId": .hex(keyID), "signature": .hex(signature),
            "cosignatures": .list(cosignatures.map(\.json)),
        ])
    }
}

extension WitnessFrame {
    var json: JSON {
        let content: [String: JSON]
        let type: UInt8
        switch self {
        case .held(let held):
            type = 0x50
            content = [
                "checkpoint": held.checkpoint?.json ?? .null,
                "claims": .list(held.claims.map { .decimal($0) }),
            ]
        case .shown(let shown):
            type = 0x51
            content = [
                "authority": .decimal(shown.authority),
                "checkpoint": shown.checkpoint?.json ?? .null,
                "cited": shown.cited?.json ?? .null,
                "proofs": .list(shown.proofs.map { .list($0.map(\.json)) }),
            ]
        case .judged(.cosigned(let epoch, let size, let cosignature)):
            type = 0x52
            content = [
                "code": .decimal(0), "epoch": .decimal(epoch), "size": .decimal(size),
                "cosignature": cosignature.json,
            ]
        case .judged(.refused(let code, let epoch, let size)):
            type = 0x52
            content = [
                "code": .decimal(code.rawValue), "epoch": .decimal(epoch), "size": .decimal(size),
            ]
        }
        return .object(["type": .decimal(type), "content": .object(content)])
    }
}
