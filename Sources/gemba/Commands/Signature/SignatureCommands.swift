import ArgumentParser
import Bytes
import Foundation
import Node
import Wire

struct SignatureCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signature",
        abstract: "Read and check what people signed.",
        subcommands: [SignatureVerify.self, SignatureShow.self]
    )
}

/// The signature itself, as records and exports hold it.
struct SignatureArgument: ParsableArguments {
    @Option(
        help: ArgumentHelp("A file that holds it, as digits or as it is.", valueName: "file")
    )
    var file: Path?

    @Argument(
        help: ArgumentHelp("The signature in 496 hexadecimal digits.", valueName: "signature")
    )
    var digits: String?

    func validate() throws {
        guard (digits == nil) != (file == nil) else {
            throw ValidationError("give the signature, or --file FILE")
        }
    }

    /// - Throws: `.badInput`, `.notFound`.
    func bytes() throws -> [UInt8] {
        guard let file else {
            guard let bytes = Hex.decode(digits ?? "") else {
                throw CommandFault(.badInput, "a signature is 496 hexadecimal digits")
            }
            return bytes
        }
        guard let content = FileManager.default.contents(atPath: file.text) else {
            throw CommandFault(.notFound, "there is no file \(file)")
        }
        guard content.count <= Self.fileBytesMax else {
            throw CommandFault(.badInput, "this file holds more than a signature")
        }
        let text = String(decoding: content, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return Hex.decode(text) ?? [UInt8](content)
    }

    /// A signature in hexadecimal, with room for blank lines.
    private static let fileBytesMax = 1_024
}

struct SignatureVerify: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Say whether a signature holds, and for what.",
        discussion: """
            It is compared with the record that it names, as this node holds it: a record that \
            was written to since is another revision. Ends with status 1 if it does not hold.

            gemba signature verify --data DIR 67656d6261…
            gemba signature verify --data DIR --reason "within limits" --file signature.hex

            JSON: {"holds", "faults": [text], "notes": [text], "name", "user", "meaning", "time", \
            "milliseconds", "clock_quality", "reason", "method", "attested_by", "attestation", \
            "key", "scope", "record", "revision", "shown"}; faults: other-tenant, other-record, \
            other-revision, other-form, other-reason, unknown-key, not-signed, key-ended.
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("The reason that stands in the record.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("The form that was shown, byte for byte.", valueName: "file"))
    var shown: Path?

    @Flag(help: "Do not compare with the record as it is here.")
    var alone = false

    @OptionGroup var signature: SignatureArgument

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let bytes = try signature.bytes()
        let form = try shown.map { path in
            guard let content = FileManager.default.contents(atPath: path.text) else {
                throw CommandFault(.notFound, "there is no file \(path)")
            }
            return [UInt8](content)
        }
        let subject = try node.subject(
            of: bytes,
            isCurrent: !alone,
            shown: form,
            reason: reason
        )
        let view = try node.verify(signature: bytes, of: subject)
        let fault =
            view.holds
            ? nil
            : CommandFault(.refused, "the signature does not hold", reason: "does-not-hold")
        return Reply(view.json, lines: view.lines, fault: fault)
    }
}

struct SignatureShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a signature says: who, when, what it means, and of what.",
        discussion: """
            gemba signature show --data DIR --file signature.hex

            JSON: as signature verify.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var signature: SignatureArgument

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let view = try node.verify(signature: try signature.bytes())
        return Reply(view.json, lines: view.lines)
    }
}
