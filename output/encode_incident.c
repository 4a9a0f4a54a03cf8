/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents: findings that belong together. */
#include "output/encoder.h"
#include "analytics/tactic.h"

static void rules(struct json *j, const struct incident *i) {
  size_t at, in;
  if (!i->nrules) return;
  at = JSON_OPEN(j, "rule");
  JSON_TEXT(j, "id", i->rule[0]->id);
  JSON_STR(j, "name", span_str(i->rule[0]->name));
  JSON_TEXT(j, "category", category_name(i->rule[0]->category));
  JSON_TEXT(j, "ruleset", "tapscope");
  json_close(j, at, '}', true);
  at = JSON_OPEN(j, "threat");
  in = JSON_OPEN(j, "technique");
  size_t ids = JSON_OPEN_LIST(j, "id");
  const char *seen[FINDING_CALLS * 4];
  unsigned n = 0;
  for (unsigned k = 0; k < i->nrules && k < FINDING_CALLS; k++)
    for (unsigned t = 0; t < 4 && i->rule[k]->technique[t]; t++) {
      const char *id = i->rule[k]->technique[t];
      unsigned s = 0;
      while (s < n && strcmp(seen[s], id) != 0) s++;
      if (s < n) continue;
      seen[n++] = id;
      json_text(j, id);
    }
  json_close(j, ids, ']', false);
  json_close(j, in, '}', false);
  in = JSON_OPEN(j, "tactic");
  ids = JSON_OPEN_LIST(j, "id");
  for (unsigned k = 0; k < i->nstages; k++) json_text(j, i->stage[k].tactic);
  json_close(j, ids, ']', false);
  json_close(j, in, '}', false);
  json_close(j, at, '}', false);
}

static void stages(struct json *j, const struct incident *i) {
  static const char *const outcomes[] = {"none", "attempted", "probable", "success"};
  size_t at = JSON_OPEN_LIST(j, "stages");
  for (unsigned k = 0; k < i->nstages; k++) {
    JSON_LIT(j, "{");
    JSON_TEXT(j, "tactic", i->stage[k].tactic);
    JSON_TEXT(j, "name", tactic_name(i->stage[k].tactic, false));
    JSON_STR(j, "name_zh", span_str(tactic_name(i->stage[k].tactic, true)));
    JSON_TIME(j, "start", i->stage[k].first_ns);
    JSON_TIME(j, "end", i->stage[k].last_ns);
    JSON_TEXT(j, "outcome", outcomes[i->stage[k].outcome]);
    json_close(j, j->out->len, '}', true);
  }
  json_close(j, at, ']', true);
}

static void related(struct json *j, const struct incident *i) {
  size_t at = JSON_OPEN(j, "related"), in = JSON_OPEN_LIST(j, "ip");
  encoder_ips(j, i->actor, i->nactors);
  for (unsigned k = 0; k < i->ntargets; k++) {
    unsigned a = 0;
    while (a < i->nactors && memcmp(i->actor[a], i->target[k], 16) != 0) a++;
    if (a == i->nactors) json_ip(j, i->target[k]);
  }
  json_close(j, in, ']', false);
  json_close(j, at, '}', false);
  if (!i->user_hash.len) return;
  at = JSON_OPEN(j, "user");
  JSON_STR(j, "hash", i->user_hash);
  json_close(j, at, '}', true);
}

static void figures(struct json *j, const struct incident *i) {
  size_t at = JSON_OPEN(j, "incident"), in;
  JSON_STR(j, "id", i->id);
  JSON_U64(j, "update", i->update);
  JSON_BOOL(j, "open", i->open);
  JSON_U64(j, "count", i->count);
  in = JSON_OPEN_LIST(j, "actor_ips");
  encoder_ips(j, i->actor, i->nactors);
  json_close(j, in, ']', false);
  in = JSON_OPEN_LIST(j, "target_ips");
  encoder_ips(j, i->target, i->ntargets);
  json_close(j, in, ']', false);
  in = JSON_OPEN_LIST(j, "findings");
  for (unsigned k = 0; k < i->nfindings && k < FINDING_CALLS; k++) json_str(j, i->finding[k]);
  json_close(j, in, ']', true);
  in = JSON_OPEN_LIST(j, "rules");
  for (unsigned k = 0; k < i->nrules && k < FINDING_CALLS; k++) json_text(j, i->rule[k]->id);
  json_close(j, in, ']', true);
  stages(j, i);
  json_close(j, at, '}', true);
}

int encode_incident(struct encoder *e, const struct incident *i, struct record *r) {
  struct encoder_event h = {.record = RECORD_INCIDENT,
                            .kind = "alert",
                            .category = {"intrusion_detection"},
                            .type = {"info"},
                            .action = i->open ? SPAN_LIT("incident-open") : SPAN_LIT("incident-closed"),
                            .severity = i->severity,
                            .ns = i->ns,
                            .start = i->first_ns,
                            .end = i->last_ns};
  encoder_load(e, NULL, NULL);
  struct json *j = encoder_begin(e, &h, NULL);
  rules(j, i);
  related(j, i);
  size_t at = JSON_OPEN(j, "tapscope");
  if (i->nrules) JSON_TEXT(j, "category", category_name(i->rule[0]->category));
  JSON_U64(j, "confidence", i->confidence);
  JSON_STR(j, "service", i->service);
  figures(j, i);
  json_close(j, at, '}', true);
  if (i->nactors)
    encoder_key_ip(e, i->actor[0]);
  else
    encoder_key(e, i->id);
  return encoder_finish(e, RECORD_INCIDENT, i->ns, r);
}
