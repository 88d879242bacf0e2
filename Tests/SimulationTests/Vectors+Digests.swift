import Bytes
import CRDT
import Identity
@testable import Sync
@testable import Wire

/// What two nodes compare (SYNC-3 to 5).
enum DigestVectors {
    static func file() throws -> VectorFile {
        VectorFile(
            name: "digests",
            about: "Marks, summaries and fingerprints: protocol/sync.md, SYNC-3 to 5.",
            vectors: frontiers() + summaries() + fingerprints()
        )
    }

    private static let tenant = ID(high: 0x7e, low: 1)
    private static let subject = Scope.subject(ID(high: 0x5b, low: 1))
    private static let key: [UInt8] = (0..<64).map { $0 &* 3 }

    private static func tip(_ replica: UInt64, _ branch: UInt8?, _ sequence: UInt64) -> Frontier.Tip
    {
        Frontier.Tip(
            replica: ID(high: replica, low: 1),
            branch: branch.map { Hash(of: [$0]) } ?? .zero,
            sequence: sequence,
            hash: Hash(of: [UInt8(truncatingIfNeeded: sequence), 1])
        )
    }

    // MARK: - Marks

    private static func frontiers() -> [Vector] {
        let cases: [(String, [Frontier.Tip])] = [
            ("nothing held", []), ("one feed", [tip(1, nil, 1)]),
            ("three feeds", [tip(3, nil, 300), tip(1, nil, 1), tip(1 << 63, nil, .max)]),
            ("a forked feed beside another", [tip(1, nil, 1), tip(2, 4, 7), tip(2, 5, 7)]),
        ]
        var vectors: [Vector] = []
        for (name, tips) in cases {
            let frontier = Frontier(tips)
            for scope in [.tenant, subject] as [Scope] {
                let more = [
                    "tenant": tenant.json, "scope": scope.json,
                    "mark": frontier.mark(of: scope, tenant: tenant).json, "fields": frontier.json,
                ]
                let bytes = encoded(frontier.tips)
                vectors.append(Vector("\(name) in \(scope)", "frontier", bytes, "ok", more))
            }
        }
        let two = [tip(1, nil, 1), tip(2, nil, 1)]
        vectors += [
            Vector("out of order", "frontier", encoded(two.reversed()), "notCanonical"),
            Vector("a feed twice", "frontier", encoded([two[0], two[0]]), "notCanonical"),
            Vector("sequence 0", "frontier", encoded([tip(1, nil, 0)]), "invalid"),
            Vector("4,097 tips", "frontier", [0x81, 0x20], "overLimit"),
            Vector("cut short", "frontier", encoded(two).dropLast(), "truncated"),
            Vector("a byte too many", "frontier", encoded(two) + [0], "trailing"),
        ]
        return vectors
    }

    private static func encoded(_ tips: [Frontier.Tip]) -> [UInt8] {
        var writer = Writer()
        writer.varint(UInt64(tips.count))
        for tip in tips {
            writer.id(tip.replica)
            writer.hash(tip.branch)
            writer.varint(tip.sequence)
            writer.hash(tip.hash)
        }
        return writer.bytes
    }

    // MARK: - Summaries

    private static func shared(_ count: Int) -> SharedScopes {
        SharedScopes(
            (0..<count).map { index in
                let key = ID(high: UInt64(index / 7), low: UInt64(index))
                let scope: Scope = index < 5 ? .site(key) : .subject(key)
                // Every ninth is shared, but nothing of it is held.
                let mark = index % 9 == 8 ? nil : Hash(of: [UInt8(truncatingIfNeeded: index)])
                return SharedScopes.Entry(scope: scope, mark: mark)
            }
        )
    }

    private static func json(_ scopes: SharedScopes) -> JSON {
        .list(scopes.entries.map { .list([$0.scope.json, $0.mark?.json ?? .null]) })
    }

    private static func summaries() -> [Vector] {
        let cases: [(String, SharedScopes, Session.Role, UInt64, Hash, [UInt8])] = [
            ("nothing shared, no authority", shared(0), .initiator, 0, .zero, key),
            ("the initiator", shared(12), .initiator, 300, Hash(of: [1]), key),
            ("the responder", shared(12), .responder, 300, Hash(of: [1]), key),
            ("another authority", shared(12), .initiator, 301, Hash(of: [1]), key),
            ("another handshake", shared(12), .initiator, 300, Hash(of: [1]), key.reversed()),
            ("a scope more", shared(13), .initiator, 300, Hash(of: [1]), key),
        ]
        return cases.map { name, scopes, role, number, hash, key in
            let summary = scopes.summary(of: role, key: key, authority: (number, hash))
            return Vector(
                "summary: \(name)",
                "summary",
                "ok",
                [
                    "handshake": .hex(key), "role": .number(Int(role.rawValue)),
                    "authorityNumber": .decimal(number), "authorityHash": hash.json,
                    "scopes": json(scopes), "summary": .hex(summary),
                ]
            )
        }
    }

    // MARK: - Fingerprints

    /// The ranges that open a comparison: a list where there are few scopes, else fingerprints.
    private static func fingerprints() -> [Vector] {
        [20, 40].map { count in
            let scopes = shared(count)
            var lower: [UInt8] = []
            let ranges = scopes.opening(key: key).compactMap { range -> JSON? in
                guard case .fingerprint(let fingerprint) = range.content else { return nil }
                defer { lower = range.upperBound }
                return .list([.hex(lower), .hex(range.upperBound), .hex(fingerprint)])
            }
            return Vector(
                "fingerprints of \(count) scopes",
                "fingerprints",
                "ok",
                [
                    "handshake": .hex(key), "scopes": json(scopes), "ranges": .list(ranges),
                ]
            )
        }
    }
}
