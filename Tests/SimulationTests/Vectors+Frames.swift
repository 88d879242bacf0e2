import Bytes
import CRDT
import Identity
@testable import Wire

/// Frames of every type (SYNC-6 to 10).
enum FrameVectors {
    static func file() throws -> VectorFile {
        VectorFile(
            name: "frames",
            about: "Frames: protocol/sync.md, SYNC-6.",
            vectors: try good() + greetings() + comparisons() + limits()
        )
    }

    private static let id = ID(high: 0x0102_0304_0506_0708, low: 9)
    private static let scopes: [Scope] = [.tenant, .site(id), .subject(id), .restricted(id)]

    private static func hello(_ encodings: UInt8 = 3) -> Frame {
        let summary = (0..<16).map { UInt8($0) }
        return .hello(
            Frame.Hello(
                version: 1,
                encodings: encodings,
                schema: 300,
                clock: 1_763_700_000_000,
                summary: summary
            )
        )
    }

    private static func details(_ software: String = "gemba 1.0 組立") -> Frame {
        .details(
            Frame.Details(
                replica: id,
                software: software,
                rootNumber: 2,
                authorityNumber: 1 << 40,
                authorityHash: Hash(of: [1])
            )
        )
    }

    private static func ranges() -> [Frame.ScopeRange] {
        let items = scopes.map { Frame.ScopeRange.Item(scope: $0, mark: ID(high: 5, low: 6)) }
        return [
            Frame.ScopeRange(upperBound: [2], content: .nothing),
            Frame.ScopeRange(upperBound: [3, 0x80], content: .fingerprint((0..<16).map { $0 })),
            Frame.ScopeRange(upperBound: [], content: .list(items)),
        ]
    }

    private static func tip(
        _ replica: UInt64,
        _ branch: UInt8? = nil,
        _ sequence: UInt64 = 300
    ) -> Frontier.Tip {
        Frontier.Tip(
            replica: ID(high: replica, low: 1),
            branch: branch.map { Hash(of: [$0]) } ?? .zero,
            sequence: sequence,
            hash: Hash(of: [9])
        )
    }

    private static func frontiers(isAnswer: Bool) -> Frame {
        let entries = [
            Frame.ScopeFrontier(scope: .tenant, frontier: Frontier()),
            Frame.ScopeFrontier(
                scope: .subject(id),
                frontier: Frontier([tip(1), tip(2, 1), tip(2, 2)])
            ),
        ]
        return .frontiers(round: 1, isAnswer: isAnswer, entries)
    }

    private static func good() throws -> [Vector] {
        let tenant = try VectorTenant()
        let frames: [(String, Frame)] = [
            ("hello", hello()), ("details", details()),
            (
                "authority",
                .authority(
                    roots: [tenant.root, try tenant.nextRoot()],
                    statements: [tenant.operatorStatement]
                )
            ),
            ("no authority", .authority(roots: [], statements: [])),
            ("ranges", .ranges(round: 1, ranges())), ("no ranges", .ranges(round: 300, [])),
            ("asking frontiers", frontiers(isAnswer: false)),
            ("answering frontiers", frontiers(isAnswer: true)),
            ("again", .again), ("stored", .stored(300)), ("done", .done(round: 1)),
            (
                "refused",
                .refused(
                    Frame.Refused(scope: .site(id), replica: id, sequence: 300, code: 0x0102)
                )
            ),
            ("bye", .bye(.authorityDiffers, "two logs")),
            ("bye of a newer version", .bye(.init(rawValue: 200), "")),
            ("ping", .ping(0x0102_0304_0506_0708)), ("pong", .pong(.max)),
            ("join", .join(request: [1, 2, 3], label: "line 2")),
            ("joined", .joined(certificate: [1, 2, 3])),
        ]
        var vectors: [Vector] = []
        for (name, frame) in frames {
            if case .again = frame {
                vectors.append(Vector(name, "frame", frame.encoded()))
                vectors.append(Vector("again and a byte", "frame", [6, 0], "trailing"))
            } else {
                vectors.add(name, "frame", frame.encoded())
            }
        }
        for type in [0, 0x0e, 0x0f, 0x12, 0x3f] as [UInt8] {
            vectors.append(Vector("type \(type)", "frame", [type, 1, 2], "invalid"))
        }
        vectors += [
            Vector("a type to ignore", "frame", [0x40, 1, 2, 3]),
            Vector("type 255", "frame", [0xff]),
            Vector("nothing", "frame", [], "truncated"),
        ]
        return vectors
    }

