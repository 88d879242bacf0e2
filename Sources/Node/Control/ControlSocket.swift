import Bytes
import Foundation

/// One connection between a command and the process that runs the node: whole messages, blocking.
///
/// - Invariant: Both ends belong to one account of this machine; the kernel says so.
struct ControlSocket: Sendable {
    /// The most that one message may hold: 4 MiB.
    static let messageBytesMax = 4 << 20

    let descriptor: Int32

    /// A socket that belongs to nobody yet.
    static func make() throws -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw CommandFault(systemError: "control socket") }
        return descriptor
    }

    func close() {
        _ = Foundation.close(descriptor)
    }

    /// The account at the other end.
    ///
    /// - Source: `unix(7)`, SO_PEERCRED: process, user and group as three words.
    func peerAccount() throws -> UInt32 {
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(12)
        let code = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        guard code == 0, length == 12 else { throw CommandFault(systemError: "peer account") }
        return credentials[1]
    }

    /// Checks that the other end belongs to the account of this process.
    func requireOwnAccount() throws -> UInt32 {
        let account = try peerAccount()
        guard account == geteuid() else {
            throw CommandFault(
                .notPermitted,
                "the node belongs to another account of this machine (\(account))"
            )
        }
        return account
    }

    /// How long one read and one write may take, in seconds; 0 is for ever.
    func setTimeouts(readSeconds: Int, writeSeconds: Int) {
        var read = timeval(tv_sec: readSeconds, tv_usec: 0)
        var write = timeval(tv_sec: writeSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &read, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &write, size)
    }

    /// Sends one message: its length in four bytes, and then its bytes.
    func send(_ message: [UInt8]) throws {
        guard message.count <= Self.messageBytesMax else {
            throw CommandFault(.badInput, "a message to the running node is above 4 MiB")
        }
        var writer = Writer(capacity: message.count + 4)
        writer.u32(UInt32(message.count))
        writer.raw(message)
        var rest = writer.bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { throw CommandFault(systemError: "control socket") }
            rest = rest.dropFirst(sent)
        }
    }

    /// The next message; nil when the other end has closed between two messages.
    func receive() throws -> [UInt8]? {
        guard let header = try read(4, mayEnd: true) else { return nil }
        let length = header.reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.messageBytesMax else {
            throw CommandFault(.badInput, "a message on the control socket is above 4 MiB")
        }
        return try read(length, mayEnd: false)
    }

    private func read(_ count: Int, mayEnd: Bool) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let read = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, 0)
            }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw CommandFault(systemError: "control socket") }
            if read == 0 {
                guard mayEnd, filled == 0 else {
                    throw CommandFault(.inputOutput, "the running node ended in mid sentence")
                }
                return nil
            }
            filled += read
        }
        return bytes
    }
}

extension CommandFault {
    /// What the last system call said.
    init(systemError doing: String) {
        let text = String(cString: strerror(errno))
        self.init(.inputOutput, "\(doing): \(text)")
    }
}
