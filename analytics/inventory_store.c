/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory on disk: SQLite in WAL mode, one transaction a batch, so that a killed sensor loses seconds at most. */
#include "analytics/inventory_store.h"
#include "analytics/schema_read.h"
#include "base/err.h"
#include "base/mem.h"
#include "dissect/body/body.h"

#include <stdio.h>

enum { VERSION = 3 };

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
    "CREATE INDEX IF NOT EXISTS endpoint_service ON endpoint(service);"
    "CREATE TABLE IF NOT EXISTS auth(endpoint TEXT NOT NULL, kind TEXT NOT NULL, calls INTEGER, PRIMARY "
    "KEY(endpoint, kind)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS message(endpoint TEXT NOT NULL, place TEXT NOT NULL, messages INTEGER, "
    "PRIMARY "
    "KEY(endpoint, place)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS field(endpoint TEXT NOT NULL, place TEXT NOT NULL, path TEXT NOT NULL, types "
    "INTEGER, format INTEGER, present INTEGER, occurred INTEGER, min REAL, max REAL, closed INTEGER, words "
    "TEXT, class TEXT, sample TEXT,"
    " PRIMARY KEY(endpoint, place, path)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS status(endpoint TEXT NOT NULL, status INTEGER NOT NULL, calls INTEGER, "
    "PRIMARY "
    "KEY(endpoint, status)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS media(endpoint TEXT NOT NULL, direction INTEGER NOT NULL, type TEXT NOT "
    "NULL, "
    "calls INTEGER, PRIMARY KEY(endpoint, direction, type)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS service(id TEXT PRIMARY KEY, name TEXT NOT NULL, exposure TEXT, address "
    "BLOB, port "
    "INTEGER, first_ns INTEGER, last_ns INTEGER, calls INTEGER, protocols TEXT, software TEXT, callers TEXT, "
    "callees "
    "TEXT);"
    "CREATE TABLE IF NOT EXISTS rule(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, service TEXT NOT NULL, path "
    "TEXT "
    "NOT NULL, UNIQUE(kind, service, path));";

/* Columns that version 1 did not have. */
static const char *const columns[] = {"auto_tags TEXT",
                                      "risk INTEGER",
                                      "risk_why TEXT",
                                      "plaintext INTEGER DEFAULT 0",
                                      "algs TEXT",
                                      "findings INTEGER DEFAULT 0",
                                      "severity INTEGER DEFAULT 0",
                                      "finding TEXT",
                                      "rule_owner TEXT",
                                      "words INTEGER DEFAULT 0"};

static const char *const state_names[] = {"active", "dormant", "retired"};

#define INSERT_ENDPOINT \
  "INSERT INTO " \
  "endpoint(id,service,method,endpoint,state,exposure,protocol,address,port,first_ns,last_ns,calls,bytes," \
  "lost,auth,auto_tags,risk,risk_why,plaintext,algs,findings,severity,finding,rule_owner," \
  "words,accepted,owner,tags) " \
  "VALUES(?,?,?,?,?,?,?,?,?,?,?," \
  "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,nullif(?,''),nullif(?,'')) ON CONFLICT(id) DO UPDATE SET " \
  "state=excluded.state,exposure=excluded.exposure," \
  "first_ns=excluded.first_ns,last_ns=excluded.last_ns,calls=excluded.calls,bytes=excluded.bytes,lost=" \
  "excluded.lost," \
  "auth=excluded.auth,auto_tags=excluded.auto_tags,risk=excluded.risk,risk_why=excluded.risk_why," \
  "plaintext=excluded.plaintext,algs=excluded.algs,findings=excluded.findings,severity=excluded.severity," \
  "finding=excluded.finding,rule_owner=excluded.rule_owner,words=excluded.words"

