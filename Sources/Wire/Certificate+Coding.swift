public import Bytes
import CRDT
import Identity

extension Certificate: Signable {
    /// Appends the fields of ID-7.
    public func write(to writer: inout Writer) {
        writer.tag("gemba/certificate/1")
        writer.id(tenant)
        writer.u64(serial)
        writer.id(device)
        writer.u8(kind.rawValue)
        writer.id(site)
        writer.raw(signKey.bytes)
        writer.raw(channelKey)
        writer.users(users)
        writer.u32(rights)
        writer.u32(authorityEpoch)
        writer.u48(notBefore)
        writer.u48(notAfter)
        writer.hash(issuer)
    }

    /// Reads the fields of ID-7 and admits the keys.
    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/certificate/1")
        let tenant = try reader.id("tenant")
        let serial = try reader.u64("serial")
        let device = try reader.id("device")
        guard let kind = Kind(rawValue: try reader.u8("kind")) else {
            throw reader.malformed(.invalid, "kind")
        }
        let site = try reader.id("site")
        guard kind != .hub || site == .zero else { throw reader.malformed(.invalid, "site") }
        self.init(
            tenant: tenant,
            serial: serial,
            device: device,
            kind: kind,
            site: site,
            signKey: try reader.key("sign key"),
            channelKey: try reader.channelKey("channel key"),
            users: try reader.users(),
            rights: try reader.u32("rights"),
            authorityEpoch: try reader.u32("authority epoch"),
            notBefore: try reader.u48("not before"),
            notAfter: try reader.u48("not after"),
            issuer: try reader.hash("issuer")
        )
    }
}

extension Writer {
    fileprivate mutating func users(_ users: Certificate.Users) {
        switch users {
        case .anyOfSite:
            u8(0)
            u16(0)
        case .named(let ids):
            u8(1)
            u16(UInt16(truncatingIfNeeded: ids.count))
            for id in ids {
                self.id(id)
            }
        }
    }
}

extension Reader {
    fileprivate mutating func users() throws(Malformed) -> Certificate.Users {
        let rule = try u8("user rule")
        let count = try u16("users")
        guard count <= Limits.certificateUsersMax else { throw malformed(.overLimit, "users") }
        var ids: [ID] = []
        for _ in 0..<count {
            let id = try id("user")
            if let last = ids.last, id <= last { throw malformed(.notCanonical, "users") }
            ids.append(id)
        }
        switch rule {
        case 0 where ids.isEmpty: return .anyOfSite
        case 1: return .named(ids)
        default: throw malformed(.invalid, "user rule")
        }
    }
}

extension ReplicaStatement: Signable {
    /// Appends the fields of ID-10.
    public func write(to writer: inout Writer) {
        writer.tag("gemba/replica/1")
        writer.id(tenant)
        writer.id(device)
        writer.id(replica)
        writer.u32(incarnation)
        writer.raw(signKey.bytes)
        writer.hash(certificate)
        writer.id(previousReplica)
        writer.u8(reason.rawValue)
        writer.u48(opened)
    }

    /// Reads the fields of ID-10 and admits the key.
    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/replica/1")
        let tenant = try reader.id("tenant")
        let device = try reader.id("device")
        let replica = try reader.id("replica")
        let incarnation = try reader.u32("incarnation")
        guard incarnation >= 1 else { throw reader.malformed(.invalid, "incarnation") }
        let signKey = try reader.key("sign key")
        let certificate = try reader.hash("certificate")
        let previousReplica = try reader.id("previous replica")
        guard let reason = Reason(rawValue: try reader.u8("reason")) else {
            throw reader.malformed(.invalid, "reason")
        }
        self.init(
            tenant: tenant,
            device: device,
            replica: replica,
            incarnation: incarnation,
            signKey: signKey,
            certificate: certificate,
            previousReplica: previousReplica,
            reason: reason,
            opened: try reader.u48("opened")
        )
    }
}

extension Binding {
    /// The bytes of ID-11.
    public var encoded: [UInt8] {
        var writer = Writer(capacity: 640)
        writer.sized(statement.encoded)
        writer.sized(certificate.encoded)
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        self.init(
            statement: try Signed(decoding: try reader.sized("replica statement")),
            certificate: try Signed(decoding: try reader.sized("certificate"))
        )
        try reader.end("binding")
    }
}
