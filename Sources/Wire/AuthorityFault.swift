/// Why an authority log, or something it judges, is not believed.
public struct AuthorityFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// It does not continue what is held: a number is left out, or an epoch is not known.
        case discontinuous
        /// It contradicts what is held: two logs of one tenant. An alarm.
        case forked
        /// It is of another tenant.
        case wrongTenant
        /// A signature is not its key's.
        case badSignature
        /// Those who signed may not say this, or are too few.
        case notAuthorized
        /// Nobody known issued the certificate.
        case unknownIssuer
        /// The issuer may not issue such a certificate.
        case beyondIssuer
        /// Parts that belong together differ.
        case mismatch
        /// The device was revoked or is suspended.
        case barred
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
