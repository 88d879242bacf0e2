public import CRDT
public import Domain
import Storage
import Synchronization

/// What people may read, as it was decided last.
///
/// - Invariant: What is kept holds for one version of the policy and one epoch of the person.
final class ReadingCache: Sendable {
    private struct Kept: Sendable {
        let policy: ScopeMark
        let occasion: Occasion
        let epoch: Int
        let reading: Reading
    }

    private let kept = Mutex<[ID: Kept]>([:])
    /// More people than work at one node.
    private static let peopleMax = 4_096

    /// What a person may read by a directory.
    ///
    /// - Parameters:
    ///   - person: Who.
    ///   - directory: As it stands.
    ///   - policy: Which version of it that is.
    ///   - occasion: Now, here.
    /// - Returns: What was kept, if it holds still.
    func reading(
        of person: ID,
        in directory: Directory,
        _ policy: ScopeMark,
        at occasion: Occasion
    ) -> Reading {
        let epoch = directory.policy.epoch(of: person, at: occasion)
        let day = Occasion(day: occasion.day, site: occasion.site)
        if let known = kept.withLock({ $0[person] }), known.policy == policy,
            known.occasion == day, known.epoch == epoch
        {
            return known.reading
        }
        let reading = directory.policy.reading(of: person, at: occasion)
        kept.withLock { kept in
            if kept.count >= Self.peopleMax { kept = [:] }
            kept[person] = Kept(policy: policy, occasion: day, epoch: epoch, reading: reading)
        }
        return reading
    }
}

extension LocalNode {
    /// What a person may read here, judged by now (C-79).
    ///
    /// - Throws: What reading the directory does.
    public func reading(of person: ID) throws -> Reading {
        let (directory, mark) = try readWhole { view in
            (
                try directories.directory(on: view, isCommitted: true),
                try view.mark(of: .tenant)
            )
        }
        let now = directory.occasion(at: site, milliseconds: wallMilliseconds)
        return readings.reading(of: person, in: directory, mark, at: now)
    }
}
