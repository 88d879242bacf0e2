import CRDT
import Domain
public import Storage
import Wire

extension LocalNode {
    /// What a person likes, as this node shows it.
    ///
    /// - Parameter user: A user name.
    /// - Returns: The values by key; `timezone` and `language` are those of the person's record
    ///   where the person says nothing else.
    /// - Throws: `.notFound`.
    public func preferences(of user: String) throws -> [String: String] {
        try read { view in
            let record = try view.user(named: user)
            var shown: [String: String] = [:]
            for (key, field) in [("timezone", User.timezone), ("language", User.language)] {
                shown[key] = record.fields.text(field)
            }
            let own = try view.preferences(of: record.fields.id(User.user) ?? .zero)
            return shown.merging(own) { $1 }
        }
    }

    /// Sets, or removes, what a person likes; everybody does so for themselves.
    ///
    /// At a station it is written for its site, at a hub for the tenant; the latest of what a node
    /// holds is shown.
    ///
    /// - Parameters:
    ///   - key: `timezone`, `language`, `theme`, or any other word.
    ///   - value: nil removes it.
    ///   - user: Whose; nil: of whoever acts.
    ///   - seen: What the form showed; nil: what this node shows.
    ///   - actor: Who acts.
    /// - Throws: `RuleFault`, `.notFound`.
    public func setPreference(
        _ key: String,
        to value: String?,
        of user: String? = nil,
        seen: Seen? = nil,
        by actor: Actor
    ) throws {
        try ShortText.text(value)
        if key == "timezone", let value { try SiteClock.check(zone: value) }
        let (tenant, scope) = (store.tenant, isHub ? Scope.tenant : .site(site))
        _ = try act(by: actor) { acting, person in
            let view = acting.view
            let owner = try user.map { try view.userID(named: $0) } ?? person.user
            let others = try view.preferences(of: owner).keys.filter { $0 != key }.count
            try Preferences.check(key, value, of: owner, by: person.user, count: others)
            try person.check(.setPreferences)
            let id = ID(
                naturalKey: [.id(owner)],
                of: Preferences.number,
                in: scope,
                tenant: tenant
            )
            let held = try view.record(id, of: Preferences.entity, in: scope)
            let shown = held?.names(Preferences.values, key: key) ?? []
            let names =
                try seen.map { seen in
                    let known = try view.history(of: id, entity: Preferences.number, in: scope)
                    return try seen.names(among: known.map(\.name))
                } ?? shown
            let edit = FieldEdit(
                Preferences.values,
                .put(key: key, value.map(Value.text) ?? .null, replacing: held == nil ? [] : names)
            )
            let creation = FieldEdit(Preferences.user, .write(.id(owner), replacing: []))
            var draft = Draft()
            draft.add(
                Operation(
                    Preferences.number,
                    held == nil ? .natural(id) : .existing(id),
                    edits: held == nil ? [creation, edit] : [edit]
                ),
                in: scope
            )
            return draft
        }
    }
}

extension View {
    /// What a person set for themselves, in any scope that is held.
    fileprivate func preferences(of user: ID) throws -> [String: String] {
        let scopes = try self.scopes().filter { Preferences.entity.scopes.contains($0.kind) }
        let records = try scopes.flatMap { scope in
            try self.records(of: Preferences.entity, in: scope).filter { record in
                !record.isDeleted && record.fields.id(Preferences.user) == user
            }
        }
        return Preferences.joined(records.map(\.record))
    }
}
