/// The tables of a store, with the invariants where they cannot be argued with.
///
/// The scope, as a small integer, is the first part of every key: a record belongs to one scope for
/// life, and leaving a scope is one range.
enum Tables {
    /// Written into the file; a store of another format is not opened.
    static let format: Int64 = 1

    static let definition = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE local (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE authority (
            kind   INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
            number INTEGER NOT NULL CHECK (number >= 0),
            bytes  BLOB    NOT NULL,
            PRIMARY KEY (kind, number)
        ) STRICT, WITHOUT ROWID;

        -- position: of the last change of the scope, but for those with rows of their own.
        CREATE TABLE scope (
            number   INTEGER PRIMARY KEY,
            kind     INTEGER NOT NULL,
            key      BLOB    NOT NULL CHECK (length(key) = 16),
            position INTEGER NOT NULL,
            UNIQUE (kind, key)
        ) STRICT;

        CREATE TABLE replica (
            number     INTEGER PRIMARY KEY,
            id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
            device     BLOB    NOT NULL CHECK (length(device) = 16),
            kind       INTEGER NOT NULL,
            site       BLOB    NOT NULL CHECK (length(site) = 16),
            not_before INTEGER NOT NULL,
            not_after  INTEGER NOT NULL,
            binding    BLOB    NOT NULL
        ) STRICT;

        -- Ids that records mention again and again.
        CREATE TABLE reference (
            number INTEGER PRIMARY KEY,
            id     BLOB NOT NULL UNIQUE CHECK (length(id) = 16)
        ) STRICT;

        -- Where each feed stood when it was last written in a stretch, or got a branch: what a feed
        -- without branches has grown by since stands in change.
        CREATE TABLE feed (
            scope     INTEGER NOT NULL,
            replica   INTEGER NOT NULL,
            branch    BLOB    NOT NULL CHECK (length(branch) = 32),
            sequence  INTEGER NOT NULL CHECK (sequence > 0),
            hash      BLOB    NOT NULL CHECK (length(hash) = 32),
            time      INTEGER NOT NULL,
            authority INTEGER NOT NULL,
            PRIMARY KEY (scope, replica, branch)
        ) STRICT, WITHOUT ROWID;

        -- length: of the body, where it lies compressed; else NULL.
        CREATE TABLE change (
            scope     INTEGER NOT NULL,
            position  INTEGER NOT NULL CHECK (position > 0),
            replica   INTEGER NOT NULL,
            sequence  INTEGER NOT NULL CHECK (sequence > 0),
            hash      BLOB    NOT NULL CHECK (length(hash) = 32),
            previous  BLOB    CHECK (previous IS NULL OR length(previous) = 32),
            body      BLOB    NOT NULL,
            length    INTEGER,
            signature BLOB    CHECK (signature IS NULL OR length(signature) = 64),
            PRIMARY KEY (scope, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX change_feed ON change (scope, replica, sequence);

        -- Changes of one feed that stand together in the log, in one blob instead of a row each.
        -- position, sequence and hash are those of the last of them, first the position of the
        -- first, previous what that one links to. gaps: how far each lies behind the one before,
        -- less one, where positions do not rise by one. time: the greatest stamp. length: of the
        -- bodies before they were compressed.
        CREATE TABLE block (
            scope     INTEGER NOT NULL,
            position  INTEGER NOT NULL,
            first     INTEGER NOT NULL CHECK (0 < first AND first <= position),
            gaps      BLOB,
            count     INTEGER NOT NULL CHECK (count > 0),
            replica   INTEGER NOT NULL,
            sequence  INTEGER NOT NULL CHECK (sequence >= count),
            hash      BLOB    NOT NULL CHECK (length(hash) = 32),
            previous  BLOB    NOT NULL CHECK (length(previous) = 32),
            time      INTEGER NOT NULL,
            bodies    BLOB    NOT NULL,
            length    INTEGER NOT NULL,
            signature BLOB    CHECK (signature IS NULL OR length(signature) = 64),
            PRIMARY KEY (scope, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX block_feed ON block (scope, replica, sequence);

        -- position: of the change that made the row. The others that touch it stand in touch.
        CREATE TABLE record (
            scope    INTEGER NOT NULL,
            entity   INTEGER NOT NULL,
            id       BLOB    NOT NULL CHECK (length(id) = 16),
            position INTEGER NOT NULL,
            state    BLOB    NOT NULL,
            PRIMARY KEY (scope, entity, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE touch (
            scope    INTEGER NOT NULL,
            entity   INTEGER NOT NULL,
            id       BLOB    NOT NULL CHECK (length(id) = 16),
            position INTEGER NOT NULL,
            PRIMARY KEY (scope, entity, id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE event (
            scope     INTEGER NOT NULL,
            entity    INTEGER NOT NULL,
            stream    BLOB    NOT NULL,
            id        BLOB    NOT NULL CHECK (length(id) = 16),
            position  INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            PRIMARY KEY (scope, entity, stream, id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE conflict (
            scope  INTEGER NOT NULL,
            entity INTEGER NOT NULL,
            id     BLOB    NOT NULL,
            field  INTEGER NOT NULL,
            key    TEXT    NOT NULL,
            PRIMARY KEY (scope, entity, id, field, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE aside (
            scope     INTEGER NOT NULL,
            position  INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            reason    TEXT    NOT NULL,
            PRIMARY KEY (scope, position, operation)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE standing (
            scope    INTEGER NOT NULL,
            position INTEGER NOT NULL,
            is_cut   INTEGER NOT NULL CHECK (is_cut IN (0, 1)),
            ruling   TEXT    NOT NULL,
            PRIMARY KEY (scope, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE clock (
            scope   INTEGER NOT NULL,
            replica BLOB    NOT NULL CHECK (length(replica) = 16),
            first   INTEGER NOT NULL,
            last    INTEGER NOT NULL,
            hash    BLOB    NOT NULL CHECK (length(hash) IN (0, 8)),
            time    INTEGER NOT NULL,
            PRIMARY KEY (scope, replica, first, last, hash, time)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE awaited (
            scope    INTEGER NOT NULL,
            replica  BLOB    NOT NULL CHECK (length(replica) = 16),
            sequence INTEGER NOT NULL,
            PRIMARY KEY (scope, replica, sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE receipt (
            scope    INTEGER NOT NULL,
            replica  BLOB    NOT NULL CHECK (length(replica) = 16),
            hub      INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            hash     BLOB    NOT NULL CHECK (length(hash) = 32),
            time     INTEGER NOT NULL,
            PRIMARY KEY (scope, replica, hub)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE interest (
            site    BLOB    NOT NULL,
            subject BLOB    NOT NULL,
            source  INTEGER NOT NULL CHECK (source IN (1, 2)),
            PRIMARY KEY (site, subject, source)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX interest_subject ON interest (subject);

        CREATE TABLE peer (device BLOB PRIMARY KEY, note BLOB NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE refusal (
            device BLOB    NOT NULL,
            code   INTEGER NOT NULL,
            count  INTEGER NOT NULL,
            last   INTEGER NOT NULL,
            PRIMARY KEY (device, code)
        ) STRICT, WITHOUT ROWID;
        """
}
