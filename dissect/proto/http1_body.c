/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of HTTP/1 messages: by length, chunked, until the connection ends (RFC 9112, 6 and 7). */
#include "dissect/part.h"
#include "base/coded.h"
#include "dissect/proto/http1_cursor.h"
#include "dissect/side.h"

enum { LINE_MAX_CHUNK = 4096 };

static void add_body(struct http1_cursor *c, struct span s) {
  if (part_due(c->cx, c->half->ex->t, c->in.ns)) part_cut(c->cx, &c->half->ex->t, c->in.ns);
  side_put(http1_side_of(c), c->cx, s);
}

void http1_body_begin(struct http1_cursor *c, const struct http1_head *head) {
  struct http1_half *half = c->half;
  if (head->chunked) {
    half->phase = HTTP1_CHUNK_SIZE;
  } else if (head->has_length && !head->has_transfer) {
    half->phase = HTTP1_LENGTH;
    half->left = head->length;
    side_expect(http1_side_of(c), head->length);
    if (!half->left) http1_message_done(c, true);
  } else if (c->dir == DIR_RESPONSE) {
    half->phase = HTTP1_CLOSE;
  } else {
    http1_message_done(c, true);
  }
}

void http1_body_length(struct http1_cursor *c) {
  struct span s = span_head(http1_rest(c), c->half->left < SIZE_MAX ? (size_t)c->half->left : SIZE_MAX);
  add_body(c, s);
  http1_eat(c, s.len);
  c->half->left -= s.len;
  if (c->half->left) return;
  if (c->half->phase == HTTP1_CHUNK_DATA)
    c->half->phase = HTTP1_CHUNK_END;
  else
    http1_message_done(c, true);
}

static void bad_chunk(struct http1_cursor *c) {
  c->half->ex->t->anomalies |= ANOMALY_BIT(ANOMALY_CHUNK_BAD);
  http1_lose_place(c);
}

/* chunk-size [ chunk-ext ] CRLF */
void http1_body_chunk_size(struct http1_cursor *c) {
  struct span s = http1_rest(c);
  size_t nl = span_index(s, '\n');
  if (nl == s.len) {
    if (s.len > LINE_MAX_CHUNK || (s.len && coded_hex(s.base[0]) < 0 && s.base[0] != ' '))
      bad_chunk(c);
    else
      http1_wait(c, 1);
    return;
  }
  struct span line = span_trim(span_head(s, nl));
  uint64_t n = 0;
  size_t i = 0;
  for (; i < line.len && coded_hex(line.base[i]) >= 0 && n < UINT64_MAX >> 8; i++)
    n = n << 4 | (uint64_t)coded_hex(line.base[i]);
  bool odd = i < line.len && line.base[i] != ';' && line.base[i] != ' ' && line.base[i] != '\t';
  if (!i || odd || n >= UINT64_MAX >> 8) {
    bad_chunk(c);
    return;
  }
  if (!nl || s.base[nl - 1] != '\r') c->half->ex->t->anomalies |= ANOMALY_BIT(ANOMALY_BARE_LF);
  http1_eat(c, nl + 1);
  c->half->left = n;
  c->half->phase = n ? HTTP1_CHUNK_DATA : HTTP1_TRAILERS;
  c->half->head_bytes = c->half->scanned = 0;
}

void http1_body_chunk_end(struct http1_cursor *c) {
  struct span s = http1_rest(c);
  size_t n = s.base[0] == '\n' ? 1 : 2;
  if (s.base[0] == '\r' && s.len < 2) {
    http1_wait(c, 1);
    return;
  }
  if (n == 2 && (s.base[0] != '\r' || s.base[1] != '\n')) {
    bad_chunk(c);
    return;
  }
  http1_eat(c, n);
  c->half->phase = HTTP1_CHUNK_SIZE;
}

void http1_body_trailers(struct http1_cursor *c) {
  struct span s = http1_rest(c);
  size_t n = s.base[0] == '\n' ? 1 : s.len > 1 && s.base[0] == '\r' && s.base[1] == '\n' ? 2 : 0;
  if (!n && s.base[0] == '\r' && s.len < 2) {
    http1_wait(c, 1);
    return;
  }
  if (!n) {
    n = http1_head_end(s, &c->half->scanned);
    if (!n && s.len < (size_t)c->cx->conf->max_header_bytes) {
      if (http1_sure_line(s, c->dir) == PROBE_YES)
        http1_message_done(c, true); /* the empty line was left out */
      else
        http1_wait(c, 1);
      return;
    }
    struct txn *t = c->half->ex->t;
    if (n)
      http1_read_trailers(t, &http1_side_of(c)->trailers, span_head(s, n), (uint32_t)c->cx->conf->max_headers,
                          &t->anomalies);
    else
      n = s.len;
  }
  http1_eat(c, n);
  http1_message_done(c, true);
}

void http1_body_close(struct http1_cursor *c) {
  add_body(c, http1_rest(c));
  http1_eat(c, http1_rest(c).len);
}

/* n lost bytes of a body whose end is known, or is the connection's. */
void http1_body_hole(struct http1_cursor *c, uint64_t n) {
  struct side *s = http1_side_of(c);
  side_hole(s, n, c->in.snapped, c->in.ns);
  (void)buf_put_u8(&s->raw, '\n'); /* what stands on either side must not read as one word */
}
