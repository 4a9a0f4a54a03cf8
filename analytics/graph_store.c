/* SPDX-License-Identifier: Apache-2.0 */
/* The service graph on disk. */
#include "analytics/graph.h"
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
    " PRIMARY KEY(caller, service, port, protocol, operation)) WITHOUT ROWID;" STATE_HOST_SCHEMA;

enum { PUT_HOST, PUT_EDGE };
static const char *const inserts[] = {
    [PUT_HOST] = STATE_HOST_PUT,
    [PUT_EDGE] = "INSERT OR REPLACE INTO edge VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    NULL};
static const struct state_db_file file = {.name = "graph.db", .schema = schema, .put = inserts};

int graph_store_open(struct state_db **out, const char *state_dir, bool read_only, struct conf_error *err) {
  return state_db_open(out, state_dir, &file, read_only, err);
}

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

int graph_store_edge(struct state_db *db, const struct graph_edge *e) {
  const struct graph_sums *v = &e->sums;
  sqlite3_stmt *st = db->put[PUT_EDGE];
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

int graph_store_load(struct state_db *db, int (*edge)(void *user, struct graph_edge *e), void *user) {
  sqlite3_stmt *st;
  int rc =
      state_db_query(db, "SELECT * FROM edge ORDER BY first_ns,caller,service,port,protocol,operation", &st);
  if (rc < 0) return rc;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct graph_edge *e = mem_zalloc(sizeof *e);
    if (e) read_edge(st, e);
    rc = e ? edge(user, e) : ERR_NOMEM;
  }
  sqlite3_finalize(st);
  return rc;
}
