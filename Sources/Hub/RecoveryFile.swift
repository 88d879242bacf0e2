import Bytes
public import CRDT
public import Identity
import Node
public import Storage

/// The root key of a tenant in a file, under a passphrase: what makes a new hub possible when this
/// one is lost.
///
/// - Shape: lines of text for people, and one line `sealed:` with base32 of the sealed key.
public enum RecoveryFile {
    private static let tag: StaticString = "gemba/recovery/1"
    private static let heading = "gemba recovery file 1"
    private static let sealedPrefix = "sealed: "
    /// The longest file that is read.
    public static let bytesMax = 4_096
    /// The fewest characters of a passphrase.
    public static let passphraseMin = 8

    /// The content of the file.
    ///
    /// - Parameters:
    ///   - root: The root key.
    ///   - tenant: Whose it is.
    ///   - name: What people call the tenant.
    ///   - passphrase: At least ``passphraseMin`` characters.
    ///   - chance: Where salt and nonce come from.
    ///   - cost: What trying a passphrase shall cost.
    /// - Returns: Lines of text.
    /// - Throws: `.badInput` for a short passphrase.
    public static func text(
        of root: SigningKey,
        tenant: ID,
        name: String,
        passphrase: String,
        chance: Chance,
        cost: Sealed.Cost = .standard
    ) throws -> String {
        guard passphrase.count >= passphraseMin else {
            throw CommandFault(.badInput, "a passphrase has at least \(passphraseMin) characters")
        }
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

            \(sealedPrefix)\(Base32.encode(sealed))

            """
    }

    /// Opens the file again.
    ///
    /// - Throws: `.badInput` if it is no such file, or the passphrase is wrong.
    public static func open(
        _ text: String,
        passphrase: String
    ) throws -> (root: SigningKey, tenant: ID) {
        let lines = text.split(separator: "\n")
        guard lines.first.map(String.init) == heading,
            let tenant = lines.first(where: { $0.hasPrefix("id: ") })
                .flatMap({ ID(text: $0.dropFirst(4)) }),
            let sealed = lines.first(where: { $0.hasPrefix(sealedPrefix) })
                .flatMap({ Base32.decode($0.dropFirst(sealedPrefix.count)) })
        else { throw CommandFault(.badInput, "not a recovery file") }
        do {
            let bytes = try Sealed.open(sealed, passphrase: passphrase, associated: tenant.bytes)
            var reader = Reader(bytes)
            try reader.tag(tag)
            let seed = try reader.raw(32, "root")
            try reader.end("recovery")
            guard let root = SigningKey(seed: seed) else { throw Sealed.Fault.unreadable }
            return (root, tenant)
        } catch {
            throw CommandFault(.badInput, "wrong passphrase, or a damaged recovery file")
        }
    }
}
