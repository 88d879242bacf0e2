import ArgumentParser
import Foundation
import Node

/// Where a command's results and messages go: the terminal, or the caller of a running node.
struct Console: Sendable {
    /// Takes bytes; false once nobody reads them.
    typealias Sink = @Sendable ([UInt8]) -> Bool

    let isJSON: Bool
    private let output: Sink
    private let message: Sink

    init(isJSON: Bool, output: @escaping Sink, message: @escaping Sink) {
        self.isJSON = isJSON
        self.output = output
        self.message = message
    }

    /// Standard output and standard error of this process.
    static func standard(isJSON: Bool) -> Console {
        Console(
            isJSON: isJSON,
            output: { write($0, to: STDOUT_FILENO) },
            message: { write($0, to: STDERR_FILENO) }
        )
    }

    /// The answers on a control socket.
    static func remote(
        isJSON: Bool,
        _ tell: @escaping @Sendable (ControlAnswer) -> Bool
    ) -> Console {
        @Sendable func pieces(
            _ bytes: [UInt8],
            _ answer: ([UInt8]) -> ControlAnswer
        ) -> Bool {
            stride(from: 0, to: bytes.count, by: ControlAnswer.pieceBytesMax).allSatisfy { start in
                tell(answer(Array(bytes[start...].prefix(ControlAnswer.pieceBytesMax))))
            }
        }
        return Console(
            isJSON: isJSON,
            output: { bytes in bytes.isEmpty ? tell(.pulse) : pieces(bytes, ControlAnswer.output) },
            message: { bytes in pieces(bytes, ControlAnswer.message) }
        )
    }

    /// Writes all bytes; false once nobody reads them.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}

// MARK: - What is said

extension Console {
    /// Prints a result.
    func show(_ reply: Reply) -> Bool {
        guard !isJSON else { return output(Array((reply.json.text + "\n").utf8)) }
        let text = reply.lines.map { PrintableText.line($0) + "\n" }.joined()
        return output(Array(text.utf8))
    }

    /// Says how far it is; nothing for a script.
    func progress(_ text: String) -> Bool {
        guard !isJSON else { return output([]) }
        return message(Array((PrintableText.line(text) + "\n").utf8))
    }

    /// Says on standard error what happens beside the result; an object a line for a script.
    func note(_ text: String) {
        let line = isJSON ? (["note": .text(text)] as JSON).text : PrintableText.line(text)
        _ = message(Array((line + "\n").utf8))
    }

    /// Says on standard error why a command was not carried out.
    ///
    /// - Returns: The exit status that goes with it.
    func fail(_ fault: CommandFault) -> Int32 {
        let line =
            isJSON
            ? fault.json.text : PrintableText.line("gemba: \(fault.word): \(fault.message)")
        _ = message(Array((line + "\n").utf8))
        return fault.code.exitStatus
    }

    /// Ends with what a parser or a command threw: help and versions are results, the rest faults.
    ///
    /// - Returns: The exit status.
    func end(with error: any Error) -> Int32 {
        if let status = error as? ExitCode { return status.rawValue }
        let isParsers =
            error is CleanExit || error is ValidationError || Gemba.isParserError(error)
        guard isParsers else { return fail(CommandFault(error)) }
        let text = Gemba.fullMessage(for: error)
        guard Gemba.exitCode(for: error) != .success else {
            return output(Array((text + "\n").utf8)) ? 0 : CommandFault.Code.inputOutput.exitStatus
        }
        let fault = CommandFault(.usage, Gemba.message(for: error))
        let status = fail(fault)
        let usage = text.split(separator: "\n").filter {
            $0.hasPrefix("Usage:") || $0.hasPrefix("  See ")
        }
        if !isJSON { _ = message(Array((usage.joined(separator: "\n") + "\n").utf8)) }
        return status
    }

    /// The caller of a command, as the command sees it.
    func caller(uid: UInt32, secrets: [String]) -> Caller {
        Caller(uid: uid, secrets: secrets) { notice in
            switch notice {
            case .part(let reply): show(reply)
            case .progress(let text): progress(text)
            case .pulse: output([])
            }
        }
    }
}

extension NodeCommand {
    /// Performs the command and prints what it says.
    func finish(
        on node: LocalNode,
        by uid: UInt32,
        _ console: Console,
        _ secrets: [String]
    ) throws {
        let caller = console.caller(uid: uid, secrets: secrets)
        let reply = try perform(on: seen(node, by: caller), by: caller)
        _ = console.show(reply)
        if let fault = reply.fault { throw fault }
    }
}
