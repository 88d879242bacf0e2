import CRDT
import Domain
import Simulation
import Storage
import Wire

/// The state of a scope by the letter of the rules: no order, no increments, no rows.
///
/// Written apart from the store: what is cut off is asked of each change by itself, and heads are
/// the writes that no effective write replaces.
final class NaiveScope {
    struct Held {
        let point: FeedPoint
        let previous: Hash
        let body: Body?

        func name(_ body: Body) -> Name {
            Name(Stamp(body.time, point.replica), hash: point.hash.prefix)
        }
    }

    let scope: Scope
    let store: Store
    private(set) var changes: [Held] = []
    private var byHash: [Hash: Held] = [:]
    private var certificates: [ID: Certificate] = [:]
    private var cutOffs: [Stated<CutOff>] = []
    private var receipts: [Stated<Receipt>] = []
    private var clockVerdicts: [Stated<ClockVerdict>] = []
    private var cut: [Hash: Bool] = [:]

    init(_ scope: Scope, of store: Store) throws {
        self.scope = scope
        self.store = store
        try read()
        for held in changes {
            for (_, operation) in counting(held) {
                let fields = Fields(of: operation)
                switch operation.entity {
                case CutOff.number: cutOffs.append(Stated(CutOff(fields), by: held.point))
                case Receipt.number: receipts.append(Stated(Receipt(fields), by: held.point))
                case ClockVerdict.number:
                    clockVerdicts.append(Stated(ClockVerdict(fields), by: held.point))
                default: break
                }
            }
        }
    }

    private func read() throws {
        var position: Int64 = 0
        var introduced: Set<ID> = []
        while true {
            let chunk = try store.readChunk(
                of: scope,
                after: position,
                upTo: .max,
                lacking: nil,
                known: [:],
                introduced: introduced
            )
            for item in chunk.items {
                switch item {
                case .binding(let binding):
                    let statement = binding.statement.structure
                    introduced.insert(statement.replica)
                    certificates[statement.replica] = binding.certificate.structure
                    let feed = Change.Feed(
                        tenant: store.tenant,
                        scope: scope,
                        replica: statement.replica
                    )
                    beginnings[statement.replica] = Change.beginning(
                        of: feed,
                        statement: statement.hash
                    )
                case .run(let run): take(run)
                case .ignored: break
                }
            }
            if chunk.isComplete { return }
            position = chunk.position
        }
    }

    private var beginnings: [ID: Hash] = [:]

    private func take(_ run: Run) {
        let before = changes.last {
            $0.point.replica == run.replica && $0.point.sequence + 1 == run.sequence
        }
        let start = run.previous ?? before?.point.hash ?? beginnings[run.replica] ?? .zero
        for change in run.linked(in: scope, tenant: store.tenant, after: start) {
            let point = FeedPoint(
                replica: run.replica,
                sequence: change.sequence,
                hash: change.hash
            )
            let body = try? Body(decoding: change.body)
            let held = Held(point: point, previous: change.previous, body: body)
            changes.append(held)
            byHash[change.hash] = held
        }
    }

    /// The operations of a change that this version understands, with their indexes.
    func counting(_ held: Held) -> [(index: UInt16, operation: Operation)] {
        guard let body = held.body else { return [] }
        return body.operations.enumerated().compactMap { index, operation in
            let counted = store.schema.counted(
                operation,
                in: scope,
                isHub: isHub(held.point.replica)
            ) { entity, values in
                ID(naturalKey: values, of: entity.number, in: scope, tenant: store.tenant)
            }
            guard case .counts(let part) = counted else { return nil }
            return (UInt16(index), part)
        }
    }

    func certificate(_ replica: ID) -> Certificate? { certificates[replica] }

    private func isHub(_ replica: ID) -> Bool { certificates[replica]?.kind == .hub }
}

// MARK: - What is set aside

extension NaiveScope {
    private func revocations(of replica: ID) -> [DeviceRevocation] {
        guard let certificate = certificates[replica] else { return [] }
        return store.authority.revocations.filter { $0.covers(certificate) }
    }

    private func isAtOrBefore(_ change: FeedPoint, _ last: FeedPoint) -> Bool {
        guard let end = byHash[last.hash], end.point == last else { return false }
        var current: Held? = end
        while let held = current {
            if held.point == change { return true }
            current = byHash[held.previous]
        }
        return false
    }

    func isCut(_ point: FeedPoint) -> Bool {
        if let known = cut[point.hash] { return known }
        let isCut = revocations(of: point.replica).contains { !isKept(point, $0) }
        cut[point.hash] = isCut
        return isCut
    }

    private func isKept(_ point: FeedPoint, _ revocation: DeviceRevocation) -> Bool {
        let ends = cutOffs.filter {
            $0.statement.revocation == revocation.hash
                && $0.statement.last?.replica == point.replica && speaks($0.author, of: revocation)
        }
        if !ends.isEmpty {
            return ends.contains { $0.statement.last.map { isAtOrBefore(point, $0) } ?? false }
        }
        if isHub(point.replica) { return true }
        return receipts.filter { speaks($0.author, of: revocation) }
            .contains { $0.statement.held.contains { isAtOrBefore(point, $0) } }
    }

    private func speaks(_ author: FeedPoint, of revocation: DeviceRevocation) -> Bool {
        revocations(of: author.replica).allSatisfy { $0.number > revocation.number }
            && !isCut(author)
    }

    func ruling(on point: FeedPoint) -> Ruling? {
        let id = ID(
            naturalKey: Verdict.key(of: point),
            of: Verdict.number,
            in: scope,
            tenant: store.tenant
        )
        var isCreated = false
        var writes: [(name: Name, value: Value, replaced: [Name])] = []
        for held in changes where !isCut(held.point) {
            guard let body = held.body else { continue }
            for (_, operation) in counting(held) where operation.entity == Verdict.number {
                switch operation.target {
                case .natural(id): isCreated = true
                case .existing(id): break
                default: continue
                }
                for edit in operation.edits where edit.field == Verdict.ruling {
                    guard case .write(let value, let replaced) = edit.action else { continue }
                    writes.append((held.name(body), value, replaced))
                }
            }
        }
        let heads = writes.filter { write in !writes.contains { $0.replaced.contains(write.name) } }
        let values = Set(heads.map(\.value))
        guard isCreated, !values.isEmpty else { return nil }
        if !values.isSubset(of: [.text("accepted"), .text("rejected")]) { return .quarantined }
        return values.contains(.text("rejected")) ? .rejected : .accepted
    }

    func isEffective(_ held: Held, for entity: UInt32) -> Bool {
        if (209...212).contains(entity) { return !isCut(held.point) }
        guard let ruling = ruling(on: held.point) else { return !isCut(held.point) }
        return ruling == .accepted
    }

    func rank(_ held: Held, _ body: Body) -> Rank {
        let times = clockVerdicts.filter { stated in
            guard let last = stated.statement.last, !isCut(stated.author) else { return false }
            return stated.statement.first <= held.point.sequence && isAtOrBefore(held.point, last)
        }
        .map { HybridTime(milliseconds: $0.statement.milliseconds) }
        let validity = certificates[held.point.replica]?.validity
        return Rank(
            held.name(body),
            isPlausible: validity?.contains(body.time.milliseconds) ?? false,
            ruling: times.min()
        )
    }
}
