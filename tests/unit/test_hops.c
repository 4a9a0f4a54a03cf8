/* SPDX-License-Identifier: Apache-2.0 */
/* Whose call a gateway's own call is: by credential and path together, by nobody's where several are as likely. */
#include "analytics/analyst_hop.h"
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MS 1000000ULL
enum { GATEWAY = 1, SERVICE = 2, ANN = 3, BOB = 4 };

struct made {
  struct txn t;
  struct api_event e;
};

static struct api_event *call(struct made *m, uint8_t from, uint8_t to, uint64_t start, uint64_t end,
                              const char *session) {
  *m = (struct made){0};
  m->t.kind = TXN_CALL;
  m->t.conn.client[15] = from, m->t.conn.server[15] = to;
  m->t.method = SPAN_LIT("GET"), m->t.path = SPAN_LIT("/api/customer/detail");
  for (int d = 0; d < 2; d++)
    m->t.side[d] = (struct side){.seen = true, .first_ns = start * MS, .last_ns = start * MS};
  m->t.side[1].last_ns = end * MS;
  m->e.txn = &m->t;
  m->e.who.origin[15] = from;
  if (session) m->e.who.session = span_str(session);
  return &m->e;
}

static void told(void **state) {
  (void)state;
  struct made m;
  struct hops *h = hops_new();
  hops_learn(h, call(&m, ANN, GATEWAY, 100, 130, "ann"));
  hops_learn(h, call(&m, BOB, GATEWAY, 102, 132, "bob"));
  struct api_event *e = call(&m, GATEWAY, SERVICE, 110, 120, "ann");
  hops_resolve(h, e);
  assert_true(e->who.inner_hop && !e->who.by_time);
  assert_int_equal(e->who.origin[15], ANN);
  e = call(&m, GATEWAY, SERVICE, 110, 120, NULL); /* either's */
  hops_resolve(h, e);
  assert_true(e->who.by_time);
  e = call(&m, GATEWAY, SERVICE, 131, 132, NULL); /* the one that was still waiting */
  hops_resolve(h, e);
  assert_false(e->who.by_time);
  assert_int_equal(e->who.origin[15], BOB);
  hops_free(h);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
