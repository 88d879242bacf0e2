import CRDT

/// That a signing key is a person's: written by a hub, once, and never of another person.
///
/// Its id follows from the key alone.
///
/// - Source: SIG-8, SIG-9.
public enum PersonalKey {
    public static let number: UInt32 = 6
    /// Ed25519, 32 bytes.
    public static let key: UInt32 = 1
    public static let user: UInt32 = 2
    /// Where its secret half lies.
    public static let device: UInt32 = 3
    /// The signed claim, 163 bytes.
    public static let claim: UInt32 = 4
    /// Milliseconds since 1970.
    public static let certifiedAt: UInt32 = 5
    /// From when on it signs nothing more; milliseconds since 1970.
    public static let endedAt: UInt32 = 6
    public static let endReason: UInt32 = 7
    public static let endedBy: UInt32 = 8

    public static let entity = Entity(
        number,
        "personal_key",
        in: [.tenant],
        form: .entity(key: [key]),
        writer: .hub,
        fields: [
            Field(key, "key", .bytes, .fixed),
            Field(user, "user", .id, .fixed),
            Field(device, "device", .id, .fixed),
            Field(claim, "claim", .bytes, .fixed),
            Field(certifiedAt, "certified_at", .integer, .fixed),
            Field(endedAt, "ended_at", .integer, .authority),
            Field(endReason, "end_reason", .text, .authority),
            Field(endedBy, "ended_by", .id, .authority),
        ],
        indexes: [byUser]
    )

    /// The keys of a person.
    public static let byUser = Index(1, "user", [.value(user)])
}
