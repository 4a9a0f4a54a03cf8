/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL and MariaDB (MySQL internals manual, "Client/Server Protocol"): which packet is whose, compression, TLS, holes. */
#include "base/err.h"
#include "dissect/proto/mysql.h"
#include "dissect/side.h"

#include <ctype.h>
#include <netinet/in.h>

/* ---- identification ---- */

struct head {
  size_t len;
  uint8_t seq;
  struct span body; /* as much as is there */
};

static bool read_head(struct span s, struct head *h) {
  if (s.len < MYSQL_HEADER + 1) return false;
  h->len = (size_t)s.base[0] | (size_t)s.base[1] << 8 | (size_t)s.base[2] << 16;
  h->seq = s.base[3];
  h->body = span_head(span_skip(s, MYSQL_HEADER), h->len);
  return h->len > 0;
}

static enum probe probe_greeting(const struct head *h) {
  struct span b = h->body;
  if (b.base[0] == 0xff && h->len > 8 && h->len < 600) { /* refused at once */
    struct reader r = reader_of(span_skip(b, 1));
    uint16_t code = reader_u16le(&r);
    if (r.bad) return PROBE_MAYBE;
    if (code < 1000 || code > 4000) return PROBE_NO;
    return b.len < h->len ? PROBE_MAYBE : PROBE_YES;
  }
  if (b.base[0] != 10 || h->len < 45 || h->len > 300) return PROBE_NO;
  for (size_t i = 1; i < b.len && b.base[i]; i++)
    if (!isgraph(b.base[i]) || i > 60) return PROBE_NO;
  if (b.len < 2 || b.len < h->len) return PROBE_MAYBE;
  size_t end = span_index(b, 0);
  return end > 3 && isdigit(b.base[1]) && b.len > end + 13 && b.base[end + 13] == 0 ? PROBE_YES : PROBE_NO;
}

/* A compressed packet: one that holds a single short message as it is, or what zlib writes. */
static bool packed_begins(struct span s) {
  struct head h, in;
  if (!read_head(s, &h) || s.len < 10 || h.seq > 1) return false;
  uint32_t size = (uint32_t)s.base[4] | (uint32_t)s.base[5] << 8 | (uint32_t)s.base[6] << 16;
  if (size) return size > h.len && h.len > 8 && s.base[7] == 0x78 && (s.base[7] << 8 | s.base[8]) % 31 == 0;
  return read_head(span_skip(s, 7), &in) && in.len + MYSQL_HEADER == h.len && in.seq == h.seq;
}

/* A client's command in a connection that is older than the capture. */
static enum probe probe_command(const struct head *h) {
  struct span b = span_skip(h->body, 1), word = b;
  uint8_t c = h->body.base[0];
  if (c == 14 || c == MYSQL_QUIT) return h->len == 1 && h->body.len == 1 ? PROBE_YES : PROBE_NO;
  if (c == MYSQL_EXECUTE)
    return h->len < 10                                                ? PROBE_NO
           : b.len < 9                                                ? PROBE_MAYBE
           : memcmp(b.base + 5, "\1\0\0\0", 4) == 0 && b.base[3] == 0 ? PROBE_YES
                                                                      : PROBE_NO;
  if (c != MYSQL_QUERY && c != MYSQL_PREPARE) return PROBE_NO;
  if (word.len > 2 && word.base[0] == 0 && word.base[1] == 1) word = span_skip(word, 2);
  struct statement_lex x = statement_lex_of(span_head(word, 4096), STATEMENT_MYSQL);
  struct token t = statement_lex_next(&x);
  if (t.kind == TOKEN_END || (t.kind == TOKEN_WORD && x.pos == x.end && h->body.len < h->len))
    return PROBE_MAYBE;
  if (t.kind != TOKEN_WORD) return PROBE_NO;
  return statement_word_verb(t.text) ? PROBE_YES : PROBE_NO;
}

/* A client's answer to a greeting that was not seen: 19 bytes of zero behind what it can do and its charset. */
static enum probe probe_login(const struct head *h) {
  enum { ZEROS = 9, END = ZEROS + 19, HEAD = 32 };
  struct reader r = reader_of(h->body);
  uint32_t caps = reader_u32le(&r), most = reader_u32le(&r);
  if (h->len <= HEAD || h->len > 4096) return PROBE_NO;
  if (h->body.len <= HEAD) return PROBE_MAYBE;
  for (size_t i = ZEROS; i < END; i++)
    if (h->body.base[i]) return PROBE_NO;
  if (!(caps & MYSQL_CAP_PROTOCOL_41) || !(caps & MYSQL_CAP_SECURE) || !most || most > 1U << 30)
    return PROBE_NO;
  return h->body.base[8] ? PROBE_YES : PROBE_NO;
}

