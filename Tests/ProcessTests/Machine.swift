import Foundation

/// The machine that the tests run on: programs, folders, environment.
enum Machine {
    /// The command under test: `$GEMBA_BINARY`, or the one built beside these tests.
    static var gemba: String {
        get throws {
            if let named = ProcessInfo.processInfo.environment["GEMBA_BINARY"] { return named }
            let places = CommandLine.arguments + [Bundle.main.bundlePath, ownLibrary]
            for place in places {
                // The tests lie in the build folder, or in a bundle in it.
                var folder = URL(fileURLWithPath: place)
                for _ in 0..<4 {
                    folder.deleteLastPathComponent()
                    let path = folder.appendingPathComponent("gemba").path
                    if isProgram(path) { return path }
                }
            }
            throw TestFailure("gemba is not beside \(places): set GEMBA_BINARY")
        }
    }

    /// The file that this process runs.
    private static var ownLibrary: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }

    /// The first program of these names in the search path.
    static func program(_ names: String...) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        for name in names {
            for folder in path.split(separator: ":") where isProgram("\(folder)/\(name)") {
                return "\(folder)/\(name)"
            }
        }
        throw TestFailure("none of \(names) is installed")
    }

    /// The environment of this process without what would change what gemba does.
    static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("GEMBA_") && !$0.key.hasPrefix("XDG_") && $0.key != "LD_PRELOAD"
        }
    }

    /// The folder of the fixtures.
    static let fixtures = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures").path
}
