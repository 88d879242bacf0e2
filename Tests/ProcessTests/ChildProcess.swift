import Foundation
import Synchronization

/// A process that a test started, and the files that take what it says.
///
/// - Invariant: 1. Only this process is ever signalled, and only until it was reaped. 2. It never
///   outlives this value.
final class ChildProcess: Sendable {
    /// How a process ended: its exit status, or the signal that ended it.
    enum Ending: Hashable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    /// What a child is started with.
    struct Request: Sendable {
        var program: String
        var arguments: [String]
        var environment: [String: String]
        /// A file for standard input; nothing if left out.
        var input = "/dev/null"
        /// New files in this folder take standard output and standard error.
        var folder: TemporaryFolder
    }

    let id: pid_t
    private let request: Request
    private let outputPath: String
    private let errorsPath: String
    private let ending = Mutex<Ending?>(nil)
    private static let count = Mutex(0)

    init(_ request: Request) throws {
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        self.request = request
        outputPath = "\(request.folder.path)/\(number).out"
        errorsPath = "\(request.folder.path)/\(number).err"
        id = try Self.spawn(request, outputPath, errorsPath)
    }

    deinit {
        signal(SIGKILL)
        while poll() == nil { usleep(1_000) }
    }

    private static func spawn(
        _ request: Request,
        _ output: String,
        _ errors: String
    ) throws -> pid_t {
        var files = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&files)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&files)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, request.input, O_RDONLY, 0)
        let writing = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, writing, 0o600)
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors, writing, 0o600)
        // Nothing of what the tester ignores or blocks reaches the child.
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, flags)
        let arguments = ([request.program] + request.arguments).map { strdup($0) } + [nil]
        let environment = request.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, request.program, &files, &attributes, arguments, environment)
        guard code == 0 else {
            throw TestFailure("\(request.program): \(String(cString: strerror(code)))")
        }
        return id
    }

    // MARK: - What it does

    /// Sends a signal, unless it has ended.
    func signal(_ number: Int32) {
        ending.withLock { ending in
            guard ending == nil else { return }
            _ = kill(id, number)
        }
    }

    /// How it ended; nil while it runs.
    func poll() -> Ending? {
        ending.withLock { ending in
            if let ending { return ending }
            var status: Int32 = 0
            let found = waitpid(id, &status, WNOHANG)
            guard found == id else {
                if found < 0, errno == ECHILD { ending = .signal(0) }
                return ending
            }
            let number = status & 0x7f
            ending = number == 0 ? .status(status >> 8 & 0xff) : .signal(number)
            return ending
        }
    }

    /// Waits until it has ended; past the limit it is killed, and the test fails.
    func wait(atMost limit: Duration = .seconds(60)) async throws -> Ending {
        let deadline = ContinuousClock.now + limit
        while true {
            if let ending = poll() { return ending }
            if ContinuousClock.now > deadline || Task.isCancelled {
                signal(SIGKILL)
                throw TestFailure("\(self) has not ended within \(limit)")
            }
            try await Task.sleep(for: .milliseconds(4))
        }
    }

    /// Ends it in order; by force if that takes too long.
    func terminate() async throws -> Ending {
        signal(SIGTERM)
        return try await wait()
    }

    /// Ends it at once, as a power cut would.
    func crash() async throws {
        signal(SIGKILL)
        _ = try await wait()
    }

    var output: String { Self.text(outputPath) }
    var errors: String { Self.text(errorsPath) }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

extension ChildProcess: CustomStringConvertible {
    var description: String {
        """
        \(request.program) \(request.arguments.joined(separator: " "))
        output: \(output.suffix(2_000))
        errors: \(errors.suffix(2_000))
        """
    }
}

/// Why a test cannot go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Asks again and again until something holds; fails when it does not within the limit.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(60),
    _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
        if try await holds() { return }
        guard ContinuousClock.now < deadline else {
            throw TestFailure("not within \(limit): \(what)")
        }
        try await Task.sleep(for: .milliseconds(50))
    }
}
