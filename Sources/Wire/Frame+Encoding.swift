import Bytes
import CRDT

/// The types of frame (SYNC-6).
enum FrameType {
    static let hello: UInt8 = 0x01
    static let details: UInt8 = 0x02
    static let authority: UInt8 = 0x03
    static let ranges: UInt8 = 0x04
    static let frontiers: UInt8 = 0x05
    static let again: UInt8 = 0x06
    static let chunk: UInt8 = 0x07
    static let stored: UInt8 = 0x08
    static let refused: UInt8 = 0x09
    static let done: UInt8 = 0x0a
    static let bye: UInt8 = 0x0b
    static let ping: UInt8 = 0x0c
    static let pong: UInt8 = 0x0d
    static let join: UInt8 = 0x10
    static let joined: UInt8 = 0x11
    /// From here on, a type that is not known is ignored.
    static let firstIgnored: UInt8 = 0x40
}

extension Frame {
    /// The frame as it travels; an ignored frame is its type alone.
    ///
    /// - Precondition: Counts and lengths are within the limits of SYNC-6, as a session keeps them;
    ///   a peer refuses what is not.
    public func encoded() -> [UInt8] {
        var writer = Writer(capacity: 64)
        writer.u8(type)
        switch self {
        case .hello(let hello): writer.hello(hello)
        case .details(let details): writer.details(details)
        case .authority(let roots, let statements): writer.authority(roots, statements)
        case .ranges(let round, let ranges):
            writer.varint(round)
            writer.ranges(ranges)
        case .frontiers(let round, let isAnswer, let frontiers):
            writer.varint(round)
            writer.u8(isAnswer ? 1 : 0)
            writer.frontiers(frontiers)
        case .again, .ignored: break
        case .chunk(let chunk):
            writer.u8(chunk.encoding)
            if let scope = chunk.scope { writer.scope(scope) }
            writer.raw(chunk.content)
        case .stored(let number), .done(let number): writer.varint(number)
        case .refused(let refused): writer.refused(refused)
        case .bye(let code, let text):
            writer.u8(code.rawValue)
            writer.text(text)
        case .ping(let token), .pong(let token): writer.u64(token)
        case .join(let request, let label):
            writer.prefixed(request)
            writer.text(label)
        case .joined(let certificate): writer.prefixed(certificate)
        }
        return writer.bytes
    }

    private var type: UInt8 {
        switch self {
        case .hello: FrameType.hello
        case .details: FrameType.details
        case .authority: FrameType.authority
        case .ranges: FrameType.ranges
        case .frontiers: FrameType.frontiers
        case .again: FrameType.again
        case .chunk: FrameType.chunk
        case .stored: FrameType.stored
        case .refused: FrameType.refused
        case .done: FrameType.done
        case .bye: FrameType.bye
        case .ping: FrameType.ping
        case .pong: FrameType.pong
        case .join: FrameType.join
        case .joined: FrameType.joined
        case .ignored(let type): type
        }
    }
}

extension Writer {
    fileprivate mutating func hello(_ hello: Frame.Hello) {
        u8(hello.version)
        u8(hello.encodings)
        varint(hello.schema)
        u48(hello.clock)
        raw(hello.summary)
    }

    fileprivate mutating func details(_ details: Frame.Details) {
        id(details.replica)
        text(details.software)
        u32(details.rootNumber)
        u64(details.authorityNumber)
        hash(details.authorityHash)
    }

    fileprivate mutating func authority(
        _ roots: [Cosigned<RootStatement>],
        _ statements: [Cosigned<Statement>]
    ) {
        varint(UInt64(roots.count))
        for root in roots {
            sized(root.encoded)
        }
        varint(UInt64(statements.count))
        for statement in statements {
            sized(statement.encoded)
        }
    }

    fileprivate mutating func ranges(_ ranges: [Frame.ScopeRange]) {
        varint(UInt64(ranges.count))
        for range in ranges {
            prefixed(range.upperBound)
            switch range.content {
            case .nothing: u8(0)
            case .fingerprint(let fingerprint):
                u8(1)
                raw(fingerprint)
            case .list(let items):
                u8(2)
                varint(UInt64(items.count))
                for item in items {
                    scope(item.scope)
                    id(item.mark)
                }
            }
        }
    }

    fileprivate mutating func frontiers(_ frontiers: [Frame.ScopeFrontier]) {
        varint(UInt64(frontiers.count))
        for entry in frontiers {
            scope(entry.scope)
            varint(UInt64(entry.frontier.tips.count))
            for tip in entry.frontier.tips {
                id(tip.replica)
                hash(tip.branch)
                varint(tip.sequence)
                hash(tip.hash)
            }
        }
    }

    fileprivate mutating func refused(_ refused: Frame.Refused) {
        scope(refused.scope)
        id(refused.replica)
        varint(refused.sequence)
        u16(refused.code)
    }
}
