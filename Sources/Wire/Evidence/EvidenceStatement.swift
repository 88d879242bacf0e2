import Bytes
import CRDT

/// What the entries and changes of a pack say together, and whether anything is missing.
///
/// - Source: EVD-6 to EVD-8.
struct EvidenceStatement {
    private struct Feed: Hashable {
        let scope: Scope
        let replica: ID
    }

    private let head: EvidenceHead
    private let log: AuthorityLog
    /// When the hub recorded the changes of opened entries, by their hashes.
    private var recorded: [Hash: UInt64] = [:]
    private var bindings: [ID: VerifiedBinding] = [:]
    /// The last change of each feed in order of arrival, and all by their hashes.
    private var last: [Feed: FeedTip] = [:]
    private var tips: [Hash: FeedTip] = [:]

    /// How far a stamp may lie ahead of the hub's clock before it is counted (EVD-11).
    private static let clockBound: UInt64 = 600_000

    init(head: EvidenceHead, log: AuthorityLog) {
        self.head = head
        self.log = log
    }
}

// MARK: - Entries

extension EvidenceStatement {
    mutating func take(
        _ entries: [EvidenceEntry],
        into report: inout EvidenceReport
    ) throws(EvidenceFault) {
        for (index, entry) in entries.enumerated() {
            let isAsked = head.query.covers(entry.leaf)
            switch entry.content {
            case .erased: report.erased += 1
            case .closed:
                guard !isAsked || entry.leaf.isOfScope && !head.query.scopes.isEmpty else {
                    throw EvidenceFault(.completeness, "entry \(index) was asked for")
                }
                report.closed += 1
            case .opened(let opening):
                guard isAsked else {
                    throw EvidenceFault(.completeness, "entry \(index) was not asked for")
                }
                try take(opening, of: entry.leaf, at: index, into: &report)
            }
        }
    }

    private mutating func take(
        _ opening: EvidenceEntry.Opening,
        of leaf: AuditLeaf,
        at index: Int,
        into report: inout EvidenceReport
    ) throws(EvidenceFault) {
        guard opening.opens(leaf) else {
            throw EvidenceFault(.entry, "entry \(index) says something else than its leaf")
        }
        report.opened += 1
        guard let kind = AuditKind(rawValue: leaf.kind) else { return }
        let (subject, detail): (AuditSubject, AuditDetail)
        do throws(Malformed) {
            subject = try AuditSubject(decoding: opening.subject)
            detail = try AuditDetail(decoding: opening.detail, of: leaf.kind)
        } catch {
            throw EvidenceFault(.entry, "entry \(index): \(error)")
        }
        if kind == .refusal { report.refusals += 1 }
        if kind == .ruling { report.rulings += 1 }
        switch detail {
        case .change(let hash):
            guard head.query.covers(subject.scope) else {
                throw EvidenceFault(.completeness, "entry \(index) is of another scope")
            }
            recorded[hash] = leaf.time
        case .statement(let kind, let number, let hash): try check(kind, number, hash, at: index)
        case .act: break
        }
    }

    /// A statement that the audit names is the one of the authority log.
    private func check(
        _ kind: UInt8,
        _ number: UInt64,
        _ hash: Hash,
        at index: Int
    ) throws(EvidenceFault) {
        let held: [UInt8]?
        if kind == 0 {
            held =
                number >= 1 && number <= log.roots.count ? log.roots[Int(number) - 1].encoded : nil
        } else {
            held =
                number >= 1 && number <= log.number
                ? log.statements[Int(number) - 1].encoded : nil
        }
        guard let held, Hash(of: held) == hash else {
            throw EvidenceFault(.entry, "entry \(index) names a statement that is not the log's")
        }
    }
}

extension AuditLeaf {
    /// Whether an entry of its kind belongs to one scope, and may be closed for that.
    fileprivate var isOfScope: Bool {
        kind == AuditKind.change.rawValue || kind == AuditKind.ruling.rawValue
    }
}

