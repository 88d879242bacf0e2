/// The tables of a hub's audit.
///
/// Appending writes to the right edge of one table, and now and then a tile and a span: a few
/// pages a commit, however much is held.
enum AuditTables {
    static let definition = """
        -- What changes say stands in their log alone: such an entry has their scope and position,
        -- and no parts. Any other has the position of the last change then, and both parts. Where
        -- keys is NULL the entry was erased: subject and detail are what the tree holds of them.
        -- person, record: references. entity: -1 where a change is of several.
        CREATE TABLE IF NOT EXISTS audit (
            number   INTEGER PRIMARY KEY CHECK (number >= 0),
            kind     INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 255),
            time     INTEGER NOT NULL,
            position INTEGER NOT NULL,
            actor    INTEGER NOT NULL,
            person   INTEGER,
            entity   INTEGER NOT NULL,
            record   INTEGER,
            scope    INTEGER,
            keys     BLOB CHECK (keys IS NULL OR length(keys) = 32),
            subject  BLOB,
            detail   BLOB
        ) STRICT;

        -- place: the level of the tile times 2^48, and its number.
        CREATE TABLE IF NOT EXISTS audit_tile (
            place  INTEGER PRIMARY KEY,
            root   BLOB NOT NULL CHECK (length(root) = 32),
            hashes BLOB NOT NULL CHECK (length(hashes) = 8192)
        ) STRICT;

        -- What stands in each 4,096 entries, so that a search passes over the others.
        CREATE TABLE IF NOT EXISTS audit_span (
            number   INTEGER PRIMARY KEY,
            earliest INTEGER NOT NULL,
            latest   INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS audit_mention (
            field INTEGER NOT NULL CHECK (field BETWEEN 1 AND 5),
            value INTEGER NOT NULL,
            span  INTEGER NOT NULL,
            PRIMARY KEY (field, value, span)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS audit_checkpoint (
            epoch  INTEGER NOT NULL CHECK (epoch > 0),
            size   INTEGER NOT NULL CHECK (size >= 0),
            root   BLOB    NOT NULL CHECK (length(root) = 32),
            time   INTEGER NOT NULL,
            signed BLOB    NOT NULL,
            PRIMARY KEY (epoch, size)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER IF NOT EXISTS audit_checkpoint_stays
            BEFORE UPDATE ON audit_checkpoint
            BEGIN SELECT raise(ABORT, 'a checkpoint is for ever'); END;
        CREATE TRIGGER IF NOT EXISTS audit_checkpoint_is_kept
            BEFORE DELETE ON audit_checkpoint
            BEGIN SELECT raise(ABORT, 'a checkpoint is for ever'); END;
        CREATE TRIGGER IF NOT EXISTS audit_is_kept
            BEFORE DELETE ON audit
            BEGIN SELECT raise(ABORT, 'an entry is for ever'); END;
        """

    /// The key in `meta` of the size and the root after the last commit.
    static let headKey = "audit"
    static let spanEntries: UInt64 = 4_096

    /// By what entries are found.
    static let fields: [(number: Int64, column: String)] = [
        (1, "person"), (2, "kind"), (3, "entity"), (4, "scope"), (5, "record"),
    ]
}
