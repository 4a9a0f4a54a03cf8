/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a client's bytes and a server's, parted by a NUL, through HTTP/1 and all of the analysis to the records,
 * each of which must be one line of JSON. */
#include "analytics/ruleset.h"
#include "output/record.h"
#include "tests/unit/fake_flow.h"

#include <jansson.h>

extern const struct dissector dissector_http1;

struct all {
  struct analytics_conf conf;
  struct output_conf out;
  struct counters ctr;
  struct ruleset *rules;
  struct analyzer *analyzer;
  struct encoder *encoder;
  bool ready;
};

static struct all *begin(void) {
  static struct all a;
  const struct conf_section sections[] = {
      {"analytics", analytics_options, &a.conf}, {"output", output_options, &a.out}, {NULL, NULL, NULL}};
  struct conf_error err = {""};
  if (a.ready) return &a;
  if (conf_defaults(sections) < 0 || conf_set(sections, "analytics.rules_dir=rules", &err) < 0) abort();
  if (ruleset_load(&a.rules, &a.conf, &err) < 0) fprintf(stderr, "%s\n", err.text), abort();
  a.analyzer = analyzer_new(&a.conf, a.rules, &a.ctr);
  a.encoder = encoder_new(&a.out, "fuzz");
  if (!a.analyzer || !a.encoder) abort();
  a.ready = true;
  return &a;
}

static void check(int rc, const struct record *r) {
  json_error_t why;
  if (rc < 0) return;
  json_t *j =
      json_loadb((const char *)r->json.base, r->json.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
  if (!j || memchr(r->json.base, '\n', r->json.len)) {
    fprintf(stderr, "%s at %d: %.*s\n", why.text, why.position, SPAN_FMT(r->json));
    abort();
  }
  json_decref(j);
}

static void on_call(void *user, const struct api_event *e) {
  struct record r;
  check(encode_call(((struct all *)user)->encoder, e, &r), &r);
}
static void on_exposure(void *user, const struct exposure *x) {
  struct record r;
  check(encode_exposure(((struct all *)user)->encoder, x, &r), &r);
}
static void on_finding(void *user, const struct finding *f) {
  struct record r;
  check(encode_finding(((struct all *)user)->encoder, f, &r), &r);
}
static void on_incident(void *user, const struct incident *i) {
  struct record r;
  check(encode_incident(((struct all *)user)->encoder, i, &r), &r);
}
static void on_asset(void *user, const struct asset *x) {
  struct record r;
  check(encode_asset(((struct all *)user)->encoder, x, &r), &r);
}

/* The rules take seconds to load: not on the first input's time. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  begin();
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct all *a = begin();
  struct span server = {data, size}, client = span_cut(&server, 0);
  struct conf_error err;
  struct analyst *analyst;
  struct fake_flow *f = fake_new();
  const struct analyst_sink sink = {a, on_call, on_exposure, on_finding, on_incident, on_asset, NULL};
  if (analyst_new(&analyst, &a->conf, a->rules, NULL, &a->ctr, sink, &err) < 0) abort();
  fake_begin(f, &dissector_http1, 0, NULL);
  fake_feed(f, DIR_REQUEST, client);
  fake_feed(f, DIR_RESPONSE, server);
  fake_end(f, END_FIN);
  for (size_t i = 0; i < f->count; i++) {
    struct api_event *e = analyzer_txn(a->analyzer, f->txn[i]);
    if (!e) continue;
    encoder_call_id(e, e->id);
    analyst_learn(analyst, e);
    analyst_event(analyst, e);
  }
  (void)analyst_finish(analyst);
  analyst_free(analyst);
  if (fake_free(f)) __builtin_trap();
  return 0;
}
