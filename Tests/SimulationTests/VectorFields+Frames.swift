import Bytes
import CRDT
import Identity
@testable import Wire

// What frames and chunks say, as JSON.

extension Frontier {
    var json: JSON {
        .list(
            tips.map { tip in
                .object([
                    "replica": tip.replica.json, "branch": tip.branch.json,
                    "sequence": .decimal(tip.sequence), "hash": tip.hash.json,
                ])
            }
        )
    }
}

extension Frame {
    /// The fields by their names in the table of SYNC-6.
    var json: JSON {
        let first = Int(encoded().first ?? 0)
        return .object(members.merging(["type": .decimal(first)]) { own, _ in own })
    }

    private var members: [String: JSON] {
        switch self {
        case .hello(let hello):
            [
                "version": .decimal(hello.version), "encodings": .decimal(hello.encodings),
                "schema": .decimal(hello.schema), "clock": .decimal(hello.clock),
                "summary": .hex(hello.summary),
            ]
        case .details(let details):
            [
                "replica": details.replica.json, "software": .text(details.software),
                "root": .decimal(details.rootNumber),
                "authority": .decimal(details.authorityNumber),
                "hash": details.authorityHash.json,
            ]
        case .authority(let roots, let statements):
            [
                "roots": .list(roots.map { .hex($0.encoded) }),
                "statements": .list(statements.map { .hex($0.encoded) }),
            ]
        case .ranges(let round, let ranges):
            ["round": .decimal(round), "ranges": .list(ranges.map(\.json))]
        case .frontiers(let round, let isAnswer, let frontiers):
            [
                "round": .decimal(round), "answer": .decimal(isAnswer ? 1 : 0),
                "frontiers": .list(
                    frontiers.map { .list([$0.scope.json, $0.frontier.json]) }
                ),
            ]
        case .stored(let count): ["count": .decimal(count)]
        case .refused(let refused):
            [
                "scope": refused.scope.json, "replica": refused.replica.json,
                "sequence": .decimal(refused.sequence), "code": .decimal(refused.code),
            ]
        case .done(let round): ["round": .decimal(round)]
        case .bye(let code, let text): ["code": .decimal(code.rawValue), "text": .text(text)]
        case .ping(let token), .pong(let token):
            ["bytes": .hex(Array(ID(high: token, low: 0).bytes.prefix(8)))]
        case .join(let request, let label): ["request": .hex(request), "label": .text(label)]
        case .joined(let certificate): ["certificate": .hex(certificate)]
        case .chunk(let chunk):
            [
                "encoding": .decimal(chunk.encoding), "scope": chunk.scope?.json ?? .null,
                "content": .hex(chunk.content),
            ]
        case .again, .ignored: [:]
        }
    }
}

extension Frame.ScopeRange {
    fileprivate var json: JSON {
        var members: [String: JSON] = [
            "bound": .hex(upperBound), "mode": .decimal(0), "fingerprint": .text(""),
            "marks": .list([]),
        ]
        switch content {
        case .nothing: break
        case .fingerprint(let fingerprint):
            members["mode"] = .decimal(1)
            members["fingerprint"] = .hex(fingerprint)
        case .list(let items):
            members["mode"] = .decimal(2)
            members["marks"] = .list(items.map { .list([$0.scope.json, $0.mark.json]) })
        }
        return .object(members)
    }
}

extension Run {
    var json: JSON {
        .object([
            "replica": replica.json, "sequence": .decimal(sequence),
            "previous": previous?.json ?? .null, "bodies": .list(bodies.map { .hex($0) }),
            "signature": .hex(signature),
        ])
    }

    /// As it stands in a plain chunk.
    func plain() throws -> [UInt8] {
        var writer = Writer()
        var plain: References?
        try writer.run(self, by: &plain)
        return writer.bytes
    }
}

extension Chunk {
    var json: JSON {
        let items = items.map { item -> JSON in
            switch item {
            case .binding(let binding): .list([.decimal(1), .hex(binding.encoded)])
            case .run(let run): .list([.decimal(2), run.json])
            case .ignored(let kind): .list([.decimal(kind), .null])
            }
        }
        return .object(["scope": scope.json, "items": .list(items)])
    }
}
