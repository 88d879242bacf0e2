import CRDT
import Identity
import Simulation
import Storage
import Testing
@testable import Wire

/// Runs that reach a node one after the other, and what it says of each (CHG-10 to 17).
enum AdmissionVectors {
    typealias Step = (run: Run, outcome: String)

    static func all() throws -> [Vector] {
        let cast = try VectorCast()
        return try honest(cast) + bound(cast) + signed(cast) + chained(cast) + forks(cast)
            + clocks(cast) + scopes(cast) + users(cast) + tenants(cast)
    }

    static let subject = Scope.subject(ID(high: 0x5b, low: 1))

    private static func body(
        _ word: String,
        _ counter: UInt16,
        authority: UInt64 = 1,
        user: ID = .zero,
        method: Method = .machine
    ) -> Body {
        Body(
            time: HybridTime(milliseconds: TenantKit.start, counter: counter),
            authority: authority,
            user: user,
            login: 0,
            method: method,
            schema: 1,
            operations: [
                Operation(1_001, .new, edits: [FieldEdit(1, .write(.text(word), replacing: []))])
            ]
        )
    }

    private static func note(_ word: String, _ counter: UInt16) -> [UInt8] {
        body(word, counter).encoded()
    }

    // MARK: - What is tried

    private static func honest(_ cast: VectorCast) throws -> [Vector] {
        let (one, two) = try (cast.writer(.station), cast.writer(.technician))
        let first = try one.run([note("a", 1), note("b", 2), note("c", 3)], in: subject)
        let tip = try required(
            first.linked(in: subject, tenant: cast.kit.tenant, after: one.beginning(subject)).last
        )
        let newer = try one.run([[2, 1, 2, 3], note("d", 4)], in: subject, at: 4, after: tip.hash)
        var named = body("e", 1)
        let name = Name(
            Stamp(HybridTime(milliseconds: TenantKit.start, counter: 3), one.replica),
            hash: 9
        )
        named.operations = [Operation(1_003, .event, after: [name], edits: [])]
        let seen = try two.run([named.encoded()], in: subject)
        return [
            try vector(
                "runs of two authors, one twice",
                cast,
                [one, two],
                [
                    (first, "ok"), (first, "ok"), (newer, "ok"), (seen, "ok"),
                ]
            ),
            try vector(
                "a name that is not held",
                cast,
                [one, two],
                [
                    (seen, "brokenOrder")
                ]
            ),
        ]
    }

    private static func bound(_ cast: VectorCast) throws -> [Vector] {
        let stranger = try VectorCast(seed: 4).writer(.station)
        let absent = try cast.writer(.station)
        let otherKey = try required(SigningKey(seed: [UInt8](repeating: 5, count: 32)))
        let foreign = try cast.writer(.station) { certificate, _ in
            certificate.tenant = ID(high: 1, low: 1)
        }
        let unnamed = try cast.writer(.station) { _, statement in statement.certificate = .zero }
        let otherDevice = try cast.writer(.station) { _, statement in statement.device = .zero }
        let mismatched = try cast.writer(.station) { _, statement in
            statement.signKey = otherKey.publicKey
        }
        let cases: [(String, VectorCast.Writer, Bool)] = [
            ("no binding", absent, false), ("a certificate of another operator", stranger, true),
            ("a certificate of another tenant", foreign, true),
            ("a statement that names no certificate", unnamed, true),
            ("a statement of another device", otherDevice, true),
            ("a statement of another key", mismatched, true),
        ]
        return try cases.map { name, writer, isShown in
            let step = (try writer.run([note("a", 1)], in: subject), "unbound")
            return try vector(name, cast, isShown ? [writer] : [], [step])
        }
    }

