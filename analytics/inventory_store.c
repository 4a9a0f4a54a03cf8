/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory on disk: SQLite in WAL mode, one transaction a batch, so that a killed sensor loses seconds at most. */
#include "analytics/inventory_row.h"
#include "base/err.h"

#include <sqlite3.h>
#include <stdio.h>

enum { VERSION = 2 };

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT);"
    "CREATE TABLE IF NOT EXISTS endpoint(id TEXT PRIMARY KEY, service TEXT NOT NULL, method TEXT NOT NULL,"
    " endpoint TEXT NOT NULL, state TEXT NOT NULL, exposure TEXT NOT NULL, protocol TEXT, address BLOB, port "
    "INTEGER,"
    " first_ns INTEGER, last_ns INTEGER, calls INTEGER, bytes INTEGER, lost INTEGER, auth INTEGER, accepted "
    "INTEGER DEFAULT 0,"
    " owner TEXT, tags TEXT, words INTEGER DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS caller(endpoint TEXT NOT NULL, address BLOB NOT NULL, PRIMARY KEY(endpoint, "
    "address))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS data(endpoint TEXT NOT NULL, direction INTEGER NOT NULL, class TEXT NOT "
    "NULL, count INTEGER,"
    " subjects INTEGER, first_ns INTEGER, grade INTEGER, PRIMARY KEY(endpoint, direction, class)) WITHOUT "
    "ROWID;"
    "CREATE TABLE IF NOT EXISTS event(ns INTEGER, endpoint TEXT, change TEXT, detail TEXT);"
    "CREATE INDEX IF NOT EXISTS endpoint_service ON endpoint(service);";

struct inventory_store {
  sqlite3 *db;
  sqlite3_stmt *put, *caller, *data, *event, *drop[3];
  bool open; /* a transaction is */
};
static const char *const state_names[] = {"active", "dormant", "retired"};

