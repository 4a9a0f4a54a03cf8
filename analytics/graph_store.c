/* SPDX-License-Identifier: Apache-2.0 */
/* The service graph on disk. */
#include "analytics/graph.h"
#include "analytics/state_db.h"
#include "base/err.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { HIST_TEXT = GRAPH_HIST * 21 };

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS edge(caller TEXT NOT NULL, service TEXT NOT NULL, port INTEGER NOT NULL,"
    " protocol TEXT NOT NULL, operation TEXT NOT NULL, calls INTEGER, errors_client INTEGER,"
    " errors_server INTEGER, errors_protocol INTEGER, bytes_request INTEGER, bytes_response INTEGER,"
    " timed INTEGER, micros INTEGER, histogram TEXT, first_ns INTEGER, last_ns INTEGER,"
    " data_request TEXT, data_response TEXT, grade_request INTEGER, grade_response INTEGER,"
    " PRIMARY KEY(caller, service, port, protocol, operation)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS host(address TEXT PRIMARY KEY, service TEXT NOT NULL) WITHOUT ROWID;";

struct graph_store {
  struct state_db db;
  sqlite3_stmt *edge, *host;
};

static int prepare(struct graph_store *s) {
  sqlite3 *db = s->db.db;
  int rc = sqlite3_prepare_v2(
      db, "INSERT OR REPLACE INTO edge VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", -1, &s->edge, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO host VALUES(?,?)", -1, &s->host, NULL);
  return rc == SQLITE_OK ? 0 : ERR_IO;
}

int graph_store_open(struct graph_store **out, const char *state_dir, bool read_only,
                     struct conf_error *err) {
  struct graph_store *s = mem_zalloc(sizeof *s);
  if (!s) return ERR_NOMEM;
  int rc = state_db_open(&s->db, state_dir, "graph.db", schema, read_only, err);
  if (rc == 0 && !read_only && (rc = prepare(s)) < 0)
    snprintf(err->text, sizeof err->text, "%.300s/graph.db: %.100s; move the file away", state_dir,
             sqlite3_errmsg(s->db.db));
  if (rc < 0)
    graph_store_close(s);
  else
    *out = s;
  return rc;
}

void graph_store_close(struct graph_store *s) {
  if (!s) return;
  if (s->db.open) state_db_commit(&s->db);
  sqlite3_finalize(s->edge);
  sqlite3_finalize(s->host);
  state_db_close(&s->db);
  mem_free(s);
}

int graph_store_begin(struct graph_store *s) { return state_db_begin(&s->db); }
int graph_store_commit(struct graph_store *s) { return state_db_commit(&s->db); }

/* Numbers with commas between, without the zeros at the end. */
static void hist_text(const uint64_t hist[GRAPH_HIST], char text[HIST_TEXT]) {
  size_t n = 0, last = GRAPH_HIST;
  while (last > 0 && !hist[last - 1]) last--;
  text[0] = 0;
  for (size_t i = 0; i < last; i++)
    n += (size_t)snprintf(text + n, HIST_TEXT - n, "%s%" PRIu64, i ? "," : "", hist[i]);
}

static void hist_read(const char *text, uint64_t hist[GRAPH_HIST]) {
  for (size_t i = 0; i < GRAPH_HIST && *text; i++) {
    char *end;
    hist[i] = strtoull(text, &end, 10);
    if (*end != ',') return;
    text = end + 1;
  }
}

int graph_store_edge(struct graph_store *s, const struct graph_edge *e) {
  const struct graph_sums *v = &e->sums;
  sqlite3_stmt *st = s->edge;
  char hist[HIST_TEXT];
  const uint64_t counts[] = {v->calls,    v->errors_client, v->errors_server, v->errors_protocol,
                             v->bytes[0], v->bytes[1],      v->timed,         v->micros};
  hist_text(v->hist, hist);
  state_db_text(st, 1, e->caller);
  state_db_text(st, 2, e->service);
  state_db_number(st, 3, e->port);
  state_db_text(st, 4, e->protocol);
  state_db_text(st, 5, e->operation);
  for (int i = 0; i < 8; i++) state_db_number(st, 6 + i, counts[i]);
  state_db_text(st, 14, hist);
  state_db_number(st, 15, v->first_ns);
  state_db_number(st, 16, v->last_ns);
  for (int d = 0; d < 2; d++) {
    state_db_text(st, 17 + d, v->classes[d]);
    state_db_number(st, 19 + d, (uint64_t)(v->jrt0171[d] | v->jrt0197[d] << 4));
  }
  return state_db_run(st);
}

int graph_store_host(struct graph_store *s, const struct graph_host *h) {
  state_db_text(s->host, 1, h->address);
  state_db_text(s->host, 2, h->service);
  return state_db_run(s->host);
}

static void read_edge(sqlite3_stmt *st, struct graph_edge *e) {
  struct graph_sums *v = &e->sums;
  char hist[HIST_TEXT];
  uint64_t *const counts[] = {&v->calls,    &v->errors_client, &v->errors_server, &v->errors_protocol,
                              &v->bytes[0], &v->bytes[1],      &v->timed,         &v->micros};
  state_db_column(st, 0, e->caller, sizeof e->caller);
  state_db_column(st, 1, e->service, sizeof e->service);
  e->port = (uint16_t)state_db_value(st, 2);
  state_db_column(st, 3, e->protocol, sizeof e->protocol);
  state_db_column(st, 4, e->operation, sizeof e->operation);
  for (int i = 0; i < 8; i++) *counts[i] = state_db_value(st, 5 + i);
  state_db_column(st, 13, hist, sizeof hist);
  hist_read(hist, v->hist);
  v->first_ns = state_db_value(st, 14);
  v->last_ns = state_db_value(st, 15);
  for (int d = 0; d < 2; d++) {
    state_db_column(st, 16 + d, v->classes[d], GRAPH_CLASSES);
    uint64_t grade = state_db_value(st, 18 + d);
    v->jrt0171[d] = grade & 15;
    v->jrt0197[d] = grade >> 4 & 15;
  }
}

static int load_edges(struct graph_store *s, const struct graph_load *l) {
  sqlite3_stmt *st;
  int rc = 0;
  if (sqlite3_prepare_v2(s->db.db,
                         "SELECT * FROM edge ORDER BY first_ns,caller,service,port,protocol,operation", -1,
                         &st, NULL) != SQLITE_OK)
    return ERR_IO;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct graph_edge *e = mem_zalloc(sizeof *e);
    if (e) read_edge(st, e);
    rc = e ? l->edge(l->user, e) : ERR_NOMEM;
  }
  sqlite3_finalize(st);
  return rc;
}

static int load_hosts(struct graph_store *s, const struct graph_load *l) {
  sqlite3_stmt *st;
  int rc = 0;
  if (sqlite3_prepare_v2(s->db.db, "SELECT address,service FROM host ORDER BY address", -1, &st, NULL) !=
      SQLITE_OK)
    return ERR_IO;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct graph_host *h = mem_zalloc(sizeof *h);
    if (h) state_db_column(st, 0, h->address, sizeof h->address);
    if (h) state_db_column(st, 1, h->service, sizeof h->service);
    rc = h ? l->host(l->user, h) : ERR_NOMEM;
  }
  sqlite3_finalize(st);
  return rc;
}

int graph_store_load(struct graph_store *s, const struct graph_load *l) {
  int rc = load_hosts(s, l);
  return rc < 0 ? rc : load_edges(s, l);
}
