import Bytes
import Domain
import Storage
import Transports
import Wire

extension CommandFault {
    /// What an error of any kind means to whoever gave the command: the one place that says it.
    public init(_ error: any Error) {
        switch error {
        case let error as any CommandFaultConvertible: self = error.commandFault
        case let error as StorageError: self.init(error)
        case let error as RuleFault:
            self.init(error.commandCode, error.message, reason: error.code.rawValue.hyphenated)
        case let error as ChannelFault:
            self.init(error.commandCode, error.message, reason: error.code.rawValue.hyphenated)
        case let error as AuthorityFault:
            self.init(
                .unavailable,
                "not believed: \(error.message)",
                reason: error.code.rawValue.hyphenated
            )
        case let error as QueryFault:
            self.init(error.commandCode, error.message, reason: error.code.rawValue)
        case let error as Malformed: self.init(.badInput, "cannot be read: \(error)")
        default: self.init(.inputOutput, "\(error)")
        }
    }

    private init(_ error: StorageError) {
        let code: Code =
            switch error.code {
            case .missing: .notFound
            case .exists: .cannotCreate
            case .inUse: .inUse
            case .exposed: .notPermitted
            case .notAStore: .badInput
            case .file, .full, .closed, .database, .unknownOutcome: .inputOutput
            case .noKeys: .notFound
            case .inadmissible, .damaged: .damaged
            case .overQuota, .purged: .refused
            }
        self.init(code, error.message, reason: error.code.rawValue.hyphenated)
    }
}

extension RuleFault {
    /// What cannot be read as what was asked for is bad input; the rest is refused by a rule.
    fileprivate var commandCode: CommandFault.Code {
        switch code {
        case .empty, .tooLong, .unknownValue, .decimalComma, .notANumber, .tooManyDigits,
            .thousands, .notADay, .outOfRange, .badLimits, .duplicateItem, .unknownSample,
            .notAnEmail, .unknownRole:
            .badInput
        default: .refused
        }
    }
}

extension QueryFault {
    /// What cannot be read as one statement is bad input; the rest is refused.
    fileprivate var commandCode: CommandFault.Code {
        switch code {
        case .notOneStatement, .notUnderstood, .tooLong: .badInput
        case .forbiddenWord, .notReadOnly, .tooLarge, .tooMuch, .tooSlow, .tooMuchMemory: .refused
        }
    }
}

extension ChannelFault {
    fileprivate var commandCode: CommandFault.Code {
        switch code {
        case .address: .badInput
        case .refused, .wrongTenant, .ownDevice, .barred, .expired: .notPermitted
        case .unreachable, .timeout, .notGemba, .version, .pattern, .notAuthentic, .overLimit,
            .malformed, .closed, .cannotListen:
            .unavailable
        }
    }
}

extension String {
    /// A name of the code as one of the command line: `inUse` becomes `in-use`.
    fileprivate var hyphenated: String {
        reduce(into: "") { name, letter in
            name += letter.isUppercase ? "-\(letter.lowercased())" : String(letter)
        }
    }
}
