/* SPDX-License-Identifier: Apache-2.0 */
/* What the leak detections share. */
#include "analytics/correlate/leak.h"
#include "analytics/data/lookup.h"
#include "analytics/ruleset.h"

enum { LEAKS = 65536, SUBJECTS = 1000 };

bool leak_credential(const struct data_hit *h) {
  static const char *const ids[] = {"password", "payment_password", "password_hash", "otp", "access_token",
                                    "jwt",      "secret",           "private_key",   NULL};
  return h->grade.jrt0171 == 3 && !h->grade.pci &&
         (span_in(span_str(h->class_id), ids) || !h->grade.iso29100);
}

bool leak_personal(const struct data_hit *h) {
  return h->grade.jrt0197 >= 3 && h->grade.gbt35273 && h->grade.iso29100 && !leak_credential(h);
}

/* Amounts and the like say little without the person beside them. */
bool leak_sensitive(const struct data_hit *h) {
  static const char *const figures[] = {"balance", "transaction_amount", "loan",        "income",
                                        "assets",  "credit_limit",       "contract_no", "location",
                                        "alipay",  "bank_account",       NULL};
  return h->grade.gbt35273 == 2 && leak_personal(h) && !span_in(span_str(h->class_id), figures);
}

bool leak_in(const struct data_hit *h, const char *place) {
  struct span p = span_str(place);
  return span_starts(h->path, p) &&
         (h->path.len == p.len || h->path.base[p.len] == '.' || h->path.base[p.len] == '[');
}

bool leak_named(const struct correlate_ctx *cx, const struct data_hit *h) {
  struct span path = h->path;
  if (!cx->rules) return false;
  while (span_ends(path, SPAN_LIT("[]"))) path.len -= 2;
  size_t from = path.len;
  while (from > 0 && path.base[from - 1] != '.') from--;
  if (!from) return false;
  return lookup_names(cx->rules->classes, span_skip(path, from), h->class_id);
}

bool leak_echoes(const struct data_hits *request, const struct data_hit *h) {
  for (uint32_t i = 0; i < request->count; i++) {
    const struct data_hit *q = &request->item[i];
    if (strcmp(q->class_id, h->class_id) != 0) continue;
    uint32_t same = 0;
    for (uint32_t a = 0; a < h->ntokens; a++)
      for (uint32_t b = 0; b < q->ntokens && b < 64; b++) same += h->tokens[a] == q->tokens[b];
    if (same >= h->ntokens) return true;
  }
  return false;
}

bool leak_head_seen(const struct txn *t) {
  const struct side *q = &t->side[DIR_REQUEST];
  return q->seen && !q->unseen && q->headers.count > 0;
}

bool leak_answered(const struct txn *t) {
  if (!t->side[DIR_RESPONSE].seen) return false;
  return t->method.len ? t->status >= 200 && t->status < 400 : t->outcome != TXN_ERROR;
}

static void leak_done(void *entry) { few_done(&((struct leak *)entry)->subjects); }

int leak_init(struct leaks *l, size_t cap) {
  return store_init(&l->store, sizeof(struct leak), cap, leak_done);
}
void leak_free(struct leaks *l) { store_done(&l->store); }

int leak_start(void *leaks, struct correlate_ctx *cx) {
  (void)cx;
  return leak_init(leaks, LEAKS);
}
void leak_stop(void *leaks, struct correlate_ctx *cx, bool end) {
  (void)cx, (void)end;
  leak_free(leaks);
}

static uint64_t key_of(const struct rule *rule, const struct api_event *e, bool actor, struct span detail) {
  uint64_t key = hash64(detail, hash64(e->endpoint, hash64(e->service, 61)));
  if (actor) key = hash64(span_of(e->who.origin, 16), key);
  return hash64(span_str(rule->id), key) | 1;
}

struct leak *leak_add(struct leaks *l, struct correlate_ctx *cx, const struct rule *rule,
                      const struct api_event *e, const struct data_hit *h, bool actor, struct span detail) {
  struct leak *k = store_get(&l->store, cx, key_of(rule, e, actor, detail));
  if (!k) return NULL;
  k->calls++;
  k->values += h->count;
  for (uint32_t i = 0; i < h->ntokens; i++) few_add(&k->subjects, cx, h->tokens[i] | 1, SUBJECTS);
  return k;
}

static const char *grade_text(const struct grade *g) {
  static const char *const texts[] = {"", "C1", "C2", "C3"};
  return texts[g->jrt0171 & 3];
}

void leak_tell(struct correlate_ctx *cx, struct leak *k, const struct rule *rule, const struct api_event *e,
               const struct data_hit *h, uint8_t severity, uint8_t confidence, bool actor,
               struct span detail) {
  if (k->told_at && k->subjects.count < k->told_at * 10) return;
  k->told_at = k->subjects.count ? k->subjects.count : 1;
  struct raise r = correlate_of(rule, e);
  struct evidence ev = {.where = h->path, .what = h->sample};
  r.key = key_of(rule, e, actor, detail);
  r.per_endpoint = !actor;
  r.severity = severity;
  r.confidence = confidence;
  r.outcome = OUTCOME_SUCCESS;
  r.evidence = &ev;
  r.nevidence = 1;
  r.count = k->calls;
  r.reason =
      correlate_text(cx, "%s %s (%s, %s), distinct subjects: %u%s, calls: %llu.", rule->reason, h->class_id,
                     grade_text(&h->grade), h->grade.gbt35273 == 2 ? "sensitive personal" : "personal",
                     k->subjects.count, k->subjects.more ? "+" : "", (unsigned long long)k->calls);
  r.reason_zh = correlate_text(cx, "%s %s（%s）：%llu 次调用涉及 %u%s 个不同主体。", rule->reason_zh,
                               h->class_id, grade_text(&h->grade), (unsigned long long)k->calls,
                               k->subjects.count, k->subjects.more ? "+" : "");
  correlate_raise(cx, &r);
}
