/* SPDX-License-Identifier: Apache-2.0 */
/* A small SQLite database of a state folder: opened, filled and read by the same few steps. */
#ifndef ANALYTICS_STATE_DB_H
#define ANALYTICS_STATE_DB_H

#include "base/conf.h"

#include <sqlite3.h>

struct state_db;
/** A file of the folder: its name, its tables, and the statements that fill them. */
struct state_db_file {
  const char *name, *schema;
  int (*migrate)(
      struct state_db *s); /* bring an older one up, once its tables stand; ERR_IO. NULL: there is none */
  const char *const *put;  /* NULL behind the last */
};
struct state_db {
  sqlite3 *db;
  bool open; /* a transaction is */
  size_t puts;
  sqlite3_stmt *put[]; /* as in the file; NULL when it is only read */
};
/** Open a file of dir, in WAL mode and with its tables unless read_only. ERR_IO, ERR_NOMEM; err names the file and the remedy. */
int state_db_open(struct state_db **out, const char *dir, const struct state_db_file *file, bool read_only,
                  struct conf_error *err);
/** Commit what is open and close; takes NULL. */
void state_db_close(struct state_db *s);
/** Begin a transaction unless one is open; commit the open one. ERR_IO; where the commit fails, nothing of it is kept. */
int state_db_begin(struct state_db *s);
int state_db_commit(struct state_db *s);
/** Run a statement that gives no rows, and make it ready for the next. ERR_IO. */
int state_db_run(sqlite3_stmt *st);
/** Prepare a query, to be stepped and finalized. ERR_IO. */
int state_db_query(struct state_db *s, const char *sql, sqlite3_stmt **out);
/** Bind a text (borrowed until it ran) or a number at a place from 1 on. */
void state_db_text(sqlite3_stmt *st, int at, const char *s);
void state_db_number(sqlite3_stmt *st, int at, uint64_t v);
/** Read a column from 0 on; a text is cut to size and ends in NUL. */
void state_db_column(sqlite3_stmt *st, int at, char *to, size_t size);
uint64_t state_db_value(sqlite3_stmt *st, int at);

#endif
