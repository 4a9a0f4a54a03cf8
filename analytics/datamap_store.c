/* SPDX-License-Identifier: Apache-2.0 */
/* The data map on disk: SQLite in WAL mode. Sketches hold keyed tokens only. */
#include "analytics/datamap.h"
#include "base/err.h"
#include "base/mem.h"

#include <sqlite3.h>
#include <stdio.h>

enum { STEP_EXACT = 128, STEP_BITS = 10 };

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS datamap(service TEXT NOT NULL, class TEXT NOT NULL, direction TEXT NOT NULL,"
    " consumer TEXT NOT NULL, zone TEXT, calls INTEGER, count INTEGER, subjects INTEGER, grade INTEGER,"
    " first_ns INTEGER, last_ns INTEGER, sketch BLOB, PRIMARY KEY(service, class, direction, consumer)) "
    "WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS lineage(class TEXT NOT NULL, source TEXT NOT NULL, service TEXT NOT NULL,"
    " consumer TEXT NOT NULL, calls INTEGER, subjects INTEGER, first_ns INTEGER, last_ns INTEGER, sketch "
    "BLOB,"
    " PRIMARY KEY(class, source, service, consumer)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS host(address TEXT PRIMARY KEY, service TEXT NOT NULL) WITHOUT ROWID;";

struct datamap_store {
  sqlite3 *db;
  sqlite3_stmt *row, *step, *host;
  bool open; /* a transaction is */
};

static int open_db(struct datamap_store *s, const char *path, bool read_only) {
  int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int rc = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_busy_timeout(s->db, 2000);
  if (rc != SQLITE_OK || read_only) return rc;
  rc = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;", NULL, NULL, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_exec(s->db, schema, NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_prepare_v2(s->db, "INSERT OR REPLACE INTO datamap VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", -1,
                            &s->row, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_prepare_v2(s->db, "INSERT OR REPLACE INTO lineage VALUES(?,?,?,?,?,?,?,?,?)", -1, &s->step,
                            NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_prepare_v2(s->db, "INSERT OR REPLACE INTO host VALUES(?,?)", -1, &s->host, NULL);
  return rc;
}

int datamap_store_open(struct datamap_store **out, const char *state_dir, bool read_only,
                       struct conf_error *err) {
  char path[4096];
  struct datamap_store *s = mem_zalloc(sizeof *s);
  if (!s) return ERR_NOMEM;
  snprintf(path, sizeof path, "%s/datamap.db", state_dir);
  if (open_db(s, path, read_only) == SQLITE_OK) {
    *out = s;
    return 0;
  }
  snprintf(err->text, sizeof err->text, "%.300s: %.100s; %s", path,
           s->db ? sqlite3_errmsg(s->db) : "out of memory",
           read_only ? "name the folder that a sensor keeps its state in by --state DIR"
                     : "give a state folder that can be written, or move the file away");
  datamap_store_close(s);
  return ERR_IO;
}

void datamap_store_close(struct datamap_store *s) {
  if (!s) return;
  if (s->open) datamap_store_commit(s);
  sqlite3_finalize(s->row);
  sqlite3_finalize(s->step);
  sqlite3_finalize(s->host);
  sqlite3_close(s->db);
  mem_free(s);
}

int datamap_store_begin(struct datamap_store *s) {
  if (s->open) return 0;
  if (sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) return ERR_IO;
  s->open = true;
  return 0;
}

int datamap_store_commit(struct datamap_store *s) {
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

static void text(sqlite3_stmt *st, int at, const char *s) { sqlite3_bind_text(st, at, s, -1, SQLITE_STATIC); }
static void number(sqlite3_stmt *st, int at, uint64_t v) { sqlite3_bind_int64(st, at, (sqlite3_int64)v); }

static int sketch(sqlite3_stmt *st, int at, const struct distinct *d) {
  size_t n = distinct_size(d);
  uint8_t *p = mem_alloc(n);
  if (!p) return ERR_NOMEM;
  distinct_save(d, p);
  int rc = sqlite3_bind_blob(st, at, p, (int)n, SQLITE_TRANSIENT);
  mem_free(p);
  return rc == SQLITE_OK ? 0 : ERR_IO;
}

static uint64_t pack(const struct grade *g) {
  return (uint64_t)(g->jrt0171 | g->jrt0197 << 4 | g->gbt35273 << 8 | g->iso29100 << 12 | g->pci << 16);
}

int datamap_store_row(struct datamap_store *s, const struct datamap_row *r) {
  sqlite3_stmt *st = s->row;
  text(st, 1, r->service), text(st, 2, r->class_id),
      text(st, 3, r->dir == DIR_REQUEST ? "request" : "response");
  text(st, 4, r->consumer), text(st, 5, zones_name(r->zone));
  number(st, 6, r->calls), number(st, 7, r->count), number(st, 8, datamap_subjects(r));
  number(st, 9, pack(&r->grade)), number(st, 10, r->first_ns), number(st, 11, r->last_ns);
  int rc = sketch(st, 12, &r->subjects);
  return rc < 0 ? rc : run(st);
}

int datamap_store_step(struct datamap_store *s, const struct datamap_step *x) {
  sqlite3_stmt *st = s->step;
  text(st, 1, x->class_id), text(st, 2, x->from), text(st, 3, x->service), text(st, 4, x->consumer);
  number(st, 5, x->calls), number(st, 6, distinct_count(&x->subjects)), number(st, 7, x->first_ns);
  number(st, 8, x->last_ns);
  int rc = sketch(st, 9, &x->subjects);
  return rc < 0 ? rc : run(st);
}

int datamap_store_host(struct datamap_store *s, const struct datamap_host *h) {
  text(s->host, 1, h->address), text(s->host, 2, h->service);
  return run(s->host);
}

static void column(sqlite3_stmt *st, int at, char *to, size_t size) {
  const void *p = sqlite3_column_text(st, at);
  size_t n = (size_t)sqlite3_column_bytes(st, at);
  if (n > size - 1) n = size - 1;
  if (n) memcpy(to, p, n);
  to[n] = 0;
}
static uint64_t value(sqlite3_stmt *st, int at) { return (uint64_t)sqlite3_column_int64(st, at); }

static int load_sketch(sqlite3_stmt *st, int at, struct distinct *d) {
  int rc = distinct_load(d, span_of(sqlite3_column_blob(st, at), (size_t)sqlite3_column_bytes(st, at)));
  return rc == ERR_SYNTAX ? 0 : rc; /* a damaged one is counted anew */
}

static int load_rows(struct datamap_store *s, int (*row)(void *, struct datamap_row *), void *user) {
  sqlite3_stmt *st;
  char word[16];
  int rc = 0;
  if (sqlite3_prepare_v2(
          s->db,
          "SELECT service,class,direction,consumer,zone,calls,count,grade,first_ns,last_ns,sketch FROM "
          "datamap ORDER BY first_ns,service,class,direction,consumer",
          -1, &st, NULL) != SQLITE_OK)
    return ERR_IO;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct datamap_row *r = mem_zalloc(sizeof *r);
    if (!r) {
      rc = ERR_NOMEM;
      break;
    }
    distinct_init(&r->subjects, 0, 0);
    column(st, 0, r->service, sizeof r->service), column(st, 1, r->class_id, sizeof r->class_id);
    column(st, 2, word, sizeof word);
    r->dir = strcmp(word, "request") == 0 ? DIR_REQUEST : DIR_RESPONSE;
    column(st, 3, r->consumer, sizeof r->consumer), column(st, 4, word, sizeof word);
    for (int z = 0; z < 4; z++)
      if (strcmp(word, zones_name((enum zone)z)) == 0) r->zone = (enum zone)z;
    r->calls = value(st, 5), r->count = value(st, 6);
    uint64_t g = value(st, 7);
    r->grade = (struct grade){g & 15, g >> 4 & 15, g >> 8 & 15, g >> 12 & 15, g >> 16 & 15};
    r->first_ns = value(st, 8), r->last_ns = value(st, 9);
    rc = load_sketch(st, 10, &r->subjects);
    if (rc == 0) rc = row(user, r);
  }
  sqlite3_finalize(st);
  return rc;
}

static int load_steps(struct datamap_store *s, int (*step)(void *, struct datamap_step *), void *user) {
  sqlite3_stmt *st;
  int rc = 0;
  if (sqlite3_prepare_v2(
          s->db,
          "SELECT class,source,service,consumer,calls,first_ns,last_ns,sketch FROM lineage ORDER BY "
          "first_ns,class,source,service,consumer",
          -1, &st, NULL) != SQLITE_OK)
    return ERR_IO;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct datamap_step *x = mem_zalloc(sizeof *x);
    if (!x) {
      rc = ERR_NOMEM;
      break;
    }
    distinct_init(&x->subjects, STEP_EXACT, STEP_BITS);
    column(st, 0, x->class_id, sizeof x->class_id), column(st, 1, x->from, sizeof x->from);
    column(st, 2, x->service, sizeof x->service), column(st, 3, x->consumer, sizeof x->consumer);
    x->calls = value(st, 4), x->first_ns = value(st, 5), x->last_ns = value(st, 6);
    rc = load_sketch(st, 7, &x->subjects);
    if (rc == 0) rc = step(user, x);
  }
  sqlite3_finalize(st);
  return rc;
}

static int load_hosts(struct datamap_store *s, int (*host)(void *, struct datamap_host *), void *user) {
  sqlite3_stmt *st;
  int rc = 0;
  if (sqlite3_prepare_v2(s->db, "SELECT address,service FROM host ORDER BY address", -1, &st, NULL) !=
      SQLITE_OK)
    return ERR_IO;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct datamap_host *h = mem_zalloc(sizeof *h);
    if (!h) {
      rc = ERR_NOMEM;
      break;
    }
    column(st, 0, h->address, sizeof h->address), column(st, 1, h->service, sizeof h->service);
    rc = host(user, h);
  }
  sqlite3_finalize(st);
  return rc;
}

int datamap_store_load(struct datamap_store *s, const struct datamap_load *l) {
  int rc = l->host ? load_hosts(s, l->host, l->user) : 0;
  if (rc == 0 && l->row) rc = load_rows(s, l->row, l->user);
  return rc == 0 && l->step ? load_steps(s, l->step, l->user) : rc;
}
