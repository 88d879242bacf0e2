public import CRDT
import Bytes
import Identity

/// Why a file is no archive that can be relied on.
public struct ArchiveFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}

/// What an archive was found to hold, once its end was reached.
public struct ArchiveContents: Hashable, Sendable {
    public let header: ArchiveHeader
    public let end: ArchiveEnd
    /// The tips of all its feeds.
    public let frontier: Frontier
    /// The device that signed it.
    public let device: ID
}

/// Checks an archive part by part: every chain, every signature, and that nothing is missing.
///
/// It needs nothing but the tenant whose archive it shall be.
///
/// - Source: RET-3.
public struct ArchiveCheck: Sendable {
    private let tenant: ID
    private var header: ArchiveHeader?
    private var binding: Binding?
    private var authorityRoots: [Cosigned<RootStatement>] = []
    private var authorityParts: [(kind: UInt8, bytes: [UInt8])] = []
    private var log: AuthorityLog?
    private var bindings: [ID: VerifiedBinding] = [:]
    /// Every change that was met, by replica and hash.
    private var met: [ID: [Hash: FeedTip]] = [:]
    private var ends: [ID: Set<Hash>] = [:]
    private var changes: UInt64 = 0
    private var end: ArchiveEnd?

    /// Kinds of parts of the authority log: roots, learned operators and issuers, statements.
    public static let authorityKinds: ClosedRange<UInt8> = 0...3

    public init(of tenant: ID) { self.tenant = tenant }

    /// The scope, once the header was read.
    public var scope: Scope? { header?.scope }

    /// Takes the next part.
    ///
    /// - Parameters:
    ///   - part: As it was read.
    ///   - content: The hash of all bytes of the file before it.
    /// - Throws: ``ArchiveFault``, what is wrong with it.
    public mutating func take(_ part: Archive.Part, after content: Hash) throws(ArchiveFault) {
        guard end == nil else { throw ArchiveFault("something follows the end") }
        guard header != nil else {
            guard case .header(let signed, let binding) = part else {
                throw ArchiveFault("it does not begin with a header")
            }
            return try begin(signed, binding)
        }
        switch part {
        case .header: throw ArchiveFault("it has two headers")
        case .authority(let kind, let bytes):
            guard log == nil, Self.authorityKinds.contains(kind) else {
                throw ArchiveFault("a statement of authority in the wrong place")
            }
            authorityParts.append((kind, bytes))
        case .chunk(let chunk):
            try build()
            try take(chunk)
        case .end(let signed):
            try build()
            try finish(signed, content)
        }
    }

    /// What it held.
    ///
    /// - Throws: ``ArchiveFault`` if the end was not reached: the file was cut.
    public func contents() throws(ArchiveFault) -> ArchiveContents {
        guard let header, let end, let binding else { throw ArchiveFault("it was cut off") }
        return ArchiveContents(
            header: header,
            end: end,
            frontier: frontier,
            device: binding.statement.structure.device
        )
    }

    private mutating func begin(
        _ signed: Signed<ArchiveHeader>,
        _ binding: Binding
    ) throws(ArchiveFault) {
        let header = signed.structure
        guard header.tenant == tenant else { throw ArchiveFault("it is of another tenant") }
        guard binding.statement.structure.replica == header.replica,
            signed.isSigned(by: binding.statement.structure.signKey)
        else { throw ArchiveFault("its header is not signed by its replica") }
        self.header = header
        self.binding = binding
    }

    /// Builds the authority log once all of it was read, and checks who signed.
    private mutating func build() throws(ArchiveFault) {
        guard log == nil, let binding else { return }
        do {
            var log = try AuthorityLog(
                roots: authorityParts.filter { $0.kind == 0 }.map {
                    try Cosigned(decoding: $0.bytes)
                }
            )
            for part in authorityParts where part.kind == 1 {
                try log.learn(operator: Cosigned(decoding: part.bytes))
            }
            for part in authorityParts where part.kind == 2 {
                try log.learn(siteIssuer: Signed(decoding: part.bytes))
            }
            let statements = authorityParts.filter { $0.kind == 3 }
            try log.append(
                roots: [],
                statements: statements.map { try Cosigned(decoding: $0.bytes) }
            )
            guard log.tenant == tenant else { throw ArchiveFault("its roots are another tenant's") }
            let verified = try log.verify(binding)
            guard verified.certificate.kind == .hub else {
                throw ArchiveFault("it is not signed by a hub")
            }
            self.log = log
        } catch let fault as ArchiveFault {
            throw fault
        } catch {
            throw ArchiveFault("its authority log: \(error)")
        }
    }

    private mutating func take(_ encoded: EncodedChunk) throws(ArchiveFault) {
        let chunk: Chunk
        do throws(Malformed) {
            chunk = try encoded.expanded()
        } catch {
            throw ArchiveFault("a chunk: \(error)")
        }
        for item in chunk.items {
            switch item {
            case .binding(let binding):
                guard let verified = try? log?.verify(binding) else {
                    throw ArchiveFault("a binding does not hold")
                }
                bindings[verified.replica] = verified
            case .run(let run): try take(run)
            case .ignored: throw ArchiveFault("an item of an unknown kind")
            }
        }
    }

    private mutating func take(_ run: Run) throws(ArchiveFault) {
        guard let header, let binding = bindings[run.replica] else {
            throw ArchiveFault("a run of an unbound replica")
        }
        let feed = Change.Feed(tenant: tenant, scope: header.scope, replica: run.replica)
        let start = FeedTip.beginning(of: feed, statement: binding.statement.hash)
        let known = met[run.replica] ?? [:]
        let before: FeedTip?
        if run.sequence == 1 {
            before = start
        } else if let previous = run.previous {
            before = known[previous]
        } else {
            let open = ends[run.replica]?.compactMap { known[$0] } ?? []
            before = open.first { $0.sequence &+ 1 == run.sequence }
        }
        guard let before else { throw ArchiveFault("a run that continues nothing") }
        let verified: [VerifiedChange]
        do throws(Inadmissible) {
            verified = try run.verified(in: header.scope, by: binding, after: before)
        } catch {
            throw ArchiveFault("a run of replica \(run.replica): \(error)")
        }
        ends[run.replica]?.remove(before.hash)
        for change in verified { met[run.replica, default: [:]][change.tip.hash] = change.tip }
        if let last = verified.last { ends[run.replica, default: []].insert(last.tip.hash) }
        changes += UInt64(verified.count)
    }

    private mutating func finish(
        _ signed: Signed<ArchiveEnd>,
        _ content: Hash
    ) throws(ArchiveFault) {
        guard let binding, signed.isSigned(by: binding.statement.structure.signKey) else {
            throw ArchiveFault("its end is not signed by its replica")
        }
        let end = signed.structure
        guard end.content == content else { throw ArchiveFault("its bytes were changed") }
        guard end.changes == changes else {
            throw ArchiveFault("\(changes) changes of \(end.changes)")
        }
        self.end = end
    }

    /// The last change of each feed; the branches of one replica are told apart by their ends
    /// alone, for an archive does not say where they parted.
    private var frontier: Frontier {
        Frontier(
            ends.flatMap { replica, hashes in
                hashes.compactMap { hash in
                    met[replica]?[hash].map { tip in
                        Frontier.Tip(
                            replica: replica,
                            branch: hashes.count > 1 ? hash : .zero,
                            sequence: tip.sequence,
                            hash: hash
                        )
                    }
                }
            }
        )
    }
}
