/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as records. */
#include "output/encoder.h"

static const char *outcome_word(enum outcome o) {
  static const char *const words[] = {"none", "attempted", "probable", "success"};
  return words[(unsigned)o < 4 ? o : 0];
}

/* ECS event.outcome speaks of what the actor tried. */
static const char *ecs_outcome(enum outcome o) {
  return o == OUTCOME_SUCCESS ? "success" : o == OUTCOME_ATTEMPTED ? "failure" : "unknown";
}

static void rule(struct json *j, const struct rule *r) {
  size_t at = JSON_OPEN(j, "rule");
  JSON_TEXT(j, "id", r->id);
  JSON_STR(j, "name", span_str(r->name));
  JSON_TEXT(j, "category", category_name(r->category));
  JSON_STR(j, "description", span_str(r->reason));
  JSON_TEXT(j, "ruleset", "tapscope");
  json_close(j, at, '}', true);
}

static void threat(struct json *j, const struct rule *r) {
  if (!r->technique[0] && !r->tactic[0]) return;
  size_t at = JSON_OPEN(j, "threat"), in, ids;
  JSON_TEXT(j, "framework", "MITRE ATT&CK");
  in = JSON_OPEN(j, "technique");
  ids = JSON_OPEN_LIST(j, "id");
  json_texts(j, r->technique, 4);
  json_close(j, ids, ']', false);
  json_close(j, in, '}', false);
  in = JSON_OPEN(j, "tactic");
  ids = JSON_OPEN_LIST(j, "id");
  json_texts(j, r->tactic, 4);
  json_close(j, ids, ']', false);
  json_close(j, in, '}', false);
  json_close(j, at, '}', true);
}

static void ends(struct encoder *e, const struct finding *f) {
  struct json *j = &e->j;
  size_t at;
  if (f->nactors == 1 && f->actors <= 1) {
    at = JSON_OPEN(j, "source");
    JSON_IP(j, "ip", f->actor[0]);
    json_close(j, at, '}', true);
  }
  if (f->ntargets == 1 && f->targets <= 1) {
    at = JSON_OPEN(j, "destination");
    JSON_IP(j, "ip", f->target[0]);
    if (f->target_port) JSON_U64(j, "port", f->target_port);
    json_close(j, at, '}', true);
  }
  at = JSON_OPEN(j, "related");
  size_t in = JSON_OPEN_LIST(j, "ip");
  encoder_ips(j, f->actor, f->nactors);
  for (unsigned i = 0; i < f->ntargets; i++) {
    unsigned k = 0;
    while (k < f->nactors && memcmp(f->actor[k], f->target[i], 16) != 0) k++;
    if (k == f->nactors) json_ip(j, f->target[i]);
  }
  json_close(j, in, ']', false);
  if (f->user_hash.len) {
    in = JSON_OPEN_LIST(j, "user");
    json_str(j, f->user_hash);
    json_close(j, in, ']', false);
  }
  json_close(j, at, '}', false);
  if (f->user_hash.len) {
    at = JSON_OPEN(j, "user");
    JSON_STR(j, "hash", f->user_hash);
    json_close(j, at, '}', true);
  }
}

static void evidence(struct json *j, const struct finding *f) {
  size_t at = JSON_OPEN_LIST(j, "evidence");
  for (unsigned i = 0; i < f->nevidence && i < FINDING_EVIDENCE; i++) {
    JSON_LIT(j, "{");
    JSON_STR(j, "where", f->evidence[i].where);
    JSON_STR(j, "what", f->evidence[i].what);
    json_close(j, j->out->len, '}', true);
  }
  json_close(j, at, ']', true);
}

static void figures(struct json *j, const struct finding *f) {
  size_t at = JSON_OPEN(j, "finding"), in;
  JSON_STR(j, "id", f->id);
  JSON_U64(j, "update", f->update);
  JSON_TEXT(j, "outcome", outcome_word(f->outcome));
  JSON_U64(j, "count", f->count);
  in = JSON_OPEN_LIST(j, "actor_ips");
  encoder_ips(j, f->actor, f->nactors);
  json_close(j, in, ']', false);
  in = JSON_OPEN_LIST(j, "target_ips");
  encoder_ips(j, f->target, f->ntargets);
  json_close(j, in, ']', false);
  JSON_U64(j, "actors", f->actors);
  JSON_U64(j, "targets", f->targets);
  JSON_STR(j, "reason_zh", f->reason_zh.len ? f->reason_zh : span_str(f->rule->reason_zh));
  JSON_STR(j, "name_zh", span_str(f->rule->name_zh));
  JSON_STR(j, "remedy", span_str(f->rule->remedy));
  JSON_STR(j, "remedy_zh", span_str(f->rule->remedy_zh));
  JSON_STR(j, "baseline", f->baseline);
  JSON_BOOL(j, "shadow", f->shadow);
  json_close(j, at, '}', true);
}

static void tapscope(struct json *j, const struct finding *f) {
  size_t at = JSON_OPEN(j, "tapscope"), in;
  JSON_TEXT(j, "category", category_name(f->rule->category));
  JSON_U64(j, "confidence", f->confidence);
  JSON_STR(j, "service", f->service);
  JSON_STR(j, "endpoint", f->endpoint);
  in = JSON_OPEN_LIST(j, "owasp");
  json_texts(j, f->rule->owasp, 3);
  json_close(j, in, ']', true);
  evidence(j, f);
  in = JSON_OPEN_LIST(j, "calls");
  for (unsigned i = 0; i < f->ncalls && i < FINDING_CALLS; i++) json_str(j, f->call[i]);
  json_close(j, in, ']', true);
  figures(j, f);
  encoder_unseen(j, f->unseen);
  json_close(j, at, '}', true);
}

int encode_finding(struct encoder *e, const struct finding *f, struct record *r) {
  const struct rule *rl = f->rule;
  bool posture = rl->category == CATEGORY_POSTURE || rl->category == CATEGORY_LEAK;
  struct encoder_event h = {.record = RECORD_FINDING,
                            .kind = "alert",
                            .category = {posture ? "vulnerability" : "intrusion_detection"},
                            .type = {"info"},
                            .action = span_str(rl->id),
                            .outcome = ecs_outcome(f->outcome),
                            .severity = f->severity,
                            .ns = f->ns,
                            .start = f->first_ns,
                            .end = f->last_ns};
  encoder_load(e, NULL, NULL);
  struct json *j = encoder_begin(e, &h, NULL);
  JSON_STR(j, "message", f->reason.len ? f->reason : span_str(rl->reason));
  rule(j, rl);
  threat(j, rl);
  ends(e, f);
  tapscope(j, f);
  if (f->nactors)
    encoder_key_ip(e, f->actor[0]);
  else
    encoder_key(e, f->service);
  return encoder_finish(e, RECORD_FINDING, f->ns, r);
}