    private static func signed(_ cast: VectorCast) throws -> [Vector] {
        let writer = try cast.writer(.station)
        let other = try cast.writer(.station)
        func message(_ feed: Change.Feed, _ change: Change, _ sequence: UInt64) -> [UInt8] {
            Change.signedBytes(feed: feed, sequence: sequence, hash: change.hash)
        }
        func feed(_ change: Change, _ tenant: ID?, _ scope: Scope?, _ replica: ID?) -> Change.Feed {
            Change.Feed(
                tenant: tenant ?? change.feed.tenant,
                scope: scope ?? change.feed.scope,
                replica: replica ?? change.feed.replica
            )
        }
        let messages: [(String, (Change) -> [UInt8])] = [
            ("the tenant", { message(feed($0, ID(high: 1, low: 1), nil, nil), $0, 1) }),
            ("the scope", { message(feed($0, nil, .tenant, nil), $0, 1) }),
            ("the replica", { message(feed($0, nil, nil, other.replica), $0, 1) }),
            ("the sequence", { message($0.feed, $0, 2) }),
            ("the hash", { Change.signedBytes(feed: $0.feed, sequence: 1, hash: $0.previous) }),
            (
                "the tag",
                {
                    Array("gemba/run/2".utf8)
                        + message($0.feed, $0, 1).dropFirst("gemba/run/1".utf8.count)
                }
            ),
            ("nothing but the body", { $0.body }),
        ]
        var vectors = try messages.map { name, signing in
            let run = try writer.run([note("a", 1)], in: subject, signing: signing)
            return try vector(
                "a signature over another: \(name)",
                cast,
                [writer],
                [(run, "badSignature")]
            )
        }
        var (flipped, inner) = try (
            writer.run([note("a", 1)], in: subject),
            writer.run([note("a", 1), note("b", 2)], in: subject)
        )
        flipped.signature[40] ^= 1
        inner.bodies[0] = note("x", 1)
        let borrowed = try writer.run([note("a", 1)], in: subject, by: other.keys.sign)
        let cases = [
            ("a bit of the signature flipped", flipped), ("an inner change exchanged", inner),
            ("the key of another device", borrowed),
        ]
        vectors += try cases.map {
            try vector($0.0, cast, [writer, other], [($0.1, "badSignature")])
        }
        return vectors
    }

    private static func chained(_ cast: VectorCast) throws -> [Vector] {
        let writer = try cast.writer(.station)
        let first = try writer.run([note("a", 1)], in: subject)
        let gap = try writer.run([note("c", 3)], in: subject, at: 3)
        let elsewhere = try writer.run(
            [note("b", 2)],
            in: subject,
            at: 2,
            after: .zero,
            linked: true
        )
        let unlinked = try writer.run([note("b", 2)], in: subject, at: 2, after: .zero)
        let second = try writer.run([note("a", 1)], in: subject, after: .zero, linked: true)
        return [
            try vector("a gap", cast, [writer], [(first, "ok"), (gap, "brokenChain")]),
            try vector("no first change", cast, [writer], [(gap, "brokenChain")]),
            try vector(
                "a link to what is not held",
                cast,
                [writer],
                [
                    (first, "ok"), (elsewhere, "brokenChain"), (unlinked, "badSignature"),
                ]
            ),
            try vector(
                "a first change that links elsewhere",
                cast,
                [writer],
                [(second, "brokenChain")]
            ),
        ]
    }

    private static func forks(_ cast: VectorCast) throws -> [Vector] {
        let writer = try cast.writer(.station)
        var steps: [Step] = []
        for number in 0..<9 as Range<UInt16> {
            let run = try writer.run([note("branch \(number)", 1)], in: subject, linked: true)
            steps.append((run, number < 8 ? "ok" : "tooManyBranches"))
        }
        return [try vector("nine branches", cast, [writer], steps)]
    }

    private static func clocks(_ cast: VectorCast) throws -> [Vector] {
        let writer = try cast.writer(.station)
        func pair(_ second: Body) throws -> Run {
            try writer.run([body("a", 2, authority: 5).encoded(), second.encoded()], in: subject)
        }
        var zero = body("a", 1)
        zero.time = .zero
        var own = body("a", 1)
        let id = ID(createdAt: Stamp(own.time, writer.replica), index: 0)
        own.operations.append(
            Operation(1_001, .existing(id), edits: [FieldEdit(1, .write(.null, replacing: []))])
        )
        let cases: [(String, Run, String)] = [
            ("an equal stamp", try pair(body("b", 2, authority: 5)), "staleStamp"),
            ("a lower stamp", try pair(body("b", 1, authority: 5)), "staleStamp"),
            ("a stamp of zero", try writer.run([zero.encoded()], in: subject), "staleStamp"),
            ("a lower authority number", try pair(body("b", 3, authority: 4)), "staleAuthority"),
            ("an equal authority number", try pair(body("b", 3, authority: 5)), "ok"),
            ("a body of nothing", try writer.run([[]], in: subject), "malformed"),
            (
                "a body cut short", try writer.run([note("a", 1).dropLast()], in: subject),
                "malformed"
            ),
            (
                "a body that edits its own", try writer.run([own.encoded()], in: subject),
                "malformed"
            ),
            (
                "a stamp below, past format 2",
                try writer.run([note("a", 2), [2], note("b", 1)], in: subject), "staleStamp"
            ),
        ]
        return try cases.map { try vector($0.0, cast, [writer], [($0.1, $0.2)]) }
    }

