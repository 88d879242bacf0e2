import Identity
import Wire

/// Frames on their way through Noise messages, which are smaller.
///
/// - Shape: each message decrypts to flags u8 (bit 0: more of this frame follows) and 1 to 65,518
///   bytes of the frame.
/// - Source: TCP-5.
enum Pieces {
    /// The most bytes of a frame in one message: 65,535 without the tag and the flags.
    static let bytesMax = 65_518
    private static let moreFollows: UInt8 = 1

    /// The direction to the peer.
    struct Outgoing: Sendable {
        private var cipher: CipherState

        init(_ cipher: CipherState) {
            self.cipher = cipher
        }

        /// Cuts and encrypts a frame.
        ///
        /// - Returns: Messages, each with its length before it, to be sent in this order.
        /// - Throws: `overLimit`, with nothing changed, for a frame that is empty or too long.
        mutating func seal(_ frame: [UInt8]) throws(ChannelFault) -> [[UInt8]] {
            guard !frame.isEmpty, frame.count <= Limits.frameBytesMax else {
                throw ChannelFault(.overLimit, "a frame of \(frame.count) bytes cannot be sent")
            }
            var messages: [[UInt8]] = []
            var start = 0
            while start < frame.count {
                let end = min(start + bytesMax, frame.count)
                var piece: [UInt8] = []
                piece.reserveCapacity(1 + end - start)
                piece.append(end < frame.count ? moreFollows : 0)
                piece += frame[start..<end]
                messages.append(MessageBuffer.framed(try encrypt(piece)))
                start = end
            }
            return messages
        }

        private mutating func encrypt(_ piece: [UInt8]) throws(ChannelFault) -> [UInt8] {
            do throws(NoiseFault) {
                return try cipher.send(piece)
            } catch {
                throw ChannelFault(.overLimit, "the channel has sent all it can: \(error)")
            }
        }
    }

    /// The direction from the peer.
    struct Incoming: Sendable {
        private var cipher: CipherState
        private var frame: [UInt8] = []

        init(_ cipher: CipherState) {
            self.cipher = cipher
        }

        /// Decrypts the next message.
        ///
        /// - Returns: The frame that it completes; nil if more of it follows.
        /// - Throws: `notAuthentic`, `malformed` or `overLimit`; the channel is to be closed.
        mutating func open(_ message: [UInt8]) throws(ChannelFault) -> [UInt8]? {
            let piece = try decrypt(message)
            guard let flags = piece.first, piece.count > 1, flags & ~moreFollows == 0 else {
                throw ChannelFault(.malformed, "a piece without content, or with unknown flags")
            }
            guard frame.count + piece.count - 1 <= Limits.frameBytesMax else {
                throw ChannelFault(.overLimit, "a frame above \(Limits.frameBytesMax) bytes")
            }
            frame += piece[1...]
            guard flags & moreFollows == 0 else { return nil }
            defer { frame = [] }
            return frame
        }

        private mutating func decrypt(_ message: [UInt8]) throws(ChannelFault) -> [UInt8] {
            do throws(NoiseFault) {
                return try cipher.receive(message)
            } catch {
                throw ChannelFault(.notAuthentic, "a message was changed on its way: \(error)")
            }
        }
    }
}
