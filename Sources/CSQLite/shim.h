#pragma once
#include <sqlite3.h>

/* SQLITE_STATIC and SQLITE_TRANSIENT are casts, and db_config is variadic: Swift imports neither. */
static inline sqlite3_destructor_type csqlite_static(void) { return SQLITE_STATIC; }
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }
static inline int csqlite_config_flag(sqlite3 *db, int option, int on, int *out) {
    return sqlite3_db_config(db, option, on, out);
}
