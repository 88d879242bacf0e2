public import CRDT
import Domain
public import Storage

/// A handover note as a person words it.
public struct HandoverRequest: Hashable, Sendable {
    public var content: String
    /// The shift that is to see it, as the site calls it.
    public var shift: String?
    public var workCenter: String?
    /// Numbers, titles or ids of projects.
    public var projects: [String] = []
    /// User names of those who must see it.
    public var people: [String] = []
    /// Role codes of which somebody must see it.
    public var roles: [String] = []
    /// At a hub: of which site; nil: the only one.
    public var site: String?

    public init(_ content: String) {
        self.content = content
    }
}

extension LocalNode {
    /// Leaves a note for those who come next.
    ///
    /// - Returns: The id of the note.
    /// - Throws: `RuleFault`, `.notFound`, `.usage` at a hub of several sites.
    @discardableResult
    public func writeHandover(_ request: HandoverRequest, by actor: Actor) throws -> ID {
        for text in [request.content, request.shift, request.workCenter] {
            try ShortText.text(text)
        }
        let own = site
        let saved = try act(by: actor) { acting, person in
            let view = acting.view
            let sites = try view.hoursSites(named: request.site, own: own)
            guard let site = sites.first, sites.count == 1 else {
                throw CommandFault(.usage, "say for which site: --site CODE", reason: "no-site")
            }
            let note = HandoverNote(
                request.content,
                shift: request.shift,
                workCenter: request.workCenter,
                subjects: Set(
                    try request.projects.map { try view.projectRecord(named: $0).scope.key }
                ),
                people: Set(try request.people.map { try view.userID(named: $0) }),
                roles: Set(try request.roles.map { try view.roleCode(named: $0) })
            )
            try note.check()
            try person.check(.writeHandover)
            var draft = Draft()
            draft.add(note.operation(), in: .site(site))
            return draft
        }
        return ID(createdAt: saved.stamp, index: 0)
    }

    /// Says that a person has seen handover notes.
    ///
    /// - Parameters:
    ///   - typed: The first digits of their ids; none: all that wait for the person.
    ///   - actor: Who has seen them.
    /// - Returns: How many the person had not taken note of before.
    /// - Throws: `.notFound`, `RuleFault`.
    @discardableResult
    public func acknowledge(_ typed: [String], by actor: Actor) throws -> Int {
        let notes = try handovers()
        let chosen =
            try typed.isEmpty
            ? inbox(of: actor).handovers
            : typed.map { digits in
                try notes.only(
                    "note",
                    beginning: digits,
                    digitsMin: 12,
                    shownBy: "gemba handover list",
                    id: \.id
                )
            }
        let new = Set(
            chosen.filter { $0.standing.acknowledged[actor.user] == nil }.map(\.id)
        )
        try mark(SeenMark(handovers: new), by: actor)
        return new.count
    }
}

extension View {
    /// The code of a role, by code or name.
    func roleCode(named name: String) throws -> String {
        var choice = NameChoice<String>("role")
        for role in try records(of: Role.entity, in: .tenant) where !role.isDeleted {
            guard let code = role.fields.text(Role.code) else { continue }
            choice.add(code, names: [code, role.fields.text(Role.name)])
        }
        return try choice.only(called: name)
    }
}
