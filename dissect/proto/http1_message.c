/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 messages: heads become exchanges, exchanges may become another protocol (RFC 9110, 7.8 and 15). */
#include "dissect/proto/http1_cursor.h"

/* The message of this half is over; whole: by its own framing. */
void http1_message_done(struct http1_cursor *c, bool whole) {
  struct http1_exchange *ex = c->half->ex;
  c->half->phase = HTTP1_START;
  c->half->scanned = 0;
  c->half->ex = NULL;
  if (!ex) return;
  ex->t->side[c->dir].complete = whole;
  ex->done[c->dir] = true;
  http1_settle(c->h, c->cx, ex);
}

void http1_lose_place(struct http1_cursor *c) {
  if (!c->half->lost) ctr_inc(c->cx->ctr, CTR_DISSECT_LOST_SYNC);
  c->half->phase = c->half->ex ? HTTP1_LOST : HTTP1_START;
  c->half->lost = true;
  c->half->scanned = 0;
}

void http1_message_fill(struct http1_cursor *c, struct http1_exchange *ex, const struct http1_head *head,
                        size_t n) {
  struct side *s = &ex->t->side[c->dir];
  s->seen = true;
  s->first_ns = c->pos ? c->in.ns : c->in.first_ns;
  s->last_ns = c->in.ns;
  s->wire_bytes += n;
  ex->begun[c->dir] = true;
  ex->t->anomalies |= head->anomalies;
  if (head->cut || (head->anomalies & ANOMALY_BIT(ANOMALY_HEADER_CUT))) s->unseen |= UNSEEN_CAPPED;
  if (head->version.len && (c->dir == DIR_REQUEST || !ex->t->version.len)) ex->t->version = head->version;
  if (head->transfer.len) {
    struct span ce = headers_get(&s->headers, "content-encoding");
    s->coding = ce.len ? arena_printf(&ex->t->arena, "%.*s, %.*s", SPAN_FMT(ce), SPAN_FMT(head->transfer))
                       : head->transfer;
  }
}

static bool is_switching(const struct http1_head *head) { return head->upgrade.len > 0; }

/* A client that never waits for answers has several requests under way that saw the same responses; behind a hole
 * it may only look so. */
static void note_pipelining(struct http1 *h, const struct http1_exchange *prev, uint64_t recv) {
  if (!prev || !prev->done[DIR_REQUEST] || prev->begun[DIR_RESPONSE] || prev->recv != recv) return;
  h->lossy ? (h->suspect = true) : (h->pipelined = true);
}

/* The client has all that was lost: answers to what it asked before went by. */
static void clear_suspects(struct http1_cursor *c, uint64_t recv) {
  struct http1 *h = c->h;
  if (!h->suspect || h->pipelined || recv < h->gap_to) return;
  while (h->first && h->first->done[DIR_REQUEST] && !h->first->begun[DIR_RESPONSE] && h->first->recv < recv)
    http1_close(h, c->cx, h->first);
  h->suspect = h->first != NULL;
}

/* The client has received more since ex was sent, and we did not see it. */
static void close_one_sided(struct http1_cursor *c, uint64_t recv) {
  struct http1 *h = c->h;
  while ((c->cx->flow_unseen & UNSEEN_ONE_SIDED) && h->first && h->first->done[DIR_REQUEST] &&
         h->first->recv < recv)
    http1_close(h, c->cx, h->first);
  if (h->open >= (uint32_t)c->cx->conf->max_pending) {
    ctr_inc(c->cx->ctr, CTR_DISSECT_PENDING_CAP);
    h->first->t->side[DIR_RESPONSE].unseen |= UNSEEN_CAPPED;
    http1_close(h, c->cx, h->first);
  }
}

struct http1_exchange *http1_message_request(struct http1_cursor *c, struct span bytes, bool cut,
                                             struct http1_head *head) {
  struct http1 *h = c->h;
  close_one_sided(c, c->in.ack);
  clear_suspects(c, c->in.ack);
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
  ex->old = head->old;
  if (head->old) ex->t->version = SPAN_LIT("0.9");
  return ex;
}

/* A head of n bytes has been read into ex; NULL: there is no room for the message. */
static bool take_head(struct http1_cursor *c, struct http1_exchange *ex, const struct http1_head *head,
                      size_t n) {
  if (ex) http1_message_fill(c, ex, head, n);
  c->pos += n;
  if (!ex)
    http1_lose_place(c);
  else
    c->half->ex = ex;
  return ex != NULL;
}

