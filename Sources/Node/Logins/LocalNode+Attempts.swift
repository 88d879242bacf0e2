import Bytes
import CRDT
import Domain
import Identity
import Storage
import Synchronization
import Wire

// What was tried at this node, told so that a guesser fills no store (DOM-273 to DOM-275).

extension LocalNode {
    /// Where this node keeps what happens about logins and credentials.
    var securityScope: Scope { isHub ? LoginAttempt.hubScope : .site(site) }

    /// Writes an attempt down, or counts it with those like it.
    ///
    /// Nothing that the disk or a quota says here keeps a person from their work: what cannot be
    /// written waits.
    func note(_ content: LoginAttempt.Content) {
        attempts.withLock { _ in
            let now = wallMilliseconds
            do {
                try take(content, at: now)
            } catch {
                try? wait(content, at: now)
            }
        }
    }

    private func take(_ content: LoginAttempt.Content, at now: UInt64) throws {
        var shelf = try TallyShelf(store)
        // An hour that is over is written first, so that its count stands before what follows.
        if let before = shelf[content], before.isOver(at: now) {
            try write(before.waiting, of: content)
            shelf[content] = nil
            try shelf.save(content)
        }
        let counted = try shelf.hasRoom(for: content) ? content : makeRoom(&shelf, content, now)
        var tally = shelf[counted] ?? AttemptTally(began: now)
        if tally.take(at: now, each: counted.writtenEach) {
            try write(AttemptTally.Waiting(count: 1, first: now, last: now), of: counted)
        }
        shelf[counted] = tally
        try shelf.save(counted)
    }

    /// Ends what is over; if that makes no room, the attempt is counted with all others.
    private func makeRoom(
        _ shelf: inout TallyShelf,
        _ content: LoginAttempt.Content,
        _ now: UInt64
    ) throws -> LoginAttempt.Content {
        try writeOver(&shelf, at: now)
        return shelf.hasRoom(for: content) ? content : content.folded
    }

    /// Counts what could not be written.
    private func wait(_ content: LoginAttempt.Content, at now: UInt64) throws {
        var shelf = try TallyShelf(store)
        let counted = shelf.hasRoom(for: content) ? content : content.folded
        var tally = shelf[counted] ?? AttemptTally(began: now)
        tally.wait(at: now)
        shelf[counted] = tally
        try shelf.save(counted)
    }

    /// Writes the counts of the hours that are over.
    func writeAttemptsThatWait() throws {
        try attempts.withLock { _ in
            var shelf = try TallyShelf(store)
            try writeOver(&shelf, at: wallMilliseconds)
        }
    }

    private func writeOver(_ shelf: inout TallyShelf, at now: UInt64) throws {
        for (content, tally) in shelf.all where tally.isOver(at: now) {
            try write(tally.waiting, of: content)
            shelf[content] = nil
            try shelf.save(content)
        }
    }

    private func write(_ waiting: AttemptTally.Waiting?, of content: LoginAttempt.Content) throws {
        guard let waiting else { return }
        let fact = LoginAttempt(
            content,
            count: waiting.count,
            first: Int64(clamping: waiting.first),
            last: Int64(clamping: waiting.last)
        )
        let scope = securityScope
        _ = try act(Actor.machine) { _ in
            var draft = Draft()
            draft.add(fact.operation(), in: scope)
            return draft
        }
    }

    /// What is counted and not written yet.
    func waitingAttempts() throws -> [LoginAttempt] {
        try TallyShelf(store).all.compactMap { content, tally in
            tally.waiting.map {
                LoginAttempt(
                    content,
                    count: $0.count,
                    first: Int64(clamping: $0.first),
                    last: Int64(clamping: $0.last)
                )
            }
        }
    }

    /// The hash of a name that nobody has; nil where the tenant's badge key is not known.
    func hash(unknownName name: String) -> [UInt8]? {
        guard let key = try? shelf.badgeKey() else { return nil }
        var writer = Writer()
        writer.tag("gemba/login-name/1")
        writer.raw(Array(name.utf8.prefix(LoginRules.secretBytesMax)))
        return Array(Blake2b.hash(writer.bytes, length: 32, key: key).prefix(16))
    }
}

