import Bytes
import CRDT
import Domain
import Identity
import Storage
import Wire

/// What a hub and a station tell each other of PINs and badges, over the channel between them.
///
/// - Source: TCP-10, TCP-11, TCP-12.
enum HandOver {
    /// Types of frames that whoever does not know them ignores (SYNC-6).
    static let requestType: UInt8 = 0x48
    static let answerType: UInt8 = 0x49
    static let version: UInt8 = 1
    /// PINs that one request may bring.
    static let changesMax = 64
    /// People that one answer may be about.
    static let peopleMax = 8_192
    static let requestBytesMax = 16_384

    /// A PIN that was changed at a station.
    struct Changed: Hashable, Sendable {
        let user: ID
        let version: UInt64
        let verifier: SecretVerifier
    }

    /// What a station asks, and brings.
    struct Request: Hashable, Sendable {
        var changes: [Changed] = []

        var encoded: [UInt8] {
            var writer = Writer()
            writer.u8(HandOver.requestType)
            writer.u8(HandOver.version)
            writer.varint(UInt64(changes.count))
            for change in changes {
                writer.raw(change.user.bytes)
                writer.u64(change.version)
                writer.raw(change.verifier.encoded)
            }
            return writer.bytes
        }

        init(changes: [Changed] = []) { self.changes = changes }

        init(decoding bytes: [UInt8]) throws(Malformed) {
            var reader = Reader(bytes)
            guard bytes.count <= HandOver.requestBytesMax else {
                throw reader.malformed(.overLimit, "request")
            }
            try reader.header(HandOver.requestType)
            for _ in 0..<(try reader.count(atMost: HandOver.changesMax, "changes")) {
                let user = try reader.id("user")
                let version = try reader.u64("version")
                let verifier = try reader.raw(SecretVerifier.byteCount, "verifier")
                changes.append(
                    Changed(
                        user: user,
                        version: version,
                        verifier: try SecretVerifier(decoding: verifier)
                    )
                )
            }
            try reader.end("request")
        }
    }

    /// What a hub hands over: of everybody who works at the station's site, and of nobody else.
    struct Answer: Hashable, Sendable {
        struct Person: Hashable, Sendable {
            let user: ID
            let credential: Credential
        }

        /// 32 bytes.
        var badgeKey: [UInt8]
        var people: [Person]

        var encoded: [UInt8] {
            var writer = Writer()
            writer.u8(HandOver.answerType)
            writer.u8(HandOver.version)
            writer.raw(badgeKey)
            writer.varint(UInt64(people.count))
            for person in people {
                writer.raw(person.user.bytes)
                writer.u64(person.credential.version)
                var plain = person.credential
                plain.isPending = false
                writer.prefixed(plain.encoded)
            }
            return writer.bytes
        }

        init(badgeKey: [UInt8], people: [Person]) {
            self.badgeKey = badgeKey
            self.people = people
        }

        init(decoding bytes: [UInt8]) throws(Malformed) {
            var reader = Reader(bytes)
            try reader.header(HandOver.answerType)
            badgeKey = try reader.raw(32, "badge key")
            people = []
            for _ in 0..<(try reader.count(atMost: HandOver.peopleMax, "people")) {
                let user = try reader.id("user")
                let version = try reader.u64("version")
                let credential = try Credential(
                    decoding: try reader.prefixed(atMost: 512, "credential"),
                    version: version
                )
                people.append(Person(user: user, credential: credential))
            }
            try reader.end("answer")
        }
    }
}

extension Reader {
    fileprivate mutating func header(_ type: UInt8) throws(Malformed) {
        guard try u8("type") == type, try u8("version") == HandOver.version else {
            throw malformed(.invalid, "header")
        }
    }

    fileprivate mutating func id(_ field: String) throws(Malformed) -> ID {
        guard let id = ID(try raw(16, field)) else { throw malformed(.invalid, field) }
        return id
    }
}

// MARK: - At the hub

extension LocalNode {
    /// Answers a station: takes the PINs that were changed there, and hands over those of its site.
    ///
    /// - Parameters:
    ///   - bytes: The request.
    ///   - peer: The station's certificate in force.
    /// - Returns: The answer; nil if there is none to give.
    func answerHandOver(_ bytes: [UInt8], of peer: Certificate) -> [UInt8]? {
        guard isHub, peer.kind == .station || peer.kind == .technician,
            let request = try? HandOver.Request(decoding: bytes)
        else { return nil }
        return try? handOver(request, to: peer).encoded
    }

    private func handOver(
        _ request: HandOver.Request,
        to peer: Certificate
    ) throws -> HandOver.Answer {
        let users = try usersWorking(at: peer)
        try inTurn {
            for change in request.changes where users.contains(change.user) {
                var credential = try shelf.credential(of: change.user) ?? Credential()
                // A PIN that was set here meanwhile is the newer one.
                guard change.version > credential.version else { continue }
                credential.version = change.version
                credential.verifier = change.verifier
                // The person chose it: nobody else changes a PIN at a station.
                credential.mustChange = false
                try shelf.save(credential, of: change.user)
            }
        }
        let key = try hubBadgeKey()
        let held = try shelf.all().filter { users.contains($0.user) }
        return HandOver.Answer(
            badgeKey: key,
            people: held.prefix(HandOver.peopleMax).map {
                HandOver.Answer.Person(user: $0.user, credential: $0.credential)
            }
        )
    }

    /// Whom a device may speak for and who holds a role at its site now.
    private func usersWorking(at peer: Certificate) throws -> Set<ID> {
        let directory = try currentDirectory()
        let now = directory.occasion(at: peer.site, milliseconds: wallMilliseconds)
        let users = try readWhole { view in
            try view.records(of: User.entity, in: .tenant)
                .filter { !$0.isDeleted }.compactMap { $0.fields.id(User.user) }
        }
        return Set(
            users.filter { user in
                peer.covers(user: user, method: .secretInLogin)
                    && !directory.policy.levels(of: user, at: now).isEmpty
            }
        )
    }
}

// MARK: - At a station

extension LocalNode {
    /// What this station asks of a hub, with the PINs that were changed here.
    func handOverRequest() throws -> HandOver.Request {
        let changes = try shelf.all().compactMap { user, credential in
            credential.isPending
                ? credential.verifier.map {
                    HandOver.Changed(user: user, version: credential.version, verifier: $0)
                } : nil
        }
        return HandOver.Request(changes: Array(changes.prefix(HandOver.changesMax)))
    }

    /// Takes what a hub handed over in place of what is held.
    ///
    /// What was changed here after the request stays until the hub has heard of it; whom the hub
    /// does not name any more nobody logs in as here.
    func take(_ answer: HandOver.Answer) throws {
        try inTurn {
            let held = Dictionary(
                try shelf.all().map { ($0.user, $0.credential) },
                uniquingKeysWith: { first, _ in first }
            )
            for person in answer.people {
                if let own = held[person.user], own.isPending,
                    own.version > person.credential.version
                {
                    continue
                }
                guard held[person.user] != person.credential else { continue }
                try shelf.save(person.credential, of: person.user)
            }
            let named = Set(answer.people.map(\.user))
            for (user, credential) in held where !named.contains(user) && !credential.isPending {
                try shelf.remove(user)
            }
            if try shelf.badgeKey() != answer.badgeKey { try shelf.setBadgeKey(answer.badgeKey) }
            try shelf.setHeard(wallMilliseconds)
        }
    }
}
