public import Bytes
public import CRDT
import Identity

extension RootStatement: Signable {
    /// Appends the fields of ID-3.
    public func write(to writer: inout Writer) {
        writer.tag("gemba/root/1")
        writer.u32(number)
        writer.u8(threshold)
        writer.u16(UInt16(truncatingIfNeeded: keys.count))
        for key in keys {
            writer.raw(key.bytes)
        }
        writer.hash(previous)
        writer.u48(issued)
    }

    /// Reads the fields of ID-3 and admits the keys.
    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/root/1")
        let number = try reader.u32("number")
        let threshold = try reader.u8("threshold")
        let keys = try reader.rootKeys()
        guard threshold >= 1, threshold <= keys.count else {
            throw reader.malformed(.invalid, "threshold")
        }
        let previous = try reader.hash("previous")
        guard number >= 1, number > 1 || previous == .zero else {
            throw reader.malformed(.invalid, "number")
        }
        self.init(
            number: number,
            threshold: threshold,
            keys: keys,
            previous: previous,
            issued: try reader.u48("issued")
        )
    }
}

extension Reader {
    fileprivate mutating func rootKeys() throws(Malformed) -> [VerifyingKey] {
        let count = try u16("keys")
        guard count <= Limits.rootKeysMax else { throw malformed(.overLimit, "keys") }
        var keys: [VerifyingKey] = []
        for _ in 0..<count {
            let key = try key("root key")
            if let last = keys.last, key <= last { throw malformed(.notCanonical, "keys") }
            keys.append(key)
        }
        return keys
    }
}

extension ID {
    /// The tenant that a first root statement founds (ID-4).
    public init(tenantOf root: RootStatement) {
        var writer = Writer(capacity: 256)
        writer.tag("gemba/tenant/1")
        root.write(to: &writer)
        self.init(startOf: Hash(of: writer.bytes))
    }

    /// What a connection says in the clear about its tenant: 8 bytes (ID-4).
    public static func realm(of tenant: ID) -> [UInt8] {
        var writer = Writer(capacity: 32)
        writer.tag("gemba/realm/1")
        writer.id(tenant)
        return Array(Hash(of: writer.bytes).bytes.prefix(8))
    }
}

extension Statement: Signable {
    /// Appends the fields of ID-5.
    public func write(to writer: inout Writer) {
        writer.tag("gemba/statement/1")
        writer.id(tenant)
        writer.u64(number)
        writer.hash(previous)
        writer.u32(authorityEpoch)
        writer.u48(issued)
        writer.u8(payload.kind)
        writer.sized(payload.encoded)
    }

    /// Reads the fields of ID-5.
    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/statement/1")
        let tenant = try reader.id("tenant")
        let number = try reader.u64("number")
        guard number >= 1 else { throw reader.malformed(.invalid, "number") }
        let previous = try reader.hash("previous")
        let authorityEpoch = try reader.u32("authority epoch")
        let issued = try reader.u48("issued")
        let kind = try reader.u8("kind")
        let payload = try reader.sized("payload")
        guard payload.count <= Limits.payloadBytesMax else {
            throw reader.malformed(.overLimit, "payload")
        }
        self.init(
            tenant: tenant,
            number: number,
            previous: previous,
            authorityEpoch: authorityEpoch,
            issued: issued,
            payload: try Payload(kind: kind, decoding: payload)
        )
    }
}

extension Statement.Payload {
    /// The kinds of statement.
    enum Kind {
        static let `operator`: UInt8 = 1
        static let certificate: UInt8 = 2
        static let revocation: UInt8 = 3
        static let suspend: UInt8 = 4
        static let logEpoch: UInt8 = 5
        static let minimumVersion: UInt8 = 6
        static let invitation: UInt8 = 7
    }

    var kind: UInt8 {
        switch self {
        case .operator: Kind.operator
        case .certificate: Kind.certificate
        case .revocation: Kind.revocation
        case .suspend: Kind.suspend
        case .logEpoch: Kind.logEpoch
        case .minimumVersion: Kind.minimumVersion
        case .invitation: Kind.invitation
        case .unknown(let kind, _): kind
        }
    }

    fileprivate var encoded: [UInt8] {
        var writer = Writer(capacity: 80)
        switch self {
        case .operator(let key, let logKey, let notBefore, let notAfter):
            writer.raw(key.bytes)
            writer.raw(logKey.bytes)
            writer.u48(notBefore)
            writer.u48(notAfter)
        case .certificate(let certificate):
            writer.raw(certificate.encoded)
        case .revocation(let device, let serial, let reason, let effectiveAt):
            writer.id(device)
            writer.u64(serial)
            writer.u8(reason)
            writer.u64(effectiveAt)
        case .suspend(let device, let serial, let isOn):
            writer.id(device)
            writer.u64(serial)
            writer.u8(isOn ? 1 : 0)
        case .logEpoch(let epoch, let checkpoint):
            writer.u32(epoch)
            writer.hash(checkpoint)
        case .minimumVersion(let version):
            writer.u8(version)
        case .invitation(let hash):
            writer.hash(hash)
        case .unknown(_, let bytes):
            writer.raw(bytes)
        }
        return writer.bytes
    }

    fileprivate init(kind: UInt8, decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        switch kind {
        case Kind.operator:
            self = .operator(
                key: try reader.key("operator key"),
                logKey: try reader.key("log key"),
                notBefore: try reader.u48("not before"),
                notAfter: try reader.u48("not after")
            )
        case Kind.certificate:
            self = .certificate(try Signed(decoding: reader.rest()))
        case Kind.revocation:
            self = .revocation(
                device: try reader.id("device"),
                serial: try reader.u64("serial"),
                reason: try reader.u8("reason"),
                effectiveAt: try reader.u64("effective at")
            )
        case Kind.suspend:
            let device = try reader.id("device")
            let serial = try reader.u64("serial")
            let isOn = try reader.u8("on")
            guard isOn <= 1 else { throw reader.malformed(.invalid, "on") }
            self = .suspend(device: device, serial: serial, isOn: isOn == 1)
        case Kind.logEpoch:
            self = .logEpoch(try reader.u32("epoch"), checkpoint: try reader.hash("checkpoint"))
        case Kind.minimumVersion:
            self = .minimumVersion(try reader.u8("minimum version"))
        case Kind.invitation:
            self = .invitation(try reader.hash("invitation"))
        default:
            self = .unknown(kind: kind, bytes: reader.rest())
        }
        try reader.end("payload")
    }
}
