/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations, driven by made-up events: each tells of what it is for and is silent over what looks like it. */
#include "analytics/analyst.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define SEC 1000000000ULL
#define START (1740000000ULL * SEC) /* 2025-02-19, 21:20 UTC */

struct world {
  struct analytics_conf conf;
  struct counters ctr;
  struct analyst *a;
  uint64_t now, conns;
  char told[32][32]; /* rules of findings */
  unsigned count[32], ntold;
};

static void on_finding(void *user, const struct finding *f) {
  struct world *w = user;
  unsigned i = 0;
  while (i < w->ntold && strcmp(w->told[i], f->rule->id) != 0) i++;
  if (i == 32) return;
  if (i == w->ntold) snprintf(w->told[w->ntold++], sizeof w->told[0], "%s", f->rule->id);
  w->count[i] += f->update == 0;
  assert_non_null(f->rule->technique[0]);
  assert_non_null(f->rule->reason_zh);
  assert_non_null(f->rule->remedy_zh);
}

static struct world *begin(const char *places) {
  struct world *w = calloc(1, sizeof *w);
  struct conf_section sections[] = {{"analytics", analytics_options, &w->conf}, {NULL, NULL, NULL}};
  struct conf_error err = {0};
  assert_true(conf_defaults(sections) >= 0);
  if (places) {
    free(w->conf.places_file);
    w->conf.places_file = strdup(places);
  }
  struct analyst_sink sink = {.user = w, .finding = on_finding};
  assert_int_equal(analyst_new(&w->a, &w->conf, NULL, NULL, &w->ctr, sink, &err), 0);
  w->now = START;
  return w;
}

static unsigned told(const struct world *w, const char *rule) {
  for (unsigned i = 0; i < w->ntold; i++)
    if (strcmp(w->told[i], rule) == 0) return w->count[i];
  return 0;
}

static void end(struct world *w) {
  struct conf_section sections[] = {{"analytics", analytics_options, &w->conf}, {NULL, NULL, NULL}};
  analyst_free(w->a);
  conf_done(sections);
  free(w);
}

static void put_addr(uint8_t a[16], uint32_t v4) {
  memset(a, 0, 16);
  a[10] = a[11] = 0xff;
  for (int i = 0; i < 4; i++) a[12 + i] = (uint8_t)(v4 >> (24 - 8 * i));
}

struct call {
  uint32_t from; /* IPv4; 0: 36.1.1.1 */
  const char *method, *path, *token, *agent, *header, *value, *field;
  int status; /* 0: 200 */
  uint64_t field_value;
  enum login_step step;
  enum auth_kind auth; /* AUTH_NONE with a token: bearer */
};

static void add_header(struct txn *t, const char *name, const char *value) {
  if (value) txn_header(t, &t->side[0].headers, span_str(name), span_str(value));
}

/* One call, `after` ns later. */
static void make(struct world *w, uint64_t after, struct call c) {
  struct txn *t = calloc(1, sizeof *t);
  arena_init(&t->arena, NULL, 1 << 16);
  struct api_event *e = arena_zalloc(&t->arena, sizeof *e);
  struct field f = {.seen = 1, .value_hash = c.field_value, .max = 20, .path_hash = 7};
  w->now += after;
  t->conn =
      (struct conn){.cport = 40000, .sport = 80, .proto = IPPROTO_TCP, .id = ++w->conns, .first_ns = w->now};
  put_addr(t->conn.client, c.from ? c.from : 0x24010101);
  put_addr(t->conn.server, 0x0a000001);
  t->protocol = "http";
  t->method = span_str(c.method ? c.method : "GET");
  t->target = span_str(c.path);
  struct span q = t->target;
  t->path = span_cut(&q, '?');
  t->query = q;
  t->status = c.status ? c.status : 200;
  t->outcome = t->status < 400 ? TXN_OK : TXN_ERROR;
  for (int d = 0; d < 2; d++)
    t->side[d] =
        (struct side){.seen = true, .complete = true, .first_ns = w->now, .last_ns = w->now + (uint64_t)d};
  add_header(t, "user-agent", c.agent);
  if (c.header) add_header(t, c.header, c.value);
  e->txn = t;
  memset(e->id, 'a', sizeof e->id);
  e->service = span_str("api");
  if (c.field) {
    f.path = span_str(c.field);
    e->fields[DIR_REQUEST] = (struct fields){.item = &f, .count = 1, .size = 1};
  }
  if (c.token) {
    e->who.auth = c.auth ? c.auth : AUTH_BEARER;
    e->who.session = e->who.user = span_str(c.token);
  }
  if (c.agent) e->who.device = span_str(c.agent);
  e->login.step = c.step;
  e->login.result = t->outcome;
  memcpy(e->who.origin, t->conn.client, 16);
  analyst_event(w->a, e);
  arena_done(&t->arena);
  free(t);
}

