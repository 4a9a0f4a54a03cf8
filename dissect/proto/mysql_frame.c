/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL packets: three bytes of length, a sequence number; messages of 16 MB and more in several; compressed ones around them. */
#include "base/err.h"
#include "dissect/body/body.h"
#include "dissect/proto/mysql_wire.h"

static void append(struct mysql_frame *f, struct span s) {
  long n = buf_put_some(&f->body, s);
  if (n < 0 || (size_t)n < s.len) f->cut = true;
}

static void begin(struct mysql_frame *f, const uint8_t *h, size_t cap, const struct chunk *in) {
  f->body.cap = cap;
  buf_reset(&f->body);
  f->open = true;
  f->cut = false;
  f->seq = h[3];
  f->first_ns = in->first_ns;
  f->wire = 0;
}

static void header(struct mysql_frame *f, const uint8_t *h, size_t size) {
  f->left = (uint32_t)h[0] | (uint32_t)h[1] << 8 | (uint32_t)h[2] << 16;
  f->full = size == MYSQL_HEADER && f->left == MYSQL_FULL;
  f->last = h[3];
  f->wire += size + f->left;
}

/* One under way: 1 when it is whole. */
static int go_on(struct mysql_frame *f, struct span *rest, size_t *need) {
  for (;;) {
    size_t n = f->left < rest->len ? f->left : rest->len;
    append(f, span_head(*rest, n));
    *rest = span_skip(*rest, n);
    f->left -= (uint32_t)n;
    *need = 1;
    if (f->left) return 0;
    if (!f->full) return 1;
    *need = MYSQL_HEADER;
    if (rest->len < MYSQL_HEADER) return 0;
    header(f, rest->base, MYSQL_HEADER);
    *rest = span_skip(*rest, MYSQL_HEADER);
  }
}

int mysql_frame_take(struct mysql_frame *f, struct span *rest, size_t size, size_t cap,
                     const struct chunk *in, struct mysql_packet *p, size_t *need) {
  if (!f->open) {
    *need = size;
    if (rest->len < size) return 0;
    const uint8_t *h = rest->base;
    size_t n = (size_t)h[0] | (size_t)h[1] << 8 | (size_t)h[2] << 16;
    if (n != MYSQL_FULL && size + n <= rest->len) {
      *p = (struct mysql_packet){span_of(h + MYSQL_HEADER, size - MYSQL_HEADER + n), h[3], h[3], false,
                                 size + n};
      *rest = span_skip(*rest, size + n);
      return 1;
    }
    *need = size + n;
    if (n < MYSQL_WAIT) return 0;
    begin(f, h, cap, in);
    header(f, h, size);
    append(f, span_of(h + MYSQL_HEADER, size - MYSQL_HEADER));
    *rest = span_skip(*rest, size);
  }
  int rc = go_on(f, rest, need);
  if (rc <= 0) return rc;
  f->open = false;
  *p = (struct mysql_packet){buf_span(&f->body), f->seq, f->last, f->cut, f->wire};
  return 1;
}

bool mysql_frame_gap(struct mysql_frame *f, struct span rest, uint64_t n, const struct chunk *in) {
  if (!f->open) {
    if (rest.len < MYSQL_HEADER) return false;
    const uint8_t *h = rest.base;
    begin(f, h, MYSQL_WAIT + MYSQL_HEADER, in);
    header(f, h, MYSQL_HEADER);
    rest = span_skip(rest, MYSQL_HEADER);
    if (rest.len > f->left) rest.len = f->left;
    append(f, rest);
    f->left -= (uint32_t)rest.len;
  }
  f->cut = true;
  if (n <= f->left && f->left && (n < f->left || !f->full)) {
    f->left -= (uint32_t)n;
    f->body.cap = f->body.len ? f->body.len : 1; /* what follows the hole stands in the wrong place */
    return true;
  }
  f->open = false;
  return false;
}

int mysql_frame_unpack(bool zstd, uint64_t ratio, struct span body, struct buf *out) {
  struct reader r = reader_of(body);
  size_t size = reader_u24le(&r), before = out->len;
  body = reader_rest(&r);
  if (r.bad) return ERR_SYNTAX;
  if (!size) return buf_put(out, body);
  uint32_t unseen = 0;
  uint64_t anomalies = 0;
  long n =
      coding_decode(zstd ? SPAN_LIT("zstd") : SPAN_LIT("deflate"), body, out, ratio, &unseen, &anomalies);
  if (n >= 0 && out->len - before == size) return 0;
  out->len = before;
  return ERR_SYNTAX;
}
