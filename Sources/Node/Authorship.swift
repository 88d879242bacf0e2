import CRDT
import Domain
public import Storage
import Wire

/// Who wrote something, where, when, and how the node there knew them, for people and scripts.
public struct Authorship: Sendable {
    public let origin: Origin
    private let names: Nicknames

    public init(_ origin: Origin, _ names: Nicknames) {
        self.origin = origin
        self.names = names
    }

    public var user: String { names.user(origin.user) }
    public var device: String { names.device(origin.device) }
    public var site: String { names.site(origin.site) }
    /// The time of its stamp, in UTC: it orders nothing, and may come from a wrong clock.
    public var at: String { Moment.text(milliseconds: origin.time.milliseconds) }

    /// One line, as `do.thi.j at ST-1 (HCM), 2026-11-21 10:15:00 UTC, asserted`.
    public var text: String {
        let time = CalendarDay.time(milliseconds: origin.time.milliseconds)
        let place = origin.site == .zero ? device : "\(device) (\(site))"
        let doubt = origin.isSuspect ? ", clock suspect" : ""
        return "\(user) at \(place), \(time) UTC, \(origin.method.word)\(doubt)"
    }

    public var json: JSON {
        [
            "user": .text(user), "device": .text(device), "site": .text(site), "at": .text(at),
            "known_by": .text(origin.method.word), "clock_suspect": .bool(origin.isSuspect),
        ]
    }
}

extension Method {
    /// How a node knew a person, in a word.
    var word: String {
        switch self {
        case .machine: "machine"
        case .asserted: "asserted"
        case .account: "account"
        case .badge: "badge"
        case .secretInLogin: "secret-in-login"
        case .secretForAct: "secret-for-act"
        case .personalKey: "personal-key"
        default: "method-\(rawValue)"
        }
    }
}
