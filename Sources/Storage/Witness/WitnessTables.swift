/// What a node keeps as a witness of the audit log, and a hub of its witnesses.
enum WitnessTables {
    static let definition = """
        -- The newest checkpoint seen of each epoch, with the own cosignature.
        CREATE TABLE IF NOT EXISTS watched (
            epoch INTEGER PRIMARY KEY CHECK (epoch > 0),
            note  BLOB    NOT NULL,
            time  INTEGER NOT NULL
        ) STRICT;

        -- What other stations showed, and no hub has settled.
        CREATE TABLE IF NOT EXISTS claim (
            epoch INTEGER NOT NULL,
            size  INTEGER NOT NULL CHECK (size >= 0),
            note  BLOB    NOT NULL,
            PRIMARY KEY (epoch, size, note)
        ) STRICT, WITHOUT ROWID;

        -- is_mark: the hub is not believed. is_open: nobody has looked at it.
        CREATE TABLE IF NOT EXISTS log_fault (
            hub     BLOB    NOT NULL CHECK (length(hub) = 16),
            epoch   INTEGER NOT NULL,
            code    INTEGER NOT NULL,
            known   BLOB    NOT NULL,
            shown   BLOB    NOT NULL,
            witness BLOB    NOT NULL,
            time    INTEGER NOT NULL,
            is_mark INTEGER NOT NULL CHECK (is_mark IN (0, 1)),
            is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            PRIMARY KEY (hub, epoch, code, witness)
        ) STRICT, WITHOUT ROWID;

        -- At a hub: what stations said of its checkpoints.
        CREATE TABLE IF NOT EXISTS cosignature (
            epoch     INTEGER NOT NULL,
            size      INTEGER NOT NULL,
            device    BLOB    NOT NULL CHECK (length(device) = 16),
            key       BLOB    NOT NULL CHECK (length(key) = 4),
            time      INTEGER NOT NULL,
            signature BLOB    NOT NULL CHECK (length(signature) = 64),
            PRIMARY KEY (epoch, size, device)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS cosignature_device ON cosignature (device, epoch, size);
        """

    /// Replicas of hubs that are not believed (WIT-9).
    static let distrusted = """
        SELECT number FROM replica WHERE device IN (SELECT hub FROM log_fault WHERE is_mark = 1)
        """
    /// Cosignatures that a hub keeps of one device.
    static let cosignaturesMax: Int64 = 4
    /// Faults that a node keeps.
    static let faultsMax: Int64 = 64
}
