public import CRDT

/// What is said of a person when they are added or changed; nil leaves it.
///
/// - Source: DOM-97; TV-006, TV-007 of the design's requirements for the lengths.
public struct UserDraft: Hashable, Sendable {
    public var username: String?
    public var displayName: String?
    public var firstName: String?
    public var lastName: String?
    public var email: String?
    public var phone: String?
    public var department: String?
    public var jobTitle: String?
    public var timezone: String?
    public var language: String?
    public var manager: ID?

    public init() {}

    /// The texts by field, with the most bytes that each may have.
    private var texts: [(field: UInt32, text: String?, bytesMax: Int)] {
        [
            (User.username, username, 50), (User.displayName, displayName, 255),
            (User.firstName, firstName, 100), (User.lastName, lastName, 100),
            (User.email, email, EmailAddress.bytesMax), (User.phone, phone, 50),
            (User.department, department, 100), (User.jobTitle, jobTitle, 100),
            (User.timezone, timezone, 64), (User.language, language, 35),
        ]
    }

    /// What is to be written, by field.
    public var values: [(field: UInt32, value: Value)] {
        texts.compactMap { field, text, _ in text.map { (field, .text($0)) } }
            + (manager.map { [(User.manager, .id($0))] } ?? [])
    }

    /// Checks what is said of a person beside what is known of all.
    ///
    /// - Parameters:
    ///   - user: Whom it is said of.
    ///   - users: Records of ``User``.
    /// - Throws: `empty`, `tooLong`, `notAnEmail`, `unknownValue` for a username of other letters,
    ///   `taken`, `ownManager`.
    public func check(of user: ID, among users: [Fields]) throws(RuleFault) {
        for (_, text, bytesMax) in texts {
            guard let text else { continue }
            guard !text.allSatisfy(\.isWhitespace) else {
                throw RuleFault(.empty, "a field of a person is given and empty")
            }
            guard text.utf8.count <= bytesMax else {
                throw RuleFault(.tooLong, "this text holds at most \(bytesMax) bytes")
            }
        }
        if let email { _ = try EmailAddress(typed: email) }
        if let username, !username.utf8.allSatisfy(Self.isNameLetter) {
            throw RuleFault(.unknownValue, "a username is of letters, digits and . _ -")
        }
        try checkTaken(User.username, username, by: user, among: users)
        try checkTaken(User.email, email, by: user, among: users)
        if let manager, ReportingLine(users).closesCircle(manager, above: user) {
            throw RuleFault(.ownManager, "this manager stands below the person already")
        }
    }

    private func checkTaken(
        _ field: UInt32,
        _ text: String?,
        by user: ID,
        among users: [Fields]
    ) throws(RuleFault) {
        guard let wanted = text?.lowercased() else { return }
        let other = users.first { fields in
            guard fields.id(User.user) != user else { return false }
            if fields.text(field)?.lowercased() == wanted { return true }
            return field == User.username
                && fields.texts(User.formerUsernames).contains { $0.lowercased() == wanted }
        }
        if let other {
            let name = other.text(User.displayName) ?? other.text(User.username) ?? "somebody"
            throw RuleFault(.taken, "\(text ?? "") is \(name)'s already")
        }
    }

    private static func isNameLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte)
            || "._-".utf8.contains(byte)
    }
}
