/* SPDX-License-Identifier: Apache-2.0 */
/* Captures read while memory runs out at every point: what is missing from their transactions and flows is counted. */
#include "starved.h"

static struct conf_section sections[] = {{"capture", capture_options, &starved_capture},
                                         {"dissect", dissect_options, &starved_dissect},
                                         {NULL, NULL, NULL}};

static int begin(void **state) {
  (void)state;
  return conf_defaults(sections);
}
static int end(void **state) {
  (void)state;
  conf_done(sections);
  return 0;
}

static void tell_side(FILE *out, const struct side *s) {
  struct span body = side_body(s);
  fprintf(out, " | %d%d %#x %llu", s->seen, s->complete, s->unseen, (unsigned long long)s->body_bytes);
  for (uint32_t i = 0; i < s->headers.count; i++)
    fprintf(out, " %.*s=%.*s", SPAN_FMT(s->headers.item[i].name), SPAN_FMT(s->headers.item[i].value));
  for (uint32_t i = 0; i < s->args.count; i++)
    fprintf(out, " %.*s=%.*s", SPAN_FMT(s->args.item[i].name), SPAN_FMT(s->args.item[i].value));
  fputc(' ', out);
  for (size_t i = 0; i < body.len; i++) fprintf(out, "%02x", body.base[i]);
}

static void on_txn(void *user, struct txn *t) {
  struct starved *s = user;
  fprintf(s->out, "%s %.*s %.*s %.*s %d %d", t->protocol, SPAN_FMT(t->method), SPAN_FMT(t->target),
          SPAN_FMT(t->operation), t->status, t->outcome);
  for (const struct fact *x = t->facts; x; x = x->next)
    if (x->type == FACT_STR) fprintf(s->out, " %s=%.*s", x->name, SPAN_FMT(x->str));
  for (int d = 0; d < 2; d++) tell_side(s->out, &t->side[d]);
  fputc('\n', s->out);
  txn_pool_put(s->pool, t);
}

static void on_flow(void *user, const struct flow_record *f) {
  struct starved *s = user;
  fprintf(s->out, "flow %s %u %llu %llu\n", f->protocol, f->transactions, (unsigned long long)f->payload[0],
          (unsigned long long)f->payload[1]);
}

static void start(struct starved *s) { starved_on(s); }

static void captures(void **state) {
  (void)state;
  static const char *const names[] = {
      "protocols", "quic",       "rpc",        "rpc-guessing",  "tlcp",     "real/database", "real/graphql",
      "real/grpc", "real/http2", "real/nginx", "real/registry", "real/tls", "real/websocket"};
  const struct starved_test test = {{NULL, on_txn, on_flow}, start, starved_off};
  starved_captures(&test, names, sizeof names / sizeof *names);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(captures)};
  return cmocka_run_group_tests(tests, begin, end);
}
