/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.0 and 1.1 (RFC 9110, 9112): messages of both directions, bodies, holes, upgrades. */
#include "base/err.h"
#include "dissect/proto/http1.h"

enum { LINE_MAX_CHUNK = 4096, RESERVE_MAX = 256 * 1024 };

/* One parse call. */
struct cursor {
  struct http1 *h;
  struct http1_half *half;
  struct dissect_ctx *cx;
  enum dir dir;
  struct chunk in;
  size_t pos;
  struct parse result;
  bool stop;
};

static struct span rest(const struct cursor *c) { return span_skip(c->in.data, c->pos); }

static struct side *side_of(const struct cursor *c) { return &c->half->ex->t->side[c->dir]; }

/* n bytes of the current message. */
static void eat(struct cursor *c, size_t n) {
  if (c->half->ex) {
    struct side *s = side_of(c);
    s->wire_bytes += n;
    s->last_ns = c->in.ns;
  }
  c->pos += n;
}

static void wait_for(struct cursor *c, size_t more) {
  c->result.need = more ? rest(c).len + more : 0;
  c->stop = true;
}

static void add_body(struct cursor *c, struct span s) {
  struct side *d = side_of(c);
  d->body_bytes += s.len;
  if (d->unseen & UNSEEN_CAPPED) return;
  long n = buf_put_some(&d->raw, s);
  if (n == (long)s.len) return;
  d->unseen |= n < 0 ? UNSEEN_MEMORY | UNSEEN_CAPPED : UNSEEN_CAPPED;
  ctr_inc(c->cx->ctr, n < 0 ? CTR_DISSECT_MEMORY : CTR_DISSECT_BODY_CAP);
}

/* The message of this half is over; whole: by its own framing. */
static void message_done(struct cursor *c, bool whole) {
  struct http1_exchange *ex = c->half->ex;
  c->half->phase = HTTP1_START;
  c->half->scanned = 0;
  c->half->ex = NULL;
  if (!ex) return;
  ex->t->side[c->dir].complete = whole;
  ex->done[c->dir] = true;
  http1_settle(c->h, c->cx, ex);
}

static void lose_place(struct cursor *c) {
  if (!c->half->lost) ctr_inc(c->cx->ctr, CTR_DISSECT_LOST_SYNC);
  c->half->phase = c->half->ex ? HTTP1_LOST : HTTP1_START;
  c->half->lost = true;
  c->half->scanned = 0;
}

static void begin_body(struct cursor *c, const struct http1_head *head) {
  struct http1_half *half = c->half;
  struct side *s = side_of(c);
  if (head->chunked) {
    half->phase = HTTP1_CHUNK_SIZE;
  } else if (head->has_length && !head->has_transfer) {
    half->phase = HTTP1_LENGTH;
    half->left = head->length;
    uint64_t want = head->length < RESERVE_MAX ? head->length : RESERVE_MAX;
    if (want > s->raw.size && (!s->raw.cap || want <= s->raw.cap)) (void)buf_reserve(&s->raw, (size_t)want);
    if (!half->left) message_done(c, true);
  } else if (c->dir == DIR_RESPONSE) {
    half->phase = HTTP1_CLOSE;
  } else {
    message_done(c, true);
  }
}

static void fill_side(struct cursor *c, struct http1_exchange *ex, const struct http1_head *head, size_t n) {
  struct side *s = &ex->t->side[c->dir];
  s->seen = true;
  s->first_ns = c->pos ? c->in.ns : c->in.first_ns;
  s->last_ns = c->in.ns;
  s->wire_bytes += n;
  ex->begun[c->dir] = true;
  ex->t->anomalies |= head->anomalies;
  if (head->cut || (head->anomalies & ANOMALY_BIT(ANOMALY_HEADER_CUT))) s->unseen |= UNSEEN_CAPPED;
  if (head->version.len) ex->t->version = head->version;
  if (head->transfer.len) {
    struct span ce = headers_get(&s->headers, "content-encoding");
    s->coding = ce.len ? arena_printf(&ex->t->arena, "%.*s, %.*s", SPAN_FMT(ce), SPAN_FMT(head->transfer))
                       : head->transfer;
  }
}

static bool is_switching(const struct http1_head *head) { return head->upgrade.len > 0; }

