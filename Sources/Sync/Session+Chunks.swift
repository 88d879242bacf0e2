import Bytes
import CRDT
import Wire

// Chunks: what the peer lacks goes out, what it sends is stored and acknowledged (SYNC-11 to 15).

extension Session {
    /// What is being sent.
    struct Outbox: Sendable {
        /// The chunk encodings that this code reads and writes: plain, zstd of the transfer form,
        /// and streams of it.
        static let encodings: UInt8 = 0b111
        /// Tips that may wait to be served (SYNC-18): about 25 MiB.
        static let waitingTipsMax = 262_144

        var acceptedEncodings: UInt8 = 0b1
        private var streams = ChunkStreams()
        /// The log position up to which everything shared was sent or need not be; nil while a
        /// round is being compared.
        var live: Int64?
        /// Where live begins once the round is served.
        var liveStart: Int64 = 0
        /// The end of the log, as far as this session was told.
        private(set) var end: Int64 = 0
        private var waiting: [ReadRequest] = []
        /// Where in `waiting` the peer's last word on a scope stands.
        private var places: [Scope: Int] = [:]
        /// The tips in `waiting`.
        private(set) var waitingTips = 0
        /// How many of `waiting` were taken up.
        private var taken = 0
        private var current: ReadRequest?
        private var isReading = false
        private(set) var isLooking = false
        private var unacknowledged: [Int] = []
        private var unacknowledgedBytes = 0
        private(set) var acknowledgedCount: UInt64 = 0
        /// Chunks sent since the session began.
        private(set) var sentCount: UInt64 = 0
        private var known: [Scope: [ID: UInt64]] = [:]
        private var introduced: Set<ID> = []

        /// Whether nothing is to be read or being read.
        var isIdle: Bool { taken == waiting.count && current == nil && !isReading }

        var isAcknowledged: Bool { unacknowledged.isEmpty }

        /// The position up to which the peer has stored what is shared; nil while something is on
        /// its way.
        var peerHolds: Int64? { isIdle && isAcknowledged && !isLooking ? live : nil }

        mutating func stopLive() { live = nil }

        mutating func goLive() { live = liveStart }

        mutating func grow(to position: Int64) { end = max(end, position) }

        mutating func serve(_ scope: Scope, lacking: Frontier?, after: Int64 = 0, upTo: Int64) {
            let request = ReadRequest(
                scope: scope,
                after: after,
                upTo: upTo,
                lacking: lacking,
                known: [:],
                introduced: []
            )
            waitingTips += lacking?.tips.count ?? 0
            guard lacking != nil else { return waiting.append(request) }
            // Whoever asks again before it was served is served once, by what it said last.
            if let place = places[scope], place >= taken {
                waitingTips -= waiting[place].lacking?.tips.count ?? 0
                waiting[place] = request
            } else {
                places[scope] = waiting.count
                waiting.append(request)
            }
        }

        /// The next thing to read, if the peer has room for it.
        mutating func nextRead() -> ReadRequest? {
            guard !isReading, unacknowledged.count < Limits.unacknowledgedChunksMax,
                unacknowledgedBytes < Limits.unacknowledgedBytesMax
            else { return nil }
            if current == nil { current = takeWaiting() }
            guard var request = current else { return nil }
            request.known = known[request.scope] ?? [:]
            request.introduced = introduced
            isReading = true
            return request
        }

        private mutating func takeWaiting() -> ReadRequest? {
            guard taken < waiting.count else { return nil }
            defer {
                taken += 1
                if taken == waiting.count {
                    waiting = []
                    places = [:]
                    taken = 0
                }
            }
            waitingTips -= waiting[taken].lacking?.tips.count ?? 0
            return waiting[taken]
        }

        /// Takes what was read, and packs it.
        ///
        /// - Throws: If what is stored is over a limit.
        mutating func finishRead(_ result: ReadResult) throws(Malformed) -> EncodedChunk? {
            isReading = false
            guard var request = current else { return nil }
            introduced.formUnion(result.introduced)
            for (replica, sequence) in result.sent {
                note(replica, sequence, in: request.scope)
            }
            request.after = result.position
            current = result.isComplete ? nil : request
            guard let chunk = result.chunk else { return nil }
            let encoded = try streams.pack(chunk, upTo: greatestEncoding)
            sentCount += 1
            unacknowledged.append(encoded.content.count)
            unacknowledgedBytes += encoded.content.count
            return encoded
        }

        /// The greatest chunk encoding that both sides know.
        private var greatestEncoding: UInt8 {
            let common = acceptedEncodings & Self.encodings
            return common & 0b100 != 0 ? 2 : common & 0b10 != 0 ? 1 : 0
        }

        /// Notes that the peer holds a feed up to a sequence.
        mutating func note(_ replica: ID, _ sequence: UInt64, in scope: Scope) {
            let before = known[scope]?[replica] ?? 0
            known[scope, default: [:]][replica] = max(before, sequence)
        }

        /// Forgets what the peer was thought to hold of a scope: it has just said so itself.
        mutating func forget(_ scope: Scope) { known[scope] = nil }

        mutating func noteIntroduction(_ replica: ID) { introduced.insert(replica) }

