public import CRDT
import Identity

/// What two nodes say to each other in a session.
///
/// - Source: SYNC-6 in `protocol/sync.md`.
public enum Frame: Hashable, Sendable {
    case hello(Hello)
    case details(Details)
    case authority(roots: [Cosigned<RootStatement>], statements: [Cosigned<Statement>])
    case ranges(round: UInt64, [ScopeRange])
    case frontiers(round: UInt64, isAnswer: Bool, [ScopeFrontier])
    case again
    case chunk(EncodedChunk)
    /// How many chunk frames of the peer were dealt with since the session began.
    case stored(UInt64)
    case refused(Refused)
    case done(round: UInt64)
    case bye(Bye, String)
    case ping(UInt64)
    case pong(UInt64)
    case join(request: [UInt8], label: String)
    case joined(certificate: [UInt8])
    /// A type of a newer version, which is ignored.
    case ignored(type: UInt8)

    /// The first frame of each side.
    public struct Hello: Hashable, Sendable {
        public var version: UInt8
        /// Bit n: chunk encoding n is accepted.
        public var encodings: UInt8
        public var schema: UInt64
        /// The wall clock, milliseconds since 1970.
        public var clock: UInt64
        /// 16 bytes.
        public var summary: [UInt8]

        public init(
            version: UInt8,
            encodings: UInt8,
            schema: UInt64,
            clock: UInt64,
            summary: [UInt8]
        ) {
            self.version = version
            self.encodings = encodings
            self.schema = schema
            self.clock = clock
            self.summary = summary
        }
    }

    /// What is said only when there is something to exchange.
    public struct Details: Hashable, Sendable {
        public var replica: ID
        public var software: String
        public var rootNumber: UInt32
        public var authorityNumber: UInt64
        public var authorityHash: Hash

        public init(
            replica: ID,
            software: String,
            rootNumber: UInt32,
            authorityNumber: UInt64,
            authorityHash: Hash
        ) {
            self.replica = replica
            self.software = software
            self.rootNumber = rootNumber
            self.authorityNumber = authorityNumber
            self.authorityHash = authorityHash
        }
    }

    /// A stretch of the ordered scopes, up to a bound.
    public struct ScopeRange: Hashable, Sendable {
        /// What is said about a range.
        public enum Content: Hashable, Sendable {
            case nothing
            /// 16 bytes.
            case fingerprint([UInt8])
            case list([Item])
        }

        /// A scope and the first 16 bytes of its mark.
        public struct Item: Hashable, Sendable {
            public let scope: Scope
            public let mark: ID

            public init(scope: Scope, mark: ID) {
                self.scope = scope
                self.mark = mark
            }
        }

        /// What the range ends before, at most 17 bytes; empty on the last range.
        public var upperBound: [UInt8]
        public var content: Content

        public init(upperBound: [UInt8], content: Content) {
            self.upperBound = upperBound
            self.content = content
        }
    }

    /// What one side holds of a scope.
    public struct ScopeFrontier: Hashable, Sendable {
        public let scope: Scope
        public let frontier: Frontier

        public init(scope: Scope, frontier: Frontier) {
            self.scope = scope
            self.frontier = frontier
        }
    }

    /// A run that was left out of a chunk, and why.
    public struct Refused: Hashable, Sendable {
        public let scope: Scope
        public let replica: ID
        public let sequence: UInt64
        /// The raw value of ``Inadmissible``, or of a newer version.
        public let code: UInt16

        public init(scope: Scope, replica: ID, sequence: UInt64, code: UInt16) {
            self.scope = scope
            self.replica = replica
            self.sequence = sequence
            self.code = code
        }
    }

    /// Why a session ends.
    public struct Bye: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        public static let done = Bye(rawValue: 0)
        public static let shuttingDown = Bye(rawValue: 1)
        public static let malformed = Bye(rawValue: 2)
        public static let brokenOrder = Bye(rawValue: 3)
        public static let overLimit = Bye(rawValue: 4)
        public static let authorityDiffers = Bye(rawValue: 5)
        public static let version = Bye(rawValue: 6)
        public static let tooSlow = Bye(rawValue: 7)
        public static let notAllowed = Bye(rawValue: 8)
        public static let storageFailed = Bye(rawValue: 9)
        public static let replaced = Bye(rawValue: 10)
    }
}

/// Changes of one scope on their way: what a chunk frame holds before it is expanded.
///
/// - Source: SYNC-12.
public struct EncodedChunk: Hashable, Sendable {
    /// 0 plain, 1 zstd of the transfer form, 2 the same as part of a stream.
    public let encoding: UInt8
    /// Nil in encoding 2, where the content says it.
    public let scope: Scope?
    /// What follows the scope, or the encoding if there is no scope.
    public let content: [UInt8]

    public init(encoding: UInt8, scope: Scope?, content: [UInt8]) {
        self.encoding = encoding
        self.scope = scope
        self.content = content
    }
}

/// The items of a chunk, expanded.
public struct Chunk: Hashable, Sendable {
    /// What a chunk is made of.
    public enum Item: Hashable, Sendable {
        case binding(Binding)
        case run(Run)
        /// A kind of a newer version, which is ignored.
        case ignored(kind: UInt8)
    }

    public let scope: Scope
    public let items: [Item]

    public init(scope: Scope, items: [Item]) {
        self.scope = scope
        self.items = items
    }
}
