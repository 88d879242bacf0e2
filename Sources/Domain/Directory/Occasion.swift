public import CRDT

/// When and where something is done.
public struct Occasion: Hashable, Sendable {
    /// The day at the site, YYYY-MM-DD.
    public let day: String
    /// Milliseconds since 1970; nil where only the day is known.
    public let milliseconds: Int64?
    /// nil: at a hub, where every site counts.
    public let site: ID?

    public init(day: String, milliseconds: Int64? = nil, site: ID? = nil) {
        self.day = day
        self.milliseconds = milliseconds
        self.site = site
    }

    /// Whether a time has come; where only the day is known it has not.
    func isAtOrAfter(_ time: Int64?) -> Bool {
        guard let time, let milliseconds else { return false }
        return milliseconds >= time
    }

    /// Whether the day lies from one day to before another.
    func isBetween(_ from: String?, _ until: String?) -> Bool {
        guard let from, from <= day else { return false }
        return until.map { day < $0 } ?? true
    }

    /// Whether something that holds at some sites, or with none of them everywhere, holds here.
    func isAmong(_ sites: Set<ID>) -> Bool {
        guard let site, !sites.isEmpty else { return true }
        return sites.contains(site)
    }
}
