/// Why the store could not do what was asked, in terms a caller can act on.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure a caller may act on.
    public enum Code: String, Sendable {
        /// There is no store in the directory.
        case missing
        /// There is a store in the directory already.
        case exists
        /// Another process holds the store.
        case inUse
        /// The directory or a file of it can be read or written by others.
        case exposed
        /// The file is not a gemba store, or of a version that this program cannot open.
        case notAStore
        /// The store was closed by this process.
        case closed
        /// A file beside the store could not be read or written.
        case file
        /// The device's keys are gone: it must join again.
        case noKeys
        /// The disk is full: nothing was written, reading goes on.
        case full
        /// The device has written as much today as others will take (SYNC-23).
        case overQuota
        /// SQLite could not do what was asked, and nothing was changed.
        case database
        /// A commit failed and may or may not have happened: look before saying anything.
        case unknownOutcome
        /// The change would be refused by every node: a fault of the command that made it.
        case inadmissible
        /// The scope was purged: nothing is written in it, and nothing taken back (RET-7).
        case purged
        /// What is stored contradicts itself: a damaged record, named in the message.
        case damaged
    }

    public let code: Code
    /// What happened, with the values involved: for people and logs, never parsed.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
