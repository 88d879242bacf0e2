public import Bytes
import CRDT

extension Frame {
    /// Reads a frame, every count and length against its limit (SYNC-5 to 9).
    ///
    /// - Throws: The session ends with code 2.
    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        guard bytes.count <= Limits.frameBytesMax else {
            throw reader.malformed(.overLimit, "frame")
        }
        let type = try reader.u8("type")
        guard type < FrameType.firstIgnored else {
            self = .ignored(type: type)
            return
        }
        self = try reader.content(of: type)
        try reader.end("frame")
    }
}

extension Reader {
    fileprivate mutating func content(of type: UInt8) throws(Malformed) -> Frame {
        switch type {
        case FrameType.hello: return .hello(try hello())
        case FrameType.details: return .details(try details())
        case FrameType.authority: return try authority()
        case FrameType.ranges: return .ranges(round: try varint("round"), try ranges())
        case FrameType.frontiers: return try frontiers()
        case FrameType.again: return .again
        case FrameType.chunk: return .chunk(try chunk())
        case FrameType.stored: return .stored(try varint("stored"))
        case FrameType.refused: return .refused(try refused())
        case FrameType.done: return .done(round: try varint("round"))
        case FrameType.bye:
            let code = Frame.Bye(rawValue: try u8("code"))
            return .bye(code, try text(atMost: Limits.byeBytesMax, "text"))
        case FrameType.ping: return .ping(try u64("ping"))
        case FrameType.pong: return .pong(try u64("pong"))
        case FrameType.join:
            let request = try prefixed(atMost: Limits.joinRequestBytesMax, "request")
            return .join(request: request, label: try text(atMost: Limits.labelBytesMax, "label"))
        case FrameType.joined:
            let certificate = try prefixed(atMost: Limits.certificateBytesMax, "certificate")
            return .joined(certificate: certificate)
        default: throw malformed(.invalid, "type")
        }
    }

    private mutating func hello() throws(Malformed) -> Frame.Hello {
        let version = try u8("version")
        let encodings = try u8("encodings")
        guard encodings & 1 == 1 else { throw malformed(.invalid, "encodings") }
        return Frame.Hello(
            version: version,
            encodings: encodings,
            schema: try varint("schema"),
            clock: try u48("clock"),
            summary: try raw(16, "summary")
        )
    }

    private mutating func details() throws(Malformed) -> Frame.Details {
        Frame.Details(
            replica: try id("replica"),
            software: try text(atMost: Limits.softwareBytesMax, "software"),
            rootNumber: try u32("root number"),
            authorityNumber: try u64("authority number"),
            authorityHash: try hash("authority hash")
        )
    }

    private mutating func authority() throws(Malformed) -> Frame {
        var roots: [Cosigned<RootStatement>] = []
        for _ in 0..<(try count(atMost: Limits.frameRootsMax, "roots")) {
            roots.append(try Cosigned(decoding: try sized("root statement")))
        }
        var statements: [Cosigned<Statement>] = []
        for _ in 0..<(try count(atMost: Limits.frameStatementsMax, "statements")) {
            statements.append(try Cosigned(decoding: try sized("statement")))
        }
        return .authority(roots: roots, statements: statements)
    }

    private mutating func chunk() throws(Malformed) -> EncodedChunk {
        let encoding = try u8("encoding")
        let scope = encoding == EncodedChunk.stream ? nil : try scope("scope")
        return EncodedChunk(encoding: encoding, scope: scope, content: rest())
    }

    private mutating func refused() throws(Malformed) -> Frame.Refused {
        Frame.Refused(
            scope: try scope("scope"),
            replica: try id("replica"),
            sequence: try varint("sequence"),
            code: try u16("code")
        )
    }
}

// MARK: - Comparison

extension Reader {
    private mutating func ranges() throws(Malformed) -> [Frame.ScopeRange] {
        var ranges: [Frame.ScopeRange] = []
        for _ in 0..<(try count(atMost: Limits.frameRangesMax, "ranges")) {
            let bound = try prefixed(atMost: 17, "upper bound")
            ranges.append(Frame.ScopeRange(upperBound: bound, content: try rangeContent()))
        }
        return ranges
    }

    private mutating func rangeContent() throws(Malformed) -> Frame.ScopeRange.Content {
        switch try u8("mode") {
        case 0: return .nothing
        case 1: return .fingerprint(try raw(16, "fingerprint"))
        case 2:
            var items: [Frame.ScopeRange.Item] = []
            for _ in 0..<(try count(atMost: Limits.rangeItemsMax, "scopes")) {
                let scope = try scope("scope")
                if let last = items.last, scope <= last.scope {
                    throw malformed(.notCanonical, "scopes")
                }
                items.append(Frame.ScopeRange.Item(scope: scope, mark: try id("mark")))
            }
            return .list(items)
        default: throw malformed(.invalid, "mode")
        }
    }

    private mutating func frontiers() throws(Malformed) -> Frame {
        let round = try varint("round")
        let answer = try u8("answer")
        guard answer <= 1 else { throw malformed(.invalid, "answer") }
        var frontiers: [Frame.ScopeFrontier] = []
        for _ in 0..<(try count(atMost: Limits.frameFrontiersMax, "frontiers")) {
            let scope = try scope("scope")
            frontiers.append(Frame.ScopeFrontier(scope: scope, frontier: try frontier()))
        }
        return .frontiers(round: round, isAnswer: answer == 1, frontiers)
    }

    private mutating func frontier() throws(Malformed) -> Frontier {
        let count = try count(atMost: Limits.frontierTipsMax, "tips")
        var tips: [Frontier.Tip] = []
        tips.reserveCapacity(min(count, remaining))
        for _ in 0..<count {
            let tip = Frontier.Tip(
                replica: try id("replica"),
                branch: try hash("branch"),
                sequence: try varint("sequence"),
                hash: try hash("hash")
            )
            guard tip.sequence >= 1 else { throw malformed(.invalid, "sequence") }
            if let last = tips.last, (tip.replica, tip.branch) <= (last.replica, last.branch) {
                throw malformed(.notCanonical, "tips")
            }
            tips.append(tip)
        }
        return Frontier(tips)
    }
}
