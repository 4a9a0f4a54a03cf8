/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of an edge of the service graph. */
#include "analytics/graph.h"

#include <string.h>

bool graph_class(struct graph_sums *s, enum dir d, struct span id) {
  char *list = s->classes[d];
  size_t len = strlen(list);
  for (struct span rest = span_of(list, len); rest.len;)
    if (span_eq(span_cut(&rest, ','), id)) return true;
  if (len + id.len + 2 > GRAPH_CLASSES) return false;
  if (len) list[len++] = ',';
  if (id.len) memcpy(list + len, id.base, id.len);
  list[len + id.len] = 0;
  return true;
}

void graph_timed(struct graph_sums *s, uint64_t micros) {
  unsigned bits = micros ? 64 - (unsigned)__builtin_clzll(micros) : 0;
  s->timed++;
  s->micros += micros;
  s->hist[bits < GRAPH_HIST ? bits : GRAPH_HIST - 1]++;
}

static uint8_t higher(uint8_t a, uint8_t b) { return a > b ? a : b; }

bool graph_add(struct graph_sums *to, const struct graph_sums *more) {
  bool room = true;
  to->calls += more->calls;
  to->errors_client += more->errors_client;
  to->errors_server += more->errors_server;
  to->errors_protocol += more->errors_protocol;
  to->timed += more->timed;
  to->micros += more->micros;
  for (unsigned i = 0; i < GRAPH_HIST && more->timed; i++) to->hist[i] += more->hist[i];
  if (!to->first_ns || (more->first_ns && more->first_ns < to->first_ns)) to->first_ns = more->first_ns;
  if (more->last_ns > to->last_ns) to->last_ns = more->last_ns;
  for (unsigned d = 0; d < 2; d++) {
    to->bytes[d] += more->bytes[d];
    for (struct span rest = span_str(more->classes[d]); rest.len;) {
      struct span id = span_cut(&rest, ',');
      room &= graph_class(to, (enum dir)d, id);
    }
    to->jrt0171[d] = higher(to->jrt0171[d], more->jrt0171[d]);
    to->jrt0197[d] = higher(to->jrt0197[d], more->jrt0197[d]);
  }
  return room;
}

uint64_t graph_within(const struct graph_sums *s, unsigned percent) {
  uint64_t rank = s->timed / 100 * percent + (s->timed % 100 * percent + 99) / 100, before = 0;
  for (unsigned i = 0; i < GRAPH_HIST; i++) {
    uint64_t n = s->hist[i], low = i ? 1ULL << (i - 1) : 0, width = i ? low : 0;
    if (n && before + n >= rank) return low + (uint64_t)((double)width * (double)(rank - before) / (double)n);
    before += n;
  }
  return 0;
}
