/// "Subject opened here": by it the nodes of a site learn what to want (SYNC-1).
public enum Opening {
    public static let number: UInt32 = 205
    /// The subject: an id.
    public static let subject: UInt32 = 1
}

/// "Of interest to a site", said in the subject's own scope (SYNC-2).
public enum Opened {
    public static let number: UInt32 = 206
    /// The site: an id.
    public static let site: UInt32 = 1
}