/* A client that never waits for answers has several requests under way that saw the same responses. */
static void note_pipelining(struct http1 *h, const struct http1_exchange *prev, uint64_t recv) {
  if (prev && prev->done[DIR_REQUEST] && !prev->begun[DIR_RESPONSE] && prev->recv == recv) h->pipelined = true;
}

/* The client has received more since ex was sent, and we did not see it. */
static void close_one_sided(struct cursor *c, uint64_t recv) {
  struct http1 *h = c->h;
  while ((c->cx->flow_unseen & UNSEEN_ONE_SIDED) && h->first && h->first->done[DIR_REQUEST] && h->first->recv < recv)
    http1_close(h, c->cx, h->first);
  if (h->open >= (uint32_t)c->cx->conf->max_pending) {
    ctr_inc(c->cx->ctr, CTR_DISSECT_PENDING_CAP);
    h->first->t->side[DIR_RESPONSE].unseen |= UNSEEN_CAPPED;
    http1_close(h, c->cx, h->first);
  }
}

static struct http1_exchange *new_request(struct cursor *c, struct span bytes, bool cut, struct http1_head *head) {
  struct http1 *h = c->h;
  close_one_sided(c, c->in.ack);
  struct http1_exchange *prev = h->last, *ex = http1_open(h, c->cx);
  if (!ex) return NULL;
  ex->start = c->in.off + c->pos;
  ex->recv = c->in.ack;
  ex->after_gap = c->half->after_gap;
  note_pipelining(h, prev, ex->recv);
  if (http1_read_head(ex->t, DIR_REQUEST, bytes, cut, (uint32_t)c->cx->conf->max_headers, head) < 0)
    ex->t->side[DIR_REQUEST].unseen |= UNSEEN_MEMORY;
  ex->t->method = head->method;
  ex->t->target = head->target;
  ex->is_head = span_eq(head->method, SPAN_LIT("HEAD"));
  ex->is_connect = span_eq(head->method, SPAN_LIT("CONNECT"));
  ex->upgrade = is_switching(head);
  if (head->old) ex->t->version = SPAN_LIT("0.9");
  return ex;
}

static void request_head(struct cursor *c, size_t n) {
  struct http1_head head;
  struct http1_exchange *ex = new_request(c, span_head(rest(c), n), false, &head);
  c->half->after_gap = false;
  if (!ex) {
    c->pos += n;
    lose_place(c);
    return;
  }
  fill_side(c, ex, &head, n);
  c->half->ex = ex;
  c->pos += n;
  if (head.has_transfer && !head.chunked) ex->t->anomalies |= ANOMALY_BIT(ANOMALY_TE_BAD);
  begin_body(c, &head);
}

/* An answer to nothing we know of: half a call. */
static struct http1_exchange *half_call(struct cursor *c) {
  struct http1_exchange *ex = http1_open(c->h, c->cx);
  if (!ex) return NULL;
  ex->begun[DIR_REQUEST] = ex->done[DIR_REQUEST] = true;
  if (c->cx->flow_unseen & (UNSEEN_ONE_SIDED | UNSEEN_MIDSTREAM)) return ex;
  if (c->h->lossy)
    ex->t->side[DIR_REQUEST].unseen |= UNSEEN_GAP;
  else
    ex->t->anomalies |= ANOMALY_BIT(ANOMALY_UNPAIRED_RESPONSE);
  return ex;
}

static struct http1_exchange *exchange_for_response(struct cursor *c) {
  struct http1_exchange *ex = http1_pair(c->h, c->cx, c->in.off + c->pos, c->in.ack);
  return ex ? ex : half_call(c);
}

static struct http1_exchange *new_response(struct cursor *c, struct span bytes, bool cut, struct http1_head *head) {
  struct http1_exchange *ex = exchange_for_response(c);
  if (!ex) return NULL;
  if (http1_read_head(ex->t, DIR_RESPONSE, bytes, cut, (uint32_t)c->cx->conf->max_headers, head) < 0)
    ex->t->side[DIR_RESPONSE].unseen |= UNSEEN_MEMORY;
  ex->t->status = head->status;
  ex->t->status_text = head->reason;
  return ex;
}

