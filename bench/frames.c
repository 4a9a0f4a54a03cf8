/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds over a capture, each with later times and other clients, so that flows are new. */
#include "bench/frames.h"
#include "base/err.h"
#include "dissect/dissect.h"

#include <stdlib.h>
#include <sys/resource.h>

struct run {
  enum bench_stage stage;
  struct txn_pool *pool;
  struct analyzer *analyzer;
  struct analyst *analyst;
  struct encoder *encoder;
  struct decoder *decoder;
  struct dissect *dissect;
  struct counters ctr;
  FILE *out;
  uint64_t order;
  struct bench_result result;
};

double bench_cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

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
  r->result.calls++;
  struct api_event *e = r->stage >= INSPECT ? analyzer_txn(r->analyzer, t) : NULL;
  if (e && r->stage >= CORRELATE) {
    encoder_call_id(e, e->id);
    analyst_event(r->analyst, e);
  }
  txn_pool_put(r->pool, t);
}

static bool keep(struct bench *b, const struct frame *f) {
  if (b->count == b->size) {
    size_t size = b->size ? b->size * 2 : 65536;
    struct frame *p = mem_realloc(b->frame, size * sizeof *p);
    if (!p) return false;
    b->frame = p;
    b->size = size;
  }
  uint8_t *copy = mem_alloc(f->caplen + 1);
  if (!copy) return false;
  memcpy(copy, f->data, f->caplen);
  b->frame[b->count] = *f;
  b->frame[b->count++].data = copy;
  return true;
}

static struct replay *begin(const struct bench *b, struct counters *ctr) {
  struct replay *in;
  struct conf_error err;
  char *name = (char *)(uintptr_t)b->path;
  if (replay_open(&in, &b->cc, &name, 1, ctr, &err) >= 0) return in;
  fprintf(stderr, "%s\n", err.text);
  return NULL;
}

bool bench_load(struct bench *b, const char *path, const char *dir) {
  *b = (struct bench){.path = path};
  const struct conf_section sections[] = {
      {"capture", capture_options, &b->cc},     {"dissect", dissect_options, &b->dc},
      {"analytics", analytics_options, &b->ac}, {"assets", analytics_asset_options, &b->ac},
      {"output", output_options, &b->oc},       {0}};
  struct conf_error err;
  struct counters ctr = {0};
  char text[512];
  bool stable;
  struct frame f;
  snprintf(text, sizeof text, "analytics.rules_dir=%s", dir ? dir : "rules");
  if (conf_defaults(sections) < 0 || conf_set(sections, text, &err) < 0) return false;
  if (ruleset_load(&b->rules, &b->ac, &err) < 0) return fprintf(stderr, "%s\n", err.text), false;
  struct replay *in = begin(b, &ctr);
  if (!in) return false;
  while (replay_next(in, &f, &stable) > 0)
    if (!keep(b, &f)) return fputs("out of memory\n", stderr), false;
  replay_close(in);
  if (!b->count) return fprintf(stderr, "%s: no frames\n", path), false;
  b->span = b->frame[b->count - 1].ns - b->frame[0].ns + 1000000000;
  return true;
}

void bench_free(struct bench *b) {
  for (size_t i = 0; i < b->count; i++) mem_free((void *)(uintptr_t)b->frame[i].data);
  mem_free(b->frame);
  ruleset_free(b->rules);
}

/* Clients go to the next network of 10/8, servers (10.200) stay; nothing verifies checksums here. */
static void move(uint8_t *ip) {
  if (ip[1] == 200) return;
  ip[1]++;
  if (ip[1] == 200) ip[1]++;
}

static void shift(struct bench *b) {
  for (size_t i = 0; i < b->count; i++) {
    uint8_t *p = (uint8_t *)(uintptr_t)b->frame[i].data;
    b->frame[i].ns += b->span;
    move(p + 26);
    move(p + 30);
  }
}

/* Payloads that no parser takes: what is left is flows and streams. Twice brings them back. */
static void blind(struct bench *b) {
  enum { HEADS = 14 + 20 + 20 };
  for (size_t i = 0; i < b->count; i++)
    for (uint32_t k = HEADS; k < b->frame[i].caplen; k++) ((uint8_t *)(uintptr_t)b->frame[i].data)[k] ^= 0x95;
}

static void read_file(const struct bench *b, struct run *r) {
  struct replay *in = begin(b, &r->ctr);
  struct frame f;
  bool stable;
  while (in && replay_next(in, &f, &stable) > 0) r->result.bytes += f.wirelen;
  replay_close(in);
}

static void pass(const struct bench *b, struct run *r) {
  struct buf scratch;
  buf_init(&scratch, NULL, 0);
  for (size_t i = 0; i < b->count; i++) {
    struct packet p;
    r->result.bytes += b->frame[i].wirelen;
    if (decoder_frame(r->decoder, &b->frame[i], &p, &scratch) <= 0) continue;
    p.order = ++r->order;
    if (r->stage < FLOWS) continue;
    dissect_packet(r->dissect, &p);
    if (i % 2048) continue;
    dissect_tick(r->dissect, p.ns, r->order);
    if (r->stage >= CORRELATE) analyst_tick(r->analyst, p.ns);
  }
  buf_done(&scratch);
}

static void finish(struct run *r) {
  if (r->stage >= FLOWS) dissect_drain(r->dissect, r->order + 1);
  if (r->stage >= CORRELATE) analyst_finish(r->analyst);
}

struct bench_result bench_run(struct bench *b, enum bench_stage stage, unsigned rounds,
                              const struct watch *watch) {
  struct run r = {.stage = stage, .out = fopen("/dev/null", "wb")};
  struct budget budget = {0};
  struct conf_error err;
  struct analyst_sink sink = {&r, on_call, NULL, on_finding, NULL, NULL, on_flow};
  r.pool = txn_pool_new(&b->dc, &budget);
  r.analyzer = analyzer_new(&b->ac, b->rules, &r.ctr);
  r.encoder = encoder_new(&b->oc, "bench");
  if (analyst_new(&r.analyst, &b->ac, b->rules, NULL, &r.ctr, sink, &err) < 0) exit(1);
  r.decoder = decoder_new(&b->cc, 1, &r.ctr);
  r.dissect = dissect_new(&b->dc, 1, 1, &r.ctr, r.pool, &budget, NULL,
                          (struct dissect_sink){&r, take_txn, take_flow});
  if (!r.pool || !r.analyzer || !r.encoder || !r.decoder || !r.dissect || !r.out) exit(1);
  analyzer_watch(r.analyzer, watch);
  analyst_watch(r.analyst, watch);
  if (stage == FLOWS) blind(b);
  for (unsigned l = 0; l < rounds; l++) {
    double t0 = bench_cpu();
    if (stage == READ)
      read_file(b, &r);
    else
      pass(b, &r);
    if (l + 1 == rounds) finish(&r);
    r.result.seconds += bench_cpu() - t0;
    shift(b);
  }
  if (stage == FLOWS) blind(b);
  dissect_free(r.dissect);
  decoder_free(r.decoder);
  analyst_free(r.analyst);
  analyzer_free(r.analyzer);
  encoder_free(r.encoder);
  txn_pool_free(r.pool);
  fclose(r.out);
  return r.result;
}