static const char *const statements[STORE_STATEMENTS + 1] = {
    [STORE_PUT] = INSERT_ENDPOINT,
    [STORE_CALLER] = "INSERT OR IGNORE INTO caller VALUES(?,?)",
    [STORE_DATA] = "INSERT OR REPLACE INTO data VALUES(?,?,?,?,?,?,?)",
    [STORE_EVENT] = "INSERT INTO event VALUES(?,?,?,?)",
    [STORE_AUTH] = "INSERT OR REPLACE INTO auth VALUES(?,?,?)",
    [STORE_MESSAGE] = "INSERT OR REPLACE INTO message VALUES(?,?,?)",
    [STORE_FIELD] = "INSERT OR REPLACE INTO field VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STORE_STATUS] = "INSERT OR REPLACE INTO status VALUES(?,?,?)",
    [STORE_MEDIA] = "INSERT OR REPLACE INTO media VALUES(?,?,?,?)",
    [STORE_SERVICE] = "INSERT OR REPLACE INTO service VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [STORE_DROP] = "DELETE FROM endpoint WHERE id=?",
    [STORE_DROP + 1] = "DELETE FROM caller WHERE endpoint=?",
    [STORE_DROP + 2] = "DELETE FROM data WHERE endpoint=?",
    [STORE_DROP + 3] = "DELETE FROM auth WHERE endpoint=?",
    [STORE_DROP + 4] = "DELETE FROM message WHERE endpoint=?",
    [STORE_DROP + 5] = "DELETE FROM field WHERE endpoint=?",
    [STORE_DROP + 6] = "DELETE FROM status WHERE endpoint=?",
    [STORE_DROP + 7] = "DELETE FROM media WHERE endpoint=?",
};

/* Bring an older file up: the columns that it lacks. */
static int migrate(struct state_db *s) {
  char text[160];
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    int n = (int)strcspn(columns[i], " ");
    sqlite3_stmt *st = NULL;
    snprintf(text, sizeof text, "SELECT %.*s FROM endpoint LIMIT 0", n, columns[i]);
    int rc = sqlite3_prepare_v2(s->db, text, -1, &st, NULL);
    sqlite3_finalize(st);
    if (rc == SQLITE_OK) continue;
    snprintf(text, sizeof text, "ALTER TABLE endpoint ADD COLUMN %s", columns[i]);
    if (sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK) return ERR_IO;
  }
  snprintf(text, sizeof text, "INSERT OR REPLACE INTO meta VALUES('version','%d')", VERSION);
  return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : ERR_IO;
}

static const struct state_db_file file = {"inventory.db", schema, migrate, statements};

int inventory_store_open(struct inventory_store **out, const char *state_dir, struct conf_error *err) {
  struct inventory_store *s = mem_zalloc(sizeof *s);
  int rc = s ? state_db_open(&s->db, state_dir, &file, false, err) : ERR_NOMEM;
  if (rc < 0) {
    mem_free(s);
    return rc;
  }
  inventory_store_changed(s);
  *out = s;
  return 0;
}

void inventory_store_close(struct inventory_store *s) {
  if (!s) return;
  state_db_close(s->db);
  mem_free(s);
}

int inventory_store_begin(struct inventory_store *s) { return state_db_begin(s->db); }
int inventory_store_commit(struct inventory_store *s) { return state_db_commit(s->db); }

bool inventory_store_changed(struct inventory_store *s) {
  sqlite3_stmt *st;
  int64_t now = s->data_version;
  if (state_db_query(s->db, "PRAGMA data_version", &st) < 0) return false;
  if (sqlite3_step(st) == SQLITE_ROW) now = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  bool changed = now != s->data_version;
  s->data_version = now;
  return changed;
}

static void bind_text(sqlite3_stmt *st, int at, const char *text, size_t n) {
  sqlite3_bind_text(st, at, text, (int)n, SQLITE_STATIC);
}

static void bind_span(sqlite3_stmt *st, int at, struct span s) {
  sqlite3_bind_text(st, at, s.base ? (const char *)s.base : "", (int)s.len, SQLITE_STATIC);
}

