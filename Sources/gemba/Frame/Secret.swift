import Foundation
import Node

/// Secrets that people give: from a file, the terminal or standard input, never from arguments,
/// which every account of the machine can read.
enum Secret {
    private static let bytesMax = 4_096

    /// Reads one line.
    ///
    /// - Parameters:
    ///   - file: Where it lies, if in a file.
    ///   - prompt: What is asked at a terminal; the answer is not shown there.
    ///   - confirming: Whether a terminal asks twice.
    /// - Returns: The line, without what surrounds it.
    /// - Throws: `.notFound`, `.badInput` if nothing was given.
    static func line(from file: Path?, prompt: String, confirming: Bool = false) throws -> String {
        if let file {
            guard let bytes = try PrivateFile.read(file.text, atMost: bytesMax) else {
                throw CommandFault(.notFound, "there is no file \(file)")
            }
            return try firstLine(String(decoding: bytes, as: UTF8.self))
        }
        guard isatty(STDIN_FILENO) == 1 else {
            return try firstLine(readLine(strippingNewline: true) ?? "")
        }
        let answer = try ask(prompt)
        if confirming, try ask("\(prompt) again") != answer {
            throw CommandFault(.badInput, "the two are not the same")
        }
        return answer
    }

    private static func firstLine(_ text: String) throws -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        guard !trimmed.isEmpty else { throw CommandFault(.badInput, "nothing was given") }
        return trimmed
    }

    /// Asks at the terminal, with its echo off.
    private static func ask(_ prompt: String) throws -> String {
        _ = Console.write(Array("\(prompt): ".utf8), to: STDERR_FILENO)
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else {
            throw CommandFault(.inputOutput, "the terminal cannot be asked")
        }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            _ = Console.write([UInt8(ascii: "\n")], to: STDERR_FILENO)
        }
        return try firstLine(readLine(strippingNewline: true) ?? "")
    }
}
