import ArgumentParser
import Foundation

/// A file or folder as it was typed, made absolute where it was typed.
///
/// The process that runs the node parses the same words in another directory, so a relative path
/// must never be kept as text.
struct Path: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    /// The directory that relative paths start from while arguments are parsed.
    @TaskLocal static var origin = FileManager.default.currentDirectoryPath

    let text: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        let home = ProcessInfo.processInfo.environment["HOME"] ?? NSHomeDirectory()
        let expanded = argument.hasPrefix("~/") ? home + argument.dropFirst() : argument
        let absolute = expanded.hasPrefix("/") ? expanded : "\(Self.origin)/\(expanded)"
        text = URL(fileURLWithPath: absolute).standardizedFileURL.path
    }

    var description: String { text }

    static var defaultCompletionKind: CompletionKind { .file() }
}
