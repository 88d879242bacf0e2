public import CRDT

/// Something that people are told of: derived from what is on record, and never written.
///
/// - Source: DOM-176, DOM-177.
public struct Notice: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case workflow
        case approval
        case document
        case message
        case system
        case sync
        case conflict
    }

    /// How soon it wants to be seen, the least first.
    public enum Priority: String, Hashable, Sendable, CaseIterable, Comparable {
        case low
        case normal
        case high
        case urgent

        public static func < (left: Priority, right: Priority) -> Bool {
            let all = allCases
            return (all.firstIndex(of: left) ?? 0) < (all.firstIndex(of: right) ?? 0)
        }
    }

    public let kind: Kind
    /// What happened, in a word that stays, such as `block`.
    ///
    /// Part of what names the notice.
    public let word: String
    public let scope: Scope
    /// The event, or what stands for the write that caused it.
    ///
    /// Part of what names the notice.
    public let cause: ID
    public let addressees: Addressees
    /// Who caused it, who is not told; zero for a machine.
    public let author: ID
    /// Milliseconds since 1970, of the stamp of the cause.
    public let milliseconds: UInt64
    public let priority: Priority
    /// One line for people.
    public let title: String
    /// The reason, comment or content, if there is one.
    public let text: String?

    public init(
        _ kind: Kind,
        _ word: String,
        in scope: Scope,
        cause: ID,
        for addressees: Addressees,
        by author: ID,
        at milliseconds: UInt64,
        priority: Priority = .normal,
        title: String,
        text: String? = nil
    ) {
        self.kind = kind
        self.word = word
        self.scope = scope
        self.cause = cause
        self.addressees = addressees
        self.author = author
        self.milliseconds = milliseconds
        self.priority = priority
        self.title = title
        self.text = text
    }

    /// For how long after its cause a person is told: 90 days, in milliseconds.
    public static let lifeMilliseconds: UInt64 = 90 * 86_400_000

    /// The values whose hash with the scope is the id of the notice for a person.
    public func key(for person: ID) -> [Value] {
        [.text(word), .id(cause), .id(person)]
    }

    /// Whether a person is told at a time: whoever it is for, never who caused it, for 90 days.
    public func concerns(_ person: Standing, at now: UInt64) -> Bool {
        let isNew = now < milliseconds || now - milliseconds <= Self.lifeMilliseconds
        return isNew && author != person.user && addressees.include(person)
    }
}
