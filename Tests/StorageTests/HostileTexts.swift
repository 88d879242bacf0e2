/// SQL that wants what is not for it, by the way it goes.
///
/// `$T` stands for a table that is there, `$C` for a column of it.
enum HostileTexts {
    static let all: [(way: String, texts: [String])] = [
        ("plain tables beneath", direct), ("the schema", schema), ("other databases", databases),
        ("virtual tables", virtual), ("writing", writing), ("more than one", several),
        ("names of one's own", shadowing), ("joins that nobody is asked about", joins),
        ("functions", functions), ("too much", bombs),
    ]

    static var count: Int { all.reduce(0) { $0 + $1.texts.count } }

    private static let direct = [
        "SELECT * FROM main.$T", "SELECT $C FROM \"main\".\"$T\"", "SELECT $C FROM [main].[$T]",
        "SELECT $C FROM `MAIN`.`$T`", "SELECT 1 UNION SELECT $C FROM main.$T",
        "SELECT (SELECT group_concat($C) FROM main.$T)",
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM main.$T)",
        "WITH x AS (SELECT $C FROM main.$T) SELECT * FROM x",
        "SELECT 1 WHERE 'x' IN (SELECT $C FROM main.$T)", "SELECT 1 WHERE 'x' IN main.$T",
        "VALUES ((SELECT max($C) FROM main.$T))", "SELECT count(*) FROM main.$T",
        "SELECT count($C) OVER () FROM main.$T", "SELECT main.$T.$C FROM $T, main.$T",
        "SELECT * FROM main . $T", "SELECT * FROM main/**/./**/$T",
        "SELECT $C FROM temp.main.$T", "SELECT rowid, * FROM main.$T",
        "SELECT * FROM local", "SELECT * FROM authority", "SELECT value FROM meta",
        "SELECT * FROM searchable WHERE name LIKE '%hidden%'", "SELECT * FROM interest",
        "SELECT body FROM change", "SELECT bodies FROM block", "SELECT * FROM replica",
        "SELECT * FROM reference", "SELECT * FROM peer",
        "SELECT state FROM record WHERE entity = 12", "SELECT key FROM keyed",
    ]

    private static let schema = [
        "SELECT * FROM sqlite_master", "SELECT sql FROM sqlite_schema",
        "SELECT * FROM sqlite_temp_master", "SELECT * FROM temp.sqlite_schema",
        "SELECT * FROM main.sqlite_master", "SELECT * FROM sqlite_stat1",
        "SELECT * FROM sqlite_sequence", "SELECT count(*) FROM \"sqlite_master\"",
        "SELECT name FROM SQLITE_MASTER", "SELECT * FROM sqlite_stmt",
    ]

    private static let databases = [
        "ATTACH ':memory:' AS x", "ATTACH DATABASE 'gemba.sqlite' AS x", "DETACH main",
        "VACUUM INTO '/tmp/stolen'", "VACUUM", "PRAGMA database_list",
        "PRAGMA table_info($T)", "PRAGMA query_only = 0", "PRAGMA writable_schema = 1",
        "PRAGMA temp_store_directory = '/tmp'",
    ]

    private static let virtual = [
        "SELECT * FROM pragma_table_info('$T')", "SELECT * FROM pragma_database_list",
        "SELECT * FROM dbstat", "SELECT * FROM search WHERE search MATCH 'hidden'",
        "SELECT * FROM search_data", "SELECT * FROM search_content",
        "SELECT * FROM fts5vocab('main', 'search', 'row')",
        "CREATE VIRTUAL TABLE v USING fts5vocab(main, search, row)",
        "SELECT * FROM bytecode('SELECT 1')", "SELECT * FROM tables_used('SELECT 1')",
        "SELECT snippet(search) FROM search", "SELECT * FROM generate_series(1, 9)",
        "SELECT * FROM json_each((SELECT group_concat($C) FROM main.$T))",
    ]

    private static let writing = [
        "DELETE FROM $T", "UPDATE $T SET $C = NULL", "INSERT INTO $T DEFAULT VALUES",
        "INSERT OR REPLACE INTO $T SELECT * FROM $T", "DROP TABLE $T", "DROP VIEW $T",
        "DROP VIEW temp.$T", "CREATE TABLE t (x)", "CREATE TEMP TABLE t AS SELECT * FROM main.$T",
        "CREATE TEMP VIEW v AS SELECT * FROM main.$T",
        "CREATE TEMP TRIGGER g AFTER INSERT ON $T BEGIN SELECT 1; END",
        "ALTER TABLE $T ADD COLUMN x", "REINDEX", "ANALYZE", "BEGIN", "SAVEPOINT s", "ROLLBACK",
        "EXPLAIN SELECT * FROM $T", "EXPLAIN QUERY PLAN SELECT * FROM $T",
        "DELETE FROM $T RETURNING $C",
    ]

    private static let several = [
        "SELECT 1; SELECT * FROM main.$T", "SELECT 1; DROP TABLE $T", "SELECT 1;;SELECT 2", "",
        " ; ", "-- nothing", "/* nothing */",
    ]

    private static let shadowing = [
        "WITH $T AS (SELECT * FROM main.$T) SELECT $C FROM $T",
        "WITH $T AS (SELECT $C FROM main.$T) SELECT * FROM $T NATURAL JOIN $T AS y",
        "WITH RECURSIVE $T($C) AS (SELECT $C FROM main.$T UNION SELECT $C FROM $T) "
            + "SELECT * FROM $T",
        "SELECT * FROM (SELECT $C FROM main.$T) AS $T",
        "SELECT \"hidden\" FROM main.$T", "WITH main AS (SELECT 1) SELECT * FROM main.$T",
    ]

    private static let joins = [
        "SELECT count(*) FROM $T NATURAL JOIN main.$T",
        "SELECT 1 FROM (SELECT 'z' AS $C) JOIN main.$T USING ($C)",
        "SELECT $C FROM (SELECT 'z' AS $C) FULL JOIN main.$T USING ($C)",
        "SELECT $C FROM (SELECT 'z' AS $C) RIGHT JOIN main.$T USING ($C)",
        "SELECT sql FROM (SELECT 'z' AS sql) FULL JOIN sqlite_master USING (sql)",
        "SELECT sql FROM (SELECT 'z' AS sql) FULL JOIN temp.sqlite_schema USING (sql)",
        "SELECT value FROM (SELECT 'z' AS value) FULL JOIN local USING (value)",
        "SELECT bytes FROM (SELECT 'z' AS bytes) FULL JOIN authority USING (bytes)",
        "SELECT body FROM (SELECT 'z' AS body) FULL JOIN change USING (body)",
        "SELECT name FROM (SELECT 'hidden' AS name) NATURAL JOIN searchable",
    ]

    private static let functions = [
        "SELECT load_extension('x')", "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'x')", "SELECT fts3_tokenizer('x')",
        "SELECT randomblob(1000000000)", "SELECT zeroblob(1000000000)",
        "SELECT sqlite_source_id()", "SELECT sqlite_compileoption_get(1)",
        "SELECT last_insert_rowid()", "SELECT total_changes()",
        "SELECT printf('%*d', 100000000, 1)", "SELECT matchinfo($T) FROM $T",
    ]

    private static let bombs = [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            + "SELECT group_concat(hex(i), 'xxxxxxxxxxxxxxxx') FROM n",
        "WITH RECURSIVE n(i, s) AS (SELECT 1, 'xxxxxxxx' UNION ALL SELECT i + 1, s || s FROM n) "
            + "SELECT s FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            + "SELECT i, replace(hex(i), '3', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy') AS s "
            + "FROM n ORDER BY s",
        "SELECT " + String(repeating: "(", count: 400) + "1" + String(repeating: ")", count: 400),
        "SELECT 1" + String(repeating: " + 1", count: 4_000),
        "SELECT " + String(repeating: "'x' || ", count: 300) + "'x'",
        "SELECT 'a' LIKE '" + String(repeating: "%a", count: 200) + "'",
        "SELECT 1" + String(repeating: " UNION SELECT 1", count: 40),
        "SELECT json_extract('" + String(repeating: "[", count: 3_000) + "', '$')",
        String(repeating: "SELECT 1 -- ", count: 5_000),
    ]
}