static const char *text(char *buf, const char *before, unsigned n) {
  snprintf(buf, 64, "%s%u", before, n);
  return buf;
}

/* n identities that call ordinary things. */
static void people(struct world *w, unsigned n, const char *path) {
  char token[64], p[64];
  for (unsigned i = 0; i < n; i++)
    for (unsigned k = 0; k < 6; k++)
      make(w, SEC / 2,
           (struct call){.from = 0x25000000 + i * 259,
                         .path = text(p, path, i % 3),
                         .token = text(token, "person", i)});
}

static void logout(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  make(w, SEC, (struct call){.path = "/me", .token = "t1"});
  make(w, SEC, (struct call){.method = "POST", .path = "/logout", .token = "t1", .step = LOGIN_LOGOUT});
  make(w, SEC, (struct call){.path = "/me", .token = "t1"});
  assert_int_equal(told(w, "logout_ignored") + told(w, "token_after_logout"), 0); /* under way */
  make(w, 30 * SEC, (struct call){.path = "/me", .token = "t1", .status = 401});
  assert_int_equal(told(w, "logout_ignored"), 0);
  make(w, 30 * SEC, (struct call){.path = "/me", .token = "t1"});
  make(w, 30 * SEC, (struct call){.from = 0x55667788, .path = "/me", .token = "t1"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "logout_ignored"), 1);
  assert_int_equal(told(w, "token_after_logout"), 1);
  end(w);
}

static void hijack(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  for (unsigned i = 0; i < 6; i++)
    make(w, 20 * SEC,
         (struct call){.from = i % 2 ? 0x24010101 : 0x3a020202,
                       .path = "/me",
                       .token = "stolen",
                       .agent = i % 2 ? "phone" : "Mozilla/5.0"});
  for (unsigned i = 0; i < 12; i++) /* an app and its web view; a phone that roams */
    make(w, 20 * SEC,
         (struct call){.from = i < 6 ? 0x24010103 : 0x3a020204,
                       .path = "/me",
                       .token = "honest",
                       .agent = i % 2 ? "okhttp" : "Mozilla/5.0"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "session_hijack"), 1);
  assert_int_equal(told(w, "account_sharing"), 0);
  end(w);
}

static void travels(void **state) {
  (void)state;
  char name[] = "/tmp/places.XXXXXX";
  int fd = mkstemp(name);
  const char csv[] =
      "cidr,place,latitude,longitude\n36.0.0.0/8,Beijing,39.9,116.4\n58.0.0.0/8,London,51.5,-0.1\n";
  assert_int_equal(write(fd, csv, sizeof csv - 1), sizeof csv - 1);
  close(fd);
  struct world *w = begin(name);
  make(w, SEC, (struct call){.path = "/me", .token = "t1"});
  make(w, 12 * 3600 * SEC, (struct call){.from = 0x3a020202, .path = "/me", .token = "t1"}); /* by plane */
  assert_int_equal(told(w, "impossible_travel"), 0);
  make(w, 3600 * SEC, (struct call){.path = "/me", .token = "t1"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "impossible_travel"), 1);
  end(w);
  unlink(name);
}

static void bfla(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  static const char *const things[] = {"/admin/users", "/admin/roles", "/admin/export", "/admin/config"};
  people(w, 40, "/accounts/");
  for (unsigned i = 0; i < 8; i++) make(w, SEC, (struct call){.path = "/accounts/7", .token = "low"});
  for (unsigned i = 0; i < 3; i++) /* the administrator: nothing but that */
    make(w, SEC, (struct call){.from = 0x25550000, .path = things[i], .token = "root"});
  assert_int_equal(told(w, "bfla"), 0);
  for (unsigned i = 0; i < 4; i++)
    make(w, SEC,
         (struct call){.method = "POST", .path = things[i], .token = "low", .status = i < 2 ? 403 : 200});
  analyst_finish(w->a);
  assert_int_equal(told(w, "bfla"), 1);
  end(w);
}

static void night(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  w->now = 1740016800ULL * SEC; /* 10:00 in China */
  for (unsigned day = 0; day < 4; day++) {
    for (unsigned i = 0; i < 10; i++)
      make(w, 600 * SEC,
           (struct call){.from = 0x0a090909, .method = "POST", .path = "/admin/role", .token = "adm"});
    w->now += (86400 - 6000) * SEC;
  }
  assert_int_equal(told(w, "offhours_admin"), 0);
  make(w, 14 * 3600 * SEC,
       (struct call){.from = 0x0a090909, .method = "POST", .path = "/admin/role", .token = "adm"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "offhours_admin"), 1);
  end(w);
}

