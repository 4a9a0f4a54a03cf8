/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite in WAL mode. */
#include "analytics/state_db.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdio.h>

static int open_db(struct state_db *s, const char *path, const char *schema, bool read_only) {
  int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int rc = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_busy_timeout(s->db, 2000);
  if (rc != SQLITE_OK || read_only) return rc;
  rc = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;", NULL, NULL, NULL);
  return rc == SQLITE_OK ? sqlite3_exec(s->db, schema, NULL, NULL, NULL) : rc;
}

static int prepare(struct state_db *s, const struct state_db_file *file) {
  if (file->migrate && file->migrate(s) < 0) return ERR_IO;
  for (size_t i = 0; i < s->puts; i++)
    if (sqlite3_prepare_v2(s->db, file->put[i], -1, &s->put[i], NULL) != SQLITE_OK) return ERR_IO;
  return 0;
}

int state_db_open(struct state_db **out, const char *dir, const struct state_db_file *file, bool read_only,
                  struct conf_error *err) {
  char path[4096];
  size_t puts = 0;
  while (file->put[puts]) puts++;
  struct state_db *s = mem_zalloc(sizeof *s + puts * sizeof *s->put);
  if (!s) return ERR_NOMEM;
  s->puts = puts;
  snprintf(path, sizeof path, "%s/%s", dir, file->name);
  int rc = open_db(s, path, file->schema, read_only) == SQLITE_OK ? 0 : ERR_IO;
  if (rc == 0 && !read_only) rc = prepare(s, file);
  if (rc < 0) {
    snprintf(err->text, sizeof err->text, "%.300s: %.100s; %s", path,
             s->db ? sqlite3_errmsg(s->db) : "out of memory",
             read_only ? "name the folder that a sensor keeps its state in by --state DIR"
                       : "give a state folder that can be written, or move the file away");
    state_db_close(s);
    return rc;
  }
  *out = s;
  return 0;
}

void state_db_close(struct state_db *s) {
  if (!s) return;
  (void)state_db_commit(s);
  for (size_t i = 0; i < s->puts; i++) sqlite3_finalize(s->put[i]);
  sqlite3_close(s->db);
  mem_free(s);
}

int state_db_begin(struct state_db *s) {
  if (s->open) return 0;
  if (sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) return ERR_IO;
  s->open = true;
  return 0;
}

int state_db_commit(struct state_db *s) {
  if (!s->open) return 0;
  s->open = false;
  if (sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK) return 0;
  if (!sqlite3_get_autocommit(s->db)) (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return ERR_IO;
}

int state_db_query(struct state_db *s, const char *sql, sqlite3_stmt **out) {
  return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK ? 0 : ERR_IO;
}

int state_db_run(sqlite3_stmt *st) {
  int rc = sqlite3_step(st);
  sqlite3_reset(st);
  sqlite3_clear_bindings(st);
  return rc == SQLITE_DONE ? 0 : ERR_IO;
}

void state_db_text(sqlite3_stmt *st, int at, const char *s) {
  sqlite3_bind_text(st, at, s, -1, SQLITE_STATIC);
}
void state_db_number(sqlite3_stmt *st, int at, uint64_t v) { sqlite3_bind_int64(st, at, (sqlite3_int64)v); }

void state_db_column(sqlite3_stmt *st, int at, char *to, size_t size) {
  const void *p = sqlite3_column_text(st, at);
  span_text(to, size, span_of(p, (size_t)sqlite3_column_bytes(st, at)));
}
uint64_t state_db_value(sqlite3_stmt *st, int at) { return (uint64_t)sqlite3_column_int64(st, at); }
