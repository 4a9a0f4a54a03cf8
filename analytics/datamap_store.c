/* SPDX-License-Identifier: Apache-2.0 */
/* The data map on disk: SQLite in WAL mode. Sketches hold keyed tokens only. */
#include "analytics/datamap.h"
#include "base/err.h"
#include "base/mem.h"

enum { STEP_EXACT = 128, STEP_BITS = 10 };

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS datamap(service TEXT NOT NULL, class TEXT NOT NULL, direction TEXT NOT NULL,"
    " consumer TEXT NOT NULL, zone TEXT, calls INTEGER, count INTEGER, subjects INTEGER, grade INTEGER,"
    " first_ns INTEGER, last_ns INTEGER, sketch BLOB, PRIMARY KEY(service, class, direction, consumer)) "
    "WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS lineage(class TEXT NOT NULL, source TEXT NOT NULL, service TEXT NOT NULL,"
    " consumer TEXT NOT NULL, calls INTEGER, subjects INTEGER, first_ns INTEGER, last_ns INTEGER, sketch "
    "BLOB,"
    " PRIMARY KEY(class, source, service, consumer)) WITHOUT ROWID;" STATE_HOST_SCHEMA;

enum { PUT_HOST, PUT_ROW, PUT_STEP };
static const char *const inserts[] = {[PUT_HOST] = STATE_HOST_PUT,
                                      [PUT_ROW] =
                                          "INSERT OR REPLACE INTO datamap VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                                      [PUT_STEP] = "INSERT OR REPLACE INTO lineage VALUES(?,?,?,?,?,?,?,?,?)",
                                      NULL};
static const struct state_db_file file = {.name = "datamap.db", .schema = schema, .put = inserts};

int datamap_store_open(struct state_db **out, const char *state_dir, bool read_only, struct conf_error *err) {
  return state_db_open(out, state_dir, &file, read_only, err);
}

static int sketch(sqlite3_stmt *st, int at, const struct distinct *d) {
  size_t n = distinct_size(d);
  uint8_t *p = mem_alloc(n);
  if (!p) return ERR_NOMEM;
  distinct_save(d, p);
  int rc = sqlite3_bind_blob(st, at, p, (int)n, SQLITE_TRANSIENT);
  mem_free(p);
  return rc == SQLITE_OK ? 0 : ERR_IO;
}

int datamap_store_row(struct state_db *db, const struct datamap_row *r) {
  sqlite3_stmt *st = db->put[PUT_ROW];
  state_db_text(st, 1, r->service), state_db_text(st, 2, r->class_id),
      state_db_text(st, 3, r->dir == DIR_REQUEST ? "request" : "response");
  state_db_text(st, 4, r->consumer), state_db_text(st, 5, zones_name(r->zone));
  state_db_number(st, 6, r->calls), state_db_number(st, 7, r->count),
      state_db_number(st, 8, datamap_subjects(r));
  state_db_number(st, 9, grade_pack(&r->grade)), state_db_number(st, 10, r->first_ns),
      state_db_number(st, 11, r->last_ns);
  int rc = sketch(st, 12, &r->subjects);
  return rc < 0 ? rc : state_db_run(st);
}

int datamap_store_step(struct state_db *db, const struct datamap_step *x) {
  sqlite3_stmt *st = db->put[PUT_STEP];
  state_db_text(st, 1, x->class_id), state_db_text(st, 2, x->from), state_db_text(st, 3, x->service),
      state_db_text(st, 4, x->consumer);
  state_db_number(st, 5, x->calls), state_db_number(st, 6, distinct_count(&x->subjects)),
      state_db_number(st, 7, x->first_ns);
  state_db_number(st, 8, x->last_ns);
  int rc = sketch(st, 9, &x->subjects);
  return rc < 0 ? rc : state_db_run(st);
}

static int load_sketch(sqlite3_stmt *st, int at, struct distinct *d) {
  int rc = distinct_load(d, span_of(sqlite3_column_blob(st, at), (size_t)sqlite3_column_bytes(st, at)));
  return rc == ERR_SYNTAX ? 0 : rc; /* a damaged one is counted anew */
}

static int load_row(sqlite3_stmt *st, struct datamap_row *r) {
  char word[16];
  distinct_init(&r->subjects, 0, 0);
  state_db_column(st, 0, r->service, sizeof r->service);
  state_db_column(st, 1, r->class_id, sizeof r->class_id);
  state_db_column(st, 2, word, sizeof word);
  r->dir = strcmp(word, "request") == 0 ? DIR_REQUEST : DIR_RESPONSE;
  state_db_column(st, 3, r->consumer, sizeof r->consumer);
  state_db_column(st, 4, word, sizeof word);
  for (int z = 0; z < 4; z++)
    if (strcmp(word, zones_name((enum zone)z)) == 0) r->zone = (enum zone)z;
  r->calls = state_db_value(st, 5);
  r->count = state_db_value(st, 6);
  r->grade = grade_unpack(state_db_value(st, 7));
  r->first_ns = state_db_value(st, 8);
  r->last_ns = state_db_value(st, 9);
  return load_sketch(st, 10, &r->subjects);
}

static int load_step(sqlite3_stmt *st, struct datamap_step *x) {
  distinct_init(&x->subjects, STEP_EXACT, STEP_BITS);
  state_db_column(st, 0, x->class_id, sizeof x->class_id);
  state_db_column(st, 1, x->from, sizeof x->from);
  state_db_column(st, 2, x->service, sizeof x->service);
  state_db_column(st, 3, x->consumer, sizeof x->consumer);
  x->calls = state_db_value(st, 4);
  x->first_ns = state_db_value(st, 5);
  x->last_ns = state_db_value(st, 6);
  return load_sketch(st, 7, &x->subjects);
}

static int load_rows(struct state_db *db, int (*row)(void *, struct datamap_row *), void *user) {
  sqlite3_stmt *st;
  int rc = state_db_query(db,
                          "SELECT service,class,direction,consumer,zone,calls,count,grade,first_ns,last_ns,"
                          "sketch FROM datamap ORDER BY first_ns,service,class,direction,consumer",
                          &st);
  if (rc < 0) return rc;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct datamap_row *r = mem_zalloc(sizeof *r);
    rc = r ? load_row(st, r) : ERR_NOMEM;
    if (rc == 0) {
      rc = row(user, r);
    } else if (r) {
      distinct_done(&r->subjects);
      mem_free(r);
    }
  }
  sqlite3_finalize(st);
  return rc;
}

static int load_steps(struct state_db *db, int (*step)(void *, struct datamap_step *), void *user) {
  sqlite3_stmt *st;
  int rc = state_db_query(db,
                          "SELECT class,source,service,consumer,calls,first_ns,last_ns,sketch FROM lineage "
                          "ORDER BY first_ns,class,source,service,consumer",
                          &st);
  if (rc < 0) return rc;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct datamap_step *x = mem_zalloc(sizeof *x);
    rc = x ? load_step(st, x) : ERR_NOMEM;
    if (rc == 0) {
      rc = step(user, x);
    } else if (x) {
      distinct_done(&x->subjects);
      mem_free(x);
    }
  }
  sqlite3_finalize(st);
  return rc;
}

int datamap_store_load(struct state_db *db, int (*row)(void *user, struct datamap_row *r),
                       int (*step)(void *user, struct datamap_step *x), void *user) {
  int rc = load_rows(db, row, user);
  return rc < 0 ? rc : load_steps(db, step, user);
}
