import Bytes
import CRDT
import Identity
import Testing
import Wire

@Suite("Admission")
struct AdmissionTests {
    private static let subject = Scope.subject(ID(high: 8, low: 8))
    private let tenant: Tenant
    private let author: Author

    init() throws {
        tenant = try Tenant()
        author = try tenant.author(.station, key: 0x31)
    }

    @Test("what an author writes, a receiver admits")
    func honest() throws {
        let (changes, run) = try history(of: author, in: Self.subject, count: 3)
        let beginning = author.beginning(of: Self.subject)

        let verified = try run.verified(in: Self.subject, by: author.binding, after: beginning)

        #expect(verified.map(\.change) == changes.map(\.change))
        #expect(verified.map(\.signature) == [nil, nil, run.signature])
        #expect(verified.map(\.tip) == changes.map(\.tip))
        #expect(verified.last?.body?.time == HybridTime(raw: 3))
    }

    @Test("a change is hashed over its header and body, a run signed over 101 bytes (CHG-9, 12)")
    func layouts() throws {
        let feed = Change.Feed(tenant: ID(high: 1, low: 2), scope: .tenant, replica: .zero)
        let previous = Hash(of: [1])
        let change = Change(feed: feed, sequence: 5, previous: previous, body: [1, 2, 3])
        let place = feed.tenant.bytes + Scope.tenant.bytes + ID.zero.bytes
        let header = Array("gemba/change/1\0".utf8) + place + [0, 0, 0, 0, 0, 0, 0, 5]
        let signed = Change.signedBytes(feed: feed, sequence: 5, hash: change.hash)

        #expect(change.hash == Hash(of: header + previous.bytes + [1, 2, 3]))
        #expect(signed.count == 101)
        #expect(signed.starts(with: Array("gemba/run/1\0".utf8) + place))
    }

    @Test("the first change of a feed links to its replica statement (CHG-10)")
    func beginning() {
        let feed = author.feed
        let statement = author.binding.statement.hash
        let bytes = feed.tenant.bytes + feed.scope.bytes + feed.replica.bytes + statement.bytes

        let tip = FeedTip.beginning(of: feed, statement: statement)

        #expect(tip.hash == Hash(of: Array("gemba/feed/1\0".utf8) + bytes))
        #expect(tip.sequence == 0 && tip.time == .zero && tip.authority == 0)
    }

    @Test("a forged author, a flipped bit and a dropped change are badSignature (CHG-14, code 3)")
    func forged() throws {
        let (_, run) = try history(of: author, in: Self.subject, count: 3)
        let other = try tenant.author(.station, key: 0x32)
        var stolen = run
        stolen.replica = other.binding.replica
        var flipped = run
        flipped.bodies[1][9] ^= 1
        var shorter = run
        shorter.bodies.removeLast()

        #expect(verdict(stolen, by: other) == .badSignature)
        #expect(verdict(flipped) == .badSignature)
        #expect(verdict(shorter) == .badSignature)
        #expect(verdict(run, in: .site(Tenant.site)) == .badSignature)
    }

    @Test("a run of another replica than the binding's is unbound (code 2)")
    func unbound() throws {
        let (_, run) = try history(of: author, in: Self.subject, count: 1)
        let other = try tenant.author(.station, key: 0x32)

        #expect(verdict(run, by: other) == .unbound)
    }

    @Test("a gap and another link are brokenChain (code 4)")
    func broken() throws {
        let (_, run) = try history(of: author, in: Self.subject, count: 2)
        var gap = run
        gap.sequence = 2
        var linked = run
        linked.previous = Hash(of: [7])
        var first = run
        first.previous = author.beginning(of: Self.subject).hash

        #expect(verdict(gap) == .brokenChain)
        #expect(verdict(linked) == .brokenChain)
        #expect(verdict(first) == nil)
    }

    @Test("a stamp that does not rise is staleStamp (code 5)", arguments: [UInt64(6), 7])
    func staleStamp(second: UInt64) throws {
        #expect(try verdict(times: [7, second]) == .staleStamp)
        #expect(try verdict(times: [7, 8]) == nil)
        #expect(try verdict(times: [0]) == .staleStamp)
    }

    @Test("an authority number that falls is staleAuthority (code 6)")
    func staleAuthority() throws {
        #expect(try verdict(authorities: [4, 3]) == .staleAuthority)
        #expect(try verdict(authorities: [4, 4]) == nil)
    }

