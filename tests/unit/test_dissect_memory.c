/* SPDX-License-Identifier: Apache-2.0 */
/* Captures read while memory runs out at every point: what is missing from their transactions and flows is counted. */
#include "capture/capture.h"
#include "cmocka_all.h"
#include "dissect/dissect.h"
#include "failmem.h"

#include <stdio.h>

static struct capture_conf capture;
static struct dissect_conf dissect;
static struct conf_section sections[] = {
    {"capture", capture_options, &capture}, {"dissect", dissect_options, &dissect}, {NULL, NULL, NULL}};

static int begin(void **state) {
  (void)state;
  return conf_defaults(sections);
}
static int end(void **state) {
  (void)state;
  conf_done(sections);
  return 0;
}

struct run {
  FILE *out;
  struct txn_pool *pool;
  struct budget budget;
  struct counters ctr;
  uint64_t missed; /* by transactions: counted where they are analysed */
};

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
  struct run *r = user;
  fprintf(r->out, "%s %.*s %.*s %.*s %d %d", t->protocol, SPAN_FMT(t->method), SPAN_FMT(t->target),
          SPAN_FMT(t->operation), t->status, t->outcome);
  for (const struct fact *x = t->facts; x; x = x->next)
    if (x->type == FACT_STR) fprintf(r->out, " %s=%.*s", x->name, SPAN_FMT(x->str));
  for (int d = 0; d < 2; d++) tell_side(r->out, &t->side[d]);
  fputc('\n', r->out);
  r->missed += t->arena.missed;
  txn_pool_put(r->pool, t);
}

static void on_flow(void *user, const struct flow_record *f) {
  struct run *r = user;
  fprintf(r->out, "flow %s %u %llu %llu\n", f->protocol, f->transactions, (unsigned long long)f->payload[0],
          (unsigned long long)f->payload[1]);
}

static void read_all(struct replay *from, struct decoder *dec, struct dissect *d) {
  struct frame frame;
  struct packet packet;
  struct buf scratch;
  uint64_t order = 0;
  bool stable;
  buf_init(&scratch, NULL, 0);
  while (replay_next(from, &frame, &stable) == 1) {
    buf_reset(&scratch);
    packet.order = ++order;
    if (decoder_frame(dec, &frame, &packet, &scratch) != 1) continue;
    packet.order = order;
    dissect_packet(d, &packet);
  }
  dissect_drain(d, order);
  buf_done(&scratch);
}

/* What a capture's transactions and flows are, in text that the caller frees, while the allocation after so many is refused (-1:
 * none); whether it came to that, and what was counted as lost. */
static char *told(const char *path, long granted, bool *refused, uint64_t *lost) {
  struct run r = {.budget = {0, (size_t)1 << 28, 0}};
  struct conf_error err = {""};
  struct replay *from = NULL;
  char *text = NULL, *paths[] = {(char *)(uintptr_t)path};
  size_t len;
  long live = failmem_live;
  r.out = open_memstream(&text, &len);
  r.pool = txn_pool_new(&dissect, &r.budget);
  assert_int_equal(replay_open(&from, &capture, paths, 1, &r.ctr, &err), 0);
  struct decoder *dec = decoder_new(&capture, 1, &r.ctr);
  struct dissect_sink sink = {&r, on_txn, on_flow};
  struct dissect *d = dissect_new(&dissect, 1, 7, &r.ctr, r.pool, &r.budget, NULL, sink);
  assert_true(r.out && r.pool && dec && d);
  failmem_after = granted;
  read_all(from, dec, d);
  *refused = failmem_after < 0;
  failmem_after = -1;
  dissect_free(d);
  decoder_free(dec);
  replay_close(from);
  txn_pool_free(r.pool);
  assert_int_equal(r.budget.used, 0);
  assert_int_equal(failmem_live, live);
  fclose(r.out);
  *lost = r.missed + ctr_get(&r.ctr, CTR_DISSECT_MEMORY) + r.budget.refused +
          ctr_get(&r.ctr, CTR_FLOW_MEMORY) + ctr_get(&r.ctr, CTR_FRAG_CAP);
  return text;
}

/* How many of the replays had other records. */
static unsigned every_one_counted(const char *path) {
  bool refused;
  uint64_t lost;
  unsigned less = 0;
  char *whole = told(path, -1, &refused, &lost);
  assert_int_equal(lost, 0);
  failmem_once = refused = true;
  for (long granted = 0; refused; granted++) {
    char *text = told(path, granted, &refused, &lost);
    bool same = strcmp(text, whole) == 0;
    if (!same && !lost) fail_msg("%s: without allocation %ld other records, not counted", path, granted);
    less += !same;
    free(text);
  }
  free(whole);
  return less;
}

static void captures(void **state) {
  (void)state;
  static const char *const paths[] = {
      "protocols", "quic",       "rpc",        "rpc-guessing",  "tlcp",     "real/database", "real/graphql",
      "real/grpc", "real/http2", "real/nginx", "real/registry", "real/tls", "real/websocket"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    char path[64];
    snprintf(path, sizeof path, "pcaps/%s.pcap", paths[i]);
    assert_true(every_one_counted(path) > 0);
  }
}

/* With arguments: of these captures. */
int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(captures)};
  if (argc < 2) return cmocka_run_group_tests(tests, begin, end);
  if (begin(NULL) < 0) return 1;
  for (int i = 1; i < argc; i++) every_one_counted(argv[i]);
  return end(NULL);
}
