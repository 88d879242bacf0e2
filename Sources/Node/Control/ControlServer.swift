import Dispatch
import Foundation
import Synchronization

/// Takes the commands of this account while the node runs.
///
/// Each command has a thread that may wait: for the disk, for the store's writer, for its caller.
///
/// - Invariant: 1. Only the account of this process is answered. 2. At most ``callersMax`` commands
///   run at once; further ones are told to try again.
public final class ControlServer: Sendable {
    /// Performs a request, tells the caller of it through the second parameter, and returns the
    /// exit status.
    public typealias Perform =
        @Sendable (ControlRequest, UInt32, @escaping @Sendable (ControlAnswer) -> Bool) -> UInt8

    private static let callersMax = 64
    /// A caller sends its request at once.
    private static let requestSeconds = 5
    /// A caller that does not read for so long is given up.
    private static let answerSeconds = 30

    private struct State {
        var listener: Int32?
        var callers: Set<Int32> = []
    }

    private let directory: DataDirectory
    private let version: String
    private let perform: Perform
    private let state = Mutex(State())
    private let running = DispatchGroup()

    /// - Parameters:
    ///   - directory: Where the socket lies; the caller holds the store in it.
    ///   - version: The version of this program: another one's commands are turned away.
    ///   - perform: What a command does; called on a thread that may wait.
    public init(in directory: DataDirectory, version: String, perform: @escaping Perform) {
        self.directory = directory
        self.version = version
        self.perform = perform
    }

    /// Begins to listen.
    public func start() throws {
        let listener = try directory.listen()
        state.withLock { $0.listener = listener }
        Thread.detachNewThread { self.accept(on: listener) }
    }

    /// Takes no more commands, lets the running ones end, and removes the socket.
    ///
    /// Blocking: not for a thread that others need.
    ///
    /// - Parameter seconds: How long the running ones are waited for; then they are let go.
    public func stop(within seconds: Int) {
        let listener = state.withLock { state in
            defer { state.listener = nil }
            return state.listener
        }
        guard let listener else { return }
        directory.removeSocket()
        shutdown(listener, Int32(SHUT_RDWR))
        if running.wait(timeout: .now() + .seconds(seconds)) == .timedOut {
            let callers = state.withLock { $0.callers }
            for caller in callers { shutdown(caller, Int32(SHUT_RDWR)) }
            _ = running.wait(timeout: .now() + .seconds(seconds))
        }
    }

    private func accept(on listener: Int32) {
        while state.withLock({ $0.listener == listener }) {
            let descriptor = Foundation.accept(listener, nil, nil)
            guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
                // Out of descriptors or memory: the callers that leave will free some.
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM { usleep(50_000) }
                continue
            }
            admit(ControlSocket(descriptor: descriptor))
        }
        close(listener)
    }

    private func admit(_ socket: ControlSocket) {
        let isAdmitted = state.withLock { state in
            guard state.callers.count < Self.callersMax else { return false }
            return state.callers.insert(socket.descriptor).inserted
        }
        guard isAdmitted else {
            socket.setTimeouts(readSeconds: 1, writeSeconds: 1)
            refuse(CommandFault(.inUse, "the node has too many commands in hand"), socket)
            socket.close()
            return
        }
        running.enter()
        Thread.detachNewThread {
            self.serve(socket)
            self.state.withLock { _ = $0.callers.remove(socket.descriptor) }
            socket.close()
            self.running.leave()
        }
    }

    private func serve(_ socket: ControlSocket) {
        socket.setTimeouts(readSeconds: Self.requestSeconds, writeSeconds: Self.answerSeconds)
        do {
            let account = try socket.requireOwnAccount()
            guard let message = try socket.receive() else { return }
            let request = try ControlRequest(decoding: message)
            guard request.version == version else {
                let fault = "the node runs gemba \(version), this is \(request.version): restart it"
                return refuse(CommandFault(.inUse, fault, reason: "other-version"), socket)
            }
            let status = perform(request, account) { answer in
                // Who only looks whether anybody is still there, is to end when the node does.
                if answer == .pulse, self.isStopping { return false }
                return Self.tell(answer, socket)
            }
            try socket.send(ControlAnswer.end(status).encoded)
        } catch let fault as CommandFault {
            refuse(fault, socket)
        } catch {
            refuse(CommandFault(.badInput, "the request cannot be read: \(error)"), socket)
        }
    }

    private var isStopping: Bool { state.withLock { $0.listener == nil } }

    private func refuse(_ fault: CommandFault, _ socket: ControlSocket) {
        let line = "gemba: \(fault.word): \(fault.message)\n"
        _ = Self.tell(.message(Array(line.utf8)), socket)
        _ = Self.tell(.end(UInt8(fault.code.exitStatus)), socket)
    }

    /// Sends an answer; false once the caller has gone.
    private static func tell(_ answer: ControlAnswer, _ socket: ControlSocket) -> Bool {
        do {
            try socket.send(answer.encoded)
            return true
        } catch {
            return false
        }
    }
}