static void request_head(struct http1_cursor *c, size_t n) {
  struct http1_head head;
  struct http1_exchange *ex = http1_message_request(c, span_head(http1_rest(c), n), false, &head);
  c->half->after_gap = false;
  if (!take_head(c, ex, &head, n)) return;
  if (head.has_transfer && !head.chunked) ex->t->anomalies |= ANOMALY_BIT(ANOMALY_TE_BAD);
  bool waits =
      span_eq_nocase(headers_get(&ex->t->side[DIR_REQUEST].headers, "expect"), SPAN_LIT("100-continue"));
  http1_body_begin(c, &head);
  c->half->fresh = waits && c->half->ex;
}

/* An answer to nothing we know of: half a call. */
static struct http1_exchange *half_call(struct http1_cursor *c) {
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

static struct http1_exchange *exchange_for_response(struct http1_cursor *c) {
  struct http1_exchange *ex = http1_pair(c->h, c->cx, c->in.off + c->pos, c->in.ack);
  return ex ? ex : half_call(c);
}

struct http1_exchange *http1_message_response(struct http1_cursor *c, struct span bytes, bool cut,
                                              struct http1_head *head) {
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

static void switch_to(struct http1_cursor *c, struct http1_exchange *ex, const char *next) {
  ex->t->side[DIR_REQUEST].complete |= ex->done[DIR_REQUEST];
  ex->t->side[DIR_RESPONSE].complete = ex->begun[DIR_RESPONSE];
  struct txn *t = http1_detach(c->h, c->cx, ex);
  c->result = (struct parse){.status = PARSE_SWITCH, .next = next, .from = t};
  c->stop = true;
}

static bool http1_message_bodyless(const struct http1_exchange *ex, int status) {
  return ex->is_head || status == 204 || status == 304 || (status >= 100 && status < 200);
}

/* Where the request was not seen it may have been HEAD, and a client that was refused before it heard 100 (Continue) sends
 * no body (RFC 9110, 10.1.1): another head where the body would begin says so. */
bool http1_message_looks_bodyless(struct http1_cursor *c) {
  struct span s = http1_rest(c);
  bool asked = c->dir == DIR_REQUEST;
  if (asked && !(c->half->ex && c->half->ex->done[DIR_RESPONSE])) {
    c->half->fresh = false;
    return false;
  }
  enum probe r = s.len ? http1_sure_line(s, c->dir) : PROBE_NO;
  bool whole = !asked && c->half->phase == HTTP1_LENGTH && s.len >= c->half->left, yes = r == PROBE_YES;
  if (r == PROBE_MAYBE && !whole) { /* too few bytes to say */
    http1_wait(c, 1);
    return true;
  }
  c->half->fresh = false;
  if (yes && c->half->ex) http1_message_done(c, true);
  return yes;
}

static void response_head(struct http1_cursor *c, size_t n) {
  struct span bytes = span_head(http1_rest(c), n);
  int status = http1_status(bytes);
  if (status >= 100 && status < 200 && status != 101) { /* interim: the final one follows */
    c->pos += n;
    c->half->scanned = 0;
    return;
  }
  struct http1_head head;
  struct http1_exchange *ex = http1_message_response(c, bytes, false, &head);
  if (!take_head(c, ex, &head, n)) return;
  if (status == 101) {
    struct span to =
        head.upgrade.len ? head.upgrade : headers_get(&ex->t->side[DIR_REQUEST].headers, "upgrade");
    switch_to(c, ex, upgrade_to(to));
  } else if (ex->is_connect && status >= 200 && status < 300) {
    switch_to(c, ex, NULL);
  } else if (http1_message_bodyless(ex, status)) {
    http1_message_done(c, true);
  } else {
    bool unasked = !ex->t->method.len;
    http1_body_begin(c, &head); /* ex may be over now */
    c->half->fresh = unasked && c->half->ex;
  }
}

/* HTTP/0.9 answers with the body alone, until the connection ends. */
static bool old_answer(struct http1_cursor *c) {
  struct http1_exchange *ex = c->h->first;
  if (c->dir != DIR_RESPONSE || !ex || !ex->old || !ex->done[DIR_REQUEST] || ex->begun[DIR_RESPONSE])
    return false;
  struct http1_head none = {.version = SPAN_LIT("0.9")};
  http1_message_fill(c, ex, &none, 0);
  c->half->ex = ex;
  http1_body_begin(c, &none);
  return true;
}

/* Bytes that are no message: after a CONNECT or Upgrade they are the next protocol's, else the place is lost. */
static void not_a_start(struct http1_cursor *c) {
  struct http1_exchange *ex = c->h->last;
  bool switching = c->dir == DIR_REQUEST && ex && ex->done[DIR_REQUEST] && !ex->begun[DIR_RESPONSE] &&
                   (ex->is_connect || ex->upgrade);
  if (switching && (c->cx->flow_unseen & UNSEEN_ONE_SIDED)) {
    switch_to(c, ex, upgrade_to(headers_get(&ex->t->side[DIR_REQUEST].headers, "upgrade")));
  } else if (switching) {
    http1_wait(c, 1);
  } else {
    ex = c->h->last;
    if (ex && ex->begun[c->dir]) ex->t->anomalies |= ANOMALY_BIT(ANOMALY_BODY_UNEXPECTED);
    http1_lose_place(c);
  }
}

static void skip_blank(struct http1_cursor *c) {
  struct span s = http1_rest(c);
  size_t n = 0;
  while (n < s.len && (s.base[n] == '\r' || s.base[n] == '\n')) n++;
  c->pos += n;
  if (n) c->half->scanned = 0;
}

/* A head longer than the cap: what fits is read, the rest skipped. */
static void long_head(struct http1_cursor *c) {
  size_t n = (size_t)c->cx->conf->max_header_bytes;
  struct http1_head head;
  struct span bytes = span_head(http1_rest(c), n);
  struct http1_exchange *ex = c->dir == DIR_REQUEST ? http1_message_request(c, bytes, true, &head)
                                                    : http1_message_response(c, bytes, true, &head);
  ctr_inc(c->cx->ctr, CTR_DISSECT_HEADER_CAP);
  c->half->scanned = 0;
  if (ex) {
    http1_message_fill(c, ex, &head, n);
    ex->t->anomalies |= ANOMALY_BIT(ANOMALY_HEADER_CUT);
  }
  c->half->ex = ex;
  c->half->left = head.has_length && ex ? head.length : 0;
  c->half->head_bytes = ex ? (uint64_t)(head.chunked ? 2 : head.has_length) : 0;
  c->half->phase = HTTP1_SKIP_HEAD;
  c->pos += n;
}

void http1_message_skip(struct http1_cursor *c) {
  size_t n = http1_head_end(http1_rest(c), &c->half->scanned);
  if (!n) {
    size_t keep = http1_rest(c).len < 4 ? http1_rest(c).len : 4;
    http1_eat(c, http1_rest(c).len - keep);
    c->half->scanned = 0;
    http1_wait(c, 1);
    return;
  }
  http1_eat(c, n);
  c->half->scanned = 0;
  struct http1_exchange *ex = c->half->ex;
  if (!ex || (c->dir == DIR_RESPONSE && http1_message_bodyless(ex, ex->t->status))) {
    http1_message_done(c, true);
    return;
  }
  struct http1_head head = {
      .has_length = c->half->head_bytes == 1, .length = c->half->left, .chunked = c->half->head_bytes == 2};
  http1_body_begin(c, &head);
}

static size_t head_length(struct http1_cursor *c) {
  struct span s = http1_rest(c);
  size_t line = span_index(s, '\n');
  if (c->dir == DIR_REQUEST && line < s.len && !c->half->scanned &&
      span_find(span_head(s, line), SPAN_LIT("HTTP/")) >= line)
    return line + 1; /* HTTP/0.9 */
  return http1_head_end(s, &c->half->scanned);
}

void http1_message_start(struct http1_cursor *c) {
  skip_blank(c);
  struct span s = http1_rest(c);
  if (!s.len) {
    http1_wait(c, 0);
    return;
  }
  if (!c->half->scanned) {
    enum probe r = c->half->any ? http1_sure_line(s, c->dir) : http1_start_line(s, c->dir);
    if (r == PROBE_NO && c->half->any) r = http1_start_line(s, c->dir);
    if (r == PROBE_MAYBE && s.len < (size_t)c->cx->conf->max_header_bytes) {
      http1_wait(c, 1);
      return;
    }
    if (r == PROBE_NO) {
      if (!old_answer(c)) not_a_start(c);
      return;
    }
  }
  size_t n = head_length(c);
  if (!n && s.len < (size_t)c->cx->conf->max_header_bytes) {
    http1_wait(c, 1);
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
