/* SPDX-License-Identifier: Apache-2.0 */
/* The service graph: edges, their sums, the cap of operations, flows, and what a restart keeps. */
#include "tests/unit/temp.h"

#include "analytics/graph.h"
#include "base/err.h"
#include "base/mem.h"

#include <sqlite3.h>

#define SEC 1000000000ULL

static struct counters ctr;
static struct zones zones;
static struct analytics_conf conf;
static struct service_names *names;

static int start(void **state) {
  struct conf_error err = {""};
  (void)state;
  names = service_new();
  if (!names || temp_begin(state)) return -1;
  return zones_init(&zones, &conf, &err);
}
static int stop(void **state) {
  service_free(names);
  zones_done(&zones);
  return temp_end(state);
}

static void address(uint8_t to[16], const char *text) {
  assert_int_equal(zones_address(to, span_str(text)), 0);
}

/* A call that was answered after so many microseconds. */
static void call(struct graph *g, const char *client, const char *server, const char *service,
                 const char *operation, int status, uint64_t micros) {
  struct txn t = {.kind = TXN_CALL, .protocol = "http", .target = SPAN_LIT("/"), .status = status};
  struct data_hit hit = {.class_id = "id_card", .count = 1, .grade = {.jrt0171 = 2, .jrt0197 = 3}};
  struct api_event e = {.txn = &t,
                        .service = span_str(service),
                        .endpoint = span_str(operation),
                        .data[DIR_RESPONSE] = {&hit, 1, 1}};
  address(t.conn.client, client);
  address(t.conn.server, server);
  t.conn.sport = 80;
  t.side[0] = (struct side){.seen = true, .first_ns = 9 * SEC, .last_ns = 10 * SEC, .wire_bytes = 100};
  t.side[1] = (struct side){.seen = true, .first_ns = 10 * SEC + micros * 1000, .wire_bytes = 1000};
  t.side[1].last_ns = t.side[1].first_ns;
  graph_call(g, &e);
}

struct seen {
  unsigned count;
  const struct graph_edge *edge[80];
};
static void on_edge(void *user, const struct graph_edge *e) {
  struct seen *s = user;
  if (s->count < 80) s->edge[s->count++] = e;
}
static struct seen look(const struct graph *g) {
  struct seen s = {0};
  graph_each(g, on_edge, &s);
  return s;
}

static struct graph *fresh(const char *dir) {
  struct conf_error err = {""};
  struct graph *g = NULL;
  assert_int_equal(graph_new(&g, &zones, names, dir, &ctr, &err), 0);
  return g;
}

static bool refuse_commits;
static int on_commit(void *user) {
  (void)user;
  return refuse_commits;
}
static int on_open(sqlite3 *db, char **text, const struct sqlite3_api_routines *api) {
  (void)text, (void)api;
  sqlite3_commit_hook(db, on_commit, NULL);
  return SQLITE_OK;
}

/* A full disk: what could not be committed is stored when there is room again. */
static void not_committed(void **state) {
  (void)state;
  char dir[TEMP_NAME];
  assert_int_equal(sqlite3_auto_extension((void (*)(void))on_open), SQLITE_OK);
  struct graph *g = fresh(temp_folder(dir));
  call(g, "10.0.0.2", "10.0.0.3", "core", "GET /b", 200, 5);
  refuse_commits = true;
  assert_int_equal(graph_finish(g), ERR_IO);
  refuse_commits = false;
  assert_int_equal(graph_finish(g), 0);
  graph_free(g);
  sqlite3_reset_auto_extension();
  g = fresh(dir);
  assert_int_equal(look(g).count, 1);
  graph_free(g);
  temp_drop(dir);
}

static void edges(void **state) {
  (void)state;
  struct graph *g = fresh(NULL);
  call(g, "203.0.113.9", "10.0.0.2", "gateway", "GET /a", 200, 100);
  call(g, "8.8.8.8", "10.0.0.2", "gateway", "GET /a", 404, 300); /* the same caller: outside */
  call(g, "10.0.0.2", "10.0.0.3", "core", "GET /b", 503, 0);     /* a host that has a name */
  call(g, "10.0.0.9", "10.0.0.3", "10.0.0.3:80", "GET /b", 200, 5);
  struct seen s = look(g);
  assert_int_equal(s.count, 3);
  const struct graph_sums *n = &s.edge[0]->sums;
  assert_string_equal(s.edge[0]->caller, "internet");
  assert_int_equal(n->calls, 2);
  assert_int_equal(n->errors_client, 1);
  assert_int_equal(n->bytes[0], 200);
  assert_int_equal(n->bytes[1], 2000);
  assert_int_equal(n->micros, 400);
  assert_int_equal(n->hist[7], 1); /* 64-127 */
  assert_int_equal(n->hist[9], 1); /* 256-511 */
  assert_int_equal(n->first_ns, 9 * SEC);
  assert_string_equal(n->classes[DIR_RESPONSE], "id_card");
  assert_string_equal(n->classes[DIR_REQUEST], "");
  assert_int_equal(n->jrt0197[DIR_RESPONSE], 3);
  assert_string_equal(s.edge[1]->caller, "gateway");
  assert_int_equal(s.edge[1]->sums.errors_server, 1);
  assert_int_equal(s.edge[1]->sums.hist[0], 1);
  assert_string_equal(s.edge[2]->caller, "10.0.0.9");
  graph_free(g);
}

