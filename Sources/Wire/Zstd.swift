package import Bytes
import CZstd

/// Compression of chunks and stored bodies: one zstd frame whose header says how long its content
/// is.
///
/// - Source: RFC 8878; SYNC-12.
package enum Zstd {
    /// How hard to try.
    package enum Level: Int32 {
        /// Costs less than writing what it saves.
        case stored = 1
        /// Fast, and within a tenth of what slower levels reach on runs of small bodies.
        case sent = 3
        /// For a few hundred bytes, where it costs a signature and saves six bytes in a hundred.
        case alone = 7
    }

    /// Compresses bytes to one frame.
    package static func compress(_ bytes: [UInt8], _ level: Level) throws(Malformed) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        var failed = false
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            let written = unsafe ZSTD_compress(
                buffer.baseAddress,
                bound,
                bytes,
                bytes.count,
                level.rawValue
            )
            failed = ZSTD_isError(written) != 0
            count = failed ? 0 : written
        }
        guard !failed else { throw Malformed(.overLimit, "zstd", at: 0) }
        return frame
    }

    /// Expands exactly one frame of exactly `length` bytes.
    ///
    /// The frame's own header must say the same length, so a frame that would expand to more is
    /// refused unread; and no more than that length is ever written. The caller has compared the
    /// length with its limit.
    package static func expand(_ frame: [UInt8], to length: Int) throws(Malformed) -> [UInt8] {
        try check(frame, expandsTo: length)
        var written = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            written = unsafe ZSTD_decompress(
                buffer.baseAddress,
                length,
                frame,
                frame.count
            )
            count = written == length ? length : 0
        }
        guard written == length else { throw Malformed(.invalid, "zstd", at: 0) }
        return bytes
    }

    /// Throws unless the bytes are one frame whose header states the length.
    static func check(_ frame: [UInt8], expandsTo length: Int) throws(Malformed) {
        guard unsafe ZSTD_getFrameContentSize(frame, frame.count) == UInt64(length),
            unsafe ZSTD_findFrameCompressedSize(frame, frame.count) == frame.count
        else { throw Malformed(.invalid, "zstd", at: 0) }
    }
}