/// The tallies of this node, as they lie on disk.
private struct TallyShelf {
    private static let prefix = "attempt/"

    private let store: Store
    private var tallies: [LoginAttempt.Content: AttemptTally] = [:]

    init(_ store: Store) throws {
        self.store = store
        for (_, value) in try store.localValues(prefix: Self.prefix) {
            guard let (content, tally) = try? Self.read(value) else { continue }
            tallies[content] = tally
        }
    }

    subscript(content: LoginAttempt.Content) -> AttemptTally? {
        get { tallies[content] }
        set { tallies[content] = newValue }
    }

    /// In the order of their first attempts.
    var all: [(content: LoginAttempt.Content, tally: AttemptTally)] {
        tallies.map { ($0.key, $0.value) }
            .sorted {
                ($0.1.began, Self.key($0.0)) < ($1.1.began, Self.key($1.0))
            }
    }

    func hasRoom(for content: LoginAttempt.Content) -> Bool {
        tallies[content] != nil || tallies.count < AttemptTally.kindsMax
    }

    /// Puts one tally on disk as it is here.
    func save(_ content: LoginAttempt.Content) throws {
        let value = tallies[content].map { Self.written(content, $0) }
        try store.setLocalValue(value, for: Self.key(content))
    }

    private static func key(_ content: LoginAttempt.Content) -> String {
        prefix + Hex.encode(Blake2b.hash(identity(content), length: 16))
    }

    private static func identity(_ content: LoginAttempt.Content) -> [UInt8] {
        var writer = Writer()
        writer.raw((content.user ?? .zero).bytes)
        writer.prefixed(content.nameHash ?? [])
        writer.text(content.kind.rawValue)
        writer.u8(content.isSuccess ? 1 : 0)
        writer.text(content.reason ?? "")
        writer.u8(content.method)
        writer.text(content.act ?? "")
        writer.varint(content.account.map { UInt64($0) + 1 } ?? 0)
        return writer.bytes
    }

    private static func written(_ content: LoginAttempt.Content, _ tally: AttemptTally) -> [UInt8] {
        var writer = Writer()
        writer.u8(1)
        writer.raw(identity(content))
        writer.u64(tally.began)
        writer.u32(tally.written)
        writer.varint(UInt64(clamping: tally.waiting?.count ?? 0))
        writer.u64(tally.waiting?.first ?? 0)
        writer.u64(tally.waiting?.last ?? 0)
        return writer.bytes
    }

    private static func read(
        _ bytes: [UInt8]
    ) throws(Malformed) -> (LoginAttempt.Content, AttemptTally) {
        func some(_ text: String) -> String? { text.isEmpty ? nil : text }
        var reader = Reader(bytes)
        guard try reader.u8("format") == 1 else { throw reader.malformed(.invalid, "format") }
        let user = ID(try reader.raw(16, "user"))
        let hash = try reader.prefixed(atMost: 32, "name hash")
        let kind = LoginAttempt.Kind(rawValue: try reader.text(atMost: 32, "kind")) ?? .other
        let isSuccess = try reader.u8("success") == 1
        let reason = some(try reader.text(atMost: 128, "reason"))
        var content = LoginAttempt.Content(
            kind,
            isSuccess: isSuccess,
            method: try reader.u8("method")
        )
        content.user = user == .zero ? nil : user
        content.nameHash = hash.isEmpty ? nil : hash
        content.reason = reason
        content.act = some(try reader.text(atMost: 128, "act"))
        let account = try reader.varint("account")
        content.account = account == 0 ? nil : UInt32(clamping: account - 1)
        let began = try reader.u64("began")
        let count = try reader.u32("written")
        let waiting = AttemptTally.Waiting(
            count: Int64(clamping: try reader.varint("waiting")),
            first: try reader.u64("first"),
            last: try reader.u64("last")
        )
        try reader.end("tally")
        let tally = AttemptTally(
            began: began,
            written: count,
            waiting: waiting.count == 0 ? nil : waiting
        )
        return (content, tally)
    }
}