static void flows(void **state) {
  (void)state;
  struct graph *g = fresh(NULL);
  struct flow_record f = {.protocol = "ssh", .payload = {10, 20}, .last_ns = 5 * SEC};
  address(f.conn.client, "10.0.0.1");
  address(f.conn.server, "10.0.0.7");
  f.conn.sport = 22;
  graph_flow(g, &f);
  f.transactions = 1;
  graph_flow(g, &f); /* its calls count */
  f.transactions = 0, f.payload[1] = 0;
  graph_flow(g, &f); /* nobody answered */
  struct seen s = look(g);
  assert_int_equal(s.count, 1);
  assert_string_equal(s.edge[0]->service, "10.0.0.7:22");
  assert_string_equal(s.edge[0]->operation, "-");
  assert_int_equal(s.edge[0]->sums.calls, 1);
  assert_int_equal(s.edge[0]->sums.bytes[1], 20);
  graph_free(g);
}

static void many_calls(struct graph *g) {
  char operation[32];
  for (unsigned i = 0; i < 70; i++) {
    snprintf(operation, sizeof operation, "GET /%u", i);
    call(g, "10.0.0.1", "10.0.0.2", "gateway", operation, 200, 10);
  }
}

static void caps_and_restart(void **state) {
  (void)state;
  for (unsigned run = 1; run < 3; run++) {
    struct graph *g = fresh(temp_dir);
    many_calls(g);
    struct seen s = look(g);
    assert_int_equal(s.count, 65);
    uint64_t rest = 0;
    for (unsigned i = 0; i < s.count; i++) {
      const struct graph_sums *n = &s.edge[i]->sums;
      bool star = strcmp(s.edge[i]->operation, "*") == 0;
      if (star) rest = n->calls;
      assert_int_equal(n->calls, star ? 6 * run : run);
      assert_int_equal(n->hist[4], n->calls); /* 8-15 */
      assert_int_equal(n->micros, 10 * n->calls);
      assert_int_equal(n->bytes[1], 1000 * n->calls);
      assert_string_equal(n->classes[1], "id_card");
      assert_int_equal(n->jrt0171[1], 2);
    }
    assert_int_equal(rest, 6 * run);
    assert_true(ctr_get(&ctr, CTR_ANALYTICS_STATE_CAP) == 6 * run);
    assert_int_equal(graph_finish(g), 0);
    graph_free(g);
  }
}

static void percentiles(void **state) {
  (void)state;
  struct graph_sums s = {0}, more = {0};
  assert_int_equal(graph_within(&s, 50), 0);
  for (unsigned i = 0; i < 99; i++) graph_timed(&s, 100);
  graph_timed(&more, UINT64_MAX >> 1); /* beyond the last */
  assert_true(graph_class(&more, DIR_REQUEST, SPAN_LIT("name")));
  assert_true(graph_class(&s, DIR_REQUEST, SPAN_LIT("mobile")));
  assert_true(graph_add(&s, &more));
  assert_true(graph_add(&s, &(struct graph_sums){.classes = {"name,mobile"}}));
  assert_string_equal(s.classes[DIR_REQUEST], "mobile,name");
  assert_in_range(graph_within(&s, 50), 64, 127);
  assert_in_range(graph_within(&s, 99), 64, 128);
  assert_true(graph_within(&s, 100) > 1 << 30);
  for (unsigned i = 0; i < 40; i++) {
    char id[16];
    snprintf(id, sizeof id, "class_%02u", i);
    if (!graph_class(&s, DIR_REQUEST, span_str(id))) assert_true(i > 20);
  }
  assert_true(strlen(s.classes[DIR_REQUEST]) < GRAPH_CLASSES);
}

static void refused(void **state) {
  (void)state;
  struct graph *g = NULL;
  struct conf_error err = {""};
  assert_true(graph_new(&g, &zones, names, "/no/such/folder", &ctr, &err) < 0);
  assert_null(g);
  assert_non_null(strstr(err.text, "/no/such/folder/graph.db"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(edges),       cmocka_unit_test(not_committed),
                                     cmocka_unit_test(flows),       cmocka_unit_test(caps_and_restart),
                                     cmocka_unit_test(percentiles), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, start, stop);
}