/* A server's answer: a result set's first column is the same everywhere. */
static enum probe probe_answer(struct span s, const struct head *h) {
  struct head next;
  if (h->len == 1 && h->body.base[0] > 0 && h->body.base[0] < 0xfb) {
    struct span behind = span_skip(s, MYSQL_HEADER + 1);
    if (behind.len < MYSQL_HEADER + 4) return PROBE_MAYBE;
    return read_head(behind, &next) && next.seq == 2 && span_starts(next.body, SPAN_LIT("\3def")) ? PROBE_YES
                                                                                                  : PROBE_NO;
  }
  if (h->body.base[0] == 0xff && h->len > 9 && h->len < 600 && h->body.len > 3)
    return h->body.base[3] == '#' ? PROBE_YES : PROBE_NO;
  return PROBE_NO;
}

static enum probe probe(struct span head, enum dir d) {
  struct head h;
  if (head.len >= 4 && head.base[3] > 1) return PROBE_NO;
  if (head.len >= 3 && head.base[2] > 15) return PROBE_NO;
  if (!read_head(head, &h)) return head.len < MYSQL_HEADER + 1 ? PROBE_MAYBE : PROBE_NO;
  if (packed_begins(head) && h.seq == (d == DIR_RESPONSE)) return PROBE_YES;
  if (d == DIR_RESPONSE) return h.seq == 0 ? probe_greeting(&h) : probe_answer(head, &h);
  return h.seq == 0 ? probe_command(&h) : probe_login(&h);
}

static int side(struct span head) {
  struct head h;
  if (!read_head(head, &h)) return -1;
  if (packed_begins(head)) return h.seq ? DIR_RESPONSE : DIR_REQUEST;
  if (h.seq == 1 && probe_login(&h) == PROBE_YES) return DIR_REQUEST;
  if (h.seq == 1 || probe_greeting(&h) == PROBE_YES) return DIR_RESPONSE;
  return probe_command(&h) == PROBE_YES ? DIR_REQUEST : -1;
}

/* ---- packets ---- */

static bool login_pending(struct mysql_state *st) {
  struct mysql_command *c = mysql_head(st);
  return c && c->code == MYSQL_LOGIN;
}

/* 0, or 1 when TLS follows. */
static int client(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                  const struct mysql_packet *p) {
  bool ssl = false;
  if (st->file && p->seq != 0) {
    mysql_answer_file(st, cx, in, p);
  } else if (p->seq == 0) {
    if (mysql_command_fits(p->body)) mysql_command_take(st, cx, in, p);
  } else if (!st->count && !st->caps_known) {
    mysql_login_request(st, cx, in, p, &ssl);
  }
  return ssl;
}

static void server(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                   const struct mysql_packet *p) {
  if (st->order.lossy && !st->order.sure) mysql_command_close_all(st, cx, UNSEEN_GAP);
  if (login_pending(st)) {
    mysql_login_answer(st, cx, in, p);
  } else if (p->seq == 0 && !st->count && p->body.len && p->body.base[0] == 10) {
    mysql_login_greeting(st, p->body);
  } else if (p->seq == 0 && !st->count && !st->greeted && p->body.len && p->body.base[0] == 0xff) {
    mysql_login_refused(st, cx, in, p);
  } else {
    mysql_answer_take(st, cx, in, p);
  }
}

static int give(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                const struct mysql_packet *p) {
  if (in->dir == DIR_REQUEST) return client(st, cx, in, p);
  server(st, cx, in, p);
  return 0;
}