/* The names of rows by the words of the Upgrade field (RFC 9110, 7.8). */
static const char *upgrade_to(struct span word) {
  word = span_trim(word);
  if (span_eq_nocase(word, SPAN_LIT("websocket"))) return "websocket";
  if (span_eq_nocase(word, SPAN_LIT("h2c"))) return "http2";
  return NULL;
}

static void switch_to(struct cursor *c, struct http1_exchange *ex, const char *next) {
  ex->t->side[DIR_REQUEST].complete |= ex->done[DIR_REQUEST];
  ex->t->side[DIR_RESPONSE].complete = ex->begun[DIR_RESPONSE];
  struct txn *t = http1_detach(c->h, c->cx, ex);
  c->result = (struct parse){.status = PARSE_SWITCH, .next = next, .from = t};
  c->stop = true;
}

static bool no_body(const struct http1_exchange *ex, int status) {
  return ex->is_head || status == 204 || status == 304 || (status >= 100 && status < 200);
}

/* Where the request was not seen it may have been HEAD: another head where the body would begin says so. */
static bool looks_bodyless(const struct cursor *c, const struct http1_exchange *ex) {
  struct span s = rest(c);
  return !ex->t->method.len && s.len >= 13 && http1_sure_line(s, DIR_RESPONSE) == PROBE_YES;
}

static void response_head(struct cursor *c, size_t n) {
  struct span bytes = span_head(rest(c), n);
  int status = http1_status(bytes);
  if (status >= 100 && status < 200 && status != 101) { /* interim: the final one follows */
    c->pos += n;
    c->half->scanned = 0;
    return;
  }
  struct http1_head head;
  struct http1_exchange *ex = new_response(c, bytes, false, &head);
  if (!ex) {
    c->pos += n;
    lose_place(c);
    return;
  }
  fill_side(c, ex, &head, n);
  c->half->ex = ex;
  c->pos += n;
  if (status == 101) {
    struct span to = head.upgrade.len ? head.upgrade : headers_get(&ex->t->side[DIR_REQUEST].headers, "upgrade");
    switch_to(c, ex, upgrade_to(to));
  } else if (ex->is_connect && status >= 200 && status < 300) {
    switch_to(c, ex, NULL);
  } else if (no_body(ex, status) || looks_bodyless(c, ex)) {
    message_done(c, true);
  } else {
    begin_body(c, &head);
  }
}

/* Bytes that are no message: after a CONNECT or Upgrade they are the next protocol's, else the place is lost. */
static void not_a_start(struct cursor *c) {
  struct http1_exchange *ex = c->h->last;
  bool switching = c->dir == DIR_REQUEST && ex && ex->done[DIR_REQUEST] && !ex->begun[DIR_RESPONSE] &&
                   (ex->is_connect || ex->upgrade);
  if (switching && (c->cx->flow_unseen & UNSEEN_ONE_SIDED)) {
    switch_to(c, ex, upgrade_to(headers_get(&ex->t->side[DIR_REQUEST].headers, "upgrade")));
  } else if (switching) {
    wait_for(c, 1);
  } else {
    ex = c->h->last;
    if (ex && ex->begun[c->dir]) ex->t->anomalies |= ANOMALY_BIT(ANOMALY_BODY_UNEXPECTED);
    lose_place(c);
  }
}

static void skip_blank(struct cursor *c) {
  struct span s = rest(c);
  size_t n = 0;
  while (n < s.len && (s.base[n] == '\r' || s.base[n] == '\n')) n++;
  c->pos += n;
  if (n) c->half->scanned = 0;
}

/* A head longer than the cap: what fits is read, the rest skipped. */
static void long_head(struct cursor *c) {
  size_t n = (size_t)c->cx->conf->max_header_bytes;
  struct http1_head head;
  struct span bytes = span_head(rest(c), n);
  struct http1_exchange *ex =
      c->dir == DIR_REQUEST ? new_request(c, bytes, true, &head) : new_response(c, bytes, true, &head);
  ctr_inc(c->cx->ctr, CTR_DISSECT_HEADER_CAP);
  c->half->scanned = 0;
  if (ex) {
    fill_side(c, ex, &head, n);
    ex->t->anomalies |= ANOMALY_BIT(ANOMALY_HEADER_CUT);
  }
  c->half->ex = ex;
  c->half->left = head.has_length && ex ? head.length : 0;
  c->half->head_bytes = ex ? (uint64_t)(head.chunked ? 2 : head.has_length) : 0;
  c->half->phase = HTTP1_SKIP_HEAD;
  c->pos += n;
}