        /// Takes the peer's count of stored chunks.
        ///
        /// - Returns: false if it stored more than was sent, or fewer than it said before.
        mutating func acknowledge(_ count: UInt64) -> Bool {
            guard count >= acknowledgedCount,
                count - acknowledgedCount <= UInt64(unacknowledged.count)
            else { return false }
            let new = Int(count - acknowledgedCount)
            unacknowledgedBytes -= unacknowledged.prefix(new).reduce(0, +)
            unacknowledged.removeFirst(new)
            acknowledgedCount = count
            return true
        }

        /// The stretch of the log to look through for live changes, if there is one.
        mutating func nextLook() -> (after: Int64, upTo: Int64)? {
            guard isIdle, !isLooking, let live, live < end else { return nil }
            isLooking = true
            return (live, end)
        }

        mutating func finishLook(_ scopes: [Scope], upTo position: Int64) {
            isLooking = false
            guard let start = live else { return }
            for scope in scopes {
                serve(scope, lacking: nil, after: start, upTo: position)
            }
            live = max(start, position)
        }
    }

    /// What has come and is not yet stored.
    struct Inbox: Sendable {
        /// The scopes of chunks handed to the store and not yet answered for.
        var pending: [Scope] = []
        var storedCount: UInt64 = 0
        var streams = ChunkStreams()

        var isEmpty: Bool { pending.isEmpty }
    }
}

// MARK: - Sending

extension Session {
    mutating func sendRead(_ result: ReadResult) -> [Effect] {
        do throws(Malformed) {
            guard let encoded = try outbox.finishRead(result), let chunk = result.chunk else {
                return proceed()
            }
            return [.send(.chunk(encoded)), .report(.sentChunk(chunk.scope))] + proceed()
        } catch {
            return end(.storageFailed, "a stored chunk is over a limit: \(error)")
        }
    }

    mutating func takeStored(_ count: UInt64) -> [Effect] {
        guard outbox.acknowledge(count) else {
            return end(.malformed, "\(count) chunks were never sent")
        }
        return proceed()
    }

    mutating func grew(to position: Int64, _ changesShares: Bool) -> [Effect] {
        outbox.grow(to: position)
        let another = changesShares ? wantAnother() : []
        return another + (phase == .running ? proceed() : [])
    }

    /// Looks for changes that came after everything was sent.
    mutating func live() -> [Effect] {
        let held = tellHeld()
        guard let look = outbox.nextLook() else { return held }
        return held + [.findArrivals(after: look.after, upTo: look.upTo)]
    }

    /// Says how far the peer holds the log, whenever that is known anew.
    mutating func tellHeld() -> [Effect] {
        guard !isRefused, let held = outbox.peerHolds, held > peerHolds else { return [] }
        peerHolds = held
        return [.report(.held(upTo: held))]
    }

    mutating func serveArrivals(_ scopes: [Scope], upTo position: Int64) -> [Effect] {
        let shared = scopes.filter {
            survey?.scopes.contains($0) ?? false && !round.unshared.contains($0)
        }
        outbox.finishLook(shared, upTo: position)
        return proceed()
    }
}

// MARK: - Receiving

extension Session {
    mutating func takeChunk(_ encoded: EncodedChunk) -> [Effect] {
        guard phase == .running, let survey else { return end(.malformed, "a chunk too early") }
        guard inbox.pending.count < Limits.unacknowledgedChunksMax else {
            return end(.overLimit, "more chunks than may be unacknowledged")
        }
        let chunk: Chunk
        do throws(Malformed) {
            chunk = try inbox.streams.unpack(encoded)
        } catch {
            return end(.malformed, "chunk: \(error)")
        }
        // Work for nothing: an honest peer sends no chunk without a run.
        guard chunk.items.contains(where: \.isRun) || patience.bears(Patience.emptyChunk) else {
            return end(.overLimit, "too many chunks without a run")
        }
        inbox.pending.append(chunk.scope)
        guard survey.scopes.contains(chunk.scope), !round.broken.contains(chunk.scope) else {
            // The peer knows of an opening that is not known here yet, or does not know of a fork:
            // the next round asks for it.
            let bindings = chunk.items.filter { if case .binding = $0 { true } else { false } }
            return [.store(Chunk(scope: chunk.scope, items: bindings))]
        }
        for item in chunk.items {
            switch item {
            case .run(let run):
                let last = run.sequence &+ UInt64(run.bodies.count) &- 1
                outbox.note(run.replica, last, in: chunk.scope)
            case .binding(let binding):
                outbox.noteIntroduction(binding.statement.structure.replica)
            case .ignored:
                break
            }
        }
        return [.store(chunk), .report(.receivedChunk(chunk.scope))]
    }

    mutating func acknowledge(_ stored: Stored) -> [Effect] {
        let scope = inbox.pending.isEmpty ? nil : inbox.pending.removeFirst()
        inbox.storedCount += 1
        var effects: [Effect] = []
        for refused in stored.refused {
            effects += [.send(.refused(refused)), .report(.refusedHere(refused))]
        }
        guard patience.bears(Patience.cost(ofRefusing: stored.refused)) else {
            return effects + end(.overLimit, "too many inadmissible runs")
        }
        if stored.isOrderBroken, let scope {
            guard round.bearsBreak(of: scope), patience.bears(Patience.brokenChunk) else {
                return effects + end(.brokenOrder, "a change came before one that it names")
            }
        }
        if stored.changesShares || stored.isOrderBroken { effects += wantAnother() }
        effects.append(.send(.stored(inbox.storedCount)))
        return effects + proceed()
    }
}

extension Chunk.Item {
    fileprivate var isRun: Bool {
        if case .run = self { return true }
        return false
    }
}