    private static func scopes(_ cast: VectorCast) throws -> [Vector] {
        let places: [(String, Scope)] = [
            ("the tenant", .tenant), ("its site", .site(VectorCast.site)),
            ("another site", .site(VectorCast.otherSite)), ("a subject", subject),
            ("restricted data", .restricted(ID(high: 8, low: 8))),
        ]
        let allowed: [(Certificate.Kind, Set<Int>)] = [
            (.hub, [0, 1, 2, 3, 4]), (.station, [1, 3]), (.technician, [1, 3]), (.siteIssuer, []),
        ]
        var vectors: [Vector] = []
        for (kind, mayWrite) in allowed {
            let writer = try cast.writer(kind)
            for (index, place) in places.enumerated() {
                let outcome = mayWrite.contains(index) ? "ok" : "scopeNotWritable"
                let run = try writer.run([note("a", 1)], in: place.1)
                let name = "\(kind) in \(place.0)"
                vectors.append(try vector(name, cast, [writer], [(run, outcome)], in: place.1))
            }
        }
        return vectors
    }

    private static func users(_ cast: VectorCast) throws -> [Vector] {
        let known = VectorCast.users
        let named = try cast.writer(.station, users: .named(known))
        let open = try cast.writer(.station)
        let cases: [(String, VectorCast.Writer, ID, Method, String)] = [
            ("a named user", named, known[1], .badge, "ok"),
            ("a user that is not named", named, ID(high: 1, low: 1), .badge, "userNotCovered"),
            ("the machine", named, .zero, .machine, "ok"),
            ("nobody with a badge", named, .zero, .badge, "userNotCovered"),
            ("a user by the machine", named, ID(high: 1, low: 1), .machine, "userNotCovered"),
            ("any user of a site", open, ID(high: 1, low: 1), .badge, "ok"),
        ]
        return try cases.map { name, writer, user, method, outcome in
            let bytes = body("a", 1, user: user, method: method).encoded()
            return try vector(
                name,
                cast,
                [writer],
                [(try writer.run([bytes], in: subject), outcome)]
            )
        }
    }

    /// A change of one tenant under the certificate of another: no store comes that far, since a
    /// certificate of another tenant binds nothing in it.
    private static func tenants(_ cast: VectorCast) throws -> [Vector] {
        let writer = try cast.writer(.station)
        let tenant = ID(high: 1, low: 1)
        let run = try writer.run([note("a", 1)], in: subject)
        let binding = try cast.kit.authority.verify(writer.binding)
        let changes = run.linked(in: subject, tenant: tenant, after: .zero)
        let before = FeedTip(sequence: 0, hash: .zero, time: .zero, authority: 0)
        #expect(throws: Inadmissible.wrongTenant) {
            try Admission.admit(changes[...], of: run, by: binding, after: before)
        }
        return [
            try vector("another tenant", cast, [writer], [(run, "wrongTenant")], tenant: tenant)
        ]
    }
}

extension AdmissionVectors {
    private static func vector(
        _ name: String,
        _ cast: VectorCast,
        _ writers: [VectorCast.Writer],
        _ steps: [Step],
        in scope: Scope = subject,
        tenant: ID? = nil
    ) throws -> Vector {
        if tenant == nil { try check(name, cast, writers, steps, in: scope) }
        return Vector(
            name,
            "admission",
            steps.last?.outcome ?? "ok",
            [
                "tenant": (tenant ?? cast.kit.tenant).json, "scope": scope.json,
                "authority": cast.authority,
                "bindings": .list(writers.map { .hex($0.binding.encoded) }),
                "runs": .list(try steps.map { .hex(try $0.run.plain()) }),
                "outcomes": .list(steps.map { .text($0.outcome) }),
            ]
        )
    }

    /// Gives the runs to a store, one chunk each.
    private static func check(
        _ name: String,
        _ cast: VectorCast,
        _ writers: [VectorCast.Writer],
        _ steps: [Step],
        in scope: Scope
    ) throws {
        let node = try SimulatedNode("vector", .hub, site: .zero, kit: cast.kit, seed: 1)
        let bindings = writers.map { Chunk.Item.binding($0.binding) }
        for step in steps {
            let chunk = Chunk(scope: scope, items: bindings + [.run(step.run)])
            let ingested = try node.store.ingest(
                chunk,
                from: .zero,
                wallMilliseconds: TenantKit.start
            )
            let code = ingested.refused.first.flatMap { Inadmissible(rawValue: $0.code) }
            let outcome =
                ingested.isOrderBroken ? "brokenOrder" : code.map { "\($0)" } ?? "ok"
            #expect(outcome == step.outcome, "\(name)")
        }
    }
}