static void skip_head(struct cursor *c) {
  size_t n = http1_head_end(rest(c), &c->half->scanned);
  if (!n) {
    size_t keep = rest(c).len < 4 ? rest(c).len : 4;
    eat(c, rest(c).len - keep);
    c->half->scanned = 0;
    wait_for(c, 1);
    return;
  }
  eat(c, n);
  c->half->scanned = 0;
  struct http1_exchange *ex = c->half->ex;
  if (!ex || (c->dir == DIR_RESPONSE && no_body(ex, ex->t->status))) {
    message_done(c, true);
    return;
  }
  struct http1_head head = {.has_length = c->half->head_bytes == 1, .length = c->half->left,
                            .chunked = c->half->head_bytes == 2};
  begin_body(c, &head);
}

static size_t head_length(struct cursor *c) {
  struct span s = rest(c);
  size_t line = span_index(s, '\n');
  if (c->dir == DIR_REQUEST && line < s.len && !c->half->scanned &&
      span_find(span_head(s, line), SPAN_LIT("HTTP/")) >= line)
    return line + 1; /* HTTP/0.9 */
  return http1_head_end(s, &c->half->scanned);
}

static void start(struct cursor *c) {
  skip_blank(c);
  struct span s = rest(c);
  if (!s.len) {
    wait_for(c, 0);
    return;
  }
  if (!c->half->scanned) {
    enum probe r = c->half->any ? http1_sure_line(s, c->dir) : http1_start_line(s, c->dir);
    if (r == PROBE_NO && c->half->any) r = http1_start_line(s, c->dir);
    if (r == PROBE_NO) {
      not_a_start(c);
      return;
    }
  }
  size_t n = head_length(c);
  if (!n && s.len < (size_t)c->cx->conf->max_header_bytes) {
    wait_for(c, 1);
    return;
  }
  c->half->any = true;
  if (!n)
    long_head(c);
  else if (c->dir == DIR_REQUEST)
    request_head(c, n);
  else
    response_head(c, n);
  if (!c->stop && c->half->phase == HTTP1_START) c->half->scanned = 0;
}

/* Behind a hole: skip to the next start line. */
static void search(struct cursor *c) {
  struct span s = rest(c);
  size_t keep = 0, at = http1_find_start(s, c->dir, &keep);
  if (keep > (size_t)c->cx->conf->max_header_bytes) keep = 0;
  static const uint8_t last_chunk[] = "\r\n0\r\n\r\n";
  bool ended = c->half->phase == HTTP1_LOST && at == s.len && !keep && span_ends(s, span_of(last_chunk, 7));
  if (c->half->ex) side_of(c)->body_bytes += at - keep;
  eat(c, at - (at == s.len ? keep : 0));
  if (at < s.len || ended) {
    if (c->half->phase == HTTP1_LOST) message_done(c, false);
    c->half->lost = ended;
    if (at < s.len) ctr_inc(c->cx->ctr, CTR_DISSECT_RESYNC);
    return;
  }
  wait_for(c, keep ? 1 : 0);
}

static void body_length(struct cursor *c) {
  struct span s = span_head(rest(c), c->half->left < SIZE_MAX ? (size_t)c->half->left : SIZE_MAX);
  add_body(c, s);
  eat(c, s.len);
  c->half->left -= s.len;
  if (c->half->left) return;
  if (c->half->phase == HTTP1_CHUNK_DATA)
    c->half->phase = HTTP1_CHUNK_END;
  else
    message_done(c, true);
}

static void bad_chunk(struct cursor *c) {
  c->half->ex->t->anomalies |= ANOMALY_BIT(ANOMALY_CHUNK_BAD);
  lose_place(c);
}

static int hex(uint8_t x) {
  if (x >= '0' && x <= '9') return x - '0';
  x |= 32;
  return x >= 'a' && x <= 'f' ? x - 'a' + 10 : -1;
}

