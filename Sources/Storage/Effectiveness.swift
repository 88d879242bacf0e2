import CRDT
import Domain
import Wire

/// Finds what the statements held make of the changes of a scope, from nothing.
///
/// - Source: CHG-20 to CHG-24, MERGE-14.
struct StatementReading {
    let folding: Folder
    let revocations: [DeviceRevocation]
    let scope: Scope
    let number: Int64
    /// Changes that statements name and that are not held.
    private(set) var awaited: Set<ScopeStanding.Awaited> = []

    private var connection: Connection { folding.connection }

    init(_ folding: Folder, _ revocations: [DeviceRevocation], _ scope: Scope, _ number: Int64) {
        self.folding = folding
        self.revocations = revocations
        self.scope = scope
        self.number = number
    }

    /// What is cut off, and at what times clock verdicts let writes rank.
    mutating func effectiveness() throws(StorageError) -> Effectiveness {
        var missing: Set<ScopeStanding.Awaited> = []
        let effectiveness = try Effectiveness(
            revocations: try covering(),
            cutOffs: try statements(CutOff.self),
            receipts: { () throws(StorageError) in try statements(Receipt.self) },
            clockVerdicts: try statements(ClockVerdict.self),
            line: { (point) throws(StorageError) in
                let line = try line(to: point)
                if line == .none, point.sequence > 0 {
                    missing.insert(
                        ScopeStanding.Awaited(replica: point.replica, sequence: point.sequence)
                    )
                }
                return line
            }
        )
        awaited.formUnion(missing)
        return effectiveness
    }

    /// The changes above the cut-offs of their replicas, by position.
    func cut(by effectiveness: Effectiveness) throws(StorageError) -> Set<Int64> {
        var positions: Set<Int64> = []
        for replica in effectiveness.limited {
            guard let author = try connection.replica(replica) else { continue }
            let first = effectiveness.uncut(of: replica) &+ 1
            try connection.forEachPlace(of: author.number, from: first, in: number) {
                position,
                sequence,
                hash in
                let point = FeedPoint(replica: replica, sequence: sequence, hash: hash)
                if effectiveness.isCut(point) { positions.insert(position) }
            }
        }
        return positions
    }

    /// The rulings of the verdicts that stand, by the position of the change.
    mutating func rulings() throws(StorageError) -> [Int64: Ruling] {
        let ids = try connection.prepare("SELECT id FROM record WHERE scope = ? AND entity = ?")
            .bind(number).bind(Int64(Verdict.number)).all { $0.bytes(0) }
        var rulings: [Int64: Ruling] = [:]
        for id in ids.compactMap({ ID($0) }) {
            guard let record = try connection.record(id, of: Verdict.number, in: number),
                record.exists
            else { continue }
            let fields = Fields(of: record, Verdict.entity)
            let isWritten = record.registers[Record.Cell(field: Verdict.ruling)] != nil
            guard let point = Verdict.point(fields),
                let ruling = Verdict.ruling(fields, isWritten: isWritten)
            else { continue }
            if let position = try position(of: point) {
                rulings[position] = ruling
            } else {
                awaited.insert(
                    ScopeStanding.Awaited(replica: point.replica, sequence: point.sequence)
                )
            }
        }
        return rulings
    }

    /// The clock verdicts in force, by what names of writes tell.
    func clocks(
        of effectiveness: Effectiveness
    ) throws(StorageError) -> [ID: Set<ScopeStanding.ClockRange>] {
        var clocks: [ID: Set<ScopeStanding.ClockRange>] = [:]
        for (replica, rulings) in effectiveness.clockRulings {
            guard let author = try connection.replica(replica) else { continue }
            for ruling in rulings {
                let ranges = try ranges(of: ruling, by: author)
                if !ranges.isEmpty { clocks[replica, default: []].formUnion(ranges) }
            }
        }
        return clocks
    }
}

// MARK: - What is held

extension StatementReading {
    /// The revocations in force, with the replicas of the scope that each covers.
    private func covering() throws(StorageError) -> [Revocation] {
        guard !revocations.isEmpty else { return [] }
        let devices = Set(revocations.map(\.device))
        let replicas = try connection.prepare("SELECT DISTINCT replica FROM feed WHERE scope = ?")
            .bind(number).all { $0.integer(0) }
        var covered: [UInt64: [ID: Bool]] = [:]
        for replica in replicas {
            let author = try connection.replica(numbered: replica)
            guard devices.contains(author.device),
                let binding = try connection.binding(of: author.id)
            else { continue }
            for revocation in revocations
            where revocation.covers(binding.certificate.structure) {
                covered[revocation.number, default: [:]][author.id] = author.isHub
            }
        }
        return revocations.compactMap { revocation in
            covered[revocation.number].map {
                Revocation(number: revocation.number, hash: revocation.hash, replicas: $0)
            }
        }
    }

