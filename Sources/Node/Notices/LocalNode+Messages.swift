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
        let (own, isHub, tenant) = (site, isHub, store.tenant)
        let answered = try request.replyTo.map { try message(named: $0, for: actor) }
        let saved = try act(by: actor) { acting, person in
            let view = acting.view
            let recipient =
                try request.recipient.map { try view.userID(named: $0) }
                ?? (request.role == nil ? answered?.origin.user : nil)
            let other =
                answered == nil && !isHub
                ? try view.otherSite(of: request, to: recipient, own: own) : nil
            let scope =
                try answered?.scope
                ?? other.map { Letters.scope(between: own, and: $0, tenant: tenant) }
                ?? view.scope(of: request, own: own, isHub: isHub)
            let message = Message(
                request.content,
                title: request.title,
                to: recipient,
                role: try request.role.map { try view.roleCode(named: $0) },
                replyTo: answered?.id
            )
            try message.check()
            try person.check(.sendMessage)
            var draft = Draft()
            if let other {
                try Letters.open(between: own, and: other, tenant: tenant, &draft, on: view)
            }
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

    /// The site of whom a message is for, if they are of another and it is on no project; nil: it
    /// is read where it is written.
    ///
    /// Of several sites it is the one that was named, else the first.
    fileprivate func otherSite(
        of request: MessageRequest,
        to recipient: ID?,
        own: ID
    ) throws -> ID? {
        guard let recipient, request.project == nil else { return nil }
        let memberships = try records(
            LookUp(Membership.byUser, of: Membership.entity, [.id(recipient)]),
            in: .tenant
        )
        var sites: Set<ID> = []
        for membership in memberships.items {
            let named = membership.fields.elements(Membership.sites)
            // Whoever holds a role everywhere reads here too.
            if named.isEmpty, request.site == nil { return nil }
            for case .id(let site) in named { sites.insert(site) }
        }
        if let name = request.site {
            let site = try site(named: name).fields.id(Site.site)
            return site == own ? nil : site
        }
        return sites.isEmpty || sites.contains(own) ? nil : sites.min()
    }
}
