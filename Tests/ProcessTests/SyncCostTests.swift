import Foundation
import Testing

/// What an action costs the disk, counted under the feet of the process.
@Suite("Cost of an action")
struct SyncCostTests {
    /// Takes the place of the calls that wait for the disk, and writes a byte for each.
    private static let counter = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <stdlib.h>
        #include <unistd.h>

        static void note(void) {
            const char *path = getenv("SYNC_COUNT");
            int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
            if (file < 0) return;
            if (write(file, ".", 1) != 1) abort();
            close(file);
        }

        int fsync(int file) {
            int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
            note();
            return next(file);
        }

        int fdatasync(int file) {
            int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
            note();
            return next(file);
        }
        """

    /// Compiles the counter.
    private func library(in folder: TemporaryFolder) async throws -> String {
        let source = "\(folder.path)/counter.c"
        let library = "\(folder.path)/counter.so"
        try Self.counter.write(toFile: source, atomically: true, encoding: .utf8)
        let child = try ChildProcess(
            ChildProcess.Request(
                program: try Machine.program("clang", "gcc", "cc"),
                arguments: ["-shared", "-fPIC", "-o", library, source, "-ldl"],
                environment: Machine.environment,
                folder: folder
            )
        )
        guard try await child.wait() == .status(0) else { throw TestFailure("\(child)") }
        return library
    }

    @Test("twenty actions one by one wait for the disk twenty times", .timeLimit(.minutes(3)))
    func oneSyncAnAction() async throws {
        let firm = try await Firm("cost")
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        try await hub.end()
        let record = "\(firm.folder.path)/syncs"
        let running = try await station.run(environment: [
            "LD_PRELOAD": try await library(in: firm.folder), "SYNC_COUNT": record,
        ])
        func count() -> Int { FileManager.default.contents(atPath: record)?.count ?? 0 }
        // The first commit also begins the write-ahead log.
        for hour in 0..<2 { _ = try await station.logHours(hour).result(GembaNode.Entry.self) }
        var last = count()
        #expect(last > 0, "the counter does not count")
        for hour in 2..<22 {
            _ = try await station.logHours(hour).result(GembaNode.Entry.self)
            let now = count()
            #expect(now == last + 1, "action \(hour)")
            last = now
        }
        // Reading waits for nothing.
        _ = try await station.hours()
        _ = try await station.digests()
        _ = try await station.status()
        #expect(count() == last)
        try await running.end()
    }
}
