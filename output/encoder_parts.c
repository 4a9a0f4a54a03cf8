/* SPDX-License-Identifier: Apache-2.0 */
/* Lists and small objects that occur in several kinds of record. */
#include "output/encoder.h"

#include <stdio.h>

void encoder_unseen(struct json *j, uint32_t bits) {
  size_t at = JSON_OPEN_LIST(j, "unseen");
  for (unsigned i = 0; i < UNSEEN_BITS; i++)
    if (bits >> i & 1) json_text(j, unseen_name(i));
  json_close(j, at, ']', true);
}

void encoder_anomalies(struct json *j, uint64_t bits) {
  if (!bits) return;
  size_t at = JSON_OPEN_LIST(j, "anomalies");
  for (unsigned i = 0; i < ANOMALY_COUNT; i++)
    if (bits >> i & 1) json_text(j, anomaly_name(i));
  json_close(j, at, ']', false);
}

static const char *word(const char *const *words, unsigned n, unsigned v) { return v < n ? words[v] : NULL; }

void encoder_grade(struct json *j, const struct grade *g) {
  static const char *const jrt0171[] = {NULL, "C1", "C2", "C3"};
  static const char *const gbt35273[] = {NULL, "personal", "sensitive"};
  static const char *const iso29100[] = {NULL, "pii", "sensitive_pii"};
  static const char *const pci[] = {NULL, "chd", "sad"};
  size_t at = JSON_OPEN(j, "grade");
  JSON_TEXT(j, "jrt0171", word(jrt0171, 4, g->jrt0171));
  if (g->jrt0197) JSON_U64(j, "jrt0197", g->jrt0197);
  JSON_TEXT(j, "gbt35273", word(gbt35273, 3, g->gbt35273));
  JSON_TEXT(j, "iso29100", word(iso29100, 3, g->iso29100));
  JSON_TEXT(j, "pci", word(pci, 3, g->pci));
  json_close(j, at, '}', false);
}

void encoder_hit(struct json *j, const struct data_hit *h) {
  JSON_LIT(j, "{");
  JSON_TEXT(j, "class", h->class_id);
  JSON_U64(j, "count", h->count);
  JSON_U64(j, "subjects", h->subjects);
  JSON_STR(j, "path", h->path);
  encoder_grade(j, &h->grade);
  JSON_STR(j, "sample", h->sample);
  json_close(j, j->out->len, '}', true);
}

void encoder_tunnel(struct json *j, const struct conn *c) {
  size_t at = JSON_OPEN_LIST(j, "tunnel");
  for (unsigned i = 0; i < c->nlayers && i < PACKET_LAYERS; i++) {
    char t[48];
    const struct layer *l = &c->layer[i];
    if (l->kind == LAYER_VLAN || l->kind == LAYER_NONE) continue;
    if (l->id)
      snprintf(t, sizeof t, "%s:%u", layer_name(l->kind), l->id);
    else
      snprintf(t, sizeof t, "%s", layer_name(l->kind));
    json_text(j, t);
  }
  json_close(j, at, ']', false);
}

void encoder_ips(struct json *j, const uint8_t (*addr)[16], unsigned n) {
  for (unsigned i = 0; i < n; i++) json_ip(j, addr[i]);
}