/* chunk-size [ chunk-ext ] CRLF */
static void chunk_size(struct cursor *c) {
  struct span s = rest(c);
  size_t nl = span_index(s, '\n');
  if (nl == s.len) {
    if (s.len > LINE_MAX_CHUNK || (s.len && hex(s.base[0]) < 0 && s.base[0] != ' '))
      bad_chunk(c);
    else
      wait_for(c, 1);
    return;
  }
  struct span line = span_trim(span_head(s, nl));
  uint64_t n = 0;
  size_t i = 0;
  for (; i < line.len && hex(line.base[i]) >= 0 && n < UINT64_MAX >> 8; i++) n = n << 4 | (uint64_t)hex(line.base[i]);
  bool odd = i < line.len && line.base[i] != ';' && line.base[i] != ' ' && line.base[i] != '\t';
  if (!i || odd || n >= UINT64_MAX >> 8) {
    bad_chunk(c);
    return;
  }
  if (!nl || s.base[nl - 1] != '\r') c->half->ex->t->anomalies |= ANOMALY_BIT(ANOMALY_BARE_LF);
  eat(c, nl + 1);
  c->half->left = n;
  c->half->phase = n ? HTTP1_CHUNK_DATA : HTTP1_TRAILERS;
  c->half->head_bytes = c->half->scanned = 0;
}

static void chunk_end(struct cursor *c) {
  struct span s = rest(c);
  size_t n = s.base[0] == '\n' ? 1 : 2;
  if (s.base[0] == '\r' && s.len < 2) {
    wait_for(c, 1);
    return;
  }
  if (n == 2 && (s.base[0] != '\r' || s.base[1] != '\n')) {
    bad_chunk(c);
    return;
  }
  eat(c, n);
  c->half->phase = HTTP1_CHUNK_SIZE;
}

static void trailers(struct cursor *c) {
  struct span s = rest(c);
  size_t n = s.base[0] == '\n' ? 1 : s.len > 1 && s.base[0] == '\r' && s.base[1] == '\n' ? 2 : 0;
  if (!n && s.base[0] == '\r' && s.len < 2) {
    wait_for(c, 1);
    return;
  }
  if (!n) {
    n = http1_head_end(s, &c->half->scanned);
    if (!n && s.len < (size_t)c->cx->conf->max_header_bytes) {
      if (http1_sure_line(s, c->dir) == PROBE_YES) message_done(c, true); /* the empty line was left out */
      else wait_for(c, 1);
      return;
    }
    struct txn *t = c->half->ex->t;
    if (n)
      http1_read_trailers(t, &side_of(c)->trailers, span_head(s, n), (uint32_t)c->cx->conf->max_headers, &t->anomalies);
    else
      n = s.len;
  }
  eat(c, n);
  message_done(c, true);
}

static void body_close(struct cursor *c) {
  add_body(c, rest(c));
  eat(c, rest(c).len);
}

static void step(struct cursor *c) {
  switch (c->half->phase) {
  case HTTP1_START: c->half->lost ? search(c) : start(c); break;
  case HTTP1_LOST: search(c); break;
  case HTTP1_SKIP_HEAD: skip_head(c); break;
  case HTTP1_LENGTH:
  case HTTP1_CHUNK_DATA: body_length(c); break;
  case HTTP1_CLOSE: body_close(c); break;
  case HTTP1_CHUNK_SIZE: chunk_size(c); break;
  case HTTP1_CHUNK_END: chunk_end(c); break;
  case HTTP1_TRAILERS: trailers(c); break;
  }
}

static void mark_gap(struct cursor *c, uint64_t n) {
  struct side *s = side_of(c);
  s->gap_bytes += n;
  s->unseen |= c->in.snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP;
}

/* n lost bytes of a body whose end is known, or is the connection's. */
static void body_gap(struct cursor *c, uint64_t n) {
  struct side *s = side_of(c);
  mark_gap(c, n);
  s->body_bytes += n;
  s->wire_bytes += n;
  s->last_ns = c->in.ns;
  if (!s->hole) s->hole = s->raw.len + 1;
  (void)buf_put_u8(&s->raw, '\n'); /* what stands on either side must not read as one word */
}

