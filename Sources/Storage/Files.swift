import Glibc
import Synchronization

/// Files that must not be read by others, written whole or not at all.
///
/// - Source: open(2), O_NOFOLLOW, rename(2).
enum Files {
    /// Creates a folder, and those above it, readable by the owner alone.
    static func makeFolder(_ path: String) throws(StorageError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            partial += partial.isEmpty || partial.hasSuffix("/") ? String(name) : "/\(name)"
            guard unsafe mkdir(partial, 0o700) == 0 || errno == EEXIST else {
                throw failed("create", partial)
            }
        }
    }

    /// Checks that a folder or file belongs to this user and is closed to all others.
    static func requirePrivate(_ path: String) throws(StorageError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw failed("look at", path) }
        guard status.st_uid == geteuid() else {
            throw StorageError(.exposed, "\(path) belongs to another user")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StorageError(.exposed, "\(path) is open to others: chmod go-rwx \(path)")
        }
        guard status.st_mode & S_IFMT != S_IFLNK else {
            throw StorageError(.exposed, "\(path) is a link")
        }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// The bytes of a file of at most `limit`; nil if there is none.
    static func read(_ path: String, atMost limit: Int) throws(StorageError) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw failed("open", path) }
            return nil
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    file,
                    buffer.baseAddress?.advanced(by: count),
                    buffer.count - count
                )
            }
            guard got >= 0 else { throw failed("read", path) }
            guard got > 0 else { break }
            count += got
        }
        guard count <= limit else { throw StorageError(.damaged, "\(path) is too long") }
        return Array(bytes.prefix(count))
    }

    /// Writes a file beside the old one and renames it over; `isDurable` syncs it first.
    static func replace(_ path: String, with bytes: [UInt8], isDurable: Bool) throws(StorageError) {
        let partial = path + ".new"
        let file = unsafe open(
            partial,
            O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
            0o600
        )
        guard file >= 0 else { throw failed("create", partial) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let put = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            guard put > 0 else {
                close(file)
                throw failed("write", partial)
            }
            rest = rest.dropFirst(put)
        }
        guard !isDurable || fsync(file) == 0 else {
            close(file)
            throw failed("sync", partial)
        }
        guard close(file) == 0, unsafe rename(partial, path) == 0 else {
            throw failed("replace", path)
        }
    }

    /// Writes over a file of the same length, in one write.
    ///
    /// - Returns: false, with nothing changed, if there is no such file.
    static func overwrite(_ path: String, with bytes: [UInt8]) throws(StorageError) -> Bool {
        let file = unsafe open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw failed("open", path) }
            return false
        }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_size == bytes.count else { return false }
        let put = unsafe bytes.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, $0.count, 0) }
        guard put == bytes.count else { throw failed("write", path) }
        return true
    }

    static func remove(_ paths: [String]) {
        for path in paths { _ = unsafe unlink(path) }
    }

    static func move(_ path: String, to other: String) throws(StorageError) {
        guard unsafe rename(path, other) == 0 else { throw failed("rename", path) }
    }

    /// The machine that a folder can be copied away from: its own id, or its name.
    static var machine: [UInt8] {
        if let id = try? read("/etc/machine-id", atMost: 256), !id.isEmpty { return id }
        var name = [CChar](repeating: 0, count: 256)
        _ = unsafe gethostname(&name, name.count - 1)
        return name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }

    /// Puts what was written to a file on the disk.
    static func sync(_ path: String) throws(StorageError) {
        let file = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw failed("open", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failed("sync", path) }
    }

    /// Copies a file of any length to one of this account alone, and puts it on the disk.
    static func copy(_ path: String, to other: String) throws(StorageError) {
        let from = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { throw failed("open", path) }
        defer { close(from) }
        let to = unsafe open(other, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard to >= 0 else { throw failed("create", other) }
        defer { close(to) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let got = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(from, $0.baseAddress, $0.count)
            }
            guard got >= 0 else { throw failed("read", path) }
            if got == 0 { break }
            var start = 0
            while start < got {
                let put = unsafe buffer.withUnsafeBytes {
                    unsafe write(to, $0.baseAddress?.advanced(by: start), got - start)
                }
                guard put > 0 else { throw failed("write", other) }
                start += put
            }
        }
        guard fsync(to) == 0 else { throw failed("sync", other) }
    }

    /// Makes what was renamed in a folder last.
    static func syncFolder(of path: String) throws(StorageError) {
        let end = path.lastIndex(of: "/")
        let folder = end.map { String(path[..<$0]) } ?? "."
        let file = unsafe open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failed("open", folder) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failed("sync", folder) }
    }

    static func failed(_ verb: String, _ path: String) -> StorageError {
        let number = errno
        let reason = unsafe String(cString: strerror(number))
        return StorageError(
            number == ENOSPC ? .full : .file,
            "could not \(verb) \(path): \(reason)"
        )
    }
}

/// Keeps a second process out of a data directory until it is released.
final class DirectoryLock: Sendable {
    private let file: Mutex<Int32?>

    init(_ directory: String) throws(StorageError) {
        let path = directory + "/lock"
        let file = unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StorageError(.file, "could not open \(path)") }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw StorageError(.inUse, "another process holds \(directory)")
        }
        self.file = Mutex(file)
    }

    deinit { release() }

    func release() {
        guard let file = file.withLock({ $0.take() }) else { return }
        close(file)
    }
}
