import CRDT
import Dispatch
import Sync
import Synchronization
import Wire

/// A channel to a station over which a hub, beside the session, answers what the station asks of
/// PINs and badges.
///
/// - Source: TCP-10.
struct HandOverChannel: Channel {
    /// Requests that one channel gets answers to.
    private static let requestsMax = 16
    static let queue = DispatchQueue(label: "node.hand-over")

    private let channel: any Channel
    private let node: LocalNode
    private let answered = Counted()

    init(_ channel: any Channel, at node: LocalNode) {
        self.channel = channel
        self.node = node
    }

    var role: Session.Role { channel.role }
    var channelHash: [UInt8] { channel.channelHash }
    var peer: Certificate { channel.peer }
    var address: String { channel.address }

    func send(_ frame: [UInt8]) async throws { try await channel.send(frame) }

    func close() async { await channel.close() }

    func receive() async throws -> [UInt8]? {
        while let bytes = try await channel.receive() {
            guard bytes.first == HandOver.requestType else { return bytes }
            guard answered.next() <= Self.requestsMax else { continue }
            if let answer = await answer(bytes) { try await channel.send(answer) }
        }
        return nil
    }

    private func answer(_ bytes: [UInt8]) async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            Self.queue.async { [node, peer] in
                continuation.resume(returning: node.answerHandOver(bytes, of: peer))
            }
        }
    }

    private final class Counted: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }
}

extension Replication {
    /// Asks a hub, over a channel of its own, for the PINs and badges of this site.
    ///
    /// - Parameters:
    ///   - address: `HOST:PORT` of the hub.
    ///   - timeout: How long an answer may take; a hub of an older version gives none.
    /// - Returns: Whether it answered.
    /// - Throws: What the channel or the store says.
    @discardableResult
    public func fetchCredentials(
        from address: String,
        timeout: Duration = .seconds(10)
    ) async throws -> Bool {
        let channel = try await connect(to: address)
        guard channel.peer.kind == .hub else {
            await channel.close()
            return false
        }
        let answer = await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { try? await ask(channel) }
            group.addTask {
                try? await ContinuousClock().sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            await channel.close()
            return first
        }
        guard let answer else { return false }
        try await take(answer)
        return true
    }

    private func ask(_ channel: any Channel) async throws -> [UInt8]? {
        let request = try await onQueue { try $0.handOverRequest() }
        try await channel.send(request.encoded)
        while let bytes = try await channel.receive() {
            if bytes.first == HandOver.answerType { return bytes }
        }
        return nil
    }

    private func take(_ bytes: [UInt8]) async throws {
        let answer = try HandOver.Answer(decoding: bytes)
        try await onQueue { try $0.take(answer) }
    }

    /// Works on the store where no other task waits for it.
    private func onQueue<Result: Sendable>(
        _ work: @escaping @Sendable (LocalNode) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            HandOverChannel.queue.async { [node] in
                continuation.resume(with: Swift.Result { try work(node) })
            }
        }
    }
}