static int prepare(struct inventory_store *s) {
  const struct {
    sqlite3_stmt **to;
    const char *sql;
  } all[] = {
      {&s->put,
       "INSERT INTO "
       "endpoint(id,service,method,endpoint,state,exposure,protocol,address,port,first_ns,last_ns,calls,"
       "bytes,lost,auth,words) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET "
       "state=excluded.state,"
       "exposure=excluded.exposure,first_ns=excluded.first_ns,last_ns=excluded.last_ns,calls=excluded.calls,"
       "bytes=excluded.bytes,lost=excluded.lost,auth=excluded.auth,"
       "words=excluded.words"},
      {&s->caller, "INSERT OR IGNORE INTO caller VALUES(?,?)"},
      {&s->data, "INSERT OR REPLACE INTO data VALUES(?,?,?,?,?,?,?)"},
      {&s->event, "INSERT INTO event VALUES(?,?,?,?)"},
      {&s->drop[0], "DELETE FROM endpoint WHERE id=?"},
      {&s->drop[1], "DELETE FROM caller WHERE endpoint=?"},
      {&s->drop[2], "DELETE FROM data WHERE endpoint=?"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (sqlite3_prepare_v2(s->db, all[i].sql, -1, all[i].to, NULL) != SQLITE_OK) return ERR_IO;
  return 0;
}

int inventory_store_open(struct inventory_store **out, const char *state_dir, struct conf_error *err) {
  char path[4096], text[128];
  struct inventory_store *s = mem_zalloc(sizeof *s);
  if (!s) return ERR_NOMEM;
  snprintf(path, sizeof path, "%s/inventory.db", state_dir);
  snprintf(text, sizeof text, "INSERT OR REPLACE INTO meta VALUES('version','%d')", VERSION);
  int rc =
      sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_busy_timeout(s->db, 2000);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;", NULL, NULL, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_exec(s->db, schema, NULL, NULL, NULL);
  /* a database of version 1 gets the column; one of version 2 has it, which is no error here */
  if (rc == SQLITE_OK)
    sqlite3_exec(s->db, "ALTER TABLE endpoint ADD COLUMN words INTEGER DEFAULT 0", NULL, NULL, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_exec(s->db, text, NULL, NULL, NULL);
  if (rc == SQLITE_OK && prepare(s) == 0) {
    *out = s;
    return 0;
  }
  snprintf(err->text, sizeof err->text,
           "%.300s: %.100s; give a state folder that can be written, or move the file away", path,
           s->db ? sqlite3_errmsg(s->db) : "out of memory");
  inventory_store_close(s);
  return ERR_IO;
}

void inventory_store_close(struct inventory_store *s) {
  if (!s) return;
  if (s->open) inventory_store_commit(s);
  sqlite3_finalize(s->put);
  sqlite3_finalize(s->caller);
  sqlite3_finalize(s->data);
  sqlite3_finalize(s->event);
  for (size_t i = 0; i < 3; i++) sqlite3_finalize(s->drop[i]);
  sqlite3_close(s->db);
  mem_free(s);
}

int inventory_store_begin(struct inventory_store *s) {
  if (s->open) return 0;
  if (sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) return ERR_IO;
  s->open = true;
  return 0;
}

int inventory_store_commit(struct inventory_store *s) {
  if (!s->open) return 0;
  s->open = false;
  return sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : ERR_IO;
}

static int run(sqlite3_stmt *st) {
  int rc = sqlite3_step(st);
  sqlite3_reset(st);
  sqlite3_clear_bindings(st);
  return rc == SQLITE_DONE ? 0 : ERR_IO;
}

static void bind_text(sqlite3_stmt *st, int at, const char *text, size_t n) {
  sqlite3_bind_text(st, at, text, (int)n, SQLITE_STATIC);
}
static void bind_int(sqlite3_stmt *st, int at, uint64_t v) { sqlite3_bind_int64(st, at, (sqlite3_int64)v); }

static uint64_t pack_grade(const struct grade *g) {
  return (uint64_t)(g->jrt0171 | g->jrt0197 << 4 | g->gbt35273 << 8 | g->iso29100 << 12 | g->pci << 16);
}

int inventory_store_put(struct inventory_store *s, const struct row *r) {
  sqlite3_stmt *st = s->put;
  bind_text(st, 1, r->id, ROW_ID);
  bind_text(st, 2, r->service, r->service_len);
  bind_text(st, 3, r->method, r->method_len);
  bind_text(st, 4, r->name, r->name_len);
  bind_text(st, 5, state_names[r->state], strlen(state_names[r->state]));
  bind_text(st, 6, zones_name(r->exposure), strlen(zones_name(r->exposure)));
  bind_text(st, 7, r->protocol, strnlen(r->protocol, ROW_PROTOCOL));
  sqlite3_bind_blob(st, 8, r->addr, 16, SQLITE_STATIC);
  bind_int(st, 9, r->port);
  bind_int(st, 10, r->first_ns), bind_int(st, 11, r->last_ns), bind_int(st, 12, r->calls);
  bind_int(st, 13, r->bytes), bind_int(st, 14, r->lost), bind_int(st, 15, r->auth);
  bind_int(st, 16, r->words);
  int rc = run(st);
  for (uint32_t i = 0; rc == 0 && i < r->callers; i++) {
    bind_text(s->caller, 1, r->id, ROW_ID);
    sqlite3_bind_blob(s->caller, 2, r->caller[i], 16, SQLITE_STATIC);
    rc = run(s->caller);
  }
  for (int d = 0; d < 2; d++)
    for (unsigned i = 0; rc == 0 && i < r->ndata[d]; i++) {
      const struct row_class *c = &r->data[d][i];
      bind_text(s->data, 1, r->id, ROW_ID);
      bind_int(s->data, 2, (uint64_t)d);
      bind_text(s->data, 3, c->class_id, strnlen(c->class_id, ROW_CLASS));
      bind_int(s->data, 4, c->count), bind_int(s->data, 5, c->subjects), bind_int(s->data, 6, c->first_ns);
      bind_int(s->data, 7, pack_grade(&c->grade));
      rc = run(s->data);
    }
  return rc;
}

int inventory_store_drop(struct inventory_store *s, const struct row *r) {
  int rc = 0;
  for (size_t i = 0; i < 3 && rc == 0; i++) {
    bind_text(s->drop[i], 1, r->id, ROW_ID);
    rc = run(s->drop[i]);
  }
  return rc;
}

int inventory_store_event(struct inventory_store *s, const struct row *r, const char *change,
                          struct span detail, uint64_t ns) {
  bind_int(s->event, 1, ns);
  bind_text(s->event, 2, r->id, ROW_ID);
  bind_text(s->event, 3, change, strlen(change));
  bind_text(s->event, 4, (const char *)detail.base, detail.len);
  return run(s->event);
}

static uint16_t column(sqlite3_stmt *st, int at, char *to, size_t size) {
  const void *text = sqlite3_column_text(st, at);
  size_t n = (size_t)sqlite3_column_bytes(st, at);
  if (n > size) n = size;
  if (n) memcpy(to, text, n);
  return (uint16_t)n;
}

static struct row *read_row(sqlite3_stmt *st) {
  char word[16] = "";
  struct row *r = mem_zalloc(sizeof *r);
  if (!r) return NULL;
  column(st, 0, r->id, ROW_ID);
  r->service_len = column(st, 1, r->service, ROW_SERVICE);
  r->method_len = column(st, 2, r->method, ROW_METHOD);
  r->name_len = column(st, 3, r->name, ROW_NAME);
  column(st, 4, word, sizeof word - 1);
  for (int i = 0; i < 3; i++)
    if (strcmp(word, state_names[i]) == 0) r->state = (enum row_state)i;
  memset(word, 0, sizeof word);
  column(st, 5, word, sizeof word - 1);
  for (int i = 0; i < 4; i++)
    if (strcmp(word, zones_name((enum zone)i)) == 0) r->exposure = (enum zone)i;
  column(st, 6, r->protocol, ROW_PROTOCOL - 1);
  if (sqlite3_column_bytes(st, 7) == 16) memcpy(r->addr, sqlite3_column_blob(st, 7), 16);
  r->port = (uint16_t)sqlite3_column_int(st, 8);
  r->first_ns = (uint64_t)sqlite3_column_int64(st, 9), r->last_ns = (uint64_t)sqlite3_column_int64(st, 10);
  r->calls = (uint64_t)sqlite3_column_int64(st, 11), r->bytes = (uint64_t)sqlite3_column_int64(st, 12);
  r->lost = (uint64_t)sqlite3_column_int64(st, 13), r->auth = (uint32_t)sqlite3_column_int64(st, 14);
  r->words = (uint32_t)sqlite3_column_int64(st, 15);
  return r;
}

static int read_more(struct inventory_store *s, struct row *r) {
  sqlite3_stmt *st;
  if (sqlite3_prepare_v2(s->db, "SELECT address FROM caller WHERE endpoint=? LIMIT 64", -1, &st, NULL) !=
      SQLITE_OK)
    return ERR_IO;
  bind_text(st, 1, r->id, ROW_ID);
  while (sqlite3_step(st) == SQLITE_ROW && r->callers < ROW_CALLERS)
    if (sqlite3_column_bytes(st, 0) == 16) memcpy(r->caller[r->callers++], sqlite3_column_blob(st, 0), 16);
  sqlite3_finalize(st);
  if (sqlite3_prepare_v2(s->db,
                         "SELECT direction,class,count,subjects,first_ns,grade FROM data WHERE endpoint=?",
                         -1, &st, NULL) != SQLITE_OK)
    return ERR_IO;
  bind_text(st, 1, r->id, ROW_ID);
  while (sqlite3_step(st) == SQLITE_ROW) {
    int d = sqlite3_column_int(st, 0) != 0;
    if (r->ndata[d] == ROW_CLASSES) continue;
    struct row_class *c = &r->data[d][r->ndata[d]++];
    column(st, 1, c->class_id, ROW_CLASS - 1);
    c->count = (uint64_t)sqlite3_column_int64(st, 2), c->subjects = (uint64_t)sqlite3_column_int64(st, 3);
    c->first_ns = (uint64_t)sqlite3_column_int64(st, 4);
    uint64_t g = (uint64_t)sqlite3_column_int64(st, 5);
    c->grade = (struct grade){g & 15, g >> 4 & 15, g >> 8 & 15, g >> 12 & 15, g >> 16 & 15};
  }
  sqlite3_finalize(st);
  return 0;
}

int inventory_store_load(struct inventory_store *s, int (*row)(void *user, struct row *r), void *user) {
  sqlite3_stmt *st;
  int rc = 0;
  if (sqlite3_prepare_v2(
          s->db,
          "SELECT id,service,method,endpoint,state,exposure,protocol,address,port,first_ns,last_ns,calls,"
          "bytes,lost,auth,words FROM endpoint ORDER BY first_ns,id",
          -1, &st, NULL) != SQLITE_OK)
    return ERR_IO;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct row *r = read_row(st);
    rc = r ? read_more(s, r) : ERR_NOMEM;
    if (rc == 0)
      rc = row(user, r);
    else
      mem_free(r);
  }
  sqlite3_finalize(st);
  return rc;
}
