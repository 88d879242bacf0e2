/// Why a command was not carried out, in terms that a script can act on.
public struct CommandFault: Error, Hashable, Sendable {
    /// The kinds of fault; each has its own exit status.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// A rule or the state of things forbids it: nothing was changed.
        case refused
        /// The command line cannot be understood.
        case usage
        /// What was given is not in the form it should have.
        case badInput = "bad-input"
        /// There is no store, or nothing of that name.
        case notFound = "not-found"
        /// A peer cannot be reached, or does not talk to us.
        case unavailable
        /// gemba contradicts itself, or a record is damaged.
        case damaged
        /// A file or store cannot be made.
        case cannotCreate = "cannot-create"
        /// A disk or a socket failed.
        case inputOutput = "input-output"
        /// Another process holds the store: try again.
        case inUse = "in-use"
        /// The person or the process may not do that.
        case notPermitted = "not-permitted"
    }

    public let code: Code
    /// The finer name of the reason where a rule gives one, such as `end-before-start`.
    public let reason: String?
    /// What happened and what to do, for people; never parsed.
    public let message: String

    public init(_ code: Code, _ message: String, reason: String? = nil) {
        self.code = code
        self.message = message
        self.reason = reason
    }

    /// The word that stands after `gemba:` on standard error.
    public var word: String { reason ?? code.rawValue }

    public var json: JSON {
        [
            "error": [
                "code": .text(code.rawValue), "reason": .text(orNull: reason),
                "status": .number(code.exitStatus), "message": .text(message),
            ]
        ]
    }
}

/// An error that knows what kind of fault it is to whoever gave the command.
public protocol CommandFaultConvertible: Error {
    var commandFault: CommandFault { get }
}

extension CommandFault: CommandFaultConvertible {
    public var commandFault: CommandFault { self }
}

extension CommandFault.Code {
    /// The exit status of the process: 0 is for what was done, the others are these.
    ///
    /// - Source: the numbers of sysexits.h, so that other programs understand them.
    public var exitStatus: Int32 {
        switch self {
        case .refused: 1
        case .usage: 64
        case .badInput: 65
        case .notFound: 66
        case .unavailable: 69
        case .damaged: 70
        case .cannotCreate: 73
        case .inputOutput: 74
        case .inUse: 75
        case .notPermitted: 77
        }
    }
}