static int put_endpoint(struct inventory_store *s, const struct row *r) {
  sqlite3_stmt *st = s->db->put[STORE_PUT];
  char algs[ROW_ALGS * (ROW_ALG + 1)] = "";
  size_t used = 0;
  for (unsigned i = 0; i < ROW_ALGS && r->alg[i][0]; i++)
    used += (size_t)snprintf(algs + used, sizeof algs - used, "%s%s", i ? "," : "", r->alg[i]);
  bind_text(st, 1, r->id, ROW_ID);
  bind_text(st, 2, r->service, r->service_len);
  bind_text(st, 3, r->method, r->method_len);
  bind_text(st, 4, r->name, r->name_len);
  bind_span(st, 5, span_str(state_names[r->state]));
  bind_span(st, 6, span_str(zones_name(r->exposure)));
  bind_text(st, 7, r->protocol, strnlen(r->protocol, ROW_PROTOCOL));
  sqlite3_bind_blob(st, 8, r->addr, 16, SQLITE_STATIC);
  state_db_number(st, 9, r->port);
  state_db_number(st, 10, r->first_ns), state_db_number(st, 11, r->last_ns),
      state_db_number(st, 12, r->calls);
  state_db_number(st, 13, r->bytes), state_db_number(st, 14, r->lost), state_db_number(st, 15, r->auth);
  bind_text(st, 16, r->tags, r->tags_len);
  state_db_number(st, 17, (uint64_t)(r->risk > 0 ? r->risk : 0));
  bind_span(st, 18, span_str(r->why));
  state_db_number(st, 19, r->plaintext);
  bind_span(st, 20, span_str(algs));
  state_db_number(st, 21, r->findings), state_db_number(st, 22, r->severity);
  bind_span(st, 23, span_str(r->finding));
  bind_span(st, 24, span_str(r->rule_owner));
  state_db_number(st, 25, r->words);
  /* The user's own, which a row that takes another name carries along; where the row stands already, the store's are newer. */
  state_db_number(st, 26, r->accepted);
  bind_span(st, 27, span_str(r->owner)), bind_span(st, 28, span_str(r->user_tags));
  return state_db_run(st);
}

static int put_lists(struct inventory_store *s, const struct row *r) {
  sqlite3_stmt *st = s->db->put[STORE_CALLER];
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < r->callers; i++) {
    bind_text(st, 1, r->id, ROW_ID);
    sqlite3_bind_blob(st, 2, r->caller[i], 16, SQLITE_STATIC);
    rc = state_db_run(st);
  }
  st = s->db->put[STORE_DATA];
  for (int d = 0; d < 2; d++)
    for (unsigned i = 0; rc == 0 && i < r->ndata[d]; i++) {
      const struct row_class *c = &r->data[d][i];
      bind_text(st, 1, r->id, ROW_ID);
      state_db_number(st, 2, (uint64_t)d);
      bind_text(st, 3, c->class_id, strnlen(c->class_id, ROW_CLASS));
      state_db_number(st, 4, c->count), state_db_number(st, 5, c->subjects),
          state_db_number(st, 6, c->first_ns);
      state_db_number(st, 7, grade_pack(&c->grade));
      rc = state_db_run(st);
    }
  st = s->db->put[STORE_AUTH];
  for (unsigned i = 0; i < AUTH_KINDS && rc == 0; i++) {
    if (!r->auth_calls[i]) continue;
    bind_text(st, 1, r->id, ROW_ID);
    bind_span(st, 2, span_str(auth_kind_name((enum auth_kind)i)));
    state_db_number(st, 3, r->auth_calls[i]);
    rc = state_db_run(st);
  }
  return rc;
}

static int put_field(struct inventory_store *s, const struct row *r, const struct schema_field *f) {
  sqlite3_stmt *st = s->db->put[STORE_FIELD];
  char words[SCHEMA_WORDS * (FIELD_WORD + 1)];
  size_t n = 0;
  for (unsigned i = 0; i < f->nwords && !f->closed; i++) {
    if (n + f->word[i].len + 1 > sizeof words) break;
    if (i) words[n++] = ',';
    memcpy(words + n, f->word[i].base, f->word[i].len);
    n += f->word[i].len;
  }
  bind_text(st, 1, r->id, ROW_ID);
  bind_span(st, 2, span_str(schema_book_place(f->place)));
  bind_span(st, 3, f->path);
  state_db_number(st, 4, f->types), state_db_number(st, 5, f->format), state_db_number(st, 6, f->present),
      state_db_number(st, 7, f->occurred);
  if (f->measured) {
    bool number = f->types & 1u << LEAF_NUMBER;
    sqlite3_bind_double(st, 8, number ? schema_read_widen(f->min, false) : f->min);
    sqlite3_bind_double(st, 9, number ? schema_read_widen(f->max, true) : f->max);
  }
  state_db_number(st, 10, f->closed);
  bind_text(st, 11, words, n);
  bind_span(st, 12, f->class_id);
  bind_span(st, 13, f->sample);
  return state_db_run(st);
}

