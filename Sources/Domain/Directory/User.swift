import CRDT

/// A person; its id is the `user` that changes carry.
public enum User {
    public static let number: UInt32 = 5
    public static let user: UInt32 = 1
    /// What the person types to log in: do.thi.j.
    public static let username: UInt32 = 2
    public static let displayName: UInt32 = 3
    public static let email: UInt32 = 4
    public static let department: UInt32 = 5
    public static let jobTitle: UInt32 = 6
    public static let timezone: UInt32 = 7
    /// BCP 47.
    public static let language: UInt32 = 8
    /// The person they report to.
    public static let manager: UInt32 = 9
    /// invited, active, suspended or disabled.
    public static let status: UInt32 = 10
    public static let firstName: UInt32 = 20
    public static let lastName: UInt32 = 21
    public static let phone: UInt32 = 22
    /// From when on the status holds, milliseconds since 1970; none: always.
    public static let statusSince: UInt32 = 23
    /// The names that were theirs: nobody else ever gets one (DOM-272).
    public static let formerUsernames: UInt32 = 24

    public static let entity = Entity(
        number,
        "user",
        in: [.tenant],
        form: .entity(key: [user]),
        writer: .hub,
        fields: [
            Field(user, "user", .id, .fixed),
            Field(username, "username", .text, .authority),
            Field(displayName, "display_name", .text, .authority),
            Field(email, "email", .text, .authority),
            Field(department, "department", .text, .authority),
            Field(jobTitle, "job_title", .text, .authority),
            Field(timezone, "timezone", .text, .authority),
            Field(language, "language", .text, .authority),
            Field(manager, "manager", .id, .authority),
            Field(status, "status", .text, .authority),
            Field(firstName, "first_name", .text, .authority),
            Field(lastName, "last_name", .text, .authority),
            Field(phone, "phone", .text, .authority),
            Field(statusSince, "status_since", .integer, .authority),
            Field(formerUsernames, "former_usernames", .text, .set),
        ],
        indexes: [byUsername, byEmail],
        searched: [
            Searched(displayName, .name), Searched(jobTitle, .description),
            Searched(department, .description), Searched(username, .number),
            Searched(email, .number),
        ]
    )

    public static let byUsername = Index(1, "username", [.name(username)])
    public static let byEmail = Index(2, "email", [.name(email)])
}

/// A role that a person can hold, such as `qa`; who holds it also holds its parent.
public enum Role {
    public static let number: UInt32 = 8
    public static let code: UInt32 = 1
    public static let name: UInt32 = 2
    /// The code of the role that this one is a kind of.
    public static let parent: UInt32 = 3
    public static let isActive: UInt32 = 4
    /// The level that whoever is given it has, if nothing else is said.
    public static let level: UInt32 = 5
    public static let description: UInt32 = 6

    public static let entity = Entity(
        number,
        "role",
        in: [.tenant],
        form: .entity(key: [code]),
        writer: .hub,
        fields: [
            Field(code, "code", .text, .fixed),
            Field(name, "name", .text, .authority),
            Field(parent, "parent", .text, .authority),
            Field(isActive, "is_active", .bool, .authority),
            Field(level, "level", .integer, .authority),
            Field(description, "description", .text, .authority),
        ]
    )
}

/// That a person holds a role, at a level, from one day to another.
public enum Membership {
    public static let number: UInt32 = 7
    public static let user: UInt32 = 1
    public static let role: UInt32 = 2
    /// The first day, YYYY-MM-DD.
    public static let effectiveFrom: UInt32 = 3
    /// 1 member, 2 lead, 3 manager.
    public static let level: UInt32 = 4
    /// The first day on which it no longer holds; none: it goes on.
    public static let effectiveUntil: UInt32 = 5
    /// The sites where it holds; none: everywhere.
    public static let sites: UInt32 = 6
    public static let assignedBy: UInt32 = 7
    /// From when on it no longer holds, milliseconds since 1970; none: the days decide.
    public static let endedAt: UInt32 = 8

    public static let entity = Entity(
        number,
        "membership",
        in: [.tenant],
        form: .entity(key: [user, role, effectiveFrom]),
        writer: .hub,
        fields: [
            Field(user, "user", .id, .fixed),
            Field(role, "role", .text, .fixed),
            Field(effectiveFrom, "effective_from", .text, .fixed),
            Field(level, "level", .integer, .authority),
            Field(effectiveUntil, "effective_until", .text, .authority),
            Field(sites, "sites", .id, .set),
            Field(assignedBy, "assigned_by", .id, .authority),
            Field(endedAt, "ended_at", .integer, .authority),
        ],
        indexes: [byUser, byRole]
    )

    /// The roles of a person.
    public static let byUser = Index(1, "user", [.value(user)])
    /// The people of a role.
    public static let byRole = Index(2, "role", [.value(role)])
}
