/* SPDX-License-Identifier: Apache-2.0 */
/* Calls without end told in parts, cut between their messages. */
#include "dissect/part.h"
#include "base/reader.h"

enum kind { KIND_NONE, KIND_MESSAGES /* length-prefixed */, KIND_EVENTS, KIND_LINES };
enum { PREFIX = 5, CARRIED = UNSEEN_MIDSTREAM | UNSEEN_HPACK_LATE_JOIN | UNSEEN_ONE_SIDED };

static bool is(struct span type, const char *prefix) { return span_starts_nocase(type, span_str(prefix)); }

static bool watches(struct span target) {
  struct span query = span_skip(target, span_index(target, '?'));
  return span_find(query, SPAN_LIT("watch=true")) < query.len ||
         span_find(query, SPAN_LIT("watch=1")) < query.len;
}

/* By the answer's type; by the request's where the answer is not there yet. */
static enum kind kind_of(const struct txn *t) {
  struct span type = headers_get(&t->side[DIR_RESPONSE].headers, "content-type");
  if (!type.len) type = headers_get(&t->side[DIR_REQUEST].headers, "content-type");
  for (int d = 0; d < 2; d++)
    if (headers_get(&t->side[d].headers, "content-encoding").len) return KIND_NONE;
  if (is(type, "application/grpc-web-text")) return KIND_NONE;
  if (is(type, "application/grpc") || is(type, "application/connect+")) return KIND_MESSAGES;
  if (is(type, "text/event-stream")) return KIND_EVENTS;
  if (is(type, "application/x-ndjson") || is(type, "application/stream+json") ||
      is(type, "application/jsonl") || is(type, "application/json-seq"))
    return KIND_LINES;
  return is(type, "application/json") && watches(t->target) ? KIND_LINES : KIND_NONE;
}

bool part_due(const struct dissect_ctx *cx, const struct txn *t, uint64_t ns) {
  const struct side *q = &t->side[DIR_REQUEST], *p = &t->side[DIR_RESPONSE];
  uint64_t from = q->seen ? q->first_ns : p->first_ns;
  if (ns < from || ns - from < cx->conf->stream_part_ns) return false;
  return (q->body_bytes || p->body_bytes) && kind_of(t) != KIND_NONE;
}

static size_t whole_messages(struct span s) {
  struct reader r = reader_of(s);
  size_t end = 0;
  while (reader_left(&r) >= PREFIX) {
    reader_skip(&r, 1);
    reader_skip(&r, reader_u32be(&r));
    if (r.bad) break;
    end = s.len - reader_left(&r);
  }
  return end;
}

static size_t whole_lines(struct span s, bool events) {
  for (size_t i = s.len; i > 0; i--) {
    if (s.base[i - 1] != '\n') continue;
    if (!events || (i >= 2 && s.base[i - 2] == '\n') ||
        (i >= 4 && memcmp(s.base + i - 4, "\r\n\r\n", 4) == 0))
      return i;
  }
  return 0;
}

/* Bytes behind the last whole message go along; where bytes are missing nobody knows where one begins. */
static void carry(struct side *from, struct side *to, enum kind kind) {
  struct span s = buf_span(&from->raw);
  bool whole = !from->hole && !(from->unseen & (UNSEEN_CAPPED | UNSEEN_MEMORY));
  to->unseen |= from->unseen & (unsigned)CARRIED;
  to->complete = from->complete;
  from->complete = true;
  if (!whole && kind == KIND_MESSAGES) {
    to->hole = 1;
    to->unseen |= UNSEEN_GAP;
  }
  if (!whole || to->complete) return;
  size_t end = kind == KIND_MESSAGES ? whole_messages(s) : whole_lines(s, kind == KIND_EVENTS);
  struct span rest = span_skip(s, end);
  if (buf_put(&to->raw, rest) < 0) return;
  to->body_bytes = rest.len;
  from->body_bytes -= rest.len;
  from->raw.len = end;
}

void part_copy_head(struct txn *to, enum dir d, const struct txn *from) {
  const struct headers *h = &from->side[d].headers;
  for (uint32_t i = 0; i < h->count; i++)
    if (h->item[i].name_known && h->item[i].value_known)
      (void)txn_header(to, &to->side[d].headers, h->item[i].name, h->item[i].value);
}

static void copy_call(struct txn *to, const struct txn *from, uint64_t ns) {
  struct arena *a = &to->arena;
  to->stream = from->stream;
  to->version = arena_copy(a, from->version);
  to->method = arena_copy(a, from->method);
  to->target = arena_copy(a, from->target);
  to->scheme = arena_copy(a, from->scheme);
  to->host = arena_copy(a, from->host);
  to->host_port = from->host_port;
  to->status = from->status;
  to->status_text = arena_copy(a, from->status_text);
  for (int d = 0; d < 2; d++) {
    part_copy_head(to, (enum dir)d, from);
    to->side[d].seen = from->side[d].seen;
    to->side[d].first_ns = to->side[d].last_ns = ns;
  }
}

void part_cut(struct dissect_ctx *cx, struct txn **t, uint64_t ns) {
  struct txn *old = *t, *now = txn_open(cx, old->protocol);
  if (!now) return;
  const struct fact *part = txn_fact(old, "tapscope.part");
  uint64_t number = part ? part->num : 1;
  enum kind kind = kind_of(old);
  if (!part) txn_fact_u64(old, "tapscope.part", number);
  txn_fact_u64(now, "tapscope.part", number + 1);
  copy_call(now, old, ns);
  for (int d = 0; d < 2; d++) carry(&old->side[d], &now->side[d], kind);
  *t = now;
  txn_close(cx, old);
}
