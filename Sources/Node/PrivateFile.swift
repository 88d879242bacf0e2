import Foundation

/// A file for this account alone: written whole or not at all, and on disk when it is there.
public enum PrivateFile {
    /// Writes a file that must not exist yet.
    ///
    /// - Throws: `.cannotCreate`, with nothing left behind.
    public static func create(_ path: String, _ bytes: [UInt8]) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw CommandFault(.cannotCreate, "cannot create \(path): \(reason)")
        }
        var rest = bytes[...]
        var isWritten = true
        while !rest.isEmpty, isWritten {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            isWritten = written > 0
            rest = rest.dropFirst(max(0, written))
        }
        isWritten = isWritten && fsync(descriptor) == 0
        let isClosed = close(descriptor) == 0
        guard isWritten, isClosed else {
            let reason = String(cString: strerror(errno))
            unlink(path)
            throw CommandFault(.cannotCreate, "cannot write \(path): \(reason)")
        }
        try syncFolder(of: path)
    }

    /// Reads a file of at most `limit` bytes; nil if there is none.
    ///
    /// - Throws: `.inputOutput`; `.badInput` if it is longer.
    public static func read(_ path: String, atMost limit: Int) throws -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFault(systemError: "cannot read \(path)")
        }
        let bytes = try handle.read(upToCount: limit + 1) ?? Data()
        try handle.close()
        guard bytes.count <= limit else { throw CommandFault(.badInput, "\(path) is too long") }
        return Array(bytes)
    }

    public static func remove(_ path: String) {
        unlink(path)
    }

    /// Creates a folder for this account alone, and those above it.
    public static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw CommandFault(.cannotCreate, "cannot create \(path): \(error)")
        }
    }

    private static func syncFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFault(systemError: folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CommandFault(systemError: folder) }
    }
}
