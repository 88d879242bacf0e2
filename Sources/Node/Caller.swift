/// Whoever gave a command: the account it comes from, and how to reach them while it runs.
public struct Caller: Sendable {
    /// What can be told before a command is over.
    public enum Notice: Sendable {
        /// A part of the result, on standard output.
        case part(Reply)
        /// How far it is, on standard error.
        case progress(String)
        /// Nothing; only to learn whether anybody is still there.
        case pulse
    }

    /// The user id of the operating system, from the kernel and never from a message.
    public let uid: UInt32
    /// What the person typed where nobody reads it, in the order in which it was asked for.
    public let secrets: [String]
    private let tell: @Sendable (Notice) -> Bool

    /// - Parameters:
    ///   - uid: The account, as the kernel names it.
    ///   - secrets: PINs or codes of badges that go with the command.
    ///   - tell: Delivers a notice; false once nobody listens any more.
    public init(
        uid: UInt32,
        secrets: [String] = [],
        tell: @escaping @Sendable (Notice) -> Bool
    ) {
        self.uid = uid
        self.secrets = secrets
        self.tell = tell
    }

    /// The same caller, who typed other secrets.
    public func with(secrets: [String]) -> Caller {
        Caller(uid: uid, secrets: secrets, tell: tell)
    }

    /// Says on standard error how far a long command is.
    public func progress(_ text: String) {
        _ = tell(.progress(text))
    }

    /// Hands over a part of the result at once.
    ///
    /// - Returns: Whether anybody is still there to read more.
    public func send(_ part: Reply) -> Bool { tell(.part(part)) }

    /// Whether anybody is still there.
    public var isPresent: Bool { tell(.pulse) }
}
