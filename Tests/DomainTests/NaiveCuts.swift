import CRDT
import Domain
import SeededRandom

/// Random feeds, statements and revocations of a scope; and what is cut off by the letter of the
/// rule, asked change by change.
struct NaiveCuts {
    struct Node {
        let point: FeedPoint
        let previous: Hash?
    }

    var nodes: [Hash: Node] = [:]
    var hubs: Set<ID> = []
    var revocations: [Revocation] = []
    var cutOffs: [Stated<CutOff>] = []
    var receipts: [Stated<Receipt>] = []
    var clocks: [Stated<ClockVerdict>] = []

    var points: [FeedPoint] {
        nodes.values.map(\.point).sorted { $0.hash < $1.hash }
    }

    func isAtOrBefore(_ point: FeedPoint, _ last: FeedPoint) -> Bool {
        guard var node = nodes[last.hash], node.point == last else { return false }
        while node.point != point {
            guard let previous = node.previous, let next = nodes[previous] else { return false }
            node = next
        }
        return true
    }

    func line(to last: FeedPoint) -> Line {
        guard nodes[last.hash]?.point == last else { return .none }
        let all = nodes.values.filter { $0.point.replica == last.replica }
        let isBranched = Set(all.map(\.point.sequence)).count < all.count
        guard isBranched else { return .upTo(last.sequence) }
        return .changes(Set(all.map(\.point).filter { isAtOrBefore($0, last) }.map(\.hash)))
    }

    func isCut(_ point: FeedPoint) -> Bool {
        revocations.contains { $0.replicas[point.replica] != nil && !isKept(point, $0) }
    }

    private func isKept(_ point: FeedPoint, _ revocation: Revocation) -> Bool {
        let ends = cutOffs.filter {
            $0.statement.revocation == revocation.hash
                && $0.statement.last?.replica == point.replica && speaks($0.author, revocation)
        }
        if !ends.isEmpty {
            return ends.contains { end in end.statement.last.map { isAtOrBefore(point, $0) } == true }
        }
        if hubs.contains(point.replica) { return true }
        return receipts.contains { receipt in
            speaks(receipt.author, revocation)
                && receipt.statement.held.contains { isAtOrBefore(point, $0) }
        }
    }

    private func speaks(_ author: FeedPoint, _ revocation: Revocation) -> Bool {
        let own = revocations.filter { $0.replicas[author.replica] != nil }
        return own.allSatisfy { $0.number > revocation.number } && !isCut(author)
    }

    func time(of point: FeedPoint) -> HybridTime? {
        clocks.filter { stated in
            guard let last = stated.statement.last, !isCut(stated.author) else { return false }
            return stated.statement.first <= point.sequence && isAtOrBefore(point, last)
        }
        .map { HybridTime(milliseconds: $0.statement.milliseconds) }.min()
    }
}

extension NaiveCuts {
    /// A scope of up to three hubs and three stations, some cloned, some revoked.
    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func hash(_ random: inout SplitMix64) -> Hash {
            Hash(words: (random.next(), random.next(), random.next(), random.next()))
        }
        let replicas = (1...6 as ClosedRange<UInt64>).map { ID(high: $0, low: $0) }
        hubs = Set(replicas.prefix(3))
        for replica in replicas {
            var line: [Node] = []
            for _ in 0..<random.below(6) {
                var parent = line.last
                if random.happens(8) { parent = line.isEmpty ? nil : line[random.below(line.count)] }
                let point = FeedPoint(
                    replica: replica,
                    sequence: (parent?.point.sequence ?? 0) + 1,
                    hash: hash(&random)
                )
                line.append(Node(point: point, previous: parent?.point.hash))
            }
            for node in line { nodes[node.point.hash] = node }
        }
        for number in 1...4 as ClosedRange<UInt64> where random.happens(55) {
            let covered = replicas.filter { _ in random.happens(30) }
            revocations.append(
                Revocation(
                    number: number,
                    hash: hash(&random),
                    replicas: Dictionary(
                        uniqueKeysWithValues: covered.map { ($0, hubs.contains($0)) }
                    )
                )
            )
        }
        let points = points
        let authors = points.filter { hubs.contains($0.replica) }
        guard !authors.isEmpty else { return }
        for _ in 0..<random.below(8) {
            let author = authors[random.below(authors.count)]
            var point = points[random.below(points.count)]
            if random.happens(10) {
                point = FeedPoint(replica: point.replica, sequence: 0, hash: .zero)
            }
            switch random.below(3) {
            case 0 where !revocations.isEmpty:
                let revocation = revocations[random.below(revocations.count)].hash
                cutOffs.append(Stated(CutOff(revocation, after: point), by: author))
            case 1: receipts.append(Stated(Receipt([point], milliseconds: 1), by: author))
            default:
                let verdict = ClockVerdict(
                    from: random.next() % 3,
                    to: point,
                    milliseconds: random.next() % 100
                )
                clocks.append(Stated(verdict, by: author))
            }
        }
    }
}