/* The messages in *rest. 1: TLS follows; 0: *need more bytes are wanted. */
static int messages(struct mysql_state *st, struct dissect_ctx *cx, struct chunk *in, struct mysql_frame *f,
                    struct span *rest, size_t *need) {
  for (;;) {
    struct mysql_packet p;
    struct chunk at = *in;
    bool open = f->open;
    if (in->dir == DIR_REQUEST && f == &st->s[0].outer && rest->len >= MYSQL_HEADER && !open &&
        login_pending(st) && rest->base[3] == 0 && st->caps & (MYSQL_CAP_COMPRESS | MYSQL_CAP_ZSTD) &&
        st->caps_known)
      st->s[0].packed = true;
    if (!st->caps_known && !st->count && !open && !st->s[in->dir].packed && f == &st->s[in->dir].outer &&
        packed_begins(*rest))
      st->s[0].packed = st->s[1].packed = true;
    if (f == &st->s[in->dir].outer && st->s[in->dir].packed) return 0; /* from here on */
    if (mysql_frame_take(f, rest, MYSQL_HEADER, (size_t)cx->conf->max_body_bytes, in, &p, need) <= 0)
      return 0;
    if (open) at.first_ns = f->first_ns;
    if (give(st, cx, &at, &p)) return 1;
    in->first_ns = in->ns;
  }
}

/* Compressed packets hold a stream of messages of their own. */
static int unpack(struct mysql_state *st, struct dissect_ctx *cx, struct chunk *in, struct span *rest,
                  size_t *need) {
  struct mysql_stream *s = &st->s[in->dir];
  struct mysql_packet p;
  size_t cap = (size_t)cx->conf->max_body_bytes;
  while (mysql_frame_take(&s->outer, rest, MYSQL_HEADER + 3, cap, in, &p, need) > 0) {
    if (p.cut || mysql_frame_unpack(st->zstd, (uint64_t)cx->conf->max_ratio, p.body, &s->plain) < 0)
      return ERR_SYNTAX;
    struct span plain = buf_span(&s->plain);
    size_t unused;
    int rc = messages(st, cx, in, &s->inner, &plain, &unused);
    buf_drop(&s->plain, s->plain.len - plain.len);
    if (rc) return rc;
    in->first_ns = in->ns;
  }
  return 0;
}

/* ---- holes ---- */

static void confuse(struct mysql_state *st, const struct chunk *in) {
  inorder_gap(&st->order, in, in->dir == DIR_REQUEST ? st->count : st->count == 1);
}

static void lose(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in) {
  struct mysql_stream *s = &st->s[in->dir];
  if (!s->lost) ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
  s->lost = true;
  s->outer.open = s->inner.open = false;
  buf_reset(&s->plain);
  struct mysql_command *c = mysql_head(st);
  if (in->dir == DIR_RESPONSE && c)
    c->t->side[DIR_RESPONSE].unseen |= in->snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP;
  if (in->dir == DIR_REQUEST) st->file = false;
  confuse(st, in);
}

static void hole(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in) {
  struct mysql_stream *s = &st->s[in->dir];
  struct mysql_command *c = mysql_head(st);
  if (in->dir == DIR_REQUEST) st->holed = true;
  if (c && (in->dir == DIR_RESPONSE || st->file)) side_lost(&c->t->side[in->dir], in->gap, in->snapped);
  bool within = !s->lost && !s->packed && mysql_frame_gap(&s->outer, cx->rest[in->dir], in->gap, in);
  if (!within) {
    lose(st, cx, in);
    return;
  }
  struct span none = {0};
  size_t need = 0;
  struct chunk at = *in;
  if (!s->outer.left && !s->outer.full) (void)messages(st, cx, &at, &s->outer, &none, &need);
}

/* Two rows of the answer under way, or one and its end: the bytes before the first. */
static bool find_row(const struct mysql_state *st, struct span s, size_t *skip) {
  struct head h, next;
  for (size_t i = 0; i + MYSQL_HEADER < s.len; i++) {
    struct span at = span_skip(s, i);
    if (!read_head(at, &h) || h.body.len < h.len) continue;
    bool end = mysql_answer_end(h.body) && h.len <= 9 && at.len == MYSQL_HEADER + h.len;
    bool row = mysql_answer_row(st, h.body) && read_head(span_skip(at, MYSQL_HEADER + h.len), &next) &&
               next.seq == (uint8_t)(h.seq + 1) && next.body.len == next.len &&
               (mysql_answer_row(st, next.body) || mysql_answer_end(next.body));
    *skip = i;
    if (end || row) return true;
  }
  return false;
}

static bool zlib_begins(struct span s) {
  return s.len > 9 && s.base[7] == 0x78 && (s.base[7] << 8 | s.base[8]) % 31 == 0 && s.base[2] == 0 &&
         s.base[6] == 0;
}

