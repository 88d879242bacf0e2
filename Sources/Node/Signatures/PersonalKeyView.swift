import Bytes
import CRDT
import Domain
import Identity
import Storage
import Wire

/// A key of a person, as lists show it.
public struct PersonalKeyView: Sendable {
    public let user: String
    /// The public key, in hexadecimal.
    public let key: String
    public let device: String
    /// Milliseconds since 1970; nil while no hub has certified it.
    public let certifiedAt: Int64?
    public let endedAt: Int64?
    public let endReason: String?
    /// Whether the secret half lies at this device.
    public let isHere: Bool

    /// asked for, certified or ended.
    public var state: String {
        if endedAt != nil { return "ended" }
        return certifiedAt == nil ? "asked-for" : "certified"
    }

    public var json: JSON {
        [
            "user": .text(user), "key": .text(key), "device": .text(device),
            "state": .text(state), "certified": time(certifiedAt), "ended": time(endedAt),
            "reason": .text(orNull: endReason), "here": .bool(isHere),
        ]
    }

    private func time(_ milliseconds: Int64?) -> JSON {
        milliseconds.map { .text(Moment.text(milliseconds: UInt64(clamping: $0))) } ?? .null
    }
}

extension LocalNode {
    /// The keys of a person, or of everybody; those that a hub has not certified yet as far as they
    /// were claimed at this device.
    ///
    /// - Throws: `.notFound`.
    public func personalKeys(of name: String? = nil) throws -> [PersonalKeyView] {
        let wanted = try name.map { name in try read { try $0.userID(named: name) } }
        let (records, names, users) = try read { view in
            let all =
                try wanted.map { try view.personalKeys(of: $0) }
                ?? view.records(of: PersonalKey.entity, in: .tenant)
            let users =
                try wanted.map { [$0] }
                ?? view.records(of: User.entity, in: .tenant).compactMap { $0.fields.id(User.user) }
            return (all, try Nicknames(view), users)
        }
        let here = try users.flatMap { try keyShelf.claims(of: $0) }.map(\.structure)
        let held = Set(here.map(\.key.bytes))
        let certified = records.map { record in
            let (fields, key) = (record.fields, record.fields.bytes(PersonalKey.key) ?? [])
            return PersonalKeyView(
                user: names.user(fields.id(PersonalKey.user) ?? .zero),
                key: Hex.encode(key),
                device: names.device(fields.id(PersonalKey.device) ?? .zero),
                certifiedAt: fields.integer(PersonalKey.certifiedAt),
                endedAt: fields.integer(PersonalKey.endedAt),
                endReason: fields.text(PersonalKey.endReason),
                isHere: held.contains(key)
            )
        }
        let known = Set(certified.map(\.key))
        let asked = here.filter { !known.contains(Hex.encode($0.key.bytes)) }.map { claim in
            PersonalKeyView(
                user: names.user(claim.user),
                key: Hex.encode(claim.key.bytes),
                device: names.device(claim.device),
                certifiedAt: nil,
                endedAt: nil,
                endReason: nil,
                isHere: true
            )
        }
        return (certified + asked).sorted {
            ($0.user, $0.certifiedAt ?? .max, $0.key) < ($1.user, $1.certifiedAt ?? .max, $1.key)
        }
    }
}
