import Bytes
import CRDT
import Identity
import Wire

/// What this device knows of its store without looking into it: which replica writes it, on which
/// machine, and the last stamp that was issued.
///
/// Written without a sync after each commit: above the database means that the store was restored,
/// below it a crash, which is harmless.
///
/// - Source: ID-12.
struct Mark: Hashable {
    var replica: ID
    var machine: [UInt8]
    var last: HybridTime

    private static let tag: StaticString = "gemba/mark/1"
    static let bytesMax = 512

    var encoded: [UInt8] {
        var writer = Writer(capacity: 128)
        writer.tag(Self.tag)
        writer.id(replica)
        writer.u64(last.raw)
        writer.prefixed(machine)
        writer.raw(Blake2b.hash(writer.bytes, length: 16))
        return writer.bytes
    }

    /// - Returns: nil for anything but a whole mark: a torn one is no mark.
    init?(decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        do throws(Malformed) {
            try reader.tag(Self.tag)
            replica = try reader.id("replica")
            last = HybridTime(raw: try reader.u64("last"))
            machine = try reader.prefixed(atMost: 256, "machine")
            let covered = reader.passed(since: 0)
            let check = try reader.raw(16, "check")
            guard check == Blake2b.hash(covered, length: 16) else { return nil }
            try reader.end("mark")
        } catch {
            return nil
        }
    }

    init(replica: ID, machine: [UInt8], last: HybridTime) {
        self.replica = replica
        self.machine = machine
        self.last = last
    }

    /// Why a store that says it is `replica` with the last stamp `held` needs another replica; nil
    /// if it may go on.
    static func doubt(
        _ mark: Mark?,
        replica: ID,
        machine: [UInt8],
        held: HybridTime
    ) -> ReplicaStatement.Reason? {
        guard let mark else { return held == .zero ? nil : .restored }
        if mark.machine != machine { return .cloned }
        return mark.replica != replica || mark.last > held ? .restored : nil
    }
}

extension StateFolder {
    private var markPath: String { path + "/mark" }

    /// The mark as it lies on disk; nil if there is none that is whole.
    func mark() throws(StorageError) -> Mark? {
        try Files.read(markPath, atMost: Mark.bytesMax).flatMap { Mark(decoding: $0) }
    }

    /// Writes the mark, over the old one where that is as long: a rename would cost a sync of the
    /// folder's journal with some file systems, and a torn mark is no mark.
    func save(_ mark: Mark) throws(StorageError) {
        let bytes = mark.encoded
        guard try !Files.overwrite(markPath, with: bytes) else { return }
        try Files.replace(markPath, with: bytes, isDurable: false)
    }
}
