import Bytes
public import CRDT
public import Identity

/// The secrets of a device: they lie outside the data directory and never enter a backup.
public struct DeviceKeys: Sendable {
    public let sign: SigningKey
    public let channel: ChannelKey
    /// What certifies devices: at a hub only.
    public let `operator`: SigningKey?
    /// What signs the audit's checkpoints: at a hub only.
    public let log: SigningKey?

    public init(
        sign: SigningKey,
        channel: ChannelKey,
        operator: SigningKey? = nil,
        log: SigningKey? = nil
    ) {
        self.sign = sign
        self.channel = channel
        self.operator = `operator`
        self.log = log
    }

    /// Fresh keys of a station or technician.
    ///
    /// - Parameter chance: Gives random bytes.
    public init?(_ chance: Chance) {
        guard let sign = SigningKey(seed: chance.bytes(32)),
            let channel = ChannelKey(secret: chance.bytes(32))
        else { return nil }
        self.init(sign: sign, channel: channel)
    }
}

/// Where random bytes come from.
public struct Chance: Sendable {
    /// Gives that many random bytes.
    public let bytes: @Sendable (Int) -> [UInt8]

    public init(_ bytes: @escaping @Sendable (Int) -> [UInt8]) {
        self.bytes = bytes
    }

    /// A random id.
    public var id: ID { ID(bytes(16)) ?? .zero }
}

/// The folder outside the data directory: keys of the device, and the mark of its replica.
///
/// Who copies a data directory does not copy this one with it, and so a restored or cloned store
/// is found out.
struct StateFolder: Sendable {
    let path: String

    init(root: String, device: ID) {
        path = "\(root)/\(device)"
    }

    private static let tag: StaticString = "gemba/keys/1"
    private static let keyBytesMax = 512
    private var keyPath: String { path + "/keys" }

    func keys() throws(StorageError) -> DeviceKeys {
        guard let bytes = try Files.read(keyPath, atMost: Self.keyBytesMax) else {
            throw StorageError(.noKeys, "\(keyPath) is missing: this device must join again")
        }
        try Files.requirePrivate(keyPath)
        do throws(Malformed) {
            var reader = Reader(bytes)
            try reader.tag(Self.tag)
            let sign = SigningKey(seed: try reader.raw(32, "sign"))
            let channel = ChannelKey(secret: try reader.raw(32, "channel"))
            let isHub = try reader.u8("kind") == 1
            let `operator` = isHub ? SigningKey(seed: try reader.raw(32, "operator")) : nil
            let log = isHub ? SigningKey(seed: try reader.raw(32, "log")) : nil
            try reader.end("keys")
            guard let sign, let channel else { throw reader.malformed(.invalid, "keys") }
            return DeviceKeys(sign: sign, channel: channel, operator: `operator`, log: log)
        } catch {
            throw StorageError(.damaged, "\(keyPath): \(error)")
        }
    }

    func save(_ keys: DeviceKeys) throws(StorageError) {
        try Files.makeFolder(path)
        var writer = Writer()
        writer.tag(Self.tag)
        writer.raw(keys.sign.seed)
        writer.raw(keys.channel.secret)
        if let `operator` = keys.operator, let log = keys.log {
            writer.u8(1)
            writer.raw(`operator`.seed)
            writer.raw(log.seed)
        } else {
            writer.u8(0)
        }
        try Files.replace(keyPath, with: writer.bytes, isDurable: true)
    }
}

extension Store {
    /// Gives a device other keys, where its store is not open: a new operator's (ID-21).
    ///
    /// The sign and channel keys must be those that it has: its replicas are bound to them.
    ///
    /// - Throws: `.inUse`, or what the disk says.
    public static func replaceKeys(
        of device: ID,
        with keys: DeviceKeys,
        at place: Place
    ) throws(StorageError) {
        let lock = try DirectoryLock(place.directory)
        defer { withExtendedLifetime(lock) {} }
        try StateFolder(root: place.stateRoot, device: device).save(keys)
    }
}
