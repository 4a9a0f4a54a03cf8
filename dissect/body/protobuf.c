/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol Buffers without a schema: what is text, a number or a message inside is told by its bytes. */
#include "dissect/body/protobuf.h"
#include "base/reader.h"
#include <stdio.h>

enum { NUMBER_MOST = 1 << 14, DEPTH_MOST = 24, SEEN = 64 };
enum wire { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_GROUP, WIRE_END, WIRE_32 };

struct field {
  uint32_t number;
  uint8_t wire;
  uint64_t value;
  struct span bytes, raw;
};

/* The next field; false at the end or where there is none. */
static bool next(struct reader *r, struct field *f) {
  const uint8_t *at = r->pos;
  if (!reader_left(r)) return false;
  uint64_t tag = reader_varint(r);
  f->number = (uint32_t)(tag >> 3);
  f->wire = tag & 7;
  if (r->bad || f->number == 0 || tag >> 3 >= NUMBER_MOST) return false;
  f->bytes = (struct span){0};
  f->value = 0;
  switch (f->wire) {
  case WIRE_VARINT: f->value = reader_varint(r); break;
  case WIRE_64: f->value = reader_u64le(r); break;
  case WIRE_32: f->value = reader_u32le(r); break;
  case WIRE_BYTES: f->value = reader_varint(r); break;
  default: return false;
  }
  if (f->wire == WIRE_BYTES) {
    if (r->bad || f->value > reader_left(r)) return false;
    f->bytes = reader_take(r, (size_t)f->value);
  }
  f->raw = span_of(at, (size_t)(r->pos - at));
  return !r->bad;
}

bool protobuf_is_message(struct span s) {
  struct reader r = reader_of(s);
  struct field f;
  if (!s.len) return false;
  while (next(&r, &f)) continue;
  return !r.bad && reader_left(&r) == 0;
}

static bool is_text(struct span s) {
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f) return false;
  }
  return charset_is_utf8(s);
}

/* Numbers of fields that come more than once. */
static uint64_t repeated(struct span s) {
  struct reader r = reader_of(s);
  struct field f;
  uint64_t once = 0, twice = 0;
  while (next(&r, &f)) {
    uint64_t bit = f.number < SEEN ? 1ULL << f.number : 0;
    twice |= once & bit;
    once |= bit;
  }
  return twice;
}

static int give_number(struct body_walk *w, struct path_node *n, uint32_t index, const struct field *f) {
  char text[48];
  int len;
  unsigned exponent = (unsigned)(f->value >> 52) & 0x7ff, exponent32 = (unsigned)(f->value >> 23) & 0xff;
  if (f->wire == WIRE_64 && exponent >= 0x3d0 && exponent <= 0x433) {
    double d;
    memcpy(&d, &f->value, sizeof d);
    len = snprintf(text, sizeof text, "%.15g", d);
  } else if (f->wire == WIRE_32 && exponent32 >= 0x60 && exponent32 <= 0x9a) {
    uint32_t bits = (uint32_t)f->value;
    float d;
    memcpy(&d, &bits, sizeof d);
    len = snprintf(text, sizeof text, "%.7g", (double)d);
  } else {
    len = snprintf(text, sizeof text, "%lld", (long long)f->value);
  }
  struct span v = arena_copy(w->scratch, span_of(text, len > 0 ? (size_t)len : 0));
  return walk_value(w, n, index, LEAF_NUMBER, v, f->raw);
}

static int message(struct body_walk *w, struct path_node *at, struct span s, unsigned depth);

/* Length-delimited: text, unless it begins with a control character and reads as a message. */
static int give_bytes(struct body_walk *w, struct path_node *n, uint32_t index, struct span s,
                      unsigned depth) {
  if (!s.len) return 0;
  bool text = is_text(s);
  bool inner = (!text || s.base[0] < 0x20) && depth < DEPTH_MOST && protobuf_is_message(s);
  if (inner) return message(w, n, s, depth + 1);
  return walk_value(w, n, index, text ? LEAF_STRING : LEAF_BYTES, s, s);
}

static int message(struct body_walk *w, struct path_node *at, struct span s, unsigned depth) {
  struct reader r = reader_of(s);
  uint64_t many = repeated(s);
  uint32_t count[SEEN] = {0};
  struct field f;
  while (next(&r, &f)) {
    char name[16];
    int len = snprintf(name, sizeof name, "%u", f.number);
    struct path_node *n = path_child(w->paths, at, span_of(name, len > 0 ? (size_t)len : 0));
    uint32_t index = 0;
    if (f.number < SEEN && (many >> f.number & 1)) {
      n = path_item(w->paths, n);
      index = count[f.number]++;
      walk_items(w, count[f.number]);
    }
    int rc = f.wire == WIRE_BYTES ? give_bytes(w, n, index, f.bytes, depth) : give_number(w, n, index, &f);
    if (rc < 0) return rc;
  }
  return reader_left(&r) || r.bad ? ERR_SYNTAX : 0;
}

int protobuf_walk(struct body_walk *w, struct span s) {
  uint32_t before = w->leaves;
  int rc = message(w, walk_root(w), s, 0);
  if (rc == ERR_SYNTAX && w->cut) rc = 0;
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int match(struct span mime, struct span head) {
  (void)head;
  static const char *const types[] = {"application/protobuf", "application/x-protobuf", "application/proto",
                                      "application/x-google-protobuf", "application/vnd.google.protobuf"};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (span_eq(mime, span_str(types[i]))) return 2;
  return span_ends(mime, SPAN_LIT("+protobuf")) || span_ends(mime, SPAN_LIT("+x-protobuf")) ? 2 : 0;
}

const struct body_format protobuf_format = {"protobuf", match, protobuf_walk};
