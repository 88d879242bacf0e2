import CRDT

/// That a role may do something: a row of the tenant's table of rights.
///
/// It stands in the place of the row of ``Grants/standard`` with the same role and permission.
///
/// - Source: DOM-91.
public enum RolePermission {
    public static let number: UInt32 = 9
    /// The code of a role, or a pseudo role such as `@member`.
    public static let role: UInt32 = 1
    /// A ``PermissionPattern``.
    public static let permission: UInt32 = 2
    /// The least level at which the role is held; none: 1.
    public static let level: UInt32 = 3
    /// The sites where it holds; none: everywhere.
    public static let sites: UInt32 = 4
    public static let isActive: UInt32 = 5
    /// What else must be true, all of it: of ``Grant/Condition``.
    public static let conditions: UInt32 = 6
    public static let grantedBy: UInt32 = 7

    public static let entity = Entity(
        number,
        "role_permission",
        in: [.tenant],
        form: .entity(key: [role, permission]),
        writer: .hub,
        fields: [
            Field(role, "role", .text, .fixed),
            Field(permission, "permission", .text, .fixed),
            Field(level, "level", .integer, .authority),
            Field(sites, "sites", .id, .set),
            Field(isActive, "is_active", .bool, .authority),
            Field(conditions, "conditions", .text, .set),
            Field(grantedBy, "granted_by", .id, .authority),
        ]
    )
}

/// That one person acts with the rights of another for some days.
///
/// - Source: DOM-95.
public enum Delegation {
    public static let number: UInt32 = 31
    /// Whose rights they are.
    public static let user: UInt32 = 1
    /// Who acts with them.
    public static let delegate: UInt32 = 2
    /// The first day, YYYY-MM-DD.
    public static let from: UInt32 = 3
    /// The one role that is delegated; none: all.
    public static let role: UInt32 = 4
    /// The first day on which it no longer holds.
    public static let until: UInt32 = 5
    public static let reason: UInt32 = 6
    /// From when on it is taken back, milliseconds since 1970.
    public static let revokedAt: UInt32 = 7
    public static let delegatedBy: UInt32 = 8

    public static let entity = Entity(
        number,
        "delegation",
        in: [.tenant],
        form: .entity(key: [user, delegate, from, role]),
        writer: .hub,
        fields: [
            Field(user, "user", .id, .fixed),
            Field(delegate, "delegate", .id, .fixed),
            Field(from, "effective_from", .text, .fixed),
            Field(role, "role", .text, .fixed),
            Field(until, "effective_until", .text, .authority),
            Field(reason, "reason", .text, .authority),
            Field(revokedAt, "revoked_at", .integer, .authority),
            Field(delegatedBy, "delegated_by", .id, .authority),
        ]
    )
}