    @Test("only the scopes of CHG-15 may be written (code 7)")
    func scopes() throws {
        let hub = try tenant.author(.hub, key: 0x33)
        let technician = try tenant.author(.technician, key: 0x34)
        let issuer = try tenant.author(.siteIssuer, key: 0x35)
        let scopes: [Scope] = [
            .tenant, .site(Tenant.site), .site(Tenant.otherSite), Self.subject, .restricted(.zero),
        ]

        #expect(scopes.map { write(hub, $0) } == [nil, nil, nil, nil, nil])
        let refused = Inadmissible.scopeNotWritable
        #expect(scopes.map { write(author, $0) } == [refused, nil, refused, nil, refused])
        #expect(scopes.map { write(technician, $0) } == [refused, nil, refused, nil, refused])
        #expect(scopes.allSatisfy { write(issuer, $0) == refused })
    }

    @Test("what may be read follows from the certificate (SYNC-1)")
    func readable() throws {
        let station = try tenant.certificate(.station, key: 1)
        let hub = try tenant.certificate(.hub, key: 2)
        let scopes: [Scope] = [
            .tenant, .site(Tenant.site), .site(Tenant.otherSite), Self.subject, .restricted(.zero),
        ]

        #expect(scopes.map(station.mayRead) == [true, true, false, true, false])
        #expect(scopes.allSatisfy(hub.mayRead))
    }

    @Test("a user whom the certificate does not name is userNotCovered (code 8, ID-9)")
    func users() throws {
        let known = ID(high: 1, low: 1)
        let named = try tenant.author(.station, key: 0x36, users: .named([known]))

        #expect(write(named, Self.subject, user: known, method: .badge) == nil)
        #expect(write(named, Self.subject, user: .zero, method: .machine) == nil)
        #expect(write(named, Self.subject, user: .zero, method: .badge) == .userNotCovered)
        #expect(write(named, Self.subject, user: ID(high: 1, low: 2)) == .userNotCovered)
        #expect(write(author, Self.subject, user: ID(high: 1, low: 2)) == nil)
    }

    @Test("a change of another tenant's feed is wrongTenant (code 9)")
    func wrongTenant() throws {
        let feed = Change.Feed(tenant: .zero, scope: Self.subject, replica: author.binding.replica)
        let tip = author.beginning(of: Self.subject)
        let change = Change(feed: feed, sequence: 1, previous: tip.hash, body: [2])
        let run = Run(
            replica: feed.replica,
            sequence: 1,
            previous: nil,
            bodies: [change.body],
            signature: []
        )

        #expect(throws: Inadmissible.wrongTenant) {
            try Admission.admit([change], of: run, by: author.binding, after: tip)
        }
    }

    @Test("a body that is not canonical, or edits what it creates, is malformed (code 1, CHG-6)")
    func malformed() throws {
        let derived = ID(
            createdAt: Stamp(HybridTime(raw: 1), author.binding.replica),
            index: 0
        )
        let own = Operation(1, .existing(derived), edits: [edit])
        let new = Operation(1, .new, edits: [])

        #expect(verdict(try signed([[1]])) == .malformed)
        #expect(verdict(try signed([[]])) == .malformed)
        #expect(verdict(try signed([body(1, operations: [new, own]).encoded()])) == .malformed)
        #expect(verdict(try signed([body(1, operations: [own]).encoded()])) == nil)
        #expect(verdict(try signed([body(2, operations: [new, own]).encoded()])) == nil)
    }

    @Test("a body of another format is kept unread and moves neither time nor authority")
    func otherFormat() throws {
        let bodies = [body(5, authority: 2).encoded(), [9, 1, 2], body(6, authority: 2).encoded()]
        let run = try signed(bodies)

        let verified = try run.verified(
            in: Self.subject,
            by: author.binding,
            after: author.beginning(of: Self.subject)
        )

        #expect(verified.map { $0.body == nil } == [false, true, false])
        #expect(verified[1].tip.time == HybridTime(raw: 5))
        #expect(verified[1].tip.authority == 2)
        let stale = try signed([bodies[0], bodies[1], body(5).encoded()])
        #expect(verdict(stale) == .staleStamp)
    }

    @Test("runs above the limits of ENC-9 are not looked at")
    func limits() {
        let long = [UInt8](repeating: 2, count: Limits.bodyBytesMax)
        let half = [UInt8](repeating: 2, count: Limits.runBytesMax / 2)

        #expect(run([long]).isWithinLimits)
        #expect(!run([long + [0]]).isWithinLimits)
        #expect(run([half, half]).isWithinLimits)
        #expect(!run([half, half, [2]]).isWithinLimits)
        #expect(run([[UInt8]](repeating: [2], count: 128)).isWithinLimits)
        #expect(!run([[UInt8]](repeating: [2], count: 129)).isWithinLimits)
        #expect(!run([]).isWithinLimits)
        #expect(!run([[2]], sequence: 0).isWithinLimits)
        #expect(!run([[2], [2]], sequence: .max).isWithinLimits)
        #expect(!run([[2]], signature: 63).isWithinLimits)
        #expect(run([], sequence: 0).linked(in: .tenant, tenant: .zero, after: .zero).isEmpty)
        #expect(verdict(run([], sequence: 1)) == .malformed)
    }

    @Test("an author refuses what a receiver would, and a key that is not its own")
    func authoring() throws {
        let tip = author.beginning(of: Self.subject)
        let full = FeedTip(sequence: .max, hash: tip.hash, time: .zero, authority: 0)

        #expect(throws: AuthoringFault.inadmissible(.brokenChain)) {
            try author.write(body(1), in: Self.subject, after: full)
        }
        #expect(throws: AuthoringFault.self) {
            try author.write(body(1, operations: []), in: Self.subject, after: tip)
        }
        #expect(Author(author.binding, key: try key(0x32)) == nil)
    }

    @Test("what a store reads back is decoded and otherwise believed")
    func trusting() throws {
        let (changes, _) = try history(of: author, in: Self.subject, count: 1)
        let stored = changes[0].change
        let kept = Change(
            feed: stored.feed,
            sequence: stored.sequence,
            previous: stored.previous,
            body: stored.body,
            trusting: stored.hash
        )

        let read = try VerifiedChange(trusting: kept, signature: changes[0].signature)

        #expect(read == changes[0])
    }
}