    /// The statements of a kind that are held, each with its change.
    func statements<F: Fact>(_ kind: F.Type) throws(StorageError) -> [Stated<F>] {
        let places = try connection.prepare(
            "SELECT position, operation FROM event WHERE scope = ? AND entity = ? ORDER BY position"
        )
        .bind(number).bind(Int64(F.entity.number))
        .all { ($0.integer(0), $0.integer(1)) }
        var stated: [Stated<F>] = []
        var bodies = BodyCache()
        for (position, index) in places {
            let (logged, body) = try bodies.body(at: position, in: number, on: connection)
            guard let body, let index = UInt16(exactly: index), Int(index) < body.operations.count
            else { throw StorageError(.damaged, "a statement at position \(position)") }
            let place = Folder.Place(
                scope: scope,
                number: number,
                position: position,
                index: index,
                rank: logged.rank(body),
                author: logged.replica
            )
            let operation = body.operations[Int(index)]
            guard case .counts(let counting) = folding.counted(operation, at: place)
            else { continue }
            let author = FeedPoint(
                replica: logged.replica.id,
                sequence: logged.sequence,
                hash: logged.hash
            )
            stated.append(Stated(F(Fields(of: counting)), by: author))
        }
        return stated
    }

    private func position(of point: FeedPoint) throws(StorageError) -> Int64? {
        guard let author = try connection.replica(point.replica) else { return nil }
        return try connection.changes(of: author.number, at: point.sequence, in: number)
            .first { $0.hash == point.hash }?.position
    }

    /// What lies at or before a change.
    private func line(to point: FeedPoint) throws(StorageError) -> Line {
        guard try position(of: point) != nil, let author = try connection.replica(point.replica)
        else { return .none }
        guard try connection.isBranched(author.number, in: number) else {
            return .upTo(point.sequence)
        }
        return .changes(try connection.tree(author.number, in: number).line(to: point.hash))
    }

    private func ranges(
        of ruling: Effectiveness.ClockRuling,
        by author: InternedReplica
    ) throws(StorageError) -> Set<ScopeStanding.ClockRange> {
        var names: [Name] = []
        let changes: [LoggedChange]
        switch ruling.line {
        case .none: return []
        case .upTo: changes = try connection.ends(of: author.number, ruling, in: number)
        case .changes(let hashes):
            changes = try connection.changes(of: author.number, in: number)
                .filter { hashes.contains($0.hash) && $0.sequence >= ruling.first }
        }
        for change in changes {
            guard let body = try change.body() else { continue }
            names.append(change.rank(body).name)
        }
        if case .changes = ruling.line {
            return Set(
                names.map { name in
                    ScopeStanding.ClockRange(
                        first: name.stamp.time,
                        last: name.stamp.time,
                        hash: name.hash,
                        time: ruling.time
                    )
                }
            )
        }
        guard let first = names.first, let last = names.last else { return [] }
        let range = ScopeStanding.ClockRange(
            first: first.stamp.time,
            last: last.stamp.time,
            hash: nil,
            time: ruling.time
        )
        return [range]
    }
}

extension Connection {
    /// The first and the last readable change of a replica between the sequences of a ruling.
    fileprivate func ends(
        of replica: Int64,
        _ ruling: Effectiveness.ClockRuling,
        in scope: Int64
    ) throws(StorageError) -> [LoggedChange] {
        guard ruling.first <= ruling.last.sequence else { return [] }
        let sequences = ruling.first...ruling.last.sequence
        let first = try readable(sequences, of: replica, in: scope)
        let last = try readable(sequences.reversed(), of: replica, in: scope)
        return [first, last].compactMap(\.self)
    }

    /// The first change at some sequences whose body is of this version.
    private func readable(
        _ sequences: some Sequence<UInt64>,
        of replica: Int64,
        in scope: Int64
    ) throws(StorageError) -> LoggedChange? {
        for sequence in sequences {
            guard let place = try changes(of: replica, at: sequence, in: scope).first else {
                return nil
            }
            let logged = try change(at: place.position, in: scope)
            if try logged.body() != nil { return logged }
        }
        return nil
    }
}
