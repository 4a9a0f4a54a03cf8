/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.0 and 1.1 (RFC 9110, 9112): the row of the table and the step from phase to phase. */
#include "dissect/proto/http1_cursor.h"

static void step(struct http1_cursor *c) {
  if (c->half->fresh && http1_message_looks_bodyless(c)) return;
  switch (c->half->phase) {
  case HTTP1_START: c->half->lost ? http1_gap_search(c) : http1_message_start(c); break;
  case HTTP1_LOST: http1_gap_search(c); break;
  case HTTP1_SKIP_HEAD: http1_message_skip(c); break;
  case HTTP1_LENGTH:
  case HTTP1_CHUNK_DATA: http1_body_length(c); break;
  case HTTP1_CLOSE: http1_body_close(c); break;
  case HTTP1_CHUNK_SIZE: http1_body_chunk_size(c); break;
  case HTTP1_CHUNK_END: http1_body_chunk_end(c); break;
  case HTTP1_TRAILERS: http1_body_trailers(c); break;
  }
}

static struct parse http1_parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct http1 *h = state;
  struct http1_cursor c = {.h = h, .half = &h->half[in.dir], .cx = cx, .dir = in.dir, .in = in};
  if (in.gap) {
    http1_gap_take(&c);
    return c.result;
  }
  if (in.dir == DIR_RESPONSE && h->gap_to > in.off) h->gap_to = in.off; /* the hole was none */
  while (!c.stop && c.pos < in.data.len) step(&c);
  c.result.used = c.pos;
  return c.result;
}

static void http1_start(void *state, struct dissect_ctx *cx) {
  struct http1 *h = state;
  if (!(cx->flow_unseen & UNSEEN_MIDSTREAM)) return;
  h->half[0].lost = h->half[1].lost = h->lossy = true;
}

static struct http1_cursor end_cursor(struct http1 *h, struct dissect_ctx *cx, enum dir d) {
  struct chunk in = {.ns = cx->ns, .first_ns = cx->ns, .order = cx->order, .dir = d, .off = UINT64_MAX / 2};
  return (struct http1_cursor){.h = h, .half = &h->half[d], .cx = cx, .dir = d, .in = in};
}

/* What was begun in direction d will not go on. */
static void end_half(struct http1 *h, struct dissect_ctx *cx, enum dir d, bool fin) {
  struct http1_cursor c = end_cursor(h, cx, d);
  if (c.half->phase == HTTP1_START || c.half->phase == HTTP1_LOST) http1_gap_partial(&c, cx->rest[d], false);
  if (c.half->ex) http1_message_done(&c, fin && c.half->phase == HTTP1_CLOSE);
  c.half->lost = true;
}

static void http1_ended(void *state, struct dissect_ctx *cx, enum dir d) { end_half(state, cx, d, true); }

static void http1_finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct http1 *h = state;
  for (int d = 0; d < 2; d++)
    if (!cx->fin[d]) end_half(h, cx, (enum dir)d, false);
  while (h->first) {
    struct http1_exchange *ex = h->first;
    struct side *s = &ex->t->side[DIR_RESPONSE];
    if (!ex->begun[DIR_RESPONSE] && why != END_FIN && why != END_RST) s->unseen |= UNSEEN_UNFINISHED;
    http1_close(h, cx, ex);
  }
}

static enum probe http1_probe(struct span head, enum dir d) { return http1_start_line(head, d); }

static int http1_side(struct span head) {
  if (http1_sure_line(head, DIR_RESPONSE) == PROBE_YES) return DIR_RESPONSE;
  return http1_start_line(head, DIR_REQUEST) == PROBE_YES ? DIR_REQUEST : -1;
}

const struct dissector dissector_http1 = {
    .name = "http",
    .transport = 6,
    .ports = {80, 8080, 8000, 8081, 8888, 3000, 5000, 9200},
    .state_size = sizeof(struct http1),
    .probe = http1_probe,
    .start = http1_start,
    .parse = http1_parse,
    .finish = http1_finish,
    .ended = http1_ended,
    .side = http1_side,
    .cut = http1_known_request,
};
