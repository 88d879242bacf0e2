import Bytes
import CRDT
import Wire

/// What an initiator says in clear before anything else.
///
/// - Shape: 16 bytes: `gemba`, lowest and highest version, pattern, realm.
/// - Source: TCP-1.
struct Preamble: Hashable, Sendable {
    /// The handshake patterns by their numbers.
    enum Pattern: UInt8, Hashable, Sendable {
        case xx = 1
        case ik = 2
        case xxPSK3 = 3

        /// The pattern's name in the framework.
        var name: String {
            switch self {
            case .xx: "XX"
            case .ik: "IK"
            case .xxPSK3: "XXpsk3"
            }
        }
    }

    /// The one session version that this code speaks.
    static let version: UInt8 = 1
    static let byteCount = 16
    private static let magic = Array("gemba".utf8)

    let lowestVersion: UInt8
    let highestVersion: UInt8
    /// As sent; not every number is a ``Pattern``.
    let pattern: UInt8
    /// 8 bytes (ID-4).
    let realm: [UInt8]

    /// What this version offers.
    init(_ pattern: Pattern, tenant: ID) {
        lowestVersion = Self.version
        highestVersion = Self.version
        self.pattern = pattern.rawValue
        realm = ID.realm(of: tenant)
    }

    /// Whether bytes can be the beginning of a preamble: so that a port scanner goes at once.
    static func canBegin(with bytes: [UInt8]) -> Bool {
        magic.starts(with: bytes.prefix(magic.count))
    }

    init(decoding bytes: [UInt8]) throws(ChannelFault) {
        var reader = Reader(bytes)
        do throws(Malformed) {
            guard try reader.raw(5, "magic") == Self.magic else {
                throw reader.malformed(.invalid, "magic")
            }
            lowestVersion = try reader.u8("lowest version")
            highestVersion = try reader.u8("highest version")
            pattern = try reader.u8("pattern")
            realm = try reader.raw(8, "realm")
            try reader.end("preamble")
        } catch {
            throw ChannelFault(.notGemba, "the connection does not begin as gemba's do: \(error)")
        }
    }

    var encoded: [UInt8] {
        var writer = Writer(capacity: Self.byteCount)
        writer.raw(Self.magic)
        writer.u8(lowestVersion)
        writer.u8(highestVersion)
        writer.u8(pattern)
        writer.raw(realm)
        return writer.bytes
    }

    /// Whether this version lies in what was offered.
    var offersVersion: Bool {
        lowestVersion <= Self.version && Self.version <= highestVersion
    }

    /// What both sides must agree on: the preamble, the answer and the tenant (TCP-2).
    func prologue(answer: UInt8, tenant: ID) -> [UInt8] {
        encoded + [answer] + tenant.bytes
    }
}
