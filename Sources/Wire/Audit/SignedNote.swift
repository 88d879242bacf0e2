public import Bytes
public import Identity

/// A text with signatures under it, in the form that transparency logs share.
///
/// ```
/// hub.example/gemba/aaaqeayeaudaocajbifqydiob4/1
/// 20852163
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// — hub.example/gemba/aaaqeayeaudaocajbifqydiob4/1 Az3grlgtzPICa5OS…
/// ```
///
/// - Invariant: The text is not empty, ends in a line feed, and holds no other control character.
/// - Source: WIT-1; C2SP signed-note.
public struct SignedNote: Hashable, Sendable {
    /// One line under the text; not yet checked.
    public struct Line: Hashable, Sendable {
        /// Of the key: no space and no plus sign.
        public let name: String
        /// The first four bytes of a hash over name, type and key.
        public let keyID: [UInt8]
        /// What follows the id, at least one byte.
        public let signature: [UInt8]

        public init(name: String, keyID: [UInt8], signature: [UInt8]) {
            self.name = name
            self.keyID = keyID
            self.signature = signature
        }
    }

    /// The types of signature that gemba makes.
    public enum Kind: UInt8, Sendable {
        /// Ed25519 over the text.
        case log = 0x01
        /// Ed25519 over a time and the text.
        case cosignature = 0x04
    }

    public let text: [UInt8]
    public let lines: [Line]

    /// - Precondition: `text` is of the form above; callers make it of their own fields.
    init(text: [UInt8], lines: [Line]) {
        self.text = text
        self.lines = lines
    }

    public static let bytesMax = 16_384
    public static let linesMax = 65

    /// The id of a key under its name.
    public static func keyID(name: String, kind: Kind, key: VerifyingKey) -> [UInt8] {
        let hashed = Array(name.utf8) + [0x0a, kind.rawValue] + key.bytes
        return Array(SHA256.hash(hashed).prefix(4))
    }
}

extension SignedNote {
    /// An em dash and a space.
    private static let mark: [UInt8] = [0xe2, 0x80, 0x94, 0x20]
    private static let feed: UInt8 = 0x0a

    public var encoded: [UInt8] {
        var bytes = text + [Self.feed]
        for line in lines {
            bytes += Self.mark + Array(line.name.utf8) + [0x20]
            bytes += Array(Base64.encode(line.keyID + line.signature).utf8) + [Self.feed]
        }
        return bytes
    }

    /// Reads a note in its one form.
    ///
    /// - Throws: `.overLimit`, `.truncated` without a last line feed, or `.invalid`.
    public init(decoding bytes: [UInt8]) throws(Malformed) {
        guard bytes.count <= Self.bytesMax else { throw Malformed(.overLimit, "note", at: 0) }
        guard bytes.last == Self.feed else {
            throw Malformed(.truncated, "note", at: bytes.count)
        }
        let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == Self.feed }
        guard isPlain, String(validating: bytes, as: UTF8.self) != nil else {
            throw Malformed(.invalid, "note", at: 0)
        }
        // The last empty line parts text and signatures.
        guard
            let part = bytes.indices.dropFirst().last(where: {
                bytes[$0] == Self.feed && bytes[$0 - 1] == Self.feed
            })
        else { throw Malformed(.invalid, "empty line", at: 0) }
        text = Array(bytes[..<part])
        guard text.count > 1 else { throw Malformed(.invalid, "text", at: 0) }
        let rows = bytes[(part + 1)...].dropLast().split(
            separator: Self.feed,
            omittingEmptySubsequences: false
        )
        guard (1...Self.linesMax).contains(rows.count) else {
            throw Malformed(.overLimit, "signatures", at: part)
        }
        var lines: [Line] = []
        for row in rows {
            let line = try Self.line(row)
            guard !lines.contains(where: { $0.name == line.name && $0.keyID == line.keyID })
            else { throw Malformed(.notCanonical, "signatures", at: row.startIndex) }
            lines.append(line)
        }
        self.lines = lines
    }

    private static func line(_ row: ArraySlice<UInt8>) throws(Malformed) -> Line {
        let invalid = Malformed(.invalid, "signature line", at: row.startIndex)
        guard row.starts(with: mark) else { throw invalid }
        let parts = row.dropFirst(mark.count).split(
            separator: 0x20,
            omittingEmptySubsequences: false
        )
        guard parts.count == 2, let bytes = Base64.decode(parts[1]), bytes.count > 4 else {
            throw invalid
        }
        let name = String(decoding: parts[0], as: UTF8.self)
        guard !name.isEmpty, !name.contains("+"), !name.contains(where: \.isWhitespace) else {
            throw invalid
        }
        return Line(
            name: name,
            keyID: Array(bytes.prefix(4)),
            signature: Array(bytes.dropFirst(4))
        )
    }
}
