/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol Buffers: with a descriptor names and types are its; without one, what is text, a number or a message inside is told
 * by the bytes. */
#include "dissect/body/protobuf.h"
#include "base/reader.h"
#include "dissect/body/descriptor.h"
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

static int message(struct body_walk *w, struct path_node *at, struct span s,
                   const struct descriptor_message *type, unsigned depth);

/* Length-delimited: text, unless it begins with a control character and reads as a message. */
static int give_bytes(struct body_walk *w, struct path_node *n, uint32_t index, struct span s,
                      unsigned depth) {
  if (!s.len) return 0;
  bool text = is_text(s);
  bool inner = (!text || s.base[0] < 0x20) && depth < DEPTH_MOST && protobuf_is_message(s);
  if (inner) return message(w, n, s, NULL, depth + 1);
  return walk_value(w, n, index, text ? LEAF_STRING : LEAF_BYTES, s, s);
}

static unsigned wire_of(unsigned type) {
  switch (type) {
  case DESCRIPTOR_DOUBLE:
  case DESCRIPTOR_FIXED64:
  case DESCRIPTOR_SFIXED64: return WIRE_64;
  case DESCRIPTOR_FLOAT:
  case DESCRIPTOR_FIXED32:
  case DESCRIPTOR_SFIXED32: return WIRE_32;
  case DESCRIPTOR_STRING:
  case DESCRIPTOR_BYTES:
  case DESCRIPTOR_MESSAGE: return WIRE_BYTES;
  default: return WIRE_VARINT;
  }
}

static int print_number(char *text, size_t size, unsigned type, uint64_t v) {
  double d;
  float f;
  uint32_t low = (uint32_t)v;
  switch (type) {
  case DESCRIPTOR_DOUBLE: memcpy(&d, &v, sizeof d); return snprintf(text, size, "%.15g", d);
  case DESCRIPTOR_FLOAT: memcpy(&f, &low, sizeof f); return snprintf(text, size, "%.7g", (double)f);
  case DESCRIPTOR_BOOL: return snprintf(text, size, "%s", v ? "true" : "false");
  case DESCRIPTOR_UINT64:
  case DESCRIPTOR_FIXED64:
  case DESCRIPTOR_UINT32:
  case DESCRIPTOR_FIXED32: return snprintf(text, size, "%llu", (unsigned long long)v);
  case DESCRIPTOR_SINT32:
  case DESCRIPTOR_SINT64: return snprintf(text, size, "%lld", (long long)(v >> 1) ^ -(long long)(v & 1));
  case DESCRIPTOR_SFIXED32: return snprintf(text, size, "%ld", (long)(int32_t)low);
  default: return snprintf(text, size, "%lld", (long long)v);
  }
}

static int give_typed(struct body_walk *w, struct path_node *n, uint32_t index, unsigned type, uint64_t v,
                      struct span raw) {
  char text[48];
  int len = print_number(text, sizeof text, type, v);
  struct span value = arena_copy(w->scratch, span_of(text, len > 0 ? (size_t)len : 0));
  return walk_value(w, n, index, type == DESCRIPTOR_BOOL ? LEAF_BOOL : LEAF_NUMBER, value, raw);
}

/* Repeated numbers in one length-delimited field. */
static int give_packed(struct body_walk *w, struct path_node *n, uint32_t *index, unsigned type,
                       struct span s) {
  struct reader r = reader_of(s);
  unsigned wire = wire_of(type);
  while (reader_left(&r)) {
    const uint8_t *at = r.pos;
    uint64_t v = wire == WIRE_64 ? reader_u64le(&r) : wire == WIRE_32 ? reader_u32le(&r) : reader_varint(&r);
    if (r.bad) break;
    int rc = give_typed(w, n, (*index)++, type, v, span_of(at, (size_t)(r.pos - at)));
    if (rc < 0) return rc;
  }
  walk_items(w, *index);
  return 0;
}

