/// What a hub did that no honest log does, with the checkpoints that show it.
///
/// - Source: WIT-8.
public struct LogFault: Error, Hashable, Sendable {
    public enum Code: UInt8, Hashable, Sendable, CaseIterable {
        /// What was shown is no checkpoint under the log key in force.
        case badSignature = 1
        /// A log that was larger before.
        case shrunk = 2
        /// Two roots for one size.
        case twoFaces = 3
        /// No proof that the log continues what it held.
        case rewritten = 4
        /// An epoch that no root statement opened, or whose statement cites another checkpoint.
        case wrongEpoch = 5
    }

    public let code: Code
    /// What was held, or what another station showed.
    public let known: SignedCheckpoint?
    public let shown: SignedCheckpoint?

    public init(_ code: Code, known: SignedCheckpoint?, shown: SignedCheckpoint?) {
        self.code = code
        self.known = known
        self.shown = shown
    }
}
