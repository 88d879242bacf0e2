import Bytes
import CRDT
public import Storage
public import Wire

/// What two nodes tell each other of the audit log, beside their session: a value that is driven.
///
/// ```swift
/// var exchange = WitnessExchange(store: store, peer: certificate, wall: wall)
/// for frame in exchange.start() { send(frame) }
/// for frame in exchange.take(bytes) { send(frame) }
/// ```
///
/// Nothing of it holds up the session: a frame that cannot be read, or a store that fails, ends
/// the exchange and nothing else.
///
/// - Source: WIT-6 to WIT-10.
public struct WitnessExchange {
    private enum Part { case station, hub, neighbour, none }

    private let store: Store
    private let peer: Certificate
    private let wall: @Sendable () -> UInt64
    private let part: Part
    /// What was told last, and is not answered.
    private var asked: WitnessFrame.Held?
    /// Whether the authority log was too short to judge by.
    private var isBehind = false
    private var takenCount = 0
    /// Whether a hub awaits what a station makes of it, or a station what its neighbour holds.
    private var isAwaiting = false
    /// A fault that this exchange brought up.
    public private(set) var fault: LogFault.Code?

    /// Frames that are taken of one peer: a checkpoint a minute in a session of days, with room.
    private static let framesMax = 65_536

    /// - Parameters:
    ///   - store: Of this node.
    ///   - peer: The certificate in force of the other.
    ///   - wall: The wall clock, milliseconds since 1970.
    public init(store: Store, peer: Certificate, wall: @escaping @Sendable () -> UInt64) {
        self.store = store
        self.peer = peer
        self.wall = wall
        part =
            switch (store.certificate.kind, peer.kind) {
            // A revoked device gets nothing (SYNC-20).
            case (.hub, _) where store.authority.isRevoked(peer): .none
            case (.hub, .station), (.hub, .technician): .hub
            case (.station, .hub), (.technician, .hub): .station
            case (.station, .station), (.station, .technician), (.technician, .station),
                (.technician, .technician):
                .neighbour
            default: .none
            }
    }

    /// Whether a frame is one of these.
    public static func takes(_ bytes: [UInt8]) -> Bool {
        bytes.first.map { WitnessFrame.types.contains($0) } ?? false
    }

    /// Whether nothing is awaited of the peer.
    public var isSettled: Bool { asked == nil && !isAwaiting && !isBehind }

    /// Begins, or asks anew.
    ///
    /// - Returns: The frames to be sent.
    public mutating func start() -> [[UInt8]] {
        guard part == .station || part == .neighbour, let watch = try? store.logWatch() else {
            return []
        }
        isBehind = false
        if part == .station { asked = watch.told } else { isAwaiting = true }
        return [WitnessFrame.held(watch.told).encoded]
    }

    /// Asks anew if the last answer came before the authority log did.
    public mutating func retry() -> [[UInt8]] { isBehind ? start() : [] }

    /// Takes a frame of the peer.
    ///
    /// - Returns: The frames to be sent.
    public mutating func take(_ bytes: [UInt8]) -> [[UInt8]] {
        takenCount += 1
        guard takenCount <= Self.framesMax, let frame = try? WitnessFrame(decoding: bytes) else {
            return unreadable()
        }
        do throws(StorageError) {
            switch (part, frame) {
            case (.hub, .held(let held)):
                let shown = try store.showLog(to: held, wallMilliseconds: wall())
                isAwaiting =
                    shown.checkpoint != nil
                    && shown.checkpoint?.checkpoint != held.checkpoint?.checkpoint
                return [WitnessFrame.shown(shown).encoded]
            case (.hub, .judged(let judged)):
                isAwaiting = false
                try store.takeJudgement(judged, of: peer, wallMilliseconds: wall())
            case (.station, .shown(let shown)):
                return try witness(shown)
            case (.neighbour, .held(let held)):
                isAwaiting = false
                guard let other = held.checkpoint else { return [] }
                fault = try store.compare(other, wallMilliseconds: wall()) ?? fault
            default: break
            }
        } catch {
            // What is not stored is not told; the next meeting asks again.
            giveUp()
        }
        return []
    }

    /// The peer has gone.
    public mutating func giveUp() {
        asked = nil
        isAwaiting = false
        isBehind = false
    }
}

// MARK: - At a station

extension WitnessExchange {
    private mutating func witness(
        _ shown: WitnessFrame.Shown
    ) throws(StorageError) -> [[UInt8]] {
        guard let asked else { return [] }
        self.asked = nil
        let result = try store.witness(
            shown,
            asked: asked,
            of: peer.device,
            wallMilliseconds: wall()
        )
        switch result {
        case .nothing: return []
        case .again:
            isBehind = store.authority.number < shown.authority
            return isBehind ? [] : start()
        case .cosigned(let frame): return [frame.encoded]
        case .faulty(let code):
            fault = code
            return [refusal(code, shown)]
        }
    }

    /// What a hub says that is no checkpoint at all is a fault; of a neighbour it says nothing.
    private mutating func unreadable() -> [[UInt8]] {
        let wasAsked = asked != nil
        giveUp()
        guard part == .station, wasAsked, takenCount <= Self.framesMax else { return [] }
        fault = .badSignature
        let held = try? store.logWatch().held
        try? store.noteLogFault(
            LogFault(.badSignature, known: held ?? nil, shown: nil),
            of: peer.device,
            wallMilliseconds: wall()
        )
        return []
    }

    private func refusal(_ code: LogFault.Code, _ shown: WitnessFrame.Shown) -> [UInt8] {
        let checkpoint = shown.checkpoint?.checkpoint
        let refused = WitnessFrame.Judged.refused(
            code,
            epoch: checkpoint?.origin.epoch ?? store.authority.auditEpoch.number,
            size: checkpoint?.size ?? 0
        )
        return WitnessFrame.judged(refused).encoded
    }
}