/* A message whose head breaks off: it counts as far as it can be read. */
static void partial_head(struct cursor *c, struct span bytes, bool gap) {
  while (bytes.len && (bytes.base[0] == '\r' || bytes.base[0] == '\n')) bytes = span_skip(bytes, 1);
  enum probe r = http1_start_line(bytes, c->dir);
  if (!bytes.len || r == PROBE_NO || c->half->lost) return;
  if (r == PROBE_MAYBE && (c->dir == DIR_RESPONSE || span_index(bytes, ' ') == bytes.len)) return;
  if (c->dir == DIR_RESPONSE && http1_status(bytes) < 200) return;
  c->in.off -= bytes.len;
  struct http1_head head;
  struct http1_exchange *ex =
      c->dir == DIR_REQUEST ? new_request(c, bytes, true, &head) : new_response(c, bytes, true, &head);
  c->in.off += bytes.len;
  if (!ex) return;
  head.cut = false;
  fill_side(c, ex, &head, bytes.len);
  c->half->ex = ex;
  if (gap) mark_gap(c, c->in.gap);
}

/* Heads may have been lost: whose they were is told by what each end had received (see http1_pair). */
static void head_gap(struct cursor *c) {
  struct http1 *h = c->h;
  if (c->dir == DIR_RESPONSE) {
    h->gap_from = c->in.off;
    h->gap_to = c->in.off + c->in.gap;
  }
  partial_head(c, c->cx->rest[c->dir], true);
  c->half->after_gap = true;
  lose_place(c);
}

static void take_gap(struct cursor *c) {
  struct http1_half *half = c->half;
  uint64_t n = c->in.gap;
  c->h->lossy = true;
  if (half->phase == HTTP1_CLOSE) {
    body_gap(c, n);
    return;
  }
  if (half->phase == HTTP1_LENGTH || (half->phase == HTTP1_CHUNK_DATA && n <= half->left)) {
    if (n > half->left) n = half->left;
    body_gap(c, n);
    half->left -= n;
    c->in.gap -= n;
    c->in.off += n;
    if (!half->left && half->phase == HTTP1_CHUNK_DATA)
      half->phase = HTTP1_CHUNK_END;
    else if (!half->left)
      message_done(c, true);
    if (!c->in.gap) return;
  }
  if (half->phase == HTTP1_START) {
    head_gap(c);
    return;
  }
  if (half->ex) {
    if (half->phase == HTTP1_CHUNK_DATA) body_gap(c, c->in.gap);
    else mark_gap(c, c->in.gap);
  }
  if (c->dir == DIR_RESPONSE) {
    c->h->gap_from = c->in.off;
    c->h->gap_to = c->in.off + c->in.gap;
  }
  half->after_gap = true;
  lose_place(c);
}

static struct parse http1_parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct http1 *h = state;
  struct cursor c = {.h = h, .half = &h->half[in.dir], .cx = cx, .dir = in.dir, .in = in};
  if (in.gap) {
    take_gap(&c);
    return c.result;
  }
  while (!c.stop && c.pos < in.data.len) step(&c);
  c.result.used = c.pos;
  return c.result;
}

static void http1_start(void *state, struct dissect_ctx *cx) {
  struct http1 *h = state;
  if (!(cx->flow_unseen & UNSEEN_MIDSTREAM)) return;
  h->half[0].lost = h->half[1].lost = h->lossy = true;
}

static struct cursor end_cursor(struct http1 *h, struct dissect_ctx *cx, enum dir d) {
  struct chunk in = {.ns = cx->ns, .first_ns = cx->ns, .order = cx->order, .dir = d, .off = UINT64_MAX / 2};
  return (struct cursor){.h = h, .half = &h->half[d], .cx = cx, .dir = d, .in = in};
}

/* What was begun in direction d will not go on. */
static void end_half(struct http1 *h, struct dissect_ctx *cx, enum dir d, bool fin) {
  struct cursor c = end_cursor(h, cx, d);
  if (c.half->phase == HTTP1_START) partial_head(&c, cx->rest[d], false);
  if (c.half->ex) message_done(&c, fin && c.half->phase == HTTP1_CLOSE);
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
    if (!ex->begun[DIR_RESPONSE] && (why == END_DRAIN || why == END_EVICTED)) s->unseen |= UNSEEN_UNFINISHED;
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
};
