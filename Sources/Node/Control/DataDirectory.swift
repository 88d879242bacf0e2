import Foundation

/// The data directory of a store, opened and found to belong to this account alone.
///
/// What was checked is what is used: the socket's address goes through the descriptor, so a
/// directory swapped for another between the two has no effect. That also keeps the address within
/// the 107 bytes that a Unix socket allows, however deep the directory lies.
public final class DataDirectory: Sendable {
    /// The directory as it was named.
    public let path: String
    private let descriptor: Int32

    private static let socketName = "control"
    private static let addressBytesMax = 107

    /// Opens the directory.
    ///
    /// - Throws: `.notFound` if there is none, `.notPermitted` if others may enter or own it.
    public init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            let text = String(cString: strerror(errno))
            throw CommandFault(
                errno == EACCES ? .notPermitted : .notFound,
                "no data directory at \(path): \(text)"
            )
        }
        try checkOwner()
    }

    deinit { _ = close(descriptor) }

    private func checkOwner() throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CommandFault(systemError: path) }
        guard status.st_uid == geteuid() else {
            throw CommandFault(.notPermitted, "\(path) belongs to another account")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw CommandFault(
                .notPermitted,
                "\(path) is open to other accounts: chmod 700 \(path)",
                reason: "exposed"
            )
        }
    }

    /// Connects to the process that runs the node; nil if none does.
    func connect() throws -> ControlSocket? {
        let descriptor = try ControlSocket.make()
        let code = withAddress { Foundation.connect(descriptor, $0, $1) }
        guard code == 0 else {
            let error = errno
            _ = close(descriptor)
            guard error == ENOENT || error == ECONNREFUSED else {
                throw CommandFault(
                    .inputOutput,
                    "control socket in \(path): \(String(cString: strerror(error)))"
                )
            }
            return nil
        }
        return ControlSocket(descriptor: descriptor)
    }

    /// Listens for commands.
    ///
    /// The caller holds the store, so a socket that lies there is a leftover.
    ///
    /// - Returns: The descriptor that accepts connections.
    func listen() throws -> Int32 {
        removeSocket()
        let listener = try ControlSocket.make()
        // The directory is closed to others, so the moment before chmod opens nothing.
        guard withAddress({ bind(listener, $0, $1) }) == 0,
            fchmodat(descriptor, Self.socketName, 0o600, 0) == 0,
            Foundation.listen(listener, 64) == 0
        else {
            let fault = CommandFault(systemError: "control socket in \(path)")
            _ = close(listener)
            throw fault
        }
        return listener
    }

    func removeSocket() {
        unlinkat(descriptor, Self.socketName, 0)
    }

    private func withAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        let plain = "\(path)/\(Self.socketName)"
        let name =
            plain.hasPrefix("/") && plain.utf8.count <= Self.addressBytesMax
            ? plain : "/proc/self/fd/\(descriptor)/\(Self.socketName)"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(name.utf8)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
