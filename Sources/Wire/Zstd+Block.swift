import Bytes
import CZstd

// Compression of what continues something that both sides hold (SYNC-21).

extension Zstd {
    /// Bytes packed with a prefix that sender and receiver hold: the content of one block where
    /// one will do, else a frame; neither says what is known anyway.
    struct Block {
        let bytes: [UInt8]
        /// Whether it is a frame without its magic number.
        let isFrame: Bool

        private static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
        /// The most that a block expands to.
        private static let lengthMax = 131_072
        /// Content below which a higher level is worth its time.
        private static let smallBytes = 4_096
        /// The least that a raw dictionary holds (RFC 8878, 5).
        private static let prefixBytesMin = 8

        init(bytes: [UInt8], isFrame: Bool) {
            self.bytes = bytes
            self.isFrame = isFrame
        }

        init(of content: [UInt8], after prefix: [UInt8]) throws(Malformed) {
            let level = content.count < Self.smallBytes ? Level.alone : .sent
            let prefix = Self.usable(prefix)
            let frame = try Zstd.compress(content, level, after: prefix)
            if let block = Self.content(ofOneBlock: frame), block.count < content.count {
                self.init(bytes: Array(block), isFrame: false)
            } else if content.count <= Self.lengthMax, frame.count >= content.count {
                self.init(bytes: content, isFrame: false)
            } else {
                self.init(bytes: Array(frame.dropFirst(Self.magic.count)), isFrame: true)
            }
        }

        /// Expands to exactly `length` bytes, which the caller has compared with its limit.
        func expanded(to length: Int, after prefix: [UInt8]) throws(Malformed) -> [UInt8] {
            let prefix = Self.usable(prefix)
            if isFrame { return try Zstd.expand(Self.magic + bytes, to: length, after: prefix) }
            guard length <= Self.lengthMax, bytes.count <= length else {
                throw Malformed(.invalid, "zstd", at: 0)
            }
            guard bytes.count < length else { return bytes }
            return try Zstd.expand(framed(length), to: length, after: prefix)
        }

        private static func usable(_ prefix: [UInt8]) -> [UInt8] {
            prefix.count < prefixBytesMin ? [] : prefix
        }

        /// The frame that the block stands for: a single segment that states its length in four
        /// bytes, and one last compressed block.
        private func framed(_ length: Int) -> [UInt8] {
            var frame = Self.magic + [0b1010_0000]
            frame.reserveCapacity(12 + bytes.count)
            for shift in stride(from: 0, to: 32, by: 8) {
                frame.append(UInt8(truncatingIfNeeded: length >> shift))
            }
            let header = bytes.count << 3 | 0b101
            for shift in stride(from: 0, to: 24, by: 8) {
                frame.append(UInt8(truncatingIfNeeded: header >> shift))
            }
            return frame + bytes
        }

        /// What the only block of a frame holds, if it is compressed; RFC 8878, 3.1.1.
        private static func content(ofOneBlock frame: [UInt8]) -> ArraySlice<UInt8>? {
            guard frame.count > 4, frame[4] & 0b0010_0111 == 0b0010_0000 else { return nil }
            let start = 5 + 1 << (frame[4] >> 6)
            guard frame.count >= start + 3 else { return nil }
            let header =
                Int(frame[start]) | Int(frame[start + 1]) << 8 | Int(frame[start + 2]) << 16
            guard header & 0b111 == 0b101, frame.count == start + 3 + header >> 3 else {
                return nil
            }
            return frame[(start + 3)...]
        }
    }

    /// Compresses bytes to one frame that may copy from a prefix.
    private static func compress(
        _ bytes: [UInt8],
        _ level: Level,
        after prefix: [UInt8]
    ) throws(Malformed) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        guard let context = unsafe ZSTD_createCCtx() else {
            throw Malformed(.overLimit, "zstd", at: 0)
        }
        defer { _ = unsafe ZSTD_freeCCtx(context) }
        var failed = false
        let frame = unsafe prefix.withUnsafeBufferPointer { prefix in
            unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
                let level = unsafe ZSTD_CCtx_setParameter(
                    context,
                    ZSTD_c_compressionLevel,
                    level.rawValue
                )
                let place = unsafe ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count)
                let written = unsafe ZSTD_compress2(
                    context,
                    buffer.baseAddress,
                    bound,
                    bytes,
                    bytes.count
                )
                failed = [level, place, written].contains { ZSTD_isError($0) != 0 }
                count = failed ? 0 : written
            }
        }
        guard !failed else { throw Malformed(.overLimit, "zstd", at: 0) }
        return frame
    }

    /// Expands exactly one frame of exactly `length` bytes that may copy from a prefix.
    private static func expand(
        _ frame: [UInt8],
        to length: Int,
        after prefix: [UInt8]
    ) throws(Malformed) -> [UInt8] {
        try check(frame, expandsTo: length)
        guard let context = unsafe ZSTD_createDCtx() else {
            throw Malformed(.overLimit, "zstd", at: 0)
        }
        defer { _ = unsafe ZSTD_freeDCtx(context) }
        var written = 0
        let bytes = unsafe prefix.withUnsafeBufferPointer { prefix in
            unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                let place = unsafe ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count)
                written = unsafe ZSTD_decompressDCtx(
                    context,
                    buffer.baseAddress,
                    length,
                    frame,
                    frame.count
                )
                count = ZSTD_isError(place) == 0 && written == length ? length : 0
            }
        }
        guard bytes.count == length else { throw Malformed(.invalid, "zstd", at: 0) }
        return bytes
    }
}
