import CRDT
import Domain
import Storage
import Wire

/// Whose secret is tried, from where, and for what.
struct SecretAttempt: Sendable {
    /// nil: nobody has the name that was given.
    var user: ID?
    private let name: String?
    private let kind: LoginAttempt.Kind
    private let method: Wire.Method
    private let account: UInt32?

    init(
        _ user: ID?,
        named name: String?,
        _ kind: LoginAttempt.Kind,
        _ method: Wire.Method,
        by caller: Caller?
    ) {
        self.user = user
        self.name = name
        self.kind = kind
        self.method = method
        account = caller?.uid
    }

    var succeeded: LoginAttempt.Content { content(nil) }

    /// What is written of it where it did not succeed; `hash` makes that of a name nobody has.
    func refused(_ reason: String, hash: (String) -> [UInt8]?) -> LoginAttempt.Content {
        var content = content(reason)
        if user == nil { content.nameHash = name.flatMap(hash) }
        return content
    }

    private func content(_ reason: String?) -> LoginAttempt.Content {
        var content = LoginAttempt.Content(
            kind,
            isSuccess: reason == nil,
            method: method.rawValue
        )
        content.user = user
        content.reason = reason
        content.account = account
        return content
    }
}

extension LocalNode {
    /// Does what needs a person's secret, and writes down how it went.
    ///
    /// - Parameters:
    ///   - attempt: Whose, from where.
    ///   - successToo: Whether success is told; the act itself tells it otherwise.
    ///   - body: What is tried.
    /// - Returns: What `body` gives.
    /// - Throws: What `body` throws.
    func noting<Result>(
        _ attempt: SecretAttempt,
        successToo: Bool = true,
        _ body: () throws -> Result
    ) throws -> Result {
        do {
            let result = try body()
            if successToo { note(attempt.succeeded) }
            return result
        } catch {
            noteRefusal(of: attempt, error)
            throw error
        }
    }

    /// Writes down that somebody was refused; what a disk or a mistyped command says is no attempt.
    func noteRefusal(of attempt: SecretAttempt, _ error: any Error) {
        let fault = CommandFault(error)
        guard fault.code == .notPermitted else { return }
        note(attempt.refused(fault.word, hash: hash(unknownName:)))
    }

    /// Writes down that a person gave a command that a rule of rights refused.
    func noteRefusal(of actor: Actor, _ fault: RuleFault) {
        guard let act = fault.act, actor.method != .machine else { return }
        var content = LoginAttempt.Content(
            .refusal,
            isSuccess: false,
            method: actor.method.rawValue
        )
        content.user = actor.user
        content.reason = CommandFault(fault).word
        content.act = act.permission
        note(content)
    }
}

extension Lockout.Rule {
    init(_ rules: LoginRules) {
        self.init(failuresMax: rules.failuresMax, lockMilliseconds: rules.lockMilliseconds)
    }
}
