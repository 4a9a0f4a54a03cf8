/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats of this folder share: giving leaves, finding bytes fast. */
#ifndef DISSECT_BODY_WALK_H
#define DISSECT_BODY_WALK_H

#include "base/arena.h"
#include "base/err.h"
#include "dissect/body/body.h"
#include "dissect/body/path.h"

enum { WALK_NESTED = 3, WALK_DEPTH = 64, WALK_LEAVES = 1000000 };

/** Where a walk begins. */
static inline struct path_node *walk_root(struct body_walk *w) { return w->at ? w->at : path_root(w->paths); }
/** Give one value; strings that hold a document themselves are walked instead. Frees the scratch arena between values.
 *  0, ERR_CAP at max_leaves, or what the user's function returned. */
int walk_value(struct body_walk *w, struct path_node *n, uint32_t index, enum leaf_type type,
               struct span value, struct span raw);
/** Give one value as it came; nothing where w or n is NULL (it is passed over). As walk_value. */
static inline int walk_give(struct body_walk *w, struct path_node *n, enum leaf_type type,
                            struct span value) {
  return w && n ? walk_value(w, n, 0, type, value, value) : 0;
}
/** The same of text that is written here, of at most 63 bytes. */
int walk_printf(struct body_walk *w, struct path_node *n, enum leaf_type type, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/** Note that something was not read for want of memory. */
static inline void walk_missed(struct body_walk *w) {
  w->scratch->missed++;
  budget_refuse(w->scratch->budget);
}
/** Note a list of n records. */
static inline void walk_items(struct body_walk *w, uint32_t n) {
  if (n > w->items) w->items = n;
}
/** Append the UTF-8 form of code point c to p (room for 4); the number of bytes. */
size_t walk_utf8(uint32_t c, uint8_t *p);
/** What JSON means by a backslash and c, other than u (RFC 8259, 7). */
uint8_t walk_escape(uint8_t c);
/** Decode %XX (and '+' as a space) into scratch; s itself where there is nothing to decode. Bytes that are not UTF-8 are
 *  taken for GBK. */
struct span walk_unpercent(struct body_walk *w, struct span s, bool plus);
/** A parameter of a header value, unquoted: boundary=…, name="…". Empty when missing. */
struct span walk_param(struct span header, struct span name);

/** Index of the first byte a or b, or s.len. */
#if defined(__SSE2__)
#include <emmintrin.h>
static inline size_t walk_find2(struct span s, uint8_t a, uint8_t b) {
  const __m128i va = _mm_set1_epi8((char)a), vb = _mm_set1_epi8((char)b);
  size_t i = 0;
  for (; s.len - i >= 16; i += 16) {
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.base + i));
    unsigned m = (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, va), _mm_cmpeq_epi8(v, vb)));
    if (m) return i + (unsigned)__builtin_ctz(m);
  }
  for (; i < s.len; i++)
    if (s.base[i] == a || s.base[i] == b) return i;
  return s.len;
}
#else
static inline size_t walk_find2(struct span s, uint8_t a, uint8_t b) {
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] == a || s.base[i] == b) return i;
  return s.len;
}
#endif

extern const struct body_format json_format, ndjson_format, xml_format, html_format, form_format,
    multipart_format, csv_format, msgpack_format, protobuf_format, grpc_format, websocket_format, sse_format,
    zip_format, gzip_format, stomp_format, text_format, hessian_format, dubbo_format, thrift_format,
    javaser_format, rows_format;
/** Walk one JSON value that fills s. As body_format.walk. */
int json_walk(struct body_walk *w, struct span s);
int form_walk(struct body_walk *w, struct span s);

#endif
