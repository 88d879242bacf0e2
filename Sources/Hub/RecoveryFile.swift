import Bytes
public import CRDT
public import Identity
import Node
public import Storage
public import Wire

/// The root key of a tenant in a file, under a passphrase: what makes a new hub possible when this
/// one is lost.
///
/// - Shape: lines of text for people; `root:` with base32 of the signed root statement, `sealed:`
///   with that of the sealed key.
public enum RecoveryFile {
    /// What a file holds.
    public struct Content: Sendable {
        public let root: SigningKey
        public let tenant: ID
        /// The root statement that names the key; without it the file cannot make a new hub, only
        /// a new operator where the log is.
        public let statement: Cosigned<RootStatement>?
    }

    private static let tag: StaticString = "gemba/recovery/1"
    private static let heading = "gemba recovery file 1"
    private static let sealedPrefix = "sealed: "
    private static let statementPrefix = "root: "
    /// The longest file that is read.
    public static let bytesMax = 4_096
    /// The fewest characters of a passphrase.
    public static let passphraseMin = 8

    /// The content of the file.
    ///
    /// - Parameters:
    ///   - root: The root key.
    ///   - statement: The root statement that names it, and founds the tenant.
    ///   - name: What people call the tenant.
    ///   - passphrase: At least ``passphraseMin`` characters.
    ///   - chance: Where salt and nonce come from.
    ///   - cost: What trying a passphrase shall cost.
    /// - Returns: Lines of text.
    /// - Throws: `.badInput` for a short passphrase.
    public static func text(
        of root: SigningKey,
        statement: Cosigned<RootStatement>,
        name: String,
        passphrase: String,
        chance: Chance,
        cost: Sealed.Cost = .standard
    ) throws -> String {
        guard passphrase.count >= passphraseMin else {
            throw CommandFault(.badInput, "a passphrase has at least \(passphraseMin) characters")
        }
        let tenant = ID(tenantOf: statement.structure)
        var writer = Writer()
        writer.tag(tag)
        writer.raw(root.seed)
        let sealed = try Sealed.seal(
            writer.bytes,
            passphrase: passphrase,
            salt: chance.bytes(16),
            nonce: chance.bytes(24),
            associated: tenant.bytes,
            cost: cost
        )
        return """
            \(heading)
            tenant: \(PrintableText.line(name))
            id: \(tenant)

            Whoever has this file and its passphrase can make a new hub of the tenant.
            Keep it away from the hub, and keep a second copy.

            \(statementPrefix)\(Base32.encode(statement.encoded))
            \(sealedPrefix)\(Base32.encode(sealed))

            """
    }

    /// Opens the file again.
    ///
    /// - Throws: `.badInput` if it is no such file, or the passphrase is wrong.
    public static func open(_ text: String, passphrase: String) throws -> Content {
        let lines = text.split(separator: "\n")
        func line(_ prefix: String) -> [UInt8]? {
            lines.first { $0.hasPrefix(prefix) }
                .flatMap { Base32.decode($0.dropFirst(prefix.count)) }
        }
        guard lines.first.map(String.init) == heading,
            let tenant = lines.first(where: { $0.hasPrefix("id: ") })
                .flatMap({ ID(text: $0.dropFirst(4)) }),
            let sealed = line(sealedPrefix)
        else { throw CommandFault(.badInput, "not a recovery file") }
        do {
            let bytes = try Sealed.open(sealed, passphrase: passphrase, associated: tenant.bytes)
            var reader = Reader(bytes)
            try reader.tag(tag)
            let seed = try reader.raw(32, "root")
            try reader.end("recovery")
            guard let root = SigningKey(seed: seed) else { throw Sealed.Fault.unreadable }
            let statement = try line(statementPrefix).map {
                try Cosigned<RootStatement>(decoding: $0)
            }
            guard statement.map({ ID(tenantOf: $0.structure) == tenant }) ?? true else {
                throw Sealed.Fault.unreadable
            }
            return Content(root: root, tenant: tenant, statement: statement)
        } catch {
            throw CommandFault(.badInput, "wrong passphrase, or a damaged recovery file")
        }
    }
}
