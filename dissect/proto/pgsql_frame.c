/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL messages: a type and four bytes of length; the first of a client has no type. */
#include "base/err.h"
#include "dissect/proto/pgsql_wire.h"

enum { LONGEST = 1 << 30, LIKELY = 16 << 20 };

static const char types[2][24] = {"QPBDECSHXdcfFp", "TDCEZ123nstGHWdcIRSKNAV"};

static bool is_type(uint8_t c, enum dir d) { return c && strchr(types[d], c); }

static uint32_t length(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void append(struct pgsql_frame *f, struct span s) {
  long n = buf_put_some(&f->body, s);
  if (n < 0 || (size_t)n < s.len) f->cut = true;
  f->left -= (uint32_t)s.len;
}

static void begin(struct pgsql_frame *f, uint8_t type, uint32_t n, size_t cap, const struct chunk *in) {
  f->body.cap = cap;
  buf_reset(&f->body);
  f->open = true;
  f->cut = false;
  f->type = type;
  f->left = n;
  f->wire = n + PGSQL_HEADER;
  f->first_ns = in->first_ns;
}

int pgsql_frame_take(struct pgsql_frame *f, struct span *rest, bool typed, size_t cap, const struct chunk *in,
                     struct pgsql_message *m, size_t *need) {
  size_t head = typed ? PGSQL_HEADER : 4;
  if (!f->open) {
    *need = head;
    if (rest->len < head) return 0;
    uint8_t type = typed ? rest->base[0] : 0;
    uint32_t n = length(rest->base + head - 4);
    if (n < 4 || n > LONGEST || (typed && !is_type(type, in->dir)) || (!typed && n > 10000))
      return ERR_SYNTAX;
    n -= 4;
    if (head + n <= rest->len) {
      *m = (struct pgsql_message){type, span_of(rest->base + head, n), head + n, false};
      *rest = span_skip(*rest, head + n);
      return 1;
    }
    *need = head + n;
    if (n < PGSQL_WAIT) return 0;
    begin(f, type, n, cap, in);
    *rest = span_skip(*rest, head);
  }
  struct span more = span_head(*rest, f->left);
  append(f, more);
  *rest = span_skip(*rest, more.len);
  *need = 1;
  if (f->left) return 0;
  f->open = false;
  *m = (struct pgsql_message){f->type, buf_span(&f->body), f->wire, f->cut};
  return 1;
}

bool pgsql_frame_gap(struct pgsql_frame *f, struct span rest, uint64_t n, const struct chunk *in) {
  if (!f->open) {
    if (rest.len < PGSQL_HEADER || !pgsql_frame_fits(rest, in->dir)) return false;
    begin(f, rest.base[0], length(rest.base + 1) - 4, PGSQL_WAIT, in);
    append(f, span_head(span_skip(rest, PGSQL_HEADER), f->left));
  }
  f->cut = true;
  if (n <= f->left) {
    f->left -= (uint32_t)n;
    f->body.cap = f->body.len ? f->body.len : 1; /* what follows the hole stands in the wrong place */
    return true;
  }
  f->open = false;
  return false;
}

bool pgsql_frame_fits(struct span s, enum dir d) {
  if (s.len < PGSQL_HEADER || !is_type(s.base[0], d)) return false;
  uint32_t n = length(s.base + 1);
  uint8_t c = s.base[0];
  if (n < 4 || n > LIKELY) return false;
  if (d == DIR_REQUEST) return strchr("SHXc", c) ? n == 4 : n > 4;
  if (strchr("123nIsc", c)) return n == 4;
  if (c == 'Z') return n == 5 && (s.len < 6 || memchr("ITE", s.base[5], 3));
  if (c == 'K') return n == 12;
  return n > 4;
}

size_t pgsql_frame_find(struct span s, enum dir d) {
  for (size_t i = 0; i + PGSQL_HEADER <= s.len; i++) {
    size_t at = i;
    unsigned n = 0;
    while (at + PGSQL_HEADER <= s.len && pgsql_frame_fits(span_skip(s, at), d)) {
      at += 1 + length(s.base + at + 1);
      n++;
    }
    if (n && (at == s.len || (at > s.len && n > 2))) return i;
  }
  return s.len;
}