static void replays(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  struct call c = {.method = "POST",
                   .path = "/pay",
                   .token = "k",
                   .header = "X-Signature",
                   .value = "0123456789abcdef0123456789abcdef"};
  make(w, SEC, c);
  make(w, SEC / 10, c); /* a library's own retry */
  c.value = "0123456789abcdef0123456789abcde0";
  make(w, 9 * SEC, c);
  assert_int_equal(told(w, "replayed_request"), 0);
  for (int i = 0; i < 3; i++) make(w, 9 * SEC, c);
  analyst_finish(w->a);
  assert_int_equal(told(w, "replayed_request"), 1);
  end(w);
}

static void steps(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  char token[64];
  for (unsigned i = 0; i < 45; i++) {
    struct call c = {.from = 0x25000000 + i, .token = text(token, "payer", i), .path = "/home"};
    make(w, SEC, c);
    c.path = "/orders", c.method = "POST";
    make(w, SEC, c);
    c.path = "/risk/check";
    make(w, SEC, c);
    c.path = "/orders/confirm";
    make(w, SEC, c);
  }
  assert_int_equal(told(w, "step_skipped"), 0);
  struct call c = {.token = "thief", .path = "/home"};
  for (int i = 0; i < 3; i++) make(w, SEC, c);
  c.path = "/orders/confirm", c.method = "POST";
  for (int i = 0; i < 3; i++) make(w, SEC, c);
  analyst_finish(w->a);
  assert_int_equal(told(w, "step_skipped"), 1);
  end(w);
}

static void volume(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  char path[64];
  people(w, 30, "/home");
  for (unsigned i = 0; i < 900; i++) make(w, SEC / 5, (struct call){.path = "/home", .token = "robot"});
  for (unsigned i = 0; i < 300; i++)
    make(w, SEC,
         (struct call){.from = 0x26000001, .path = text(path, "/products?page=", i), .agent = "curl"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "rate_anomaly"), 1);
  assert_int_equal(told(w, "scraping"), 1);
  end(w);
}

static void money(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  char token[64];
  for (unsigned i = 0; i < 30; i++)
    make(w, SEC,
         (struct call){.method = "POST",
                       .path = "/coupon/redeem",
                       .token = "hunter",
                       .field = "code",
                       .field_value = i + 1,
                       .status = 400});
  for (unsigned i = 0; i < 8; i++) /* an office at lunch */
    make(w, SEC,
         (struct call){.from = 0x26000003,
                       .method = "POST",
                       .path = "/coupon/redeem",
                       .token = text(token, "eater", i),
                       .field = "code",
                       .field_value = 5});
  assert_int_equal(told(w, "coupon_abuse"), 1);
  for (unsigned i = 0; i < 20; i++)
    make(w, SEC,
         (struct call){.method = "POST",
                       .path = "/transfers",
                       .token = "mule",
                       .field = "payeeAccount",
                       .field_value = 100 + i});
  for (unsigned i = 0; i < 20; i++)
    make(w, SEC,
         (struct call){.from = 0x26000100 + i,
                       .method = "POST",
                       .path = "/transfers",
                       .token = text(token, "victim", i),
                       .field = "payeeAccount",
                       .field_value = 99});
  analyst_finish(w->a);
  assert_int_equal(told(w, "coupon_abuse"), 1);
  assert_int_equal(told(w, "transfer_abuse"), 2);
  end(w);
}

static void accounts(void **state) {
  (void)state;
  struct world *w = begin(NULL);
  make(w, SEC, (struct call){.path = "/me", .token = "sleeper"});
  for (unsigned i = 0; i < 60; i++)
    make(w, SEC,
         (struct call){.from = 0x0a000099,
                       .path = "/internal",
                       .token = "svc",
                       .agent = "Go-http-client/1.1",
                       .auth = AUTH_BASIC});
  make(w, 40 * 86400 * SEC, (struct call){.from = 0x77010101, .path = "/me", .token = "sleeper"});
  for (unsigned i = 0; i < 4; i++)
    make(w, SEC,
         (struct call){.from = 0x0a000055,
                       .path = "/internal",
                       .token = "svc",
                       .agent = "Mozilla/5.0",
                       .auth = AUTH_BASIC});
  analyst_finish(w->a);
  assert_int_equal(told(w, "dormant_account"), 1);
  assert_int_equal(told(w, "service_account_misuse"), 1);
  end(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(logout),  cmocka_unit_test(hijack),
                                     cmocka_unit_test(travels), cmocka_unit_test(bfla),
                                     cmocka_unit_test(night),   cmocka_unit_test(replays),
                                     cmocka_unit_test(steps),   cmocka_unit_test(volume),
                                     cmocka_unit_test(money),   cmocka_unit_test(accounts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
