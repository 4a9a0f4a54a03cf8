/* SPDX-License-Identifier: Apache-2.0 */
/* Content codings undone (RFC 9110, 8.4): gzip, deflate (zlib and raw), br, zstd, stacked. */
#include "base/err.h"
#include "dissect/body/body.h"
#include "dissect/body/charset.h"
#include <brotli/decode.h>
#include <libdeflate.h>
#include <zlib.h>
#include <zstd.h>

enum { CODINGS_MAX = 8, STEP = 16 * 1024, RATIO_FREE = 1 << 20 /* bytes that no ratio forbids */ };

/* One layer's work: where it goes, how far it may grow. */
struct job {
  struct span in;
  struct buf *out;
  size_t start;             /* of this layer in out */
  uint64_t limit;           /* most bytes by the ratio */
  bool capped, bad, missed; /* missed: for want of memory */
};

static void *balloc_mem(void *user, size_t n) {
  struct job *j = user;
  void *p = mem_alloc(n);
  j->missed |= !p;
  return p;
}
static void *zalloc_mem(void *user, unsigned n, unsigned size) { return balloc_mem(user, (size_t)n * size); }
static void zfree_mem(void *user, void *p) {
  (void)user;
  mem_free(p);
}

/* Room for the next output; 0 when a cap was reached or memory is short. */
static size_t room(struct job *j, size_t want) {
  size_t made = j->out->len - j->start;
  if (made >= j->limit) {
    j->capped = true;
    return 0;
  }
  if (want > j->limit - made) want = (size_t)(j->limit - made);
  size_t cap = j->out->cap ? j->out->cap - j->out->len : want;
  if (want > cap) want = cap;
  int rc = want ? buf_reserve(j->out, want) : ERR_CAP;
  if (rc < 0) {
    j->capped = true;
    j->missed |= rc == ERR_NOMEM;
    return 0;
  }
  size_t free_bytes = j->out->size - j->out->len;
  return free_bytes < j->limit - made ? free_bytes : (size_t)(j->limit - made);
}

/* The size stands at the end of a gzip member, so a whole one is undone in one go. */
static bool gzip_at_once(struct job *j) {
  if (j->in.len < 18) return false;
  const uint8_t *e = j->in.base + j->in.len - 4;
  uint64_t size = (uint64_t)e[0] | (uint64_t)e[1] << 8 | (uint64_t)e[2] << 16 | (uint64_t)e[3] << 24;
  if (!size || size > j->limit || (j->out->cap && size > j->out->cap - j->out->len)) return false;
  if (size / 1032 > j->in.len || buf_reserve(j->out, (size_t)size) < 0) return false;
  struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
  if (!d) return false;
  size_t used = 0, made = 0;
  enum libdeflate_result r = libdeflate_gzip_decompress_ex(
      d, j->in.base, j->in.len, j->out->base + j->out->len, (size_t)size, &used, &made);
  libdeflate_free_decompressor(d);
  if (r != LIBDEFLATE_SUCCESS || used != j->in.len) return false;
  j->out->len += made;
  return true;
}

/* One deflate stream, or several gzip members behind each other. */
static void inflate_all(struct job *j, int window_bits) {
  z_stream z = {.zalloc = zalloc_mem, .zfree = zfree_mem, .opaque = j};
  if (inflateInit2(&z, window_bits) != Z_OK) {
    j->bad = true;
    return;
  }
  z.next_in = (unsigned char *)(uintptr_t)j->in.base;
  z.avail_in = (unsigned)(j->in.len < UINT32_MAX ? j->in.len : UINT32_MAX);
  int rc = Z_OK;
  while (rc == Z_OK || rc == Z_BUF_ERROR) {
    size_t n = room(j, j->in.len < STEP ? j->in.len * 4 + 64 : STEP * 4);
    if (!n) break;
    if (n > UINT32_MAX) n = UINT32_MAX;
    z.next_out = j->out->base + j->out->len;
    z.avail_out = (unsigned)n;
    rc = inflate(&z, Z_NO_FLUSH);
    j->out->len += n - z.avail_out;
    if (rc == Z_STREAM_END && z.avail_in >= 18 && z.next_in[0] == 0x1f && z.next_in[1] == 0x8b)
      rc = inflateReset(&z);
    else if (rc == Z_BUF_ERROR && (z.avail_out || !z.avail_in))
      break;
    else if (rc == Z_OK && !z.avail_in && z.avail_out)
      break;
  }
  j->bad = rc != Z_STREAM_END && !j->capped;
  inflateEnd(&z);
}

static bool zlib_header(struct span in) {
  return in.len >= 2 && (in.base[0] & 15) == 8 && in.base[0] >> 4 <= 7 &&
         (in.base[0] << 8 | in.base[1]) % 31 == 0;
}

static bool gzip_header(struct span in) { return in.len >= 2 && in.base[0] == 0x1f && in.base[1] == 0x8b; }

/* Text that was never packed, or was unpacked on the way by somebody who left the header as it was. */
static bool plain_text(struct span in) {
  enum { LOOK = 64, LEAST = 8 };
  in = span_head(in, LOOK);
  for (size_t i = 0; i < in.len; i++)
    if (in.base[i] < ' ' && in.base[i] != '\t' && in.base[i] != '\r' && in.base[i] != '\n') return false;
  return in.len >= LEAST && charset_nearly_utf8(in);
}

