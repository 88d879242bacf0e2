import Bytes
public import CRDT
import Wire

/// What a store holds, in numbers.
public struct StoreStatus: Hashable, Sendable {
    public let scopes: Int
    public let changes: Int64
    public let records: Int64
    public let events: Int64
    public let conflicts: Int64
    /// Operations that are kept and do not count here.
    public let setAside: Int64
    /// Changes that statements of hubs set aside.
    public let excluded: Int64
    /// The size of the file and its write-ahead log.
    public let fileBytes: Int64
}

/// How often a peer sent something that is refused by every node.
public struct RefusalCount: Hashable, Sendable {
    public let device: ID
    /// The raw value of ``Inadmissible``.
    public let code: UInt16
    public let count: Int64
    /// Milliseconds since 1970.
    public let last: UInt64
}

/// What is remembered of a peer, for people: it decides nothing.
public struct PeerNote: Hashable, Sendable {
    public var device: ID
    public var address: String
    public var software: String
    /// Milliseconds since 1970.
    public var lastSeen: UInt64
    /// When both sides held the same; 0 for never.
    public var lastEqual: UInt64
    /// How far its clock is ahead of this one's, milliseconds.
    public var clockAhead: Int64
    public var schema: UInt64
    /// The position of the own log up to which it has stored what it shares with this node.
    public var held: Int64 = 0

    public init(
        device: ID,
        address: String,
        software: String,
        lastSeen: UInt64,
        lastEqual: UInt64,
        clockAhead: Int64,
        schema: UInt64
    ) {
        self.device = device
        self.address = address
        self.software = software
        self.lastSeen = lastSeen
        self.lastEqual = lastEqual
        self.clockAhead = clockAhead
        self.schema = schema
    }

    fileprivate var encoded: [UInt8] {
        var writer = Writer(capacity: 128)
        writer.text(address)
        writer.text(software)
        writer.u64(lastSeen)
        writer.u64(lastEqual)
        writer.zigzag(clockAhead)
        writer.varint(schema)
        writer.varint(UInt64(clamping: held))
        return writer.bytes
    }

    fileprivate init?(_ device: ID, decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        do throws(Malformed) {
            self.init(
                device: device,
                address: try reader.text(atMost: 1_024, "address"),
                software: try reader.text(atMost: 1_024, "software"),
                lastSeen: try reader.u64("seen"),
                lastEqual: try reader.u64("equal"),
                clockAhead: try reader.zigzag("ahead"),
                schema: try reader.varint("schema")
            )
            held = Int64(clamping: try reader.varint("held"))
        } catch {
            return nil
        }
    }
}

// MARK: - Status and backup

extension Store {
    /// What the store holds, in numbers.
    public func status() throws(StorageError) -> StoreStatus {
        try reading { connection throws(StorageError) in
            func count(_ table: String) throws(StorageError) -> Int64 {
                try connection.prepare("SELECT count(*) FROM \(table)").first { $0.integer(0) } ?? 0
            }
            let pages = try connection.prepare(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            ).first { $0.integer(0) }
            return StoreStatus(
                scopes: try connection.heldScopes().count,
                changes: try connection.changeCount(),
                records: try count("record"),
                events: try count("event"),
                conflicts: try count("conflict"),
                setAside: try count("aside"),
                excluded: try count("standing WHERE ruling <> 'accepted'"),
                fileBytes: pages ?? 0
            )
        }
    }

    /// Writes a whole copy of the store's file, without keys: it opens as another replica.
    ///
    /// - Throws: `.exists` if there is a file of that name.
    public func backup(to path: String) throws(StorageError) {
        guard !Files.exists(path) else { throw StorageError(.exists, "\(path) is there already") }
        // VACUUM INTO writes, if not to this file, and so not on a reader.
        let connection = try Connection(path: place.file, mode: .write)
        try connection.prepare("VACUUM INTO ?").bind(path).run()
        try connection.prepare("ATTACH ? AS copy").bind(path).run()
        // What is deleted is overwritten: nothing of it is left between the rows.
        try connection.execute("PRAGMA copy.secure_delete = ON")
        for prefix in Self.privateKeys {
            try connection.prepare(
                "DELETE FROM copy.local WHERE substr(key, 1, length(?1)) = ?1"
            )
            .bind(prefix).run()
        }
        try connection.execute("DETACH copy")
    }

