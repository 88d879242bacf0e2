/// How long a peer may take, and how many strangers may wait.
///
/// - Source: TCP-7, TCP-9.
public struct TCPLimits: Hashable, Sendable {
    /// Until a connection stands, names resolved.
    public var connect: Duration
    /// Until a connection that stands is authenticated.
    public var handshake: Duration
    /// From the first byte of a message to its last, in either direction.
    public var message: Duration
    /// What a joiner waits for the redeemer's answer, who may have to ask a person.
    public var answer: Duration
    /// What a cancelled task gets to say goodbye before its channel is closed.
    public var farewell: Duration
    /// Connections that are not yet authenticated; one more closes the oldest.
    public var halfOpenMax: Int
    /// Connections of one known key that are not yet authenticated (TCP-9).
    public var halfOpenPerKeyMax: Int

    public init(
        connect: Duration = .seconds(5),
        handshake: Duration = .seconds(5),
        message: Duration = .seconds(30),
        answer: Duration = .seconds(120),
        farewell: Duration = .seconds(2),
        halfOpenMax: Int = 64,
        halfOpenPerKeyMax: Int = 2
    ) {
        self.connect = connect
        self.handshake = handshake
        self.message = message
        self.answer = answer
        self.farewell = farewell
        self.halfOpenMax = max(1, halfOpenMax)
        self.halfOpenPerKeyMax = max(1, halfOpenPerKeyMax)
    }
}
