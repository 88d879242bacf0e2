extension Tables {
    /// What a node remembers of what it no longer holds, and of the jobs it did.
    static let retention = """
        -- The scopes that certificates in force name (RET-6): derived from the tenant scope.
        CREATE TABLE IF NOT EXISTS purged (
            kind INTEGER NOT NULL,
            key  BLOB    NOT NULL CHECK (length(key) = 16),
            PRIMARY KEY (kind, key)
        ) STRICT, WITHOUT ROWID;

        -- Where own feeds stood in scopes that were dropped: kept for life (RET-8).
        CREATE TABLE IF NOT EXISTS left_feed (
            scope     INTEGER NOT NULL,
            replica   INTEGER NOT NULL,
            branch    BLOB    NOT NULL CHECK (length(branch) = 32),
            sequence  INTEGER NOT NULL CHECK (sequence > 0),
            hash      BLOB    NOT NULL CHECK (length(hash) = 32),
            time      INTEGER NOT NULL,
            PRIMARY KEY (scope, replica, branch)
        ) STRICT, WITHOUT ROWID;

        -- times: milliseconds since 1970; finished is NULL while it runs.
        CREATE TABLE IF NOT EXISTS job (
            number   INTEGER PRIMARY KEY,
            kind     TEXT    NOT NULL,
            status   TEXT    NOT NULL,
            started  INTEGER NOT NULL,
            finished INTEGER,
            bytes    INTEGER,
            place    TEXT    NOT NULL,
            message  TEXT    NOT NULL
        ) STRICT;
        """
}