    /// Local values that go into no backup: logins, and what people are known by.
    private static let privateKeys = [
        "credential", "badge-key", "badge-owner/", "login", "lockout/", "attempt/", "personal-key/",
    ]
}

// MARK: - Receipts

extension Store {
    /// How many changes of this device no receipt of a hub covers yet.
    public func unreceipted() throws(StorageError) -> Int64 {
        try reading { connection throws(StorageError) in
            try connection.prepare(
                """
                SELECT ifnull(sum(max(0, max(feed.sequence, ifnull(
                    (SELECT max(sequence) FROM change
                     WHERE scope = feed.scope AND replica = feed.replica AND previous IS NULL), 0))
                    - ifnull(
                    (SELECT max(receipt.sequence) FROM receipt
                     WHERE receipt.scope = feed.scope AND receipt.replica = replica.id), 0))), 0)
                FROM feed JOIN replica ON replica.number = feed.replica WHERE replica.device = ?
                """
            )
            .bind(device.bytes).first { $0.integer(0) } ?? 0
        }
    }
}

// MARK: - Peers and refusals

extension Store {
    /// Remembers a peer, in the next commit that comes.
    public func note(_ note: PeerNote) throws(StorageError) {
        try writing { writer throws(StorageError) in
            try writer.connection.prepare(
                "INSERT INTO peer VALUES (?, ?) ON CONFLICT DO UPDATE SET note = excluded.note"
            )
            .bind(note.device).bind(note.encoded).run()
        }
    }

    /// The peers that were met.
    public func peers() throws(StorageError) -> [PeerNote] {
        try reading { connection throws(StorageError) in
            try connection.prepare("SELECT device, note FROM peer ORDER BY device")
                .all { ($0.bytes(0), $0.bytes(1)) }
                .compactMap { device, note in
                    ID(device).flatMap { PeerNote($0, decoding: note) }
                }
        }
    }

    /// Counts something that a peer sent and every node refuses.
    ///
    /// A count that cannot be written is lost; the refusal stands.
    public func countRefusal(from device: ID, code: UInt16, wallMilliseconds: UInt64) {
        try? writing { writer throws(StorageError) in
            try writer.connection.countRefusals(1, code, from: device, at: wallMilliseconds)
        }
    }

    /// What was refused, by device and code.
    public func refusals() throws(StorageError) -> [RefusalCount] {
        try reading { connection throws(StorageError) in
            try connection.prepare(
                "SELECT device, code, count, last FROM refusal ORDER BY device, code"
            )
            .all { row in
                RefusalCount(
                    device: row.id(0) ?? .zero,
                    code: UInt16(clamping: row.integer(1)),
                    count: row.integer(2),
                    last: row.bits(3)
                )
            }
        }
    }
}

extension Connection {
    func countRefusals(
        _ count: Int,
        _ code: UInt16,
        from device: ID,
        at wallMilliseconds: UInt64
    ) throws(StorageError) {
        try prepare(
            """
            INSERT INTO refusal VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET count = count + excluded.count, last = excluded.last
            """
        )
        .bind(device).bind(Int64(code)).bind(Int64(count)).bind(bits: wallMilliseconds).run()
    }
}

// MARK: - Local values

extension Store {
    /// A value of this node alone; nil if there is none.
    public func localValue(_ key: String) throws(StorageError) -> [UInt8]? {
        try reading { connection throws(StorageError) in
            try connection.prepare("SELECT value FROM local WHERE key = ?").bind(key)
                .first { $0.bytes(0) }
        }
    }

    /// Sets or removes a value of this node alone; on disk when it returns.
    public func setLocalValue(_ value: [UInt8]?, for key: String) throws(StorageError) {
        try writing { writer throws(StorageError) in
            guard let value else {
                try writer.connection.prepare("DELETE FROM local WHERE key = ?").bind(key).run()
                return
            }
            try writer.connection.prepare(
                "INSERT INTO local VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
            )
            .bind(key).bind(value).run()
        }
    }

    /// The values whose keys begin with a text, ascending by key.
    public func localValues(
        prefix: String
    ) throws(StorageError) -> [(key: String, value: [UInt8])] {
        try reading { connection throws(StorageError) in
            try connection.prepare(
                "SELECT key, value FROM local WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key"
            )
            .bind(prefix)
            .all { ($0.text(0), $0.bytes(1)) }
        }
    }
}
