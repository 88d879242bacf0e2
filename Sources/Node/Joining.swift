import Bytes
public import Domain
import Identity
public import Storage
import Sync
public import Transports
public import Wire

/// Makes this machine a device of a tenant, with a join token.
///
/// The keys are on disk before the redeemer hears of them: whoever asks again with the same keys
/// after a lost answer gets the same certificate (ID-14), so an interrupted join can be repeated.
public struct Joining: Sendable {
    private let place: Store.Place
    private let chance: Chance
    private let token: JoinToken

    /// - Parameters:
    ///   - token: What the person was given.
    ///   - place: Where the store will lie; nothing may lie there yet.
    ///   - chance: Where keys come from.
    /// - Throws: `.cannotCreate` if a store lies there.
    public init(_ token: JoinToken, at place: Store.Place, chance: Chance) throws {
        guard !Store.exists(at: place.directory) else {
            throw CommandFault(.cannotCreate, "there is a store in \(place.directory) already")
        }
        self.token = token
        self.place = place
        self.chance = chance
    }

    /// Asks the redeemer for a certificate.
    ///
    /// - Parameters:
    ///   - label: What this device calls itself, for people.
    ///   - show: Called with the six words that the redeemer's people see as well (ID-16).
    /// - Returns: What came back, and the keys that it belongs to.
    /// - Throws: A `ChannelFault`; `.cannotCreate` if the keys cannot be kept.
    public func ask(
        label: String,
        show: @escaping @Sendable (String) -> Void
    ) async throws -> (JoinedChannel, DeviceKeys) {
        let keys = try keysOnDisk()
        let joiner = TCPJoiner(channelKey: keys.channel, entropy: chance.bytes)
        let tokenID = token.id
        let joined = try await joiner.join(token: token, label: label) { handshakeHash in
            show(Proquint.words(ofHandshake: handshakeHash))
            let request = JoinRequest(
                handshakeHash: handshakeHash,
                tokenID: tokenID,
                signKey: keys.sign.publicKey,
                channelKey: keys.channel.publicKey
            )
            return Signed(signing: request, with: keys.sign)
        }
        return (joined, keys)
    }

    /// Creates the store of the device, and remembers where the hub is.
    ///
    /// The authority log comes first: a store begins with the proof of its own certificate.
    public func found(
        _ joined: JoinedChannel,
        keys: DeviceKeys,
        schema: Schema,
        wall: @escaping @Sendable () -> UInt64
    ) async throws -> LocalNode {
        let founding = Founding(
            device: joined.certificate.structure.device,
            authority: try await authority(joined, keys, schema, wall()),
            certificate: joined.certificate,
            keys: keys
        )
        let store = try Store.create(
            founding,
            at: place,
            schema: schema,
            wallMilliseconds: wall(),
            chance: chance
        )
        let node = LocalNode(store, wall: wall, chance: chance)
        try node.setHubAddress(token.address)
        PrivateFile.remove(pendingPath)
        return node
    }

    private func authority(
        _ joined: JoinedChannel,
        _ keys: DeviceKeys,
        _ schema: Schema,
        _ wallMilliseconds: UInt64
    ) async throws -> AuthorityLog {
        let roots = try AuthorityLog(roots: joined.credentials.roots)
        let identity = LocalIdentity(
            tenant: token.tenant,
            channelKey: keys.channel,
            credentials: { joined.credentials },
            authority: { roots }
        )
        return try await AuthorityFetch.log(
            at: token.address,
            as: identity,
            from: roots,
            schema: schema,
            wallMilliseconds: wallMilliseconds,
            chance: chance
        )
    }
}

// MARK: - Keys

extension Joining {
    private static let folder = "joining"

    private var pendingPath: String {
        "\(place.stateRoot)/\(Self.folder)/\(Hex.encode(token.id))"
    }

    /// The keys of an attempt that did not end, or new ones.
    private func keysOnDisk() throws -> DeviceKeys {
        try PrivateFile.makeFolder("\(place.stateRoot)/\(Self.folder)")
        if let bytes = try PrivateFile.read(pendingPath, atMost: 64), bytes.count == 64,
            let sign = SigningKey(seed: Array(bytes.prefix(32))),
            let channel = ChannelKey(secret: Array(bytes.suffix(32)))
        {
            return DeviceKeys(sign: sign, channel: channel)
        }
        guard let keys = DeviceKeys(chance) else {
            throw CommandFault(.damaged, "keys cannot be made of these random bytes")
        }
        try PrivateFile.create(pendingPath, keys.sign.seed + keys.channel.secret)
        return keys
    }
}
