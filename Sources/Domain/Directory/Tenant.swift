import CRDT

/// The firm whose records these are: one row, in the tenant scope.
public enum Tenant {
    public static let number: UInt32 = 1
    /// The tenant's id, which follows from its root statement.
    public static let tenant: UInt32 = 1
    public static let name: UInt32 = 2
    public static let slug: UInt32 = 3
    /// ISO 4217.
    public static let defaultCurrency: UInt32 = 4
    /// Whether stations accept a person by name alone, as in a demonstration (method 1).
    public static let trustsLocal: UInt32 = 5
    public static let isActive: UInt32 = 6
    /// After how many minutes without a command a login asks for the PIN again; 5 if absent.
    public static let loginIdleMinutes: UInt32 = 20
    /// How many wrong PINs lock a person out at a node; 5 if absent.
    public static let loginFailuresMax: UInt32 = 21
    /// For how many minutes; 15 if absent.
    public static let loginLockMinutes: UInt32 = 22
    /// For how many days people log in at a node that has not met a hub; 30 if absent.
    public static let loginOfflineDays: UInt32 = 23
    /// Numbers that approvals ask for, by name.
    public static let settings: UInt32 = 40

    public static let entity = Entity(
        number,
        "tenant",
        in: [.tenant],
        form: .entity(key: [tenant]),
        writer: .hub,
        fields: [
            Field(tenant, "tenant", .id, .fixed),
            Field(name, "name", .text, .authority),
            Field(slug, "slug", .text, .authority),
            Field(defaultCurrency, "default_currency", .text, .authority),
            Field(trustsLocal, "trusts_local", .bool, .authority),
            Field(isActive, "is_active", .bool, .authority),
            Field(loginIdleMinutes, "login_idle_minutes", .integer, .authority),
            Field(loginFailuresMax, "login_failures_max", .integer, .authority),
            Field(loginLockMinutes, "login_lock_minutes", .integer, .authority),
            Field(loginOfflineDays, "login_offline_days", .integer, .authority),
            Field(settings, "settings", .decimal, .map),
        ]
    )
}

/// A place where the firm works; its id is the key of its scope.
public enum Site {
    public static let number: UInt32 = 2
    public static let site: UInt32 = 1
    /// Two to eight letters, digits or hyphens; it stands in provisional numbers.
    public static let code: UInt32 = 2
    public static let name: UInt32 = 3
    /// A name of the tz database.
    public static let timezone: UInt32 = 4
    public static let isActive: UInt32 = 5

    public static let entity = Entity(
        number,
        "site",
        in: [.tenant],
        form: .entity(key: [site]),
        writer: .hub,
        fields: [
            Field(site, "site", .id, .fixed),
            Field(code, "code", .text, .authority),
            Field(name, "name", .text, .authority),
            Field(timezone, "timezone", .text, .authority),
            Field(isActive, "is_active", .bool, .authority),
        ]
    )
}

/// A machine with a key, as people know it.
///
/// What it may do is in its certificate.
public enum Device {
    public static let number: UInt32 = 3
    public static let device: UInt32 = 1
    /// station, technician or hub.
    public static let kind: UInt32 = 2
    public static let name: UInt32 = 3
    public static let site: UInt32 = 4
    /// The person who carries it, if one does.
    public static let owner: UInt32 = 5
    /// pending, active, suspended, lost or retired.
    public static let status: UInt32 = 6

    public static let entity = Entity(
        number,
        "device",
        in: [.tenant],
        form: .entity(key: [device]),
        writer: .hub,
        fields: [
            Field(device, "device", .id, .fixed),
            Field(kind, "kind", .text, .authority),
            Field(name, "name", .text, .authority),
            Field(site, "site", .id, .authority),
            Field(owner, "owner", .id, .authority),
            Field(status, "status", .text, .authority),
        ]
    )
}
