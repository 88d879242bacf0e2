import Bytes

/// What a command line sends to the process that runs the node.
///
/// Private to one installation: both ends are the same program, and the version says so.
public struct ControlRequest: Hashable, Sendable {
    /// The version of the program that asks.
    public var version: String
    /// The directory that relative paths among the arguments start from.
    public var directory: String
    /// The arguments after the program's name.
    public var arguments: [String]
    /// What the person typed where nobody reads it.
    public var secrets: [String]

    public init(
        version: String,
        directory: String,
        arguments: [String],
        secrets: [String] = []
    ) {
        self.version = version
        self.directory = directory
        self.arguments = arguments
        self.secrets = secrets
    }

    /// Arguments that one request may hold.
    private static let argumentsMax = 1_024
    /// Bytes of one argument.
    private static let argumentBytesMax = 1 << 20
    private static let secretsMax = 4
    private static let secretBytesMax = 4_096

    var encoded: [UInt8] {
        var writer = Writer()
        writer.text(version)
        writer.text(directory)
        writer.varint(UInt64(arguments.count))
        for argument in arguments { writer.text(argument) }
        writer.varint(UInt64(secrets.count))
        for secret in secrets { writer.text(secret) }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        version = try reader.text(atMost: 64, "version")
        directory = try reader.text(atMost: Self.argumentBytesMax, "directory")
        arguments = []
        for _ in 0..<(try reader.count(atMost: Self.argumentsMax, "arguments")) {
            arguments.append(try reader.text(atMost: Self.argumentBytesMax, "argument"))
        }
        secrets = []
        for _ in 0..<(try reader.count(atMost: Self.secretsMax, "secrets")) {
            secrets.append(try reader.text(atMost: Self.secretBytesMax, "secret"))
        }
        try reader.end("request")
    }
}

/// What the running process sends back, any number of times, until ``end``.
public enum ControlAnswer: Hashable, Sendable {
    /// Nothing: only to learn whether the caller is still there.
    case pulse
    /// For standard output.
    case output([UInt8])
    /// For standard error.
    case message([UInt8])
    /// The command is over, with this exit status.
    case end(UInt8)

    /// The most bytes of output that one answer holds; longer ones are cut anywhere.
    public static let pieceBytesMax = 1 << 20

    var encoded: [UInt8] {
        var writer = Writer()
        switch self {
        case .pulse: writer.u8(0)
        case .output(let bytes):
            writer.u8(1)
            writer.prefixed(bytes)
        case .message(let bytes):
            writer.u8(2)
            writer.prefixed(bytes)
        case .end(let status):
            writer.u8(3)
            writer.u8(status)
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        switch try reader.u8("kind") {
        case 0: self = .pulse
        case 1: self = .output(try reader.prefixed(atMost: Self.pieceBytesMax, "output"))
        case 2: self = .message(try reader.prefixed(atMost: Self.pieceBytesMax, "message"))
        case 3: self = .end(try reader.u8("status"))
        default: throw reader.malformed(.invalid, "kind")
        }
        try reader.end("answer")
    }
}
