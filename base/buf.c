/* SPDX-License-Identifier: Apache-2.0 */
/* A growing run of bytes with a cap. */
#include "base/buf.h"
#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>

enum { SIZE_MIN = 64 };

void buf_init(struct buf *b, struct budget *budget, size_t cap) {
  *b = (struct buf){.budget = budget, .cap = cap};
}

void buf_done(struct buf *b) {
  budget_give(b->budget, b->size);
  mem_free(b->base);
  b->base = NULL;
  b->len = b->size = 0;
}

static size_t room(const struct buf *b) {
  size_t most = b->cap ? b->cap : SIZE_MAX / 4;
  return b->len < most ? most - b->len : 0;
}

static int grow(struct buf *b, size_t need) {
  size_t size = b->size ? b->size * 2 : SIZE_MIN;
  if (size < need) size = need;
  if (b->cap && size > b->cap) size = b->cap;
  if (!budget_take(b->budget, size - b->size)) return ERR_NOMEM;
  uint8_t *p = mem_realloc(b->base, size);
  if (!p) {
    budget_undo(b->budget, size - b->size);
    return ERR_NOMEM;
  }
  b->base = p;
  b->size = size;
  return 0;
}

int buf_reserve(struct buf *b, size_t n) {
  if (n <= b->size - b->len) return 0;
  if (n > room(b)) return ERR_CAP;
  return grow(b, b->len + n);
}

int buf_put(struct buf *b, struct span s) {
  if (!s.len) return 0;
  int rc = buf_reserve(b, s.len);
  if (rc < 0) return rc;
  memcpy(b->base + b->len, s.base, s.len);
  b->len += s.len;
  return 0;
}

long buf_put_some(struct buf *b, struct span s) {
  s = span_head(s, room(b));
  int rc = buf_put(b, s);
  return rc < 0 ? rc : (long)s.len;
}

int buf_put_u8(struct buf *b, uint8_t c) {
  int rc = buf_reserve(b, 1);
  if (rc < 0) return rc;
  b->base[b->len++] = c;
  return 0;
}

int buf_printf(struct buf *b, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  char small[256];
  int n = vsnprintf(small, sizeof small, fmt, ap);
  va_end(ap);
  if (n < 0) return ERR_SYNTAX;
  size_t len = (size_t)n;
  if (len < sizeof small) return buf_put(b, span_of(small, len));
  char *text = mem_alloc(len + 1);
  if (!text) return ERR_NOMEM;
  va_start(ap, fmt);
  vsnprintf(text, len + 1, fmt, ap);
  va_end(ap);
  int rc = buf_put(b, span_of(text, len));
  mem_free(text);
  return rc;
}

void buf_drop(struct buf *b, size_t n) {
  if (n > b->len) n = b->len;
  b->len -= n;
  if (n && b->len) memmove(b->base, b->base + n, b->len);
}
