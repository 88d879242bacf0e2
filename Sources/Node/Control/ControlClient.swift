/// Hands a command to the process that runs the node.
public enum ControlClient {
    /// Asks the running process, if there is one.
    ///
    /// - Parameters:
    ///   - request: What was typed.
    ///   - directory: The data directory.
    ///   - deliver: Called for each answer but the end.
    /// - Returns: The exit status; nil if no process runs the node.
    /// - Throws: `.notPermitted` if the socket is another account's, `.inputOutput` if the process
    ///   ends before the command does.
    public static func ask(
        _ request: ControlRequest,
        in directory: DataDirectory,
        deliver: (ControlAnswer) -> Void
    ) throws -> UInt8? {
        guard let socket = try directory.connect() else { return nil }
        defer { socket.close() }
        _ = try socket.requireOwnAccount()
        try socket.send(request.encoded)
        while let message = try socket.receive() {
            let answer = try Self.answer(message)
            if case .end(let status) = answer { return status }
            deliver(answer)
        }
        throw CommandFault(
            .inputOutput,
            "the running node ended before the command did: look whether it was done"
        )
    }

    private static func answer(_ message: [UInt8]) throws -> ControlAnswer {
        do {
            return try ControlAnswer(decoding: message)
        } catch {
            throw CommandFault(.inputOutput, "the running node answered in another language")
        }
    }
}
