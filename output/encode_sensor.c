/* SPDX-License-Identifier: Apache-2.0 */
/* The sensor's own health: every counter under its dotted name. */
#include "output/encoder.h"

#include <stdlib.h>

static int by_name(const void *a, const void *b) {
  return strcmp(ctr_name(*(const enum counter *)a), ctr_name(*(const enum counter *)b));
}

/* Counters i..n whose names share the first off characters, as one object's members. Returns where it stopped. */
static unsigned members(struct json *j, const enum counter *id, unsigned i, unsigned n, size_t off,
                        const uint64_t *totals) {
  const char *lead = ctr_name(id[i]);
  while (i < n && strncmp(ctr_name(id[i]), lead, off) == 0) {
    const char *name = ctr_name(id[i]);
    const char *dot = strchr(name + off, '.');
    size_t len = dot ? (size_t)(dot - name) - off : strlen(name + off), at = j->out->len;
    JSON_LIT(j, "\"");
    json_raw(j, name + off, len);
    if (dot) {
      JSON_LIT(j, "\":{");
      i = members(j, id, i, n, off + len + 1, totals);
      json_close(j, at, '}', true);
    } else {
      JSON_LIT(j, "\":");
      json_u64(j, totals[id[i++]]);
    }
    if (j->bad) return n;
  }
  return i;
}

static void counters(struct json *j, const uint64_t *totals) {
  enum counter id[CTR_COUNT];
  for (unsigned i = 0; i < CTR_COUNT; i++) id[i] = (enum counter)i;
  qsort(id, CTR_COUNT, sizeof *id, by_name);
  size_t at = JSON_OPEN(j, "counters");
  members(j, id, 0, CTR_COUNT, 0, totals);
  json_close(j, at, '}', true);
}

static void duplicates(struct json *j, const struct sensor_state *s) {
  size_t at = JSON_OPEN_LIST(j, "duplicates");
  for (size_t i = 0; i < s->nduplicates; i++) {
    const struct duplicate_pair *p = &s->duplicates[i];
    size_t one = json_open(j, "{", 1);
    JSON_U64(j, "first_source", p->source[0]);
    JSON_U64(j, "first_vlan", p->vlan[0]);
    JSON_U64(j, "copy_source", p->source[1]);
    JSON_U64(j, "copy_vlan", p->vlan[1]);
    JSON_U64(j, "count", p->count);
    json_close(j, one, '}', true);
  }
  json_close(j, at, ']', true);
}

int encode_sensor(struct encoder *e, const struct sensor_state *s, struct record *r) {
  struct encoder_event h = {.record = RECORD_SENSOR,
                            .kind = "metric",
                            .category = {"host"},
                            .type = {"info"},
                            .action = span_str(s->reason),
                            .ns = s->ns};
  encoder_load(e, NULL, NULL);
  struct json *j = encoder_begin(e, &h, NULL);
  size_t at = JSON_OPEN(j, "tapscope"), in = JSON_OPEN(j, "sensor");
  JSON_TEXT(j, "reason", s->reason);
  JSON_U64(j, "interval", s->interval_ns);
  JSON_U64(j, "rss_bytes", s->rss_bytes);
  JSON_U64(j, "flows", s->flows);
  counters(j, s->totals);
  duplicates(j, s);
  json_close(j, in, '}', true);
  json_close(j, at, '}', true);
  encoder_key(e, SPAN_LIT("sensor"));
  return encoder_finish(e, RECORD_SENSOR, s->ns, r);
}