static int put_schema(struct inventory_store *s, const struct row *r) {
  const struct schema_book *b = r->schema;
  sqlite3_stmt *st = s->db->put[STORE_MESSAGE];
  int rc = 0;
  for (int p = 0; b && p < SCHEMA_PLACES && rc == 0; p++) {
    if (!b->messages[p]) continue;
    bind_text(st, 1, r->id, ROW_ID);
    bind_span(st, 2, span_str(schema_book_place((enum schema_place)p)));
    state_db_number(st, 3, b->messages[p]);
    rc = state_db_run(st);
  }
  for (uint32_t i = 0; b && i < b->nfields && rc == 0; i++) rc = put_field(s, r, &b->field[i]);
  st = s->db->put[STORE_STATUS];
  for (unsigned i = 0; b && i < b->nstatuses && rc == 0; i++) {
    bind_text(st, 1, r->id, ROW_ID);
    state_db_number(st, 2, b->status[i].status), state_db_number(st, 3, b->status[i].calls);
    rc = state_db_run(st);
  }
  st = s->db->put[STORE_MEDIA];
  for (int d = 0; b && d < 2; d++)
    for (unsigned i = 0; i < b->nmedia[d] && rc == 0; i++) {
      bind_text(st, 1, r->id, ROW_ID);
      state_db_number(st, 2, (uint64_t)d);
      bind_text(st, 3, b->medium[d][i].type, b->medium[d][i].len);
      state_db_number(st, 4, b->medium[d][i].calls);
      rc = state_db_run(st);
    }
  return rc;
}

int inventory_store_put(struct inventory_store *s, const struct row *r) {
  int rc = put_endpoint(s, r);
  if (rc == 0) rc = put_lists(s, r);
  return rc == 0 ? put_schema(s, r) : rc;
}

static struct span joined(char *out, size_t size, const struct service_texts *t) {
  size_t n = 0;
  for (unsigned i = 0; i < t->count; i++) {
    int k = snprintf(out + n, size - n, "%s%s", i ? "\n" : "", t->text[i]);
    if (k > 0 && n + (size_t)k < size) n += (size_t)k;
  }
  return span_of(out, n);
}

int inventory_store_service(struct inventory_store *s, const struct service_row *r) {
  char protocols[SERVICE_TEXTS * SERVICE_TEXT], software[SERVICE_TEXTS * SERVICE_TEXT];
  char callers[ROW_CALLERS * 48], callees[SERVICE_CALLEES * (ROW_SERVICE + 1)];
  size_t nr = 0, ne = 0;
  sqlite3_stmt *st = s->db->put[STORE_SERVICE];
  for (uint32_t i = 0; i < r->callers; i++) {
    if (i) callers[nr++] = '\n';
    nr += zones_text(r->caller[i], callers + nr);
  }
  for (unsigned i = 0; i < r->callees; i++) {
    if (i) callees[ne++] = '\n';
    memcpy(callees + ne, r->callee[i].name, r->callee[i].len);
    ne += r->callee[i].len;
  }
  bind_text(st, 1, r->id, ROW_ID);
  bind_text(st, 2, r->name, r->name_len);
  bind_span(st, 3, span_str(zones_name(r->exposure)));
  sqlite3_bind_blob(st, 4, r->addr, 16, SQLITE_STATIC);
  state_db_number(st, 5, r->port);
  state_db_number(st, 6, r->first_ns), state_db_number(st, 7, r->last_ns), state_db_number(st, 8, r->calls);
  bind_span(st, 9, joined(protocols, sizeof protocols, &r->protocols));
  bind_span(st, 10, joined(software, sizeof software, &r->software));
  bind_text(st, 11, callers, nr);
  bind_text(st, 12, callees, ne);
  return state_db_run(st);
}

int inventory_store_drop(struct inventory_store *s, const struct row *r) {
  int rc = 0;
  for (int i = STORE_DROP; i < STORE_STATEMENTS && rc == 0; i++) {
    bind_text(s->db->put[i], 1, r->id, ROW_ID);
    rc = state_db_run(s->db->put[i]);
  }
  return rc;
}

int inventory_store_event(struct inventory_store *s, const struct row *r, const char *change,
                          struct span detail, uint64_t ns) {
  sqlite3_stmt *st = s->db->put[STORE_EVENT];
  state_db_number(st, 1, ns);
  bind_text(st, 2, r->id, ROW_ID);
  bind_span(st, 3, span_str(change));
  bind_span(st, 4, detail);
  return state_db_run(st);
}
