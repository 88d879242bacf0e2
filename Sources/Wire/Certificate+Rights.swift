public import CRDT
import Identity

extension Certificate {
    /// When the device may open sessions, milliseconds since 1970; an end before the beginning
    /// leaves the beginning alone.
    public var validity: ClosedRange<UInt64> { notBefore...max(notBefore, notAfter) }

    /// When a renewal is due, milliseconds since 1970: after a third of its life (ID-19).
    public var renewalDue: UInt64 { notBefore + (validity.upperBound - notBefore) / 3 }

    /// Whether its end lies before a time, milliseconds since 1970.
    public func hasEnded(at time: UInt64) -> Bool { notAfter < time }

    /// The serial of the n-th certificate that a site issuer gives, from 1; nil beyond what it may
    /// (ID-22).
    public func serial(ofGiven number: UInt64) -> UInt64? {
        let most = rights == 0 ? Self.givenMax : min(UInt64(rights), Self.givenMax)
        guard kind == .siteIssuer, (1...most).contains(number), serial < 1 << 47 else { return nil }
        return serial << 16 | number
    }

    func mayGive(serial given: UInt64) -> Bool {
        rights == 0 || serial(ofGiven: given & Self.givenMax) == given
    }

    private static let givenMax: UInt64 = 65_535

    /// Whether changes of the device in a scope are admitted (CHG-15).
    public func mayWrite(_ scope: Scope) -> Bool {
        switch kind {
        case .hub: true
        case .station, .technician: scope.kind == .subject || scope == .site(site)
        case .siteIssuer: false
        }
    }

    /// Whether a scope may be shared with the device (SYNC-1).
    public func mayRead(_ scope: Scope) -> Bool {
        switch scope.kind {
        case .tenant, .subject: true
        case .site: kind == .hub || scope.key == site
        case .restricted: kind == .hub
        }
    }

    /// Whether the device may speak for a person, or for user zero, the machine itself (ID-9).
    public func covers(user: ID, method: Method) -> Bool {
        if method == .machine, user == .zero { return true }
        switch users {
        case .anyOfSite: return true
        case .named(let ids): return ids.contains(user)
        }
    }
}

extension Certificate {
    /// What one certificate has in common with its renewals (ID-19).
    struct Holder: Hashable, Sendable {
        let device: ID
        let kind: Kind
        let site: ID
        let signKey: VerifyingKey
        let channelKey: [UInt8]
    }

    var holder: Holder {
        Holder(device: device, kind: kind, site: site, signKey: signKey, channelKey: channelKey)
    }
}
