import Bytes
import CRDT
import Glibc
import Identity
import Wire

/// Writes an archive part by part, to a file of this account alone.
struct ArchiveWriter: ~Copyable {
    private let file: Int32
    private let path: String
    /// Over everything that was written.
    private var hash: Blake2b.Stream
    private var isOpen: Bool

    private init(_ file: Int32, _ path: String) {
        self.file = file
        self.path = path
        hash = Blake2b.Stream()
        isOpen = true
    }

    /// Creates the file, or begins it anew.
    static func create(_ path: String) throws(StorageError) -> ArchiveWriter {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Files.failed("create", path) }
        var writer = ArchiveWriter(file, path)
        try writer.put(Archive.magic)
        return writer
    }

    deinit { if isOpen { Glibc.close(file) } }

    mutating func write(_ part: Archive.Part) throws(StorageError) {
        try put(Archive.encoded(part))
    }

    /// The hash of what was written so far; nothing but the end is written after it.
    mutating func seal() -> Hash {
        Hash(exchange(&hash, with: Blake2b.Stream()).finish()) ?? .zero
    }

    mutating func close() throws(StorageError) {
        guard fsync(file) == 0 else { throw Files.failed("sync", path) }
        isOpen = false
        guard Glibc.close(file) == 0 else { throw Files.failed("close", path) }
    }

    private mutating func put(_ bytes: [UInt8]) throws(StorageError) {
        hash.update(bytes)
        var start = 0
        while start < bytes.count {
            let put = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    file,
                    buffer.baseAddress?.advanced(by: start),
                    buffer.count - start
                )
            }
            guard put > 0 else { throw Files.failed("write", path) }
            start += put
        }
    }
}

/// Reads an archive part by part, and checks each before anyone sees it.
enum ArchiveReader {
    static func read(
        _ path: String,
        _ check: inout ArchiveCheck,
        _ body: (Archive.Part) throws(StorageError) -> Void
    ) throws(StorageError) -> ArchiveSummary {
        var file = try ArchiveSource.open(path)
        guard try file.take(Archive.magic.count) == Archive.magic else {
            throw StorageError(.damaged, "\(path) is no archive")
        }
        file.pass()
        while let prefix = try file.next(Archive.prefixBytes) {
            guard let (kind, length) = Archive.prefix(prefix) else {
                throw StorageError(.damaged, "\(path): the length of a part")
            }
            let content = kind == Archive.endKind ? file.seal() : .zero
            let part = try part(kind, try file.take(length), of: check.scope, path)
            do throws(ArchiveFault) {
                try check.take(part, after: content)
            } catch {
                throw StorageError(.damaged, "\(path): \(error)")
            }
            file.pass()
            try body(part)
        }
        do throws(ArchiveFault) {
            let contents = try check.contents()
            let bytes = file.count
            return ArchiveSummary(contents: contents, hash: file.finish(), bytes: bytes)
        } catch {
            throw StorageError(.damaged, "\(path): \(error)")
        }
    }

    private static func part(
        _ kind: UInt8,
        _ bytes: [UInt8],
        of scope: Scope?,
        _ path: String
    ) throws(StorageError) -> Archive.Part {
        do throws(Malformed) {
            return try Archive.part(kind, bytes, of: scope)
        } catch {
            throw StorageError(.damaged, "\(path): \(error)")
        }
    }
}

/// The bytes of an archive, and their hash.
private struct ArchiveSource: ~Copyable {
    private let file: Int32
    private let path: String
    private var whole: Blake2b.Stream
    /// Over the parts that are behind.
    private var before: Blake2b.Stream
    /// Those of the part that is being read.
    private var pending: [UInt8]
    private(set) var count: Int64

    private init(_ file: Int32, _ path: String) {
        self.file = file
        self.path = path
        whole = Blake2b.Stream()
        before = Blake2b.Stream()
        pending = []
        count = 0
    }

    static func open(_ path: String) throws(StorageError) -> ArchiveSource {
        let file = unsafe Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw Files.failed("open", path) }
            throw StorageError(.missing, "there is no \(path)")
        }
        return ArchiveSource(file, path)
    }

    deinit { Glibc.close(file) }

    /// So many bytes; nil at the end of the file.
    mutating func next(_ length: Int) throws(StorageError) -> [UInt8]? {
        let bytes = try read(length)
        if bytes.isEmpty { return nil }
        guard bytes.count == length else { throw StorageError(.damaged, "\(path) was cut off") }
        return bytes
    }

    mutating func take(_ length: Int) throws(StorageError) -> [UInt8] {
        guard length > 0 else { return [] }
        guard let bytes = try next(length) else {
            throw StorageError(.damaged, "\(path) was cut off")
        }
        return bytes
    }

    /// What was read lies behind.
    mutating func pass() {
        before.update(pending)
        pending = []
    }

    /// The hash of everything before the part that is being read.
    mutating func seal() -> Hash {
        Hash(exchange(&before, with: Blake2b.Stream()).finish()) ?? .zero
    }

    /// The hash of the whole file.
    mutating func finish() -> Hash {
        Hash(exchange(&whole, with: Blake2b.Stream()).finish()) ?? .zero
    }

    private mutating func read(_ length: Int) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length)
        var got = 0
        while got < length {
            let more = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(file, buffer.baseAddress?.advanced(by: got), length - got)
            }
            guard more >= 0 else { throw Files.failed("read", path) }
            guard more > 0 else { break }
            got += more
        }
        let part = Array(bytes.prefix(got))
        whole.update(part)
        pending += part
        count += Int64(got)
        return part
    }
}
