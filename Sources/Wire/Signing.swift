public import Bytes
public import CRDT
public import Identity

/// A structure that keys sign as it stands: its bytes begin with a tag of its own, so that no
/// signature can be taken for another.
///
/// - Source: ID-1.
public protocol Signable: Hashable, Sendable {
    /// Appends the tag and the fields.
    func write(to writer: inout Writer)
    /// Reads the tag and the fields, in their one form.
    init(reading reader: inout Reader) throws(Malformed)
}

extension Signable {
    /// The bytes that are signed and hashed.
    public var encoded: [UInt8] {
        var writer = Writer(capacity: 320)
        write(to: &writer)
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        try self.init(reading: &reader)
        try reader.end("structure")
    }

    /// The hash by which other structures name this one.
    public var hash: Hash { Hash(of: encoded) }
}

extension Signed where Structure: Signable {
    public init(signing structure: Structure, with key: SigningKey) {
        self.init(structure, signature: key.sign(structure.encoded))
    }

    /// The structure and then the signature.
    public var encoded: [UInt8] { structure.encoded + signature }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        let structure = try Structure(reading: &reader)
        self.init(structure, signature: try reader.raw(64, "signature"))
        try reader.end("signed structure")
    }

    public func isSigned(by key: VerifyingKey) -> Bool {
        key.isValid(signature, for: structure.encoded)
    }
}

extension Cosigned where Structure: Signable {
    /// Signs with keys in any order; one that stands twice signs once.
    public init(signing structure: Structure, with keys: [SigningKey]) {
        let message = structure.encoded
        var entries: [SignatureSet.Entry] = []
        for key in keys.sorted(by: { $0.publicKey < $1.publicKey })
        where entries.last?.key != key.publicKey {
            entries.append(SignatureSet.Entry(key: key.publicKey, signature: key.sign(message)))
        }
        self.init(structure, signatures: SignatureSet(entries))
    }

    /// The structure and then the signature set (ID-3).
    public var encoded: [UInt8] {
        var writer = Writer(capacity: 512)
        structure.write(to: &writer)
        writer.u8(UInt8(truncatingIfNeeded: signatures.entries.count))
        for entry in signatures.entries {
            writer.raw(entry.key.bytes)
            writer.raw(entry.signature)
        }
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        let structure = try Structure(reading: &reader)
        var entries: [SignatureSet.Entry] = []
        for _ in 0..<(try reader.u8("signatures")) {
            let key = try reader.key("signer")
            if let last = entries.last, key <= last.key {
                throw reader.malformed(.notCanonical, "signatures")
            }
            let signature = try reader.raw(64, "signature")
            entries.append(SignatureSet.Entry(key: key, signature: signature))
        }
        try reader.end("signed structure")
        self.init(structure, signatures: SignatureSet(entries))
    }

    /// The keys whose signatures are valid; nil if one of the set is not.
    var signers: Set<VerifyingKey>? {
        let message = structure.encoded
        let areValid = signatures.entries.allSatisfy { $0.key.isValid($0.signature, for: message) }
        return areValid ? Set(signatures.entries.map(\.key)) : nil
    }
}

extension Reader {
    /// Reads a signing key and admits it (ID-2).
    mutating func key(_ field: String) throws(Malformed) -> VerifyingKey {
        guard let key = VerifyingKey(try raw(32, field)) else { throw malformed(.invalid, field) }
        return key
    }

    /// Reads a channel key and admits it (ID-2).
    mutating func channelKey(_ field: String) throws(Malformed) -> [UInt8] {
        let key = try raw(32, field)
        guard ChannelKey.isAdmissible(key) else { throw malformed(.invalid, field) }
        return key
    }
}
