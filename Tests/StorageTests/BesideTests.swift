import Dispatch
@testable import Storage
import Testing

/// Work on another core: done once, and never waited for before it has begun.
@Suite("Work beside")
struct BesideTests {
    @Test("where no thread is free, whoever wants the result does the work")
    func noThread() throws {
        let busy = DispatchQueue(label: "busy")
        busy.suspend()
        defer { busy.resume() }

        let beside = Beside(on: busy) { () throws(StorageError) in 7 }

        #expect(try beside.value() == 7)
    }

    @Test("what was begun elsewhere is waited for, and its failure is the owner's")
    func begun() throws {
        let begun = DispatchSemaphore(value: 0)
        let goOn = DispatchSemaphore(value: 0)
        let beside = Beside { () throws(StorageError) -> Int in
            begun.signal()
            goOn.wait()
            throw StorageError(.full, "no room")
        }
        begun.wait()
        goOn.signal()
        #expect(throws: StorageError.self) { try beside.value() }
    }
}