    private static func greetings() throws -> [Vector] {
        func long(_ count: Int) -> String { String(repeating: "x", count: count) }
        func filled(_ count: Int) -> [UInt8] { EncodingVectors.filled(1, count) }
        let limits: [(String, Int, (Int) -> Frame)] = [
            ("software of", 64, { details(long($0)) }),
            ("a farewell of", 255, { .bye(.done, long($0)) }),
            ("a request of", 512, { .join(request: filled($0), label: "") }),
            ("a label of", 64, { .join(request: [], label: long($0)) }),
            ("a certificate of", 8_192, { .joined(certificate: filled($0)) }),
        ]
        var vectors = [
            Vector("hello without encoding 0", "frame", hello(2).encoded(), "invalid"),
            Vector("a farewell that is no text", "frame", [0x0b, 0, 1, 0xff], "invalid"),
        ]
        for (name, most, make) in limits {
            vectors += [
                Vector("\(name) \(most)", "frame", make(most).encoded()),
                Vector("\(name) \(most + 1)", "frame", make(most + 1).encoded(), "overLimit"),
            ]
        }
        return vectors
    }

    private static func comparisons() -> [Vector] {
        func frame(_ items: [Scope]) -> [UInt8] {
            let list = items.map { Frame.ScopeRange.Item(scope: $0, mark: id) }
            return Frame.ranges(
                round: 1,
                [Frame.ScopeRange(upperBound: [], content: .list(list))]
            ).encoded()
        }
        func frontier(_ tips: [Frontier.Tip]) -> [UInt8] {
            var writer = Writer()
            writer.raw([0x05, 1, 0, 1])
            writer.scope(.tenant)
            writer.varint(UInt64(tips.count))
            for tip in tips {
                writer.id(tip.replica)
                writer.hash(tip.branch)
                writer.varint(tip.sequence)
                writer.hash(tip.hash)
            }
            return writer.bytes
        }
        let branches = [tip(2, 1), tip(2, 2)].sorted()
        return [
            Vector("mode 3", "frame", [4, 1, 1, 0, 3], "invalid"),
            Vector("scopes out of order", "frame", frame([scopes[1], scopes[0]]), "notCanonical"),
            Vector("a scope twice", "frame", frame([scopes[1], scopes[1]]), "notCanonical"),
            Vector(
                "a scope of kind 9",
                "frame",
                [4, 1, 1, 0, 2, 1, 9] + EncodingVectors.filled(0, 32),
                "invalid"
            ),
            Vector("an answer of 2", "frame", [5, 1, 2, 0], "invalid"),
            Vector("tips", "frame", frontier([tip(1), branches[0], branches[1]])),
            Vector("replicas out of order", "frame", frontier([tip(2), tip(1)]), "notCanonical"),
            Vector("branches out of order", "frame", frontier(branches.reversed()), "notCanonical"),
            Vector(
                "two tips of a branch",
                "frame",
                frontier([tip(1), tip(1, nil, 301)]),
                "notCanonical"
            ),
            Vector("sequence 0", "frame", frontier([tip(1, nil, 0)]), "invalid"),
        ]
    }

    /// Counts above a limit are refused before anything of the list is looked at.
    private static func limits() -> [Vector] {
        let cases: [(String, [UInt8])] = [
            ("17 roots", [3, 17]), ("257 statements", [3, 0, 0x81, 2]),
            ("257 ranges", [4, 1, 0x81, 2]), ("a bound of 18", [4, 1, 1, 18]),
            ("65 scopes", [4, 1, 1, 0, 2, 65]), ("257 frontiers", [5, 1, 0, 0x81, 2]),
            ("4,097 tips", [5, 1, 0, 1] + Scope.tenant.bytes + [0x81, 0x20]),
            ("2^63 ranges", [4, 1] + EncodingVectors.filled(0x80, 9) + [1]),
        ]
        return cases.map { Vector($0.0, "frame", $0.1, "overLimit") }
    }
}