extension AdmissionTests {
    private var edit: FieldEdit { FieldEdit(1, .write(.bool(true), replacing: [])) }

    private func body(
        _ time: UInt64,
        authority: UInt64 = 0,
        user: ID = .zero,
        method: Method = .machine,
        operations: [Operation]? = nil
    ) -> Body {
        Body(
            time: HybridTime(raw: time),
            authority: authority,
            user: user,
            login: 0,
            method: method,
            schema: 1,
            operations: operations ?? [Operation(1, .new, edits: [edit])]
        )
    }

    private func history(
        of author: Author,
        in scope: Scope,
        count: Int
    ) throws -> ([VerifiedChange], Run) {
        var changes: [VerifiedChange] = []
        for time in 1...count {
            let tip = changes.last?.tip ?? author.beginning(of: scope)
            changes.append(try author.write(body(UInt64(time)), in: scope, after: tip))
        }
        let run = Run(
            replica: author.binding.replica,
            sequence: 1,
            previous: nil,
            bodies: changes.map(\.change.body),
            signature: try required(changes.last?.signature)
        )
        return (changes, run)
    }

    private func run(_ bodies: [[UInt8]], sequence: UInt64 = 1, signature: Int = 64) -> Run {
        Run(
            replica: author.binding.replica,
            sequence: sequence,
            previous: nil,
            bodies: bodies,
            signature: [UInt8](repeating: 0, count: signature)
        )
    }

    /// A run of any bodies at the beginning of the author's feed, under its signature.
    private func signed(_ bodies: [[UInt8]]) throws -> Run {
        var run = run(bodies)
        let beginning = author.beginning(of: Self.subject).hash
        let tenant = author.binding.certificate.tenant
        let last = try required(
            run.linked(in: Self.subject, tenant: tenant, after: beginning).last
        )
        run.signature = try key(0x31).sign(
            Change.signedBytes(feed: last.feed, sequence: last.sequence, hash: last.hash)
        )
        return run
    }

    private func verdict(
        _ run: Run,
        in scope: Scope = AdmissionTests.subject,
        by author: Author? = nil
    ) -> Inadmissible? {
        let author = author ?? self.author
        do throws(Inadmissible) {
            let tip = author.beginning(of: scope)
            _ = try run.verified(in: scope, by: author.binding, after: tip)
            return nil
        } catch {
            return error
        }
    }

    private func verdict(times: [UInt64]) throws -> Inadmissible? {
        verdict(try signed(times.map { body($0).encoded() }))
    }

    private func verdict(authorities: [UInt64]) throws -> Inadmissible? {
        let bodies = authorities.enumerated().map { index, authority in
            body(UInt64(index + 1), authority: authority).encoded()
        }
        return verdict(try signed(bodies))
    }

    private func write(
        _ author: Author,
        _ scope: Scope,
        user: ID = .zero,
        method: Method = .machine
    ) -> Inadmissible? {
        do throws(AuthoringFault) {
            let body = body(1, user: user, method: method)
            _ = try author.write(body, in: scope, after: author.beginning(of: scope))
            return nil
        } catch {
            guard case .inadmissible(let code) = error else { return .malformed }
            return code
        }
    }
}
