public import CRDT
import Domain
public import Storage

/// A message as a person words it.
public struct MessageRequest: Hashable, Sendable {
    public var content: String
    public var title: String?
    /// On a project: it goes wherever the project goes.
    public var project: String?
    /// A user name.
    public var recipient: String?
    /// A role code.
    public var role: String?
    /// At a hub: to this site alone; nil: to everybody.
    public var site: String?
    /// The first digits of the message that it answers: it goes where that one went.
    public var replyTo: String?

    public init(_ content: String) {
        self.content = content
    }
}

extension LocalNode {
    /// Sends a message.
    ///
    /// On a project it lies in its scope; else at a station in that of its site, at a hub in that
    /// of a site or of the tenant. An answer goes where the message went, to its sender.
    ///
    /// - Returns: The id of the message.
    /// - Throws: `RuleFault`, `.notFound`; `.refused` for a person who does not read that scope.
    @discardableResult
    public func send(_ request: MessageRequest, by actor: Actor) throws -> ID {
        try ShortText.text(request.content)
        try ShortText.text(request.title)
        let (own, isHub) = (site, isHub)
        let answered = try request.replyTo.map { try message(named: $0, for: actor) }
        let saved = try act(by: actor) { acting, person in
            let view = acting.view
            let scope = try answered?.scope ?? view.scope(of: request, own: own, isHub: isHub)
            let recipient =
                try request.recipient.map { try view.userID(named: $0) }
                ?? (request.role == nil ? answered?.origin.user : nil)
            let message = Message(
                request.content,
                title: request.title,
                to: recipient,
                role: try request.role.map { try view.roleCode(named: $0) },
                replyTo: answered?.id
            )
            try message.check()
            try person.check(.sendMessage)
            if let recipient { try view.check(recipient, reads: scope) }
            var draft = Draft()
            draft.add(message.operation(), in: scope)
            return draft
        }
        return ID(createdAt: saved.stamp, index: 0)
    }

    /// The messages that a person sent or was sent, the newest first.
    ///
    /// - Parameters:
    ///   - actor: Whose messages.
    ///   - project: Only those on this project.
    /// - Returns: Messages of the scopes that this node holds.
    /// - Throws: `.notFound`.
    public func messages(of actor: Actor, on project: String? = nil) throws -> [MessageView] {
        let (tenant, now) = (store.tenant, wallMilliseconds)
        let items = try inbox(of: actor, withRead: true).items
        let read = Dictionary(items.map { ($0.id, $0.readAt) }) { first, _ in first }
        return try self.read { view in
            let directory = try directories.directory(on: view, isCommitted: true)
            let person = ActingPerson(actor, in: directory, at: site, wallMilliseconds: now)
            let names = try Nicknames(view)
            let numbers = try view.projectRecords().map { ($0.scope, $0.record.projectNumber) }
            let subjects = Dictionary(numbers) { first, _ in first }
            let scopes =
                try project.map { [try view.projectRecord(named: $0).scope] }
                ?? view.scopes().filter { $0.kind != .restricted }
            let events = try scopes.flatMap { try view.events(of: Message.entity, in: $0) }
            return events.compactMap { event -> MessageView? in
                let message = Message(event.fields)
                guard event.exclusion == nil,
                    event.origin.user == person.user
                        || message.addressees.include(person.standing)
                else { return nil }
                let id = MessageView.noticeID(of: event, for: person.user, tenant: tenant)
                return MessageView(
                    event,
                    message,
                    subject: subjects[event.origin.scope],
                    isOwn: event.origin.user == person.user,
                    readAt: read[id] ?? nil,
                    now: now,
                    names
                )
            }
            .sorted { ($0.milliseconds, $0.id) > ($1.milliseconds, $1.id) }
        }
    }

    /// Marks messages as read.
    ///
    /// - Parameters:
    ///   - typed: The first digits of their ids.
    ///   - actor: Who read them.
    /// - Returns: The messages.
    /// - Throws: `.notFound`, `RuleFault`.
    @discardableResult
    public func readMessages(_ typed: [String], by actor: Actor) throws -> [MessageView] {
        let all = try messages(of: actor)
        let chosen = try typed.map { digits in
            try all.only(
                "message",
                beginning: digits,
                digitsMin: 12,
                shownBy: "gemba message list",
                id: \.id
            )
        }
        let tenant = store.tenant
        let new = chosen.filter { !$0.isOwn && $0.readAt == nil }.map { message in
            MessageView.noticeID(of: message.event, for: actor.user, tenant: tenant)
        }
        try mark(SeenMark(notices: Set(new)), by: actor)
        return chosen
    }

    private func message(named typed: String, for actor: Actor) throws -> MessageView {
        try messages(of: actor).only(
            "message",
            beginning: typed,
            digitsMin: 12,
            shownBy: "gemba message list",
            id: \.id
        )
    }
}

extension View {
    /// Where a message goes that answers none.
    fileprivate func scope(of request: MessageRequest, own: ID, isHub: Bool) throws -> Scope {
        if let project = request.project { return try projectRecord(named: project).scope }
        guard isHub else {
            if let name = request.site, try site(named: name).fields.id(Site.site) != own {
                throw CommandFault(
                    .refused,
                    "a station writes to its own site: send it on a project, or from the hub",
                    reason: "other-site"
                )
            }
            return .site(own)
        }
        guard let name = request.site else { return .tenant }
        return .site(try site(named: name).fields.id(Site.site) ?? .zero)
    }

    /// Refuses a person who has nothing to do with the site that would hold the message.
    fileprivate func check(_ person: ID, reads scope: Scope) throws {
        guard scope.kind == .site else { return }
        let memberships = try records(of: Membership.entity, in: .tenant).filter { record in
            !record.isDeleted && record.fields.id(Membership.user) == person
        }
        let isThere = memberships.contains { record in
            let sites = record.fields.elements(Membership.sites)
            return sites.isEmpty || sites.contains(.id(scope.key))
        }
        guard !isThere else { return }
        throw CommandFault(
            .refused,
            "that person is of another site: send it on a project, or from the hub",
            reason: "other-site"
        )
    }
}
