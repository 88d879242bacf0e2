public import Bytes
public import CRDT
public import Identity

/// The name of a tenant's audit log in one of its epochs.
///
/// - Shape: `<host>/gemba/<tenant in base32>/<epoch>`.
/// - Source: WIT-2.
public struct LogOrigin: Hashable, Sendable {
    /// A label for people and foreign tools; decides nothing.
    public let host: String
    public let tenant: ID
    /// From 1.
    public let epoch: UInt32

    /// What hubs of this version call themselves: a name that no public resolver gives out.
    public static let ownHost = "gemba.internal"

    /// - Returns: nil for a host that is none, or epoch 0.
    public init?(host: String, tenant: ID, epoch: UInt32) {
        guard Self.isHost(host), epoch > 0 else { return nil }
        self.host = host
        self.tenant = tenant
        self.epoch = epoch
    }

    /// Lower case letters, digits, dots and hyphens: 1 to 100.
    public static func isHost(_ host: String) -> Bool {
        (1...100).contains(host.utf8.count)
            && host.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e
            }
    }

    private var tenantName: String { "\(host)/gemba/\(Base32.encode(tenant.bytes))" }

    public var text: String { "\(tenantName)/\(epoch)" }

    /// The name of the key by which a device cosigns.
    public func witnessName(_ device: ID) -> String {
        "\(tenantName)/d/\(Base32.encode(device.bytes))"
    }

    init?(text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1] == "gemba",
            let tenant = Base32.decode(parts[2]).flatMap({ ID($0) }), let epoch = UInt32(parts[3])
        else { return nil }
        self.init(host: String(parts[0]), tenant: tenant, epoch: epoch)
        guard self.text == text else { return nil }
    }
}

/// How large an audit log was, and what it held: a size and the root of its tree.
///
/// - Source: WIT-2; C2SP tlog-checkpoint, without extension lines.
public struct Checkpoint: Hashable, Sendable {
    public let origin: LogOrigin
    /// Entries, below 2^63.
    public let size: UInt64
    /// SHA-256.
    public let root: Hash

    /// - Returns: nil for a size above the limit.
    public init?(origin: LogOrigin, size: UInt64, root: Hash) {
        guard size < 1 << 63 else { return nil }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Three lines, each ended by a line feed.
    public var text: [UInt8] {
        Array("\(origin.text)\n\(size)\n\(Base64.encode(root.bytes))\n".utf8)
    }

    /// What a statement of a new log epoch cites (ID-5).
    public var hash: Hash { Hash(of: text) }

    /// Whether another is of the same log and epoch; the host is only a label.
    public func isOfSameLog(as other: Checkpoint) -> Bool {
        origin.tenant == other.origin.tenant && origin.epoch == other.origin.epoch
    }

    /// Reads the three lines in their one form.
    public init(decoding text: [UInt8]) throws(Malformed) {
        let rows = String(decoding: text, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard rows.count == 4, let origin = LogOrigin(text: rows[0]), let size = UInt64(rows[1]),
            let root = Base64.decode(rows[2].utf8).flatMap({ Hash($0) }),
            let read = Checkpoint(origin: origin, size: size, root: root), read.text == text
        else { throw Malformed(.invalid, "checkpoint", at: 0) }
        self = read
    }
}

/// A witness's word that it saw a checkpoint, and that it continues all it saw before.
///
/// - Source: WIT-3; C2SP tlog-cosignature, `cosignature/v1`.
public struct Cosignature: Hashable, Sendable {
    public let device: ID
    public let keyID: [UInt8]
    /// Seconds since 1970.
    public let time: UInt64
    /// 64 bytes, not yet checked.
    public let signature: [UInt8]

    public init(device: ID, keyID: [UInt8], time: UInt64, signature: [UInt8]) {
        self.device = device
        self.keyID = keyID
        self.time = time
        self.signature = signature
    }

    /// Cosigns.
    public init(of checkpoint: Checkpoint, by device: ID, key: SigningKey, time: UInt64) {
        self.init(
            device: device,
            keyID: Self.keyID(of: key.publicKey, device, checkpoint),
            time: time,
            signature: key.sign(Self.message(checkpoint, time))
        )
    }

    public func isSigned(by key: VerifyingKey, over checkpoint: Checkpoint) -> Bool {
        keyID == Self.keyID(of: key, device, checkpoint)
            && key.isValid(signature, for: Self.message(checkpoint, time))
    }

    private static func keyID(
        of key: VerifyingKey,
        _ device: ID,
        _ checkpoint: Checkpoint
    ) -> [UInt8] {
        let name = checkpoint.origin.witnessName(device)
        return SignedNote.keyID(name: name, kind: .cosignature, key: key)
    }

    /// What is signed.
    public static func message(_ checkpoint: Checkpoint, _ time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + checkpoint.text
    }

    /// The time and the signature, as they stand in a note behind the id of the key.
    var content: [UInt8] {
        var writer = Writer()
        writer.u64(time)
        writer.raw(signature)
        return writer.bytes
    }
}