/* map<K, V>: the key is a step of the path, as in JSON. */
static int give_entry(struct body_walk *w, struct path_node *n, struct span s,
                      const struct descriptor_message *type, unsigned depth) {
  struct reader r = reader_of(s);
  struct field f;
  char text[48];
  struct span key = {0};
  const struct descriptor_field *k = descriptor_field(type, 1), *v = descriptor_field(type, 2);
  while (next(&r, &f)) {
    if (f.number != 1 || !k) continue;
    key = f.bytes;
    if (f.wire == WIRE_BYTES) continue;
    int len = print_number(text, sizeof text, k->type, f.value);
    key = span_of(text, len > 0 ? (size_t)len : 0);
  }
  n = path_child(w->paths, n, key);
  int rc = n->folded ? walk_value(w, n, 0, LEAF_STRING, arena_copy(w->scratch, key), key) : 0;
  r = reader_of(s);
  while (rc >= 0 && next(&r, &f)) {
    if (f.number != 2 || !v) continue;
    if (f.wire != WIRE_BYTES)
      rc = give_typed(w, n, 0, v->type, f.value, f.raw);
    else if (v->message && depth < DEPTH_MOST)
      rc = message(w, n, f.bytes, v->message, depth + 1);
    else
      rc = give_bytes(w, n, 0, f.bytes, depth);
  }
  return rc;
}

/* A field that the descriptor knows; false where the bytes contradict it. */
static bool give_known(struct body_walk *w, struct path_node *at, const struct descriptor_field *k,
                       const struct field *f, uint32_t *count, unsigned depth, int *rc) {
  unsigned wire = wire_of(k->type);
  bool packed = k->repeated && f->wire == WIRE_BYTES && wire != WIRE_BYTES;
  if (k->type == 0 || k->type == DESCRIPTOR_GROUP || (f->wire != wire && !packed)) return false;
  struct path_node *n = path_child(w->paths, at, k->name);
  bool map = k->message && k->message->map_entry;
  if (k->repeated && !map) n = path_item(w->paths, n);
  uint32_t index = k->repeated ? (*count)++ : 0;
  if (k->repeated) walk_items(w, *count);
  if (packed) {
    *count = index;
    *rc = give_packed(w, n, count, k->type, f->bytes);
  } else if (map && depth < DEPTH_MOST) {
    *rc = give_entry(w, n, f->bytes, k->message, depth);
  } else if (k->type == DESCRIPTOR_MESSAGE && depth < DEPTH_MOST) {
    *rc = f->bytes.len ? message(w, n, f->bytes, k->message, depth + 1) : 0;
  } else if (wire == WIRE_BYTES) {
    bool text = k->type == DESCRIPTOR_STRING || is_text(f->bytes);
    *rc = f->bytes.len ? walk_value(w, n, index, text ? LEAF_STRING : LEAF_BYTES, f->bytes, f->bytes) : 0;
  } else {
    *rc = give_typed(w, n, index, k->type, f->value, f->raw);
  }
  return true;
}

static int give_unknown(struct body_walk *w, struct path_node *at, const struct field *f, bool many,
                        uint32_t *count, unsigned depth) {
  char name[16];
  int len = snprintf(name, sizeof name, "%u", f->number);
  struct path_node *n = path_child(w->paths, at, span_of(name, len > 0 ? (size_t)len : 0));
  uint32_t index = 0;
  if (many) {
    n = path_item(w->paths, n);
    index = (*count)++;
    walk_items(w, *count);
  }
  return f->wire == WIRE_BYTES ? give_bytes(w, n, index, f->bytes, depth) : give_number(w, n, index, f);
}

static int message(struct body_walk *w, struct path_node *at, struct span s,
                   const struct descriptor_message *type, unsigned depth) {
  struct reader r = reader_of(s);
  uint64_t many = repeated(s);
  uint32_t count[SEEN] = {0}, beyond = 0;
  struct field f;
  while (next(&r, &f)) {
    uint32_t *n = f.number < SEEN ? &count[f.number] : &beyond;
    const struct descriptor_field *k = type ? descriptor_field(type, f.number) : NULL;
    int rc = 0;
    if (!k || !give_known(w, at, k, &f, n, depth, &rc))
      rc = give_unknown(w, at, &f, f.number < SEEN && (many >> f.number & 1), n, depth);
    if (rc < 0) return rc;
  }
  return reader_left(&r) || r.bad ? ERR_SYNTAX : 0;
}

int protobuf_walk(struct body_walk *w, struct span s) {
  uint32_t before = w->leaves;
  int rc = message(w, walk_root(w), s, w->message, 0);
  if (rc == ERR_SYNTAX && w->cut) rc = 0;
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int match(struct span mime, struct span head) {
  (void)head;
  static const char *const types[] = {
      "application/protobuf",          "application/x-protobuf",          "application/proto",
      "application/x-google-protobuf", "application/vnd.google.protobuf", NULL};
  if (span_in(mime, types)) return 2;
  return span_ends(mime, SPAN_LIT("+protobuf")) || span_ends(mime, SPAN_LIT("+x-protobuf")) ? 2 : 0;
}

const struct body_format protobuf_format = {"protobuf", match, protobuf_walk};