// MARK: - Changes

extension EvidenceStatement {
    mutating func take(
        chunks bytes: ArraySlice<UInt8>,
        into report: inout EvidenceReport
    ) throws(EvidenceFault) {
        var chunks: [Chunk] = []
        do throws(Malformed) {
            try EvidenceVerifier.items(bytes) { reader throws(Malformed) in
                chunks.append(try Self.chunk(try reader.long()))
            }
        } catch {
            throw EvidenceFault(.change, "\(error)")
        }
        for chunk in chunks {
            guard head.query.covers(chunk.scope) else {
                throw EvidenceFault(.completeness, "a scope that was not asked for")
            }
            for item in chunk.items {
                switch item {
                case .binding(let binding): try take(binding)
                case .run(let run): try take(run, in: chunk.scope, into: &report)
                case .ignored: throw EvidenceFault(.change, "an item of an unknown kind")
                }
            }
        }
        report.feeds = last.count
    }

    private static func chunk(_ bytes: [UInt8]) throws(Malformed) -> Chunk {
        var reader = Reader(bytes)
        guard try reader.u8("encoding") == 0 else { throw reader.malformed(.invalid, "encoding") }
        let scope = try reader.scope("scope")
        return try EncodedChunk(encoding: 0, scope: scope, content: reader.rest()).expanded()
    }

    private mutating func take(_ binding: Binding) throws(EvidenceFault) {
        do throws(AuthorityFault) {
            let verified = try log.verify(binding)
            guard bindings[verified.replica].map({ $0.binding == binding }) ?? true else {
                throw AuthorityFault(.mismatch, "two bindings of one replica")
            }
            bindings[verified.replica] = verified
        } catch {
            throw EvidenceFault(.change, "\(error)")
        }
    }

    private mutating func take(
        _ run: Run,
        in scope: Scope,
        into report: inout EvidenceReport
    ) throws(EvidenceFault) {
        guard let binding = bindings[run.replica] else {
            throw EvidenceFault(.change, "a run of a replica that nothing binds")
        }
        let feed = Feed(scope: scope, replica: run.replica)
        let start = FeedTip.beginning(
            of: Change.Feed(tenant: head.tenant, scope: scope, replica: run.replica),
            statement: binding.statement.hash
        )
        let tip = run.previous.map { $0 == start.hash ? start : tips[$0] } ?? last[feed] ?? start
        guard let tip else { throw EvidenceFault(.change, "a change before it is missing") }
        let changes: [VerifiedChange]
        do throws(Inadmissible) {
            changes = try run.verified(in: scope, by: binding, after: tip)
        } catch {
            throw EvidenceFault(.change, "sequence \(run.sequence) of \(run.replica): \(error)")
        }
        for change in changes {
            guard tips.updateValue(change.tip, forKey: change.change.hash) == nil else {
                throw EvidenceFault(.change, "a change stands twice")
            }
            last[feed] = change.tip
            report.changes += 1
            guard let time = recorded[change.change.hash], change.body != nil else { continue }
            let stamp = change.tip.time.milliseconds
            if stamp > time, stamp - time > Self.clockBound { report.clocksApart += 1 }
        }
    }

    /// Each change that an entry names is here, and where all was asked for, the other way round.
    func finish(_ report: inout EvidenceReport) throws(EvidenceFault) {
        for hash in recorded.keys where tips[hash] == nil {
            throw EvidenceFault(.completeness, "change \(hash) is recorded and not here")
        }
        let query = head.query
        let isWhole =
            query.since == 0 && query.until == EvidenceHead.Query.all.until
            && query.kinds.isEmpty
        guard isWhole, report.erased == 0 else { return }
        for hash in tips.keys where recorded[hash] == nil {
            throw EvidenceFault(.completeness, "change \(hash) is here and not recorded")
        }
    }
}
