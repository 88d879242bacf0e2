import Bytes

/// A Noise handshake as a value: messages in, messages out, and at the end two cipher states.
///
/// Chance comes from the caller, as the ephemeral secret, so that published vectors can be played.
///
/// - Invariant: After a fault the handshake is to be dropped; nothing of it was told to the peer.
/// - Source: Noise revision 34, section 5.3, with 25519, ChaChaPoly and BLAKE2b.
public struct Handshake: Sendable {
    /// Which side of the pattern this is.
    public enum Role: Hashable, Sendable {
        case initiator
        case responder
    }

    /// The keys a side brings.
    public struct Keys: Sendable {
        /// The own static key, if the pattern uses one.
        public var own: ChannelKey?
        /// A fresh secret, used for this handshake only.
        public var ephemeral: ChannelKey?
        /// The peer's static key, if it is known beforehand.
        public var remote: [UInt8]?
        /// Pre-shared keys of 32 bytes, in the order of their tokens.
        public var preshared: [[UInt8]]

        public init(
            own: ChannelKey? = nil,
            ephemeral: ChannelKey? = nil,
            remote: [UInt8]? = nil,
            preshared: [[UInt8]] = []
        ) {
            self.own = own
            self.ephemeral = ephemeral
            self.remote = remote
            self.preshared = preshared
        }
    }

    /// The longest message: what two bytes of length can say.
    public static let messageBytesMax = 65_535

    private let pattern: HandshakePattern
    private let role: Role
    private var keys: Keys
    private var symmetric: SymmetricState
    private var remoteEphemeral: [UInt8]?
    private var index = 0
    private var usedPreshared = 0

    /// - Parameters:
    ///   - pattern: The pattern, with its modifiers.
    ///   - role: Which side this is.
    ///   - prologue: What both sides must agree on before anything is said.
    ///   - keys: What this side brings.
    public init(_ pattern: HandshakePattern, role: Role, prologue: [UInt8], keys: Keys) {
        self.pattern = pattern
        self.role = role
        self.keys = keys
        symmetric = SymmetricState(protocolName: "Noise_\(pattern.name)_25519_ChaChaPoly_BLAKE2b")
        symmetric.mixHash(prologue)
        let isInitiator = role == .initiator
        if pattern.knowsInitiator {
            symmetric.mixHash((isInitiator ? keys.own?.publicKey : keys.remote) ?? [])
        }
        if pattern.knowsResponder {
            symmetric.mixHash((isInitiator ? keys.remote : keys.own?.publicKey) ?? [])
        }
    }

    /// Whether all messages were exchanged.
    public var isFinished: Bool { index == pattern.messages.count }

    /// Whether the next message is this side's to write.
    public var isOwnTurn: Bool { !isFinished && index.isMultiple(of: 2) == (role == .initiator) }

    /// The hash of everything that was said, 64 bytes: what binds later signatures to the channel.
    public var handshakeHash: [UInt8] { symmetric.hash }

    /// The peer's static key, once it is known.
    public var remoteStatic: [UInt8]? { keys.remote }

    /// Gives the pre-shared keys that the peer's message named.
    public mutating func setPreshared(_ keys: [[UInt8]]) {
        self.keys.preshared = keys
    }

    /// Writes the next message.
    public mutating func write(_ payload: [UInt8]) throws(NoiseFault) -> [UInt8] {
        guard isOwnTurn else { throw .misuse }
        var message: [UInt8] = []
        for token in pattern.messages[index] {
            switch token {
            case .e:
                guard let ephemeral = keys.ephemeral else { throw .misuse }
                message += ephemeral.publicKey
                mixEphemeral(ephemeral.publicKey)
            case .s:
                guard let own = keys.own else { throw .misuse }
                message += try symmetric.encryptAndHash(own.publicKey)
            default:
                try mix(token)
            }
        }
        message += try symmetric.encryptAndHash(payload)
        guard message.count <= Self.messageBytesMax else { throw .length }
        index += 1
        return message
    }

    /// Reads the peer's next message and returns its payload.
    public mutating func read(_ message: [UInt8]) throws(NoiseFault) -> [UInt8] {
        guard !isFinished, !isOwnTurn else { throw .misuse }
        guard message.count <= Self.messageBytesMax else { throw .length }
        var reader = Reader(message)
        for token in pattern.messages[index] {
            switch token {
            case .e:
                let key = try Self.take(32, from: &reader)
                remoteEphemeral = key
                mixEphemeral(key)
            case .s:
                let sealed = try Self.take(symmetric.hasKey ? 48 : 32, from: &reader)
                keys.remote = try symmetric.decryptAndHash(sealed)
            default:
                try mix(token)
            }
        }
        let payload = try symmetric.decryptAndHash(reader.rest())
        index += 1
        return payload
    }

    /// The two directions of the channel.
    ///
    /// - Precondition: ``isFinished``.
    public func split() -> (send: CipherState, receive: CipherState) {
        precondition(isFinished, "a channel begins when the handshake is over")
        let (first, second) = symmetric.split()
        return role == .initiator ? (first, second) : (second, first)
    }

    private static func take(_ count: Int, from reader: inout Reader) throws(NoiseFault) -> [UInt8]
    {
        do throws(Malformed) {
            return try reader.raw(count, "noise")
        } catch {
            throw .length
        }
    }

    private mutating func mixEphemeral(_ key: [UInt8]) {
        symmetric.mixHash(key)
        if pattern.usesPresharedKey { symmetric.mixKey(key) }
    }

    private mutating func mix(_ token: HandshakePattern.Token) throws(NoiseFault) {
        let isInitiator = role == .initiator
        switch token {
        case .ee: try mixShared(keys.ephemeral, remoteEphemeral)
        case .ss: try mixShared(keys.own, keys.remote)
        case .es:
            try isInitiator
                ? mixShared(keys.ephemeral, keys.remote) : mixShared(keys.own, remoteEphemeral)
        case .se:
            try isInitiator
                ? mixShared(keys.own, remoteEphemeral) : mixShared(keys.ephemeral, keys.remote)
        case .psk:
            guard usedPreshared < keys.preshared.count else { throw .misuse }
            symmetric.mixKeyAndHash(keys.preshared[usedPreshared])
            usedPreshared += 1
        case .e, .s:
            throw .misuse
        }
    }

    private mutating func mixShared(_ own: ChannelKey?, _ other: [UInt8]?) throws(NoiseFault) {
        guard let own, let other else { throw .misuse }
        guard let shared = own.shared(with: other) else { throw .weakKey }
        symmetric.mixKey(shared)
    }
}
