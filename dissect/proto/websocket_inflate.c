/* SPDX-License-Identifier: Apache-2.0 */
/* permessage-deflate of one direction (RFC 7692 7.2.2). */
#include "dissect/proto/websocket_inflate.h"
#include "base/err.h"
#include <zlib.h>

enum { PIECE = 16384, COST = 48 * 1024 /* what zlib takes for a stream */, RATIO_FROM = 65536 };

void websocket_inflate_init(struct websocket_inflate *z, struct budget *budget) {
  *z = (struct websocket_inflate){.budget = budget};
}

void websocket_inflate_done(struct websocket_inflate *z) {
  if (!z->stream) return;
  inflateEnd(z->stream);
  mem_free(z->stream);
  z->stream = NULL;
  budget_give(z->budget, COST);
}

void websocket_inflate_break(struct websocket_inflate *z) { z->broken = !z->alone; }

static voidpf take(voidpf user, uInt n, uInt size) {
  void *p = mem_zalloc((size_t)n * size);
  if (!p) budget_refuse(user); /* COST stands for what it takes */
  return p;
}
static void give(voidpf user, voidpf p) {
  (void)user;
  mem_free(p);
}

static int begin(struct websocket_inflate *z) {
  if (z->stream) return z->alone && inflateReset(z->stream) != Z_OK ? ERR_SYNTAX : 0;
  if (!budget_take(z->budget, COST)) return ERR_NOMEM;
  z_stream *s = mem_zalloc(sizeof *s);
  if (s) {
    s->zalloc = take;
    s->zfree = give;
    s->opaque = z->budget;
    if (inflateInit2(s, -15) == Z_OK) {
      z->stream = s;
      return 0;
    }
    mem_free(s);
  }
  budget_undo(z->budget, COST);
  return ERR_NOMEM;
}

/* All of `in` through the window; what fits goes to out. */
static int run(z_stream *s, struct span in, struct buf *out, uint64_t most, uint64_t *len) {
  uint8_t piece[PIECE];
  int result = 0;
  s->next_in = (Bytef *)(uintptr_t)in.base;
  s->avail_in = (uInt)in.len;
  do {
    s->next_out = piece;
    s->avail_out = sizeof piece;
    int r = inflate(s, Z_SYNC_FLUSH);
    size_t got = sizeof piece - s->avail_out;
    *len += got;
    if (out && buf_put_some(out, span_of(piece, got)) != (long)got) result = ERR_CAP;
    if (*len > most) return ERR_SYNTAX;
    if (r == Z_STREAM_END && s->avail_in && inflateReset(s) != Z_OK) return ERR_SYNTAX;
    if (r != Z_OK && r != Z_BUF_ERROR && r != Z_STREAM_END) return ERR_SYNTAX;
    if (r == Z_BUF_ERROR && got == 0) break;
  } while (s->avail_in || s->avail_out == 0);
  return result;
}

int websocket_inflate_message(struct websocket_inflate *z, struct span in, bool cut, struct buf *out,
                              uint64_t max_ratio, uint64_t *len) {
  *len = 0;
  if (z->broken || in.len > UINT32_MAX) return ERR_SYNTAX;
  int err = begin(z);
  if (err < 0) {
    z->broken = !z->alone;
    return err;
  }
  uint64_t most = in.len * max_ratio + RATIO_FROM;
  err = run(z->stream, in, out, most, len);
  int capped = err == ERR_CAP;
  static const uint8_t tail[] = {0, 0, 0xff, 0xff};
  if (!cut && (err >= 0 || capped)) {
    int more = run(z->stream, span_of(tail, sizeof tail), out, most, len);
    if (more < 0) err = more;
  }
  if (cut || (err < 0 && err != ERR_CAP)) {
    if (z->alone)
      inflateReset(z->stream);
    else
      z->broken = true;
  }
  return err;
}
