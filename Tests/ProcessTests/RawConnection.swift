import Foundation

/// A connection that says whatever a test likes, or nothing.
final class RawConnection: Sendable {
    private let descriptor: Int32

    /// Connects to an IPv4 address and a port.
    init(to address: String) throws {
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw TestFailure("not an address: \(address)")
        }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_INET, type, 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        guard inet_pton(AF_INET, String(parts[0]), &place.sin_addr) == 1 else {
            throw TestFailure("not an address: \(address)")
        }
        let code = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw TestFailure("no connection to \(address): \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends bytes; that the other end has closed is no fault here.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let sent = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, flags)
            }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// Whether the other end has closed, after all that it said is read.
    func isClosed() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let got = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            guard got > 0 else { return got == 0 || errno == ECONNRESET }
        }
    }
}