/* After a hole: the next command, the next answer, or the next row. Bytes before it are passed over. */
static bool find(struct mysql_state *st, struct dissect_ctx *cx, struct span *rest, const struct chunk *in) {
  enum dir d = in->dir;
  struct mysql_stream *s = &st->s[d];
  struct head h;
  size_t skip = 0;
  bool found = false;
  if (!read_head(*rest, &h)) return false;
  if (!st->caps_known && !st->count && !s->packed && packed_begins(*rest))
    st->s[0].packed = st->s[1].packed = true; /* as the login that was lost wanted it */
  if (s->packed) {
    found = h.seq == (d == DIR_RESPONSE) &&
            (zlib_begins(*rest) || (rest->len > 7 && !memcmp(rest->base + 4, "\0\0\0", 3)));
  } else if (d == DIR_REQUEST) {
    found =
        h.seq == 0 && mysql_command_fits(h.body) && (h.body.len == h.len || probe_command(&h) != PROBE_NO);
  } else if (st->count && st->answer.stage == MYSQL_ROWS) {
    found = find_row(st, *rest, &skip);
  }
  if (!found && d == DIR_RESPONSE && h.seq == 1 &&
      (h.body.base[0] == 0 || probe_answer(*rest, &h) == PROBE_YES)) {
    found = h.body.len == h.len;
    if (found && st->count && st->answer.stage != MYSQL_FIRST) mysql_command_close(st, cx, 0);
  }
  const struct mysql_command *c = mysql_head(st);
  if (!found && d == DIR_RESPONSE && c && !s->packed && st->answer.stage == MYSQL_FIRST)
    found =
        in->off == st->order.recv && h.seq == (uint8_t)(c->last + 1); /* where the client was when it asked */
  if (!found) return false;
  *rest = span_skip(*rest, skip);
  s->lost = false;
  ctr_inc(cx->ctr, CTR_DISSECT_RESYNC);
  return true;
}

static void start(void *state, struct dissect_ctx *cx) {
  struct mysql_state *st = state;
  buf_init(&st->answer.column, cx->budget, MYSQL_COLUMNS * sizeof(struct mysql_column));
  buf_init(&st->answer.carry, cx->budget, MYSQL_CARRY);
  for (int d = 0; d < 2; d++) {
    buf_init(&st->s[d].outer.body, cx->budget, 0);
    buf_init(&st->s[d].inner.body, cx->budget, 0);
    buf_init(&st->s[d].plain, cx->budget, (size_t)cx->conf->max_body_bytes * 2);
  }
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct mysql_state *st = state;
  struct mysql_stream *s = &st->s[in.dir];
  if (in.gap) {
    hole(st, cx, &in);
    return (struct parse){.status = PARSE_OK};
  }
  struct span rest = in.data;
  if (s->lost && !find(st, cx, &rest, &in)) {
    confuse(st, &in);
    return (struct parse){.status = PARSE_OK, .used = in.data.len};
  }
  size_t need = 0;
  int rc = s->packed ? 0 : messages(st, cx, &in, &s->outer, &rest, &need);
  if (rc == 0 && s->packed) rc = unpack(st, cx, &in, &rest, &need);
  if (rc > 0)
    return (struct parse){
        .status = PARSE_SWITCH, .used = in.data.len - rest.len, .next = "tls", .within = true};
  if (rc < 0 || s->lost) {
    if (rc < 0) lose(st, cx, &in);
    return (struct parse){.status = PARSE_OK, .used = in.data.len};
  }
  return (struct parse){.status = PARSE_OK, .used = in.data.len - rest.len, .need = need};
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct mysql_state *st = state;
  (void)why;
  while (st->count) {
    bool part = st->pending[st->head].t->side[DIR_RESPONSE].seen;
    mysql_command_close(st, cx, part || !(cx->flow_unseen & UNSEEN_ONE_SIDED) ? UNSEEN_UNFINISHED : 0);
  }
  mysql_prepared_free(st);
  buf_done(&st->answer.column);
  buf_done(&st->answer.carry);
  for (int d = 0; d < 2; d++) {
    buf_done(&st->s[d].outer.body);
    buf_done(&st->s[d].inner.body);
    buf_done(&st->s[d].plain);
  }
}

const struct dissector dissector_mysql = {
    .name = "mysql",
    .transport = IPPROTO_TCP,
    .ports = {3306, 3307, 33060, 4000, 6033},
    .state_size = sizeof(struct mysql_state),
    .probe = probe,
    .start = start,
    .parse = parse,
    .finish = finish,
    .side = side,
};
