/* SPDX-License-Identifier: Apache-2.0 */
/* One thread runs a capture up to each stage in turn, so that the difference of two rows is the cost of one stage.
 * stages FILE [LOOPS] [RULES_DIR]: each loop shifts times and client addresses, so that flows are new. */
#include "analytics/analyst.h"
#include "base/err.h"
#include "capture/capture.h"
#include "dissect/dissect.h"
#include "output/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum stage { READ, DECODE, REASSEMBLE, INSPECT, CORRELATE, WRITE, STAGES };
static const char *const names[] = {"read",      "decode",      "reassemble+dissect", "inspect+classify",
                                    "correlate", "encode+write"};

struct run {
  enum stage stage;
  struct txn_pool *pool;
  struct analyzer *analyzer;
  struct analyst *analyst;
  struct encoder *encoder;
  struct counters ctr;
  FILE *out;
  unsigned long calls, bytes;
};

static void emit(struct run *r, int rc, const struct record *rec) {
  if (rc >= 0) fwrite(rec->json.base, 1, rec->json.len, r->out);
}
static void on_call(void *u, const struct api_event *e) {
  struct run *r = u;
  struct record rec;
  if (r->stage >= WRITE) emit(r, encode_call(r->encoder, e, &rec), &rec);
}
static void on_finding(void *u, const struct finding *f) {
  struct run *r = u;
  struct record rec;
  if (r->stage >= WRITE) emit(r, encode_finding(r->encoder, f, &rec), &rec);
}
static void on_flow(void *u, const struct flow_record *f) {
  struct run *r = u;
  struct record rec;
  if (r->stage >= WRITE) emit(r, encode_flow(r->encoder, f, &rec), &rec);
}
static void take_flow(void *u, const struct flow_record *f) {
  struct run *r = u;
  if (r->stage >= CORRELATE) analyst_flow(r->analyst, f);
}
static void take_txn(void *u, struct txn *t) {
  struct run *r = u;
  r->calls++;
  struct api_event *e = r->stage >= INSPECT ? analyzer_txn(r->analyzer, t) : NULL;
  if (e && r->stage >= CORRELATE) {
    encoder_call_id(e, e->id);
    analyst_event(r->analyst, e);
  }
  txn_pool_put(r->pool, t);
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

struct frames {
  struct frame *item;
  size_t count, size;
};

static bool load(struct frames *all, const char *path, const struct capture_conf *conf,
                 struct counters *ctr) {
  struct replay *in;
  struct conf_error err;
  char *name = (char *)(uintptr_t)path;
  bool stable;
  struct frame f;
  if (replay_open(&in, conf, &name, 1, ctr, &err) < 0) return fprintf(stderr, "%s\n", err.text), false;
  while (replay_next(in, &f, &stable) > 0) {
    if (all->count == all->size) {
      all->size = all->size ? all->size * 2 : 65536;
      all->item = realloc(all->item, all->size * sizeof f);
    }
    uint8_t *copy = malloc(f.caplen);
    memcpy(copy, f.data, f.caplen);
    f.data = copy;
    all->item[all->count++] = f;
  }
  replay_close(in);
  return true;
}

/* Move clients to the next network of 10/8, servers (10.200) stay; nothing verifies checksums here. */
static void move(uint8_t *ip) {
  if (ip[1] == 200) return;
  ip[1]++;
  if (ip[1] == 200) ip[1]++;
}

static void shift(struct frames *all, uint64_t span) {
  for (size_t i = 0; i < all->count; i++) {
    uint8_t *p = (uint8_t *)(uintptr_t)all->item[i].data;
    all->item[i].ns += span;
    move(p + 26);
    move(p + 30);
  }
}

static void pass(struct run *r, struct frames *all, struct decoder *dec, struct dissect *dis,
                 uint64_t *order) {
  struct buf scratch;
  buf_init(&scratch, NULL, 0);
  for (size_t i = 0; i < all->count; i++) {
    struct packet p;
    r->bytes += all->item[i].wirelen;
    if (r->stage < DECODE) continue;
    if (decoder_frame(dec, &all->item[i], &p, &scratch) <= 0) continue;
    p.order = ++*order;
    if (r->stage < REASSEMBLE) continue;
    dissect_packet(dis, &p);
    if (i % 2048) continue;
    dissect_tick(dis, p.ns, *order);
    if (r->stage >= CORRELATE) analyst_tick(r->analyst, p.ns);
  }
  buf_done(&scratch);
}

static void measure(enum stage stage, struct frames *all, unsigned loops, const struct capture_conf *cc,
                    const struct dissect_conf *dc, const struct analytics_conf *ac,
                    const struct output_conf *oc, const struct ruleset *rules) {
  struct run r = {.stage = stage, .out = fopen("/dev/null", "wb")};
  struct budget budget = {0};
  struct conf_error err;
  uint64_t order = 0, span = all->item[all->count - 1].ns - all->item[0].ns + 1000000000;
  struct analyst_sink sink = {&r, on_call, NULL, on_finding, NULL, NULL, on_flow};
  r.pool = txn_pool_new(dc, &budget);
  r.analyzer = analyzer_new(ac, rules, &r.ctr);
  r.encoder = encoder_new(oc, "bench");
  if (analyst_new(&r.analyst, ac, rules, NULL, &r.ctr, sink, &err) < 0) exit(1);
  struct decoder *dec = decoder_new(cc, 1, &r.ctr);
  struct dissect *dis =
      dissect_new(dc, 1, 1, &r.ctr, r.pool, &budget, NULL, (struct dissect_sink){&r, take_txn, take_flow});
  double t = 0;
  for (unsigned l = 0; l < loops; l++) {
    double t0 = cpu();
    pass(&r, all, dec, dis, &order);
    if (stage >= REASSEMBLE && l + 1 == loops) dissect_drain(dis, order + 1);
    if (stage >= CORRELATE && l + 1 == loops) analyst_finish(r.analyst);
    t += cpu() - t0;
    shift(all, span);
  }
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  printf("%-20s %8.3f s  %8.2f Gbit/s  %9.0f calls/s  %6.0f MB\n", names[stage], t,
         (double)r.bytes * 8e-9 / t, (double)r.calls / t, (double)u.ru_maxrss / 1024);
  dissect_free(dis);
  decoder_free(dec);
  analyst_free(r.analyst);
  analyzer_free(r.analyzer);
  encoder_free(r.encoder);
  txn_pool_free(r.pool);
  fclose(r.out);
}

int main(int argc, char **argv) {
  static struct capture_conf cc;
  static struct dissect_conf dc;
  static struct analytics_conf ac;
  static struct output_conf oc;
  const struct conf_section sections[] = {{"capture", capture_options, &cc},
                                          {"dissect", dissect_options, &dc},
                                          {"analytics", analytics_options, &ac},
                                          {"output", output_options, &oc},
                                          {0}};
  struct frames all = {0};
  struct counters ctr = {0};
  struct conf_error err;
  struct ruleset *rules;
  if (argc < 2 || conf_defaults(sections) < 0)
    return fputs("usage: stages FILE [LOOPS] [RULES_DIR]\n", stderr), 2;
  if (argc > 3) {
    char text[512];
    snprintf(text, sizeof text, "analytics.rules_dir=%s", argv[3]);
    conf_set(sections, text, &err);
  }
  if (ruleset_load(&rules, &ac, &err) < 0) return fprintf(stderr, "%s\n", err.text), 1;
  if (!load(&all, argv[1], &cc, &ctr)) return 1;
  unsigned loops = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 4;
  for (int s = DECODE; s < STAGES; s++)
    if (argc < 5 || strcmp(argv[4], names[s]) == 0)
      measure((enum stage)s, &all, loops, &cc, &dc, &ac, &oc, rules);
  ruleset_free(rules);
  return 0;
}
