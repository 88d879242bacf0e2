public import CRDT
public import Domain
public import Storage

extension LocalNode {
    /// Acts on the directory, which hubs alone write.
    func actOnDirectory(
        _ act: Act,
        by actor: Actor,
        _ decide: @escaping @Sendable (View, ActingPerson, inout Draft) throws -> Void
    ) throws {
        guard isHub else {
            throw RuleFault(.hubOnly, "the directory is written at the hub: give the command there")
        }
        _ = try self.act(by: actor) { acting, person in
            try person.check(act)
            var draft = Draft()
            try decide(acting.view, person, &draft)
            return draft
        }
    }

    /// Adds a person.
    ///
    /// - Parameters:
    ///   - draft: At least a username.
    ///   - isInvited: Whether they have not begun yet.
    ///   - actor: Who adds them.
    /// - Returns: The new user.
    /// - Throws: `RuleFault`: `notAllowed`, `hubOnly`, and what ``UserDraft`` throws.
    public func addUser(_ draft: UserDraft, isInvited: Bool = false, by actor: Actor) throws -> ID {
        let user = chance.id
        let (tenant, now) = (store.tenant, Int64(clamping: wallMilliseconds))
        guard draft.username != nil else { throw RuleFault(.empty, "a username is needed") }
        try draft.checkTexts()
        try actOnDirectory(.manageUsers, by: actor) { view, _, changes in
            let users = try view.records(of: User.entity, in: .tenant).map(\.fields)
            try draft.check(of: user, among: users)
            guard !users.contains(where: { $0.id(User.user) == user }) else {
                throw RuleFault(.taken, "this id is a person's already: try again")
            }
            var values = FieldValues()
            values.set(User.user, user)
            for (field, value) in draft.values { values[field] = value }
            if draft.displayName == nil {
                let names = [draft.firstName, draft.lastName].compactMap(\.self)
                let whole = names.joined(separator: " ")
                values.set(User.displayName, names.isEmpty ? draft.username : whole)
            }
            let status: UserStatus = isInvited ? .invited : .active
            values.set(User.status, status.rawValue)
            values.set(User.statusSince, now)
            changes.add(
                Operation(creating: User.entity, values, in: .tenant, tenant: tenant),
                in: .tenant
            )
        }
        return user
    }

    /// Changes what is said of a person.
    ///
    /// - Throws: `RuleFault`, `.notFound`, `.usage` if nothing is changed.
    public func editUser(_ name: String, _ draft: UserDraft, by actor: Actor) throws {
        guard !draft.values.isEmpty else {
            throw CommandFault(.usage, "say what to change: --phone TEXT", reason: "no-edit")
        }
        try draft.checkTexts()
        try actOnDirectory(.manageUsers, by: actor) { view, _, changes in
            let record = try view.user(named: name)
            let users = try view.records(of: User.entity, in: .tenant).map(\.fields)
            try draft.check(of: record.fields.id(User.user) ?? .zero, among: users)
            var operation = record.writing(draft.values.map { ($0.field, $0.value) })
            if let before = record.fields.text(User.username), draft.username ?? before != before {
                // Nobody else ever gets it (DOM-272).
                let former = FieldEdit(User.formerUsernames, .add(.text(before), replacing: []))
                operation = Operation(
                    operation.entity,
                    operation.target,
                    edits: operation.edits + [former]
                )
            }
            changes.add(operation, in: .tenant)
        }
    }

    /// Suspends a person, ends an account for good, or lets the person act again, from now on.
    ///
    /// - Throws: `RuleFault`, `.notFound`.
    public func setStatus(_ status: UserStatus, of name: String, by actor: Actor) throws {
        let now = Int64(clamping: wallMilliseconds)
        let about = Decided<ID>()
        try actOnDirectory(.manageUsers, by: actor) { view, person, changes in
            let record = try view.user(named: name)
            about.set(record.fields.id(User.user))
            guard record.fields.id(User.user) != person.user || !status.isBarred else {
                throw RuleFault(.notAllowed, "nobody suspends themselves: ask somebody else")
            }
            guard record.fields.text(User.status) != status.rawValue else { return }
            changes.add(
                record.writing([
                    (User.status, .text(status.rawValue)), (User.statusSince, .integer(now)),
                ]),
                in: .tenant
            )
        }
        guard status.isBarred, let user = about.value else { return }
        try endLogins(of: user, because: "user-\(status.rawValue)")
    }
}

extension UserDraft {
    /// - Throws: `.badInput` for control characters.
    fileprivate func checkTexts() throws {
        for (_, value) in values {
            if case .text(let text) = value { try ShortText.text(text) }
        }
    }
}

extension StoredRecord {
    /// The operation that writes registers of this record in place of what is shown.
    func writing(_ values: [(field: UInt32, value: Value)]) -> Operation {
        let edits = values.sorted { $0.field < $1.field }
            .map { FieldEdit($0.field, .write($0.value, replacing: names($0.field))) }
        return Operation(entity.number, .existing(id), edits: edits)
    }
}
