public import Bytes
public import CRDT

/// What nodes tell each other of the audit log, beside the session.
///
/// - Source: WIT-6. Types of frames that whoever does not know them ignores (SYNC-6).
public enum WitnessFrame: Hashable, Sendable {
    /// The newest checkpoint of who speaks, and sizes that it wants proofs from.
    case held(Held)
    /// What a hub shows.
    case shown(Shown)
    /// What a witness made of it.
    case judged(Judged)

    public struct Held: Hashable, Sendable {
        public var checkpoint: SignedCheckpoint?
        /// Of checkpoints that other stations showed, at most 8.
        public var claims: [UInt64]

        public init(checkpoint: SignedCheckpoint?, claims: [UInt64]) {
            self.checkpoint = checkpoint
            self.claims = claims
        }
    }

    public struct Shown: Hashable, Sendable {
        /// The number of the authority log by which the checkpoint is to be judged.
        public var authority: UInt64
        /// nil: nothing was signed in this epoch.
        public var checkpoint: SignedCheckpoint?
        /// The checkpoint that the statement of this epoch cites.
        public var cited: SignedCheckpoint?
        /// From the checkpoint that was told, and then from each claim.
        public var proofs: [[Hash]]

        public init(
            authority: UInt64,
            checkpoint: SignedCheckpoint?,
            cited: SignedCheckpoint?,
            proofs: [[Hash]]
        ) {
            self.authority = authority
            self.checkpoint = checkpoint
            self.cited = cited
            self.proofs = proofs
        }
    }

    public enum Judged: Hashable, Sendable {
        case cosigned(epoch: UInt32, size: UInt64, Cosignature)
        case refused(LogFault.Code, epoch: UInt32, size: UInt64)
    }

    public static let types: ClosedRange<UInt8> = 0x50...0x52
    static let version: UInt8 = 1
    public static let claimsMax = 8
    /// A tree of 2^63 entries has no longer proof.
    static let proofMax = 64
    public static let bytesMax = 65_536
}

// MARK: - Coding

extension WitnessFrame {
    public var encoded: [UInt8] {
        var writer = Writer(capacity: 512)
        switch self {
        case .held(let held):
            writer.head(0x50)
            writer.checkpoint(held.checkpoint)
            writer.varint(UInt64(held.claims.count))
            for size in held.claims { writer.u64(size) }
        case .shown(let shown):
            writer.head(0x51)
            writer.u64(shown.authority)
            writer.checkpoint(shown.checkpoint)
            writer.checkpoint(shown.cited)
            writer.varint(UInt64(shown.proofs.count))
            for proof in shown.proofs {
                writer.varint(UInt64(proof.count))
                for hash in proof { writer.hash(hash) }
            }
        case .judged(.cosigned(let epoch, let size, let cosignature)):
            writer.head(0x52)
            writer.u8(0)
            writer.u32(epoch)
            writer.u64(size)
            writer.id(cosignature.device)
            writer.raw(cosignature.keyID)
            writer.u64(cosignature.time)
            writer.raw(cosignature.signature)
        case .judged(.refused(let code, let epoch, let size)):
            writer.head(0x52)
            writer.u8(code.rawValue)
            writer.u32(epoch)
            writer.u64(size)
        }
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        guard bytes.count <= Self.bytesMax else { throw reader.malformed(.overLimit, "frame") }
        let type = try reader.u8("type")
        guard try reader.u8("version") == Self.version else {
            throw reader.malformed(.invalid, "version")
        }
        switch type {
        case 0x50: self = .held(try reader.held())
        case 0x51: self = .shown(try reader.shown())
        case 0x52: self = .judged(try reader.judged())
        default: throw reader.malformed(.invalid, "type")
        }
        try reader.end("frame")
    }
}

extension Writer {
    fileprivate mutating func head(_ type: UInt8) {
        u8(type)
        u8(WitnessFrame.version)
    }

    fileprivate mutating func checkpoint(_ checkpoint: SignedCheckpoint?) {
        prefixed(checkpoint?.encoded ?? [])
    }
}

extension Reader {
    fileprivate mutating func checkpoint() throws(Malformed) -> SignedCheckpoint? {
        let bytes = try prefixed(atMost: SignedNote.bytesMax, "checkpoint")
        return bytes.isEmpty ? nil : try SignedCheckpoint(decoding: bytes)
    }

    fileprivate mutating func held() throws(Malformed) -> WitnessFrame.Held {
        let checkpoint = try checkpoint()
        var claims: [UInt64] = []
        for _ in 0..<(try count(atMost: WitnessFrame.claimsMax, "claims")) {
            claims.append(try u64("size"))
        }
        return WitnessFrame.Held(checkpoint: checkpoint, claims: claims)
    }

    fileprivate mutating func shown() throws(Malformed) -> WitnessFrame.Shown {
        let authority = try u64("authority")
        let (checkpoint, cited) = (try checkpoint(), try checkpoint())
        var proofs: [[Hash]] = []
        for _ in 0..<(try count(atMost: WitnessFrame.claimsMax + 1, "proofs")) {
            var proof: [Hash] = []
            for _ in 0..<(try count(atMost: WitnessFrame.proofMax, "proof")) {
                proof.append(try hash("hash"))
            }
            proofs.append(proof)
        }
        return WitnessFrame.Shown(
            authority: authority,
            checkpoint: checkpoint,
            cited: cited,
            proofs: proofs
        )
    }

    fileprivate mutating func judged() throws(Malformed) -> WitnessFrame.Judged {
        let code = try u8("code")
        let (epoch, size) = (try u32("epoch"), try u64("size"))
        guard code == 0 else {
            guard let fault = LogFault.Code(rawValue: code) else {
                throw malformed(.invalid, "code")
            }
            return .refused(fault, epoch: epoch, size: size)
        }
        let device = try id("device")
        let keyID = try raw(4, "key id")
        let time = try u64("time")
        let signature = try raw(64, "signature")
        let cosignature = Cosignature(
            device: device,
            keyID: keyID,
            time: time,
            signature: signature
        )
        return .cosigned(epoch: epoch, size: size, cosignature)
    }
}
