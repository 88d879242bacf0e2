public import Bytes
import CRDT
public import Identity

/// A checkpoint under the signature of its log, with those of witnesses.
///
/// - Invariant: Cosignatures ascend by device, one a device.
/// - Source: WIT-1 to WIT-3.
public struct SignedCheckpoint: Hashable, Sendable {
    public let checkpoint: Checkpoint
    /// The id of the log key, 4 bytes.
    public let keyID: [UInt8]
    /// 64 bytes, not yet checked.
    public let signature: [UInt8]
    public private(set) var cosignatures: [Cosignature] = []

    public static let cosignaturesMax = 64

    /// Signs a checkpoint with a log key.
    public init(signing checkpoint: Checkpoint, with key: SigningKey) {
        self.checkpoint = checkpoint
        keyID = SignedNote.keyID(name: checkpoint.origin.text, kind: .log, key: key.publicKey)
        signature = key.sign(checkpoint.text)
    }

    public func isSigned(by key: VerifyingKey) -> Bool {
        keyID == SignedNote.keyID(name: checkpoint.origin.text, kind: .log, key: key)
            && key.isValid(signature, for: checkpoint.text)
    }

    /// The same without its cosignatures.
    public var bare: SignedCheckpoint {
        var bare = self
        bare.cosignatures = []
        return bare
    }

    /// Adds cosignatures, up to the limit; one of a device that is there already is passed over.
    public mutating func add(_ new: [Cosignature]) {
        for cosignature in new where cosignatures.count < Self.cosignaturesMax {
            guard !cosignatures.contains(where: { $0.device == cosignature.device }) else {
                continue
            }
            cosignatures.append(cosignature)
        }
        cosignatures.sort { $0.device < $1.device }
    }
}

extension SignedCheckpoint {
    public var note: SignedNote {
        let origin = checkpoint.origin
        let own = SignedNote.Line(name: origin.text, keyID: keyID, signature: signature)
        let others = cosignatures.map {
            SignedNote.Line(
                name: origin.witnessName($0.device),
                keyID: $0.keyID,
                signature: $0.content
            )
        }
        return SignedNote(text: checkpoint.text, lines: [own] + others)
    }

    public var encoded: [UInt8] { note.encoded }

    /// Reads a note whose first line is the log's and whose others are witnesses', in order.
    public init(decoding bytes: [UInt8]) throws(Malformed) {
        let note = try SignedNote(decoding: bytes)
        checkpoint = try Checkpoint(decoding: note.text)
        guard let own = note.lines.first, own.name == checkpoint.origin.text,
            own.signature.count == 64
        else { throw Malformed(.invalid, "log signature", at: note.text.count) }
        keyID = own.keyID
        signature = own.signature
        for line in note.lines.dropFirst() {
            let cosignature = try Self.cosignature(line, of: checkpoint.origin)
            if let last = cosignatures.last, cosignature.device <= last.device {
                throw Malformed(.notCanonical, "cosignatures", at: note.text.count)
            }
            cosignatures.append(cosignature)
        }
    }

    private static func cosignature(
        _ line: SignedNote.Line,
        of origin: LogOrigin
    ) throws(Malformed) -> Cosignature {
        var reader = Reader(line.signature)
        let letters = line.name.split(separator: "/").last ?? ""
        guard let device = Base32.decode(letters).flatMap({ ID($0) }),
            line.name == origin.witnessName(device)
        else { throw reader.malformed(.invalid, "cosignature") }
        let time = try reader.u64("time")
        let signature = try reader.raw(64, "cosignature")
        try reader.end("cosignature")
        return Cosignature(device: device, keyID: line.keyID, time: time, signature: signature)
    }
}
