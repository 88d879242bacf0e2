import Foundation
import Synchronization

/// A folder for one test, removed with it; in memory where the system has room for it.
final class TemporaryFolder: Sendable {
    let path: String

    private static let count = Mutex(0)

    init(_ name: String) throws {
        let shared = "/dev/shm"
        let root =
            FileManager.default.isWritableFile(atPath: shared) ? shared : NSTemporaryDirectory()
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        path = "\(root)/gemba-process-\(getpid())-\(name)-\(number)"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