/* Servers say deflate and send either form; some say gzip and send deflate. */
static void undo_deflate(struct job *j) {
  if (gzip_header(j->in)) {
    if (!gzip_at_once(j)) inflate_all(j, 15 + 16);
    return;
  }
  size_t start = j->out->len;
  if (zlib_header(j->in)) {
    inflate_all(j, 15);
    if (!j->bad || j->out->len > start) return;
  }
  j->bad = plain_text(j->in);
  if (!j->bad) inflate_all(j, -15);
}

static void undo_br(struct job *j) {
  BrotliDecoderState *b = BrotliDecoderCreateInstance(balloc_mem, zfree_mem, j);
  if (!b) {
    j->bad = true;
    return;
  }
  const uint8_t *next = j->in.base;
  size_t left = j->in.len;
  BrotliDecoderResult rc = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  while (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
    size_t n = room(j, STEP), most = n;
    if (!n) break;
    uint8_t *to = j->out->base + j->out->len;
    rc = BrotliDecoderDecompressStream(b, &left, &next, &n, &to, NULL);
    j->out->len += most - n;
  }
  j->bad = rc != BROTLI_DECODER_RESULT_SUCCESS && !j->capped;
  BrotliDecoderDestroyInstance(b);
}

static void undo_zstd(struct job *j) {
  ZSTD_DCtx *z = ZSTD_createDCtx();
  if (!z) {
    j->bad = j->missed = true;
    return;
  }
  ZSTD_inBuffer in = {j->in.base, j->in.len, 0};
  size_t rc = 1;
  for (;;) {
    size_t n = room(j, STEP * 4);
    if (!n) break;
    ZSTD_outBuffer out = {j->out->base + j->out->len, n, 0};
    rc = ZSTD_decompressStream(z, &out, &in);
    j->out->len += out.pos;
    if (ZSTD_isError(rc) || (in.pos == in.size && out.pos < out.size)) break;
  }
  j->bad = rc != 0 && !j->capped;
  ZSTD_freeDCtx(z);
}

static const struct coding {
  const char *name;
  void (*undo)(struct job *j);
} codings[] = {{"gzip", undo_deflate}, {"x-gzip", undo_deflate}, {"deflate", undo_deflate},
               {"br", undo_br},        {"zstd", undo_zstd},      {NULL, NULL}};

/* Names that change nothing here. */
static bool is_plain(struct span name) {
  return !name.len || span_eq_nocase(name, SPAN_LIT("identity")) || span_eq_nocase(name, SPAN_LIT("none")) ||
         span_eq_nocase(name, SPAN_LIT("chunked")) || span_eq_nocase(name, SPAN_LIT("aws-chunked")) ||
         span_eq_nocase(name, SPAN_LIT("utf-8"));
}

static const struct coding *coding_find(struct span name) {
  for (const struct coding *c = codings; c->name; c++)
    if (span_eq_nocase(name, span_str(c->name))) return c;
  return NULL;
}

/* The layers in the order they were applied; < 0 for one that is not known. */
static int layers(struct span list, const struct coding *out[CODINGS_MAX]) {
  int n = 0;
  while (list.len) {
    struct span name = span_trim(span_cut(&list, ','));
    if (is_plain(name)) continue;
    const struct coding *c = coding_find(name);
    if (!c) return ERR_UNSUPPORTED;
    if (n == CODINGS_MAX) return ERR_CAP;
    out[n++] = c;
  }
  return n;
}

static bool undo(const struct coding *c, struct span in, struct buf *out, uint64_t max_ratio, struct job *j) {
  uint64_t limit = in.len > UINT64_MAX / 2 / max_ratio ? UINT64_MAX / 2 : in.len * max_ratio;
  if (limit < RATIO_FREE) limit = RATIO_FREE;
  *j = (struct job){.in = in, .out = out, .start = out->len, .limit = limit};
  c->undo(j);
  return out->len > j->start || !j->bad;
}

long coding_decode(struct span coding, struct span in, struct buf *out, uint64_t max_ratio, uint32_t *unseen,
                   uint64_t *anomalies) {
  const struct coding *c[CODINGS_MAX];
  int n = layers(coding, c);
  if (n <= 0 || !max_ratio) return n < 0 ? n : ERR_UNSUPPORTED;
  struct buf tmp[2];
  for (int i = 0; i < 2; i++) buf_init(&tmp[i], out->budget, out->cap);
  size_t start = out->len;
  bool good = true, missed = false;
  for (int i = n - 1; good && i >= 0; i--) {
    struct job j;
    struct buf *to = i ? &tmp[i & 1] : out;
    if (i) buf_reset(to);
    good = undo(c[i], in, to, max_ratio, &j);
    if (j.capped) *unseen |= UNSEEN_CAPPED;
    if (j.capped && !j.missed) *anomalies |= ANOMALY_BIT(ANOMALY_BOMB);
    if (j.bad && !j.missed) *anomalies |= ANOMALY_BIT(good ? ANOMALY_CODING_BAD : ANOMALY_CODING_MISMATCH);
    missed |= j.missed;
    in = i ? buf_span(to) : in;
  }
  for (int i = 0; i < 2; i++) buf_done(&tmp[i]);
  if (missed) {
    *unseen |= UNSEEN_MEMORY;
    budget_refuse(out->budget);
  }
  return good ? (long)(out->len - start) : missed ? ERR_NOMEM : ERR_SYNTAX;
}
