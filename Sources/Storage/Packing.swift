import Bytes
import Dispatch
import Synchronization
import Wire

/// Changes of one feed as they will lie in the log.
///
/// A pure function of the changes, so a piece of work for another core while they are folded.
enum Packing: Sendable {
    /// Each in a row of its own.
    case rows([PackedBody])
    /// In blocks, each with the places of its changes.
    case blocks([(places: Range<Int>, bodies: PackedBodies)])

    init(_ changes: [VerifiedChange], inRows: Bool) throws(StorageError) {
        guard !inRows, changes.count >= Block.changesMin else {
            var rows: [PackedBody] = []
            for change in changes { rows.append(try PackedBody(change.change.body)) }
            self = .rows(rows)
            return
        }
        var blocks: [(places: Range<Int>, bodies: PackedBodies)] = []
        for start in stride(from: 0, to: changes.count, by: Block.changesMax) {
            let places = start..<min(start + Block.changesMax, changes.count)
            let bodies = changes[places].map { (bytes: $0.change.body, body: $0.body) }
            blocks.append((places, try PackedBodies(storing: bodies)))
        }
        self = .blocks(blocks)
    }
}

extension Packing {
    /// Whether each change has a row of its own.
    var isRows: Bool { if case .rows = self { true } else { false } }
}

/// A body in its row.
struct PackedBody: Sendable {
    let bytes: [UInt8]
    /// Of the body, where it lies compressed; else nil.
    let length: Int?

    /// Bodies from this length on are tried to compress: an import, or a day's work of a machine.
    static let compressedBytesMin = 1_024

    /// Compresses a body, unless it lies better as it is.
    init(_ body: [UInt8]) throws(StorageError) {
        guard body.count >= Self.compressedBytesMin else {
            (bytes, length) = (body, nil)
            return
        }
        do throws(Malformed) {
            let packed = try Zstd.compress(body, .stored)
            let pays = packed.count < body.count / 4 * 3
            (bytes, length) = pays ? (packed, body.count) : (body, nil)
        } catch {
            throw StorageError(.database, "a body could not be compressed: \(error)")
        }
    }
}

extension PackedBodies {
    init(storing bodies: [(bytes: [UInt8], body: Body?)]) throws(StorageError) {
        do throws(Malformed) {
            try self.init(bodies)
        } catch {
            throw StorageError(.database, "bodies could not be packed: \(error)")
        }
    }
}

/// A piece of work that goes on beside its owner's, on another core where one is free.
///
/// Whoever comes first does it, the other core or the owner who wants the result: so nobody ever
/// waits for a thread.
final class Beside<Value: Sendable>: Sendable {
    private typealias Work = @Sendable () throws(StorageError) -> Value

    /// The work; nil once it was begun.
    private let work: Mutex<Work?>
    private let result = Mutex<Result<Value, StorageError>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(
        on queue: DispatchQueue = .global(),
        _ work: @escaping @Sendable () throws(StorageError) -> Value
    ) {
        self.work = Mutex(work)
        queue.async {
            guard let work = self.begin() else { return }
            let result = Result(catching: work)
            self.result.withLock { $0 = result }
            self.done.signal()
        }
    }

    private func begin() -> Work? {
        work.withLock { work in
            defer { work = nil }
            return work
        }
    }

    /// Does the work if it was not begun, else waits for it; called once.
    func value() throws(StorageError) -> Value {
        if let work = begin() { return try work() }
        done.wait()
        guard let result = result.withLock({ $0 }) else {
            throw StorageError(.database, "a piece of work ended without a result")
        }
        return try result.get()
    }
}
